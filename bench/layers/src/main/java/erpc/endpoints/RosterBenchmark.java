package erpc.endpoints;

import erpc.balance.Balancer;
import erpc.call.CallOptions;
import erpc.call.Method;
import erpc.call.Request;
import erpc.discovery.Endpoint;
import erpc.transport.EndpointState;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** Picking by all that a client knows of its endpoints, which are all connected and well. */
@State(Scope.Thread)
public class RosterBenchmark {
  private static final int KEYS = 1 << 12;
  private static final Method<byte[], byte[]> METHOD =
      Method.unary("bench.echo", byte[].class, byte[].class);

  /** The policy, as settings name it. */
  @Param({"round_robin", "random", "least_request", "p2c", "locality_aware", "ring_hash", "maglev"})
  public String policy = "p2c";

  /** How many endpoints there are. */
  @Param({"10", "10000"})
  public int endpoints = 10;

  private final RandomGenerator random = ThreadLocalRandom.current();
  private final Request<?, ?>[] requests = new Request<?, ?>[KEYS];
  private long nowNanos = System.nanoTime();
  private int turn;
  private Balancer.Picker picker = pick -> 0;
  private @Nullable Roster roster;

  private record Entry(Endpoint endpoint, EndpointRecord record) implements Roster.Entry {
    @Override
    public EndpointState state() {
      return EndpointState.READY;
    }

    @Override
    public boolean isFull() {
      return false;
    }

    @Override
    public int inFlight() {
      return 1;
    }

    @Override
    public void countInAll() {}

    @Override
    public boolean isShared() {
      return true;
    }

    @Override
    public void connect() {}
  }

  @Setup
  public void list() {
    Balancer balancer = Balancer.named(policy);
    Accounting accounting =
        new Accounting(() -> Protection.ALL_ON, random, Runnable::run, line -> {}, nowNanos);
    List<Entry> entries =
        IntStream.range(0, endpoints)
            .mapToObj(i -> Endpoint.of("10.0." + i / 250 + "." + i % 250 + ":7000"))
            .map(each -> new Entry(each, accounting.record(each.address(), nowNanos)))
            .toList();
    accounting.listed(entries.stream().map(Entry::record).toList(), List.of(), nowNanos);
    // Of all, for picks are to be among so many.
    Roster made = new Roster(entries, "", () -> endpoints, accounting, true, nowNanos);
    roster = made;
    picker = balancer.picker(made);
    Arrays.setAll(
        requests,
        i ->
            Request.of(METHOD, new byte[0])
                .withOptions(CallOptions.NONE.withAffinityKey("customer-" + i)));
  }

  /** A pick of a call's first try, each for another key. */
  @Benchmark
  public int pick() {
    Roster among = roster;
    Request<?, ?> request = requests[++turn & KEYS - 1];
    nowNanos += 1_000;
    return among == null
        ? Balancer.NONE
        : among.pick(picker, new TryPick(among, request, null, List.of(), random, nowNanos));
  }
}
