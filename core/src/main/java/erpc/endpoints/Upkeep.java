package erpc.endpoints;

import erpc.balance.Balancer;
import erpc.breaker.EndpointHealth;
import erpc.call.Method;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What is due for a roster now and then: shares that change by time, and the calls that find out
 * whether a broken endpoint works again. There is no timer: a pick looks whether something is due,
 * which costs it one read, and has it done elsewhere if that takes long. Where nobody calls,
 * nothing is due. Thread-safe.
 *
 * <p>All endpoints are looked at when a verdict has changed, and otherwise once per second while
 * any is not as it should be. In between only those are that are broken, slow or recovering.
 */
final class Upkeep {
  /** As many endpoints are looked at by a pick itself; more of them elsewhere, or in turn. */
  static final int MOST_DONE_BY_PICKS = 64;

  private static final long LONGEST_NANOS = TimeUnit.SECONDS.toNanos(10);
  private static final long ALL_STEP_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final long PROBE_STEP_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  /** Of many, those that get out of reach or into it are looked at together, so often at most. */
  private static final long MOVED_STEP_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

  private static final long RAMP_STEP_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

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

  /** When all were looked at last; written by whoever is at work. */
  private volatile long lookedNanos;

  /**
   * When something is due next; a state that changes makes it due at once. Written by whoever
   * changes one, and by whoever is at work.
   */
  private final AtomicLong dueNanos;

  /**
   * Whether something has happened after which all are to be looked at. Set by whoever changes a
   * state, before it makes that due; cleared by whoever is at work.
   */
  private volatile boolean changed;

  /**
   * The same of connections that have come or gone, for which many endpoints wait a little. Set by
   * who tells so, cleared by who looks.
   */
  private volatile boolean moved;

  // By whoever is at work.
  private long allDueNanos;
  private Map<String, Double> factors = Map.of();

  /** Those that were broken, slow or recovering when all were looked at last, in order. */
  private int[] watched = {};

  private int watchedCount;

  /** An endpoint that wants one call now, or nobody. */
  private final AtomicLong wanting = new AtomicLong(NOBODY);

  /** Since when it does; written by whoever is at work, before it is shown. */
  private volatile long wantingNanos;

  /** Picks since an endpoint wants a call; one that is lost by a race makes it wait a little. */
  private int passed;

  /** Behind it one is looked for that wants a call: all have their turn. By whoever is at work. */
  private int turn;

  Upkeep(Roster roster, Scope scope, Accounting accounting, long nowNanos) {
    this.roster = roster;
    this.scope = scope;
    this.lookedNanos = nowNanos;
    this.accounting = accounting;
    this.dueNanos = new AtomicLong(nowNanos);
    this.allDueNanos = nowNanos;
  }

  /** A verdict has changed, or a state: shares may have. */
  void dueAt(long nowNanos) {
    changed = true;
    dueBy(nowNanos);
  }

  private void dueBy(long nanos) {
    long unused = dueNanos.accumulateAndGet(nanos, Upkeep::earlier);
  }

  /**
   * The endpoint that this try is to find out about, if one wants a call and this one will do;
   * {@link Balancer#NONE} if not.
   */
  int probe(TryPick pick) {
    long now = pick.nowNanos();
    catchUp(now);
    long index = wanting.get();
    if (index == NOBODY || pick.isRetry() || ++passed < PICKS_PER_PROBE) {
      return Balancer.NONE;
    }
    EndpointRecord endpoint = roster.entry((int) index).record();
    if (!isGood(pick, endpoint, now) || !wanting.compareAndSet(index, NOBODY)) {
      return Balancer.NONE;
    }
    dueBy(now); // There may be another one.
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

  /** Does what is due, or has it done, as each pick does first. */
  void catchUp(long nowNanos) {
    if (nowNanos - dueNanos.get() >= 0) {
      doWhatIsDue(nowNanos);
    }
  }

  /** Whether the endpoint wants one call, which is to find out how it is. */
  boolean isWanting(int index) {
    return wanting.get() == index;
  }

  /** Which endpoints calls are spread over. */
  Scope scope() {
    return scope;
  }

  private void doWhatIsDue(long nowNanos) {
    if (!atWork.compareAndSet(false, true)) {
      return;
    }
    int all = Math.max(roster.size(), accounting.size());
    if (all <= MOST_DONE_BY_PICKS || !isAllDue(nowNanos)) {
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

  /**
   * An endpoint can be reached no more, or can be again, so that other zones may have to do its
   * work or need not.
   */
  void reachabilityChanged() {
    if (scope.hasZones()) {
      moved = true;
      dueBy(movedDueNanos());
    }
  }

  /** Very many come one after the other as they are connected. */
  private long movedDueNanos() {
    return lookedNanos + (roster.size() <= MOST_DONE_BY_PICKS ? 0 : MOVED_STEP_NANOS);
  }

  private boolean isAllDue(long nowNanos) {
    return changed || nowNanos - allDueNanos >= 0 || (moved && nowNanos - movedDueNanos() >= 0);
  }

  /** Does what is due. By one thread at a time. */
  void work(long nowNanos) {
    boolean finished = false;
    try {
      // Before the look: what changes meanwhile makes it due again.
      dueNanos.set(nowNanos + LONGEST_NANOS);
      if (isAllDue(nowNanos)) {
        changed = false;
        moved = false;
        lookedNanos = nowNanos;
        lookAtAll(nowNanos);
      }
      long next = earlier(allDueNanos, lookAtWatched(nowNanos));
      dueBy(moved ? earlier(next, movedDueNanos()) : next);
      finished = true;
    } finally {
      if (!finished) { // As when there is no memory: what it has not seen it sees at the next look.
        changed = true;
        dueBy(nowNanos + ALL_STEP_NANOS);
      }
      atWork.set(false);
    }
  }

  private void lookAtAll(long nowNanos) {
    allDueNanos = nowNanos + ALL_STEP_NANOS; // If it fails half-way.
    accounting.compare(nowNanos);
    Protection protection = accounting.protection();
    int size = roster.size();
    double[] weights = new double[size];
    double[] healthy = new double[size];
    boolean anyStarts = false;
    watchedCount = 0;
    for (int i = 0; i < size; i++) {
      EndpointRecord each = roster.entry(i).record();
      weights[i] = weight(i, each, protection, nowNanos);
      healthy[i] = each.isBroken() || !roster.isReachable(i) ? 0 : weights[i];
      anyStarts |= each.isStarting(nowNanos);
      if (each.isBroken() || isSlow(each, nowNanos) || isRecovering(each, nowNanos)) {
        watch(i);
      }
    }
    factors = protection.zones() ? scope.factors(healthy) : Map.of();
    for (int i = 0; i < size; i++) {
      weights[i] *= factors.getOrDefault(scope.zone(i), 1.0);
    }
    roster.share(weights);
    roster.tellPanic();
    long step = watchedCount > 0 || anyStarts ? ALL_STEP_NANOS : LONGEST_NANOS;
    allDueNanos = earlier(nowNanos + step, accounting.compareNanos());
  }

  private void watch(int index) {
    if (watchedCount == watched.length) {
      watched = Arrays.copyOf(watched, Math.max(8, 2 * watched.length));
    }
    watched[watchedCount++] = index;
  }

  /** What it weighs now, before it matters where it is. */
  private double weight(int index, EndpointRecord endpoint, Protection protection, long nowNanos) {
    endpoint.judge(protection.modes(), nowNanos);
    return scope.has(index) ? roster.weight(index) * endpoint.share(protection, nowNanos) : 0;
  }

  /**
   * Looks at those that were not as they should be: their shares grow, and they may want a call. If
   * there are very many, at some of them, behind those that had their turn.
   *
   * @return when to do so again
   */
  private long lookAtWatched(long nowNanos) {
    Protection protection = accounting.protection();
    long next = nowNanos + LONGEST_NANOS;
    dropIfWell(nowNanos);
    int first = firstBehind(turn);
    int looks = Math.min(watchedCount, MOST_DONE_BY_PICKS);
    for (int i = 0; i < looks; i++) {
      int index = watched[(first + i) % watchedCount];
      EndpointRecord each = roster.entry(index).record();
      double weight = weight(index, each, protection, nowNanos);
      roster.share(index, weight * factors.getOrDefault(scope.zone(index), 1.0));
      boolean isWatched = each.isBroken() || isSlow(each, nowNanos);
      if (isWatched || isRecovering(each, nowNanos)) {
        next = earlier(next, nowNanos + (isWatched ? PROBE_STEP_NANOS : RAMP_STEP_NANOS));
      }
      if (isNobodyBroken() && (wants(index, each, protection, nowNanos) || isLast(i))) {
        turn = index;
      }
    }
    return next;
  }

  /** Whoever wants a call, but is as it should be by now, wants none. */
  private void dropIfWell(long nowNanos) {
    long index = wanting.get();
    if (index == NOBODY) {
      return;
    }
    EndpointRecord endpoint = roster.entry((int) index).record();
    if (!endpoint.isBroken() && !isSlow(endpoint, nowNanos)) {
      boolean unused = wanting.compareAndSet(index, NOBODY);
    }
  }

  /**
   * Whether no broken endpoint wants a call. One that is merely slow may want it for ever, where
   * all calls have keys.
   */
  private boolean isNobodyBroken() {
    long index = wanting.get();
    return index == NOBODY || !roster.entry((int) index).record().isBroken();
  }

  /** Whether others have their turn at the next look, though nobody wants a call at this one. */
  private boolean isLast(int look) {
    return look == MOST_DONE_BY_PICKS - 1;
  }

  /** Where in {@link #watched} those behind an index begin. */
  private int firstBehind(int index) {
    int found = Arrays.binarySearch(watched, 0, watchedCount, index);
    return found < 0 ? -1 - found : found + 1;
  }

  /** Has an endpoint get a call, if it wants one and no other one needs it as much. */
  private boolean wants(int index, EndpointRecord endpoint, Protection protection, long nowNanos) {
    boolean due =
        endpoint.isBroken()
            ? endpoint.health().isProbeDue(protection.modes(), nowNanos)
            : isSlow(endpoint, nowNanos) && endpoint.latency().isProbeDue(nowNanos);
    boolean called = roster.weight(index) > 0 && scope.has(index) && roster.isReachable(index);
    boolean isFirst = wanting.get() == NOBODY || endpoint.isBroken();
    if (!due || !called || !isFirst) {
      return false;
    }
    passed = 0;
    wantingNanos = nowNanos;
    wanting.set(index);
    return true;
  }

  private boolean isSlow(EndpointRecord endpoint, long nowNanos) {
    return endpoint.latency().isAvoided(accounting.avoidedAbove(), nowNanos);
  }

  private static boolean isRecovering(EndpointRecord endpoint, long nowNanos) {
    return endpoint.health().verdict(nowNanos) == EndpointHealth.Verdict.RECOVERING;
  }

  private boolean takesProbe(EndpointRecord endpoint, long nowNanos) {
    return endpoint.isBroken()
        ? endpoint.health().takeProbe(accounting.protection().modes(), nowNanos)
        : isSlow(endpoint, nowNanos) && endpoint.latency().takeProbe(nowNanos);
  }

  private static long earlier(long one, long other) {
    return one - other <= 0 ? one : other;
  }
}
