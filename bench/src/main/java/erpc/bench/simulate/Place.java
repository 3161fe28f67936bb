package erpc.bench.simulate;

import erpc.balance.Balancer;
import erpc.breaker.EndpointHealth;
import erpc.breaker.MethodLatency;
import erpc.breaker.Tries;
import erpc.breaker.TryEnd;
import erpc.call.FailureMode;
import erpc.call.Request;
import erpc.call.Status;
import erpc.endpoints.Accounting;
import erpc.endpoints.EndpointRecord;
import erpc.endpoints.Protection;
import erpc.endpoints.Roster;
import erpc.endpoints.TryPick;
import erpc.settings.Mode;
import java.util.ArrayList;
import java.util.Collection;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * What one client knows of the servers of one level, and its calls to them. Here alone a simulation
 * meets the policies of a client; it does with them what {@code erpc.client} does.
 */
final class Place {
  private static final Protection NONE =
      new Protection(
          new EndpointHealth.Modes(Mode.OFF, Mode.OFF, Mode.OFF, Mode.OFF),
          Mode.OFF,
          Mode.OFF,
          false,
          false,
          false);

  private final Events events;
  private final Policy policy;
  private final String zone;
  private final Network network;
  private final Patience patience;
  private final RandomGenerator random;
  private final Balancer balancer;
  private final Map<Server, Line> lines = new LinkedHashMap<>();
  private final IdentityHashMap<Operation, MethodLatency> latencies = new IdentityHashMap<>();
  private final Accounting accounting;

  /** How often a verdict has changed. */
  private long changes;

  /** Tries that went to an endpoint found broken: probes, and what is left when all are. */
  private long callsToBroken;

  private long picks;
  private long farPicks;

  /** Those of lines that count. */
  int inFlight;

  private Roster roster;
  private Balancer.@Nullable Picker picker;
  private List<Line> listed = List.of();

  /**
   * How much a call may try.
   *
   * @param tryNanos how long a try has; 0 if as long as its call
   */
  record Patience(int maxAttempts, long tryNanos) {}

  /** How long a message takes one way. */
  @FunctionalInterface
  interface Network {
    long nanos(String fromZone, String toZone);
  }

  Place(
      Events events,
      Policy policy,
      String zone,
      Network network,
      Patience patience,
      RandomGenerator random) {
    this.events = events;
    this.policy = policy;
    this.zone = zone;
    this.network = network;
    this.patience = patience;
    this.random = random;
    this.balancer = policy.balancer().apply(random);
    Protection protection = policy.isProtected() ? Protection.ALL_ON : NONE;
    this.accounting =
        new Accounting(
            () -> protection, random, Runnable::run, change -> changes++, events.nowNanos());
    this.roster = roster(List.of());
  }

  Events events() {
    return events;
  }

  RandomGenerator random() {
    return random;
  }

  long tryNanos() {
    return patience.tryNanos;
  }

  boolean isProtected() {
    return policy.isProtected();
  }

  /** From now on these are the endpoints. */
  void list(List<Server> servers) {
    long nowNanos = events.nowNanos();
    Map<Server, Line> before = new LinkedHashMap<>(lines);
    List<Line> now = new ArrayList<>();
    lines.clear();
    for (Server each : servers) {
      Line line = before.remove(each);
      line = line == null ? line(each) : line;
      lines.put(each, line);
      line.listed(now.size());
      now.add(line);
    }
    before.values().forEach(Line::leave);
    listed = now;
    roster = roster(now);
    picker = now.size() > 1 ? balancer.picker(roster) : null;
    accounting.listed(records(now), records(before.values()), nowNanos);
  }

  private Roster roster(List<Line> of) {
    return new Roster(of, zone, () -> inFlight, accounting, events.nowNanos());
  }

  private static List<EndpointRecord> records(Collection<Line> of) {
    return of.stream().map(Line::record).toList();
  }

  private Line line(Server server) {
    EndpointRecord record = accounting.record(server.endpoint.address(), events.nowNanos());
    return new Line(this, server, record, network.nanos(zone, server.kind.zone()));
  }

  /** How often a verdict about an endpoint has changed. */
  long changes() {
    return changes;
  }

  /** Tries that went to an endpoint that was found broken. */
  long callsToBroken() {
    return callsToBroken;
  }

  /** Tries that were given an endpoint of several. */
  long picks() {
    return picks;
  }

  /** Those that were given one in another zone. */
  long farPicks() {
    return farPicks;
  }

  Roster roster() {
    return roster;
  }

  int size() {
    return listed.size();
  }

  // ---- calls

  /**
   * Makes a call.
   *
   * @param retried whether it is made for one that carries RETRIED
   */
  Call call(Operation operation, long demandNanos, long deadlineNanos, boolean retried) {
    Call call = new Call(this, operation, demandNanos, deadlineNanos, retried && isProtected());
    call.begin();
    return call;
  }

  /** Where a try goes; null if there is nowhere. */
  @Nullable Line pick(Request<?, ?> request, List<Line> tried) {
    Balancer.Picker by = picker;
    if (by == null) {
      return listed.isEmpty() ? null : listed.get(0);
    }
    int index =
        roster.pick(by, new TryPick(roster, request, null, tried, random, events.nowNanos()));
    if (index == Balancer.NONE) {
      return null;
    }
    Line line = listed.get(index);
    picks++;
    farPicks += line.server.kind.zone().equals(zone) ? 0 : 1;
    if (line.record().health().verdict(events.nowNanos()) == EndpointHealth.Verdict.BROKEN) {
      callsToBroken++;
    }
    return line;
  }

  /** What decides about the tries of a call whose first one has begun. */
  Tries tries(Call call) {
    Tries.Plan plan =
        new Tries.Plan(
            patience.maxAttempts,
            FailureMode.FAILOVER,
            call.operation.isIdempotent(),
            Set.of(),
            call.isStopped(),
            isProtected() ? accounting.budget() : null,
            latency(call.operation));
    return new Tries(plan, random, call.deadlineNanos, 1);
  }

  private MethodLatency latency(Operation operation) {
    return latencies.computeIfAbsent(operation, key -> new MethodLatency(events.nowNanos()));
  }

  /** A try has ended. */
  void ended(Attempt attempt, Status status, TryEnd how) {
    long now = events.nowNanos();
    EndpointRecord record = attempt.line.record();
    MethodLatency latency = latency(attempt.operation());
    if (!status.isOk()) {
      accounting.ended(
          record, latency, status, how, Accounting.Kind.UNARY, attempt.begunNanos, now);
    } else if (listed.size() == 1) {
      accounting.succeededAlone(latency, attempt.begunNanos, now);
    } else {
      attempt.line.reported(attempt.loadThere());
      accounting.succeeded(record, latency, attempt.begunNanos, now);
    }
  }
}
