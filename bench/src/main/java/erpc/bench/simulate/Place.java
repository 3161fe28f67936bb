package erpc.bench.simulate;

import erpc.balance.Balancer;
import erpc.breaker.FailureMode;
import erpc.breaker.MethodLatency;
import erpc.breaker.Outcome;
import erpc.breaker.RetryBudget;
import erpc.breaker.Tries;
import erpc.breaker.TryEnd;
import erpc.call.Request;
import erpc.call.Status;
import erpc.endpoints.Roster;
import erpc.endpoints.TryPick;
import java.util.ArrayList;
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
  private final Events events;
  private final Policy policy;
  private final String zone;
  private final Network network;
  private final int maxAttempts;
  private final RandomGenerator random;
  private final Balancer balancer;
  private final Map<Server, Line> lines = new LinkedHashMap<>();
  private final IdentityHashMap<Operation, MethodLatency> latencies = new IdentityHashMap<>();
  private final RetryBudget budget = new RetryBudget();

  /** Those of lines that count. */
  int inFlight;

  private Roster roster;
  private Balancer.@Nullable Picker picker;
  private List<Line> listed = List.of();

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
      int maxAttempts,
      RandomGenerator random) {
    this.events = events;
    this.policy = policy;
    this.zone = zone;
    this.network = network;
    this.maxAttempts = maxAttempts;
    this.random = random;
    this.balancer = policy.balancer().apply(random);
    this.roster = new Roster(List.of(), zone, () -> inFlight);
  }

  Events events() {
    return events;
  }

  RandomGenerator random() {
    return random;
  }

  boolean isProtected() {
    return policy.isProtected();
  }

  /** From now on these are the endpoints. */
  void list(List<Server> servers) {
    listed.forEach(line -> line.listed(-1));
    List<Line> now = new ArrayList<>();
    for (Server each : servers) {
      Line line = lines.computeIfAbsent(each, this::line);
      line.listed(now.size());
      now.add(line);
    }
    listed = now;
    roster = new Roster(now, zone, () -> inFlight);
    picker = now.size() > 1 ? balancer.picker(roster) : null;
  }

  private Line line(Server server) {
    return new Line(this, server, network.nanos(zone, server.kind.zone()));
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
    roster.connectSome();
    int index = by.pick(new TryPick(roster, request, null, tried, random, events.nowNanos()));
    return index == Balancer.NONE ? null : listed.get(index);
  }

  /** What decides about the tries of a call whose first one has begun. */
  Tries tries(Call call) {
    Tries.Plan plan =
        new Tries.Plan(
            maxAttempts,
            FailureMode.FAILOVER,
            call.operation.isIdempotent(),
            Set.of(),
            call.isStopped(),
            isProtected() ? budget : null,
            isProtected() ? latency(call.operation) : null);
    return new Tries(plan, random, call.deadlineNanos, 1);
  }

  private MethodLatency latency(Operation operation) {
    return latencies.computeIfAbsent(operation, key -> new MethodLatency(events.nowNanos()));
  }

  /** A try has ended. */
  void ended(Attempt attempt, Status status, TryEnd how) {
    long now = events.nowNanos();
    if (status.isOk()) {
      budget.succeeded();
    }
    if (Outcome.of(status, how).latency() == Outcome.Latency.SAMPLE) {
      latency(attempt.operation()).sample(now - attempt.begunNanos, now);
    }
  }
}
