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

  /** From then on a stream will do, too. */
  private static final long ANY_CALL_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** Of so many calls one at most finds out: where few calls are made, most are to succeed. */
  private static final int PICKS_PER_PROBE = 10;

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
  private final AtomicLong dueNanos;

  /** An endpoint that wants one call now, or nobody. */
  private final AtomicLong wanting = new AtomicLong(NOBODY);

  /** Since when it does; written by whoever is at work, before it is shown. */
  private volatile long wantingNanos;

  /** Picks since an endpoint wants a call; one that is lost by a race makes it wait a little. */
  private int passed;

  /** The one that has wanted a call last; by whoever is at work. */
  private int lastWanting;

  Upkeep(Roster roster, Scope scope, Accounting accounting, long nowNanos) {
    this.roster = roster;
    this.scope = scope;
    this.workedNanos = nowNanos;
    this.accounting = accounting;
    this.dueNanos = new AtomicLong(nowNanos);
  }

  /** A verdict has changed, or a state: shares may have. */
  void dueAt(long nowNanos) {
    dueNanos.set(nowNanos);
  }

  /**
   * The endpoint that this try is to find out about, if one wants a call and this one will do;
   * {@link Balancer#NONE} if not.
   */
  int probe(TryPick pick) {
    long now = pick.nowNanos();
    if (now - dueNanos.get() >= 0) {
      doWhatIsDue(now);
    }
    long index = wanting.get();
    if (index == NOBODY || pick.isRetry() || ++passed < PICKS_PER_PROBE) {
      return Balancer.NONE;
    }
    EndpointRecord endpoint = roster.entry((int) index).record();
    if (!isGood(pick, endpoint, now) || !wanting.compareAndSet(index, NOBODY)) {
      return Balancer.NONE;
    }
    dueNanos.set(now); // There may be another one.
    return takesProbe(endpoint, now) ? (int) index : Balancer.NONE;
  }

  /** A call that fails does no harm if it may be made again elsewhere. */
  private boolean isGood(TryPick pick, EndpointRecord endpoint, long nowNanos) {
    Method<?, ?> method = pick.request().method();
    long waitedNanos = nowNanos - wantingNanos;
    boolean spared =
        method.kind() == Method.Kind.UNARY
            ? !method.isIdempotent() && waitedNanos <= SPARED_NANOS
            : waitedNanos <= ANY_CALL_NANOS;
    // One that is merely slow is no reason to send a key elsewhere.
    return !spared && (endpoint.isBroken() || pick.affinityKey() == null);
  }

  private void doWhatIsDue(long nowNanos) {
    if (!atWork.compareAndSet(false, true)) {
      return;
    }
    if (Math.max(roster.size(), accounting.size()) <= MOST_DONE_BY_PICKS) {
      work(nowNanos);
      return;
    }
    try {
      accounting.worker().execute(() -> work(nowNanos));
    } catch (Throwable e) { // As when there is no memory: a later pick tries it again.
      dueNanos.set(nowNanos + RAMP_STEP_NANOS);
      atWork.set(false);
    }
  }

  /** Connections to an endpoint have come or gone, so that other zones may have to do its work. */
  void reachabilityChanged() {
    if (scope.hasZones()) {
      dueNanos.set(workedNanos);
    }
  }

  /** Does what is due. By one thread at a time. */
  void work(long nowNanos) {
    try {
      workedNanos = nowNanos;
      long atLast = nowNanos + LONGEST_NANOS;
      long next = atLast;
      dueNanos.set(atLast); // Before the look: what changes meanwhile makes it due again.
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
        next = earlier(next, nextNanos(each, nowNanos));
      }
      next = earlier(next, wantNext(protection, nowNanos));
      Map<String, Double> factors = protection.zones() ? scope.factors(healthy) : Map.of();
      for (int i = 0; i < roster.size(); i++) {
        weights[i] *= factors.getOrDefault(scope.zone(i), 1.0);
      }
      roster.share(weights);
      roster.tellPanic();
      boolean unused = dueNanos.compareAndSet(atLast, next);
    } finally {
      atWork.set(false);
    }
  }

  /** When the share of an endpoint is to be looked at again. */
  private static long nextNanos(EndpointRecord endpoint, long nowNanos) {
    if (endpoint.health().verdict(nowNanos) == EndpointHealth.Verdict.RECOVERING) {
      return nowNanos + RAMP_STEP_NANOS;
    }
    return nowNanos + (endpoint.isStarting(nowNanos) ? SLOW_START_STEP_NANOS : LONGEST_NANOS);
  }

  /** Has the next endpoint in turn that wants a call get one; when to look for another one. */
  private long wantNext(Protection protection, long nowNanos) {
    boolean any = false;
    for (int i = 1; i <= roster.size(); i++) {
      int index = (lastWanting + i) % roster.size();
      EndpointRecord endpoint = roster.entry(index).record();
      boolean slow = endpoint.latency().isAvoided(accounting.avoidedAbove(), nowNanos);
      if (endpoint.isBroken() || slow) {
        any = true;
        boolean due =
            endpoint.isBroken()
                ? endpoint.health().isProbeDue(protection.modes(), nowNanos)
                : endpoint.latency().isProbeDue(nowNanos);
        boolean called = roster.weight(index) > 0 && scope.has(index) && roster.isReachable(index);
        if (due && called && wanting.get() == NOBODY) {
          lastWanting = index;
          passed = 0;
          wantingNanos = nowNanos;
          wanting.set(index);
        }
      }
    }
    return nowNanos + (any ? PROBE_STEP_NANOS : LONGEST_NANOS);
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
