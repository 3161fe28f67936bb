package erpc.endpoints;

import erpc.balance.Balancer;
import erpc.breaker.MethodLatency;
import erpc.breaker.TryEnd;
import erpc.call.Method;
import erpc.call.Request;
import erpc.call.Status;
import erpc.discovery.Endpoint;
import erpc.transport.EndpointState;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/** Endpoints that a test has fail or succeed, and a client's picks among them. */
abstract class JudgedEndpoints {
  static final long MILLI = TimeUnit.MILLISECONDS.toNanos(1);
  static final long SECOND = TimeUnit.SECONDS.toNanos(1);
  static final Method<String, String> METHOD =
      Method.unary("demo.hello", String.class, String.class);
  static final Request<?, ?> REQUEST = Request.of(METHOD, "");
  static final Request<?, ?> IDEMPOTENT = Request.of(METHOD.idempotent(), "");
  static final Status FAULT =
      Status.of(Status.Code.INTERNAL, "broken").asRemote().withStarted(Status.Started.YES);

  final Random random = new Random(11);
  final List<String> lines = new ArrayList<>();
  final MethodLatency latency = new MethodLatency(0);
  Protection protection = Protection.ALL_ON;
  final Accounting accounting = accounting();

  long now;

  class Fake implements Roster.Entry {
    final Endpoint endpoint;
    final EndpointRecord record;
    EndpointState state = EndpointState.READY;
    int calls;
    boolean full;

    /** How often somebody has looked at it. */
    int looks;

    Fake(String address, String zone) {
      this(address, 100, zone);
    }

    Fake(String address, int weight, String zone) {
      endpoint = Endpoint.of(address, weight, zone);
      record = accounting.record(address, now);
    }

    @Override
    public Endpoint endpoint() {
      return endpoint;
    }

    @Override
    public EndpointState state() {
      return state;
    }

    @Override
    public boolean isFull() {
      return full;
    }

    @Override
    public int inFlight() {
      return calls;
    }

    @Override
    public void countInAll() {}

    @Override
    public EndpointRecord record() {
      looks++;
      return record;
    }

    @Override
    public boolean isShared() {
      return true;
    }

    @Override
    public void connect() {}
  }

  /** Their place's books. */
  Accounting accounting() {
    return new Accounting(() -> protection, random, Runnable::run, lines::add, 0);
  }

  final List<Fake> fakes(int count) {
    return IntStream.rangeClosed(1, count).mapToObj(i -> new Fake("127.0.0.1:" + i, "")).toList();
  }

  /** The first half in one zone, the second in another. */
  final List<Fake> inTwoZones(int count) {
    return IntStream.rangeClosed(1, count)
        .mapToObj(i -> new Fake("127.0.0.1:" + i, i <= count / 2 ? "here" : "there"))
        .toList();
  }

  final Roster roster(List<Fake> entries) {
    accounting.listed(entries.stream().map(Fake::record).toList(), List.of(), now);
    Roster roster = new Roster(entries, "here", () -> 0, accounting, now);
    for (int i = 0; i < entries.size(); i++) {
      int index = i;
      entries.get(i).record.onJudged(nanos -> roster.judged(index, nanos));
    }
    return roster;
  }

  final int pick(Roster roster, Request<?, ?> request) {
    TryPick pick = new TryPick(roster, request, null, List.of(), random, now);
    return roster.pick(Balancer.Pick::draw, pick);
  }

  final int[] picks(Roster roster, int times) {
    int[] counts = new int[roster.size()];
    for (int i = 0; i < times; i++) {
      counts[pick(roster, REQUEST)]++;
    }
    return counts;
  }

  final void fails(Fake at, int times) {
    for (int i = 0; i < times; i++) {
      accounting.ended(
          at.record, latency, FAULT, TryEnd.PLAIN, Accounting.Kind.UNARY, now, now + MILLI);
    }
  }

  final void succeeds(Fake at) {
    accounting.succeeded(at.record, latency, now, now + MILLI);
  }
}
