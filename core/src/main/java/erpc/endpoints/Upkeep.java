package erpc.endpoints;

import erpc.balance.Balancer;
import erpc.breaker.EndpointHealth;
import erpc.call.Method;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What is due for a roster now and then: shares that change by time, and the calls that find out
 * whether a broken endpoint works again. There is no timer: a pick looks whether something is due,
 * which costs it one read, and has it done elsewhere if that takes long. Where nobody calls,
 * nothing is due. Thread-safe.
 */
final class Upkeep {
  /** Where there are more endpoints, it is not done by a pick itself. */
  private static final int MOST_DONE_BY_PICKS = 64;

  private static final long LONGEST_NANOS = TimeUnit.SECONDS.toNanos(10);
  private static final long PROBE_STEP_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
  private static final long RAMP_STEP_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
  private static final long SLOW_START_STEP_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** So long only calls that may run twice are taken to try a broken endpoint. */
  private static final long SPARED_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

  private static final long NOBODY = -1;

  private final Roster roster;
  private final Scope scope;
  private final Accounting accounting;
  private final AtomicBoolean atWork = new AtomicBoolean();

  /** When it was done last; written by whoever does it. */
  private volatile long workedNanos;

  /**
   * When something is due next; a state that changes makes it due at once. Written by whoever
   * changes one, and by whoever is at work.
   */
  private volatile long dueNanos;

  /** An endpoint that wants one call now, or nobody. */
  private final AtomicLong wanting = new AtomicLong(NOBODY);

  /** Since when it does; written by whoever is at work, before it is shown. */
  private volatile long wantingNanos;

  Upkeep(Roster roster, Scope scope, Accounting accounting, long nowNanos) {
    this.roster = roster;
    this.scope = scope;
    this.workedNanos = nowNanos;
    this.accounting = accounting;
    this.dueNanos = nowNanos;
  }

  /** A verdict has changed, or a state: shares may have. */
  void dueAt(long nowNanos) {
    dueNanos = nowNanos;
  }

  /**
   * The endpoint that this try is to find out about, if one wants a call and this one will do;
   * {@link Balancer#NONE} if not.
   */
  int probe(TryPick pick) {
    long now = pick.nowNanos();
    if (now - dueNanos >= 0) {
      doWhatIsDue(now);
    }
    long index = wanting.get();
    if (index == NOBODY || pick.isRetry() || !isGood(pick.request().method(), now)) {
      return Balancer.NONE;
    }
    if (!wanting.compareAndSet(index, NOBODY)) {
      return Balancer.NONE;
    }
    dueNanos = now; // There may be another one.
    int probed = (int) index;
    return takesProbe(roster.entry(probed).record(), now) ? probed : Balancer.NONE;
  }

  /** A call that fails does no harm if it may be made again elsewhere. */
  private boolean isGood(Method<?, ?> method, long nowNanos) {
    return method.kind() == Method.Kind.UNARY
        && (method.isIdempotent() || nowNanos - wantingNanos > SPARED_NANOS);
  }

  private void doWhatIsDue(long nowNanos) {
    if (!atWork.compareAndSet(false, true)) {
      return;
    }
    if (roster.size() <= MOST_DONE_BY_PICKS) {
      work(nowNanos);
      return;
    }
    try {
      accounting.worker().execute(() -> work(nowNanos));
    } catch (Throwable e) { // As when there is no memory: the next pick tries it again.
      atWork.set(false);
      throw e;
    }
  }

  /** Connections to an endpoint have come or gone, so that other zones may have to do its work. */
  void reachabilityChanged() {
    if (scope.hasZones()) {
      dueNanos = workedNanos;
    }
  }

  /** Does what is due. By one thread at a time. */
  void work(long nowNanos) {
    try {
      workedNanos = nowNanos;
      long next = nowNanos + LONGEST_NANOS;
      dueNanos = next; // Before the look: what changes meanwhile makes it due again.
      accounting.compare(nowNanos);
      next = earlier(next, accounting.compareNanos());
      Protection protection = accounting.protection();
      double[] weights = new double[roster.size()];
      double[] healthy = new double[roster.size()];
      for (int i = 0; i < roster.size(); i++) {
        EndpointRecord each = roster.entry(i).record();
        each.judge(protection.modes(), nowNanos);
        weights[i] = scope.has(i) ? roster.weight(i) * each.share(protection, nowNanos) : 0;
        healthy[i] = each.isBroken() || !roster.isReachable(i) ? 0 : weights[i];
        next = earlier(next, nextNanos(i, each, protection, nowNanos));
      }
      Map<String, Double> factors = protection.zones() ? scope.factors(healthy) : Map.of();
      for (int i = 0; i < roster.size(); i++) {
        double factor = factors.getOrDefault(scope.zone(i), 1.0);
        roster.share(i, Math.round(weights[i] * factor * Roster.ONE));
      }
      if (next - dueNanos < 0) {
        dueNanos = next;
      }
    } finally {
      atWork.set(false);
    }
  }

  /** When something is due for an endpoint; sees to it that it gets a call, if it wants one. */
  private long nextNanos(int index, EndpointRecord endpoint, Protection protection, long nowNanos) {
    boolean slow = endpoint.latency().isAvoided(accounting.avoidedAbove(), nowNanos);
    if (endpoint.isBroken() || slow) {
      boolean due = slow || endpoint.health().isProbeDue(protection.modes(), nowNanos);
      if (due && roster.isReachable(index) && wanting.get() == NOBODY) {
        wantingNanos = nowNanos;
        wanting.set(index);
      }
      return nowNanos + PROBE_STEP_NANOS;
    }
    if (endpoint.health().verdict(nowNanos) != EndpointHealth.Verdict.HEALTHY) {
      return nowNanos + RAMP_STEP_NANOS;
    }
    return nowNanos + (endpoint.isStarting(nowNanos) ? SLOW_START_STEP_NANOS : LONGEST_NANOS);
  }

  private boolean takesProbe(EndpointRecord endpoint, long nowNanos) {
    return endpoint.isBroken()
        ? endpoint.health().takeProbe(accounting.protection().modes(), nowNanos)
        : endpoint.latency().isAvoided(accounting.avoidedAbove(), nowNanos)
            && endpoint.latency().takeProbe(nowNanos);
  }

  private static long earlier(long one, long other) {
    return one - other <= 0 ? one : other;
  }
}
