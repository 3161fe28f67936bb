package erpc.breaker;

import java.util.concurrent.atomic.AtomicLong;

/**
 * When calls of a method are made a second time, and how often: once a call has taken longer than
 * all but the share of calls that may be made twice (Finagle's BackupRequestFilter). What calls
 * take says {@link MethodLatency}, as of a second ago. If all of them get slow at once, that figure
 * comes too late; so each call also brings its share of a hedge, and a hedge takes a whole one.
 * Thread-safe.
 */
public final class Hedging {
  /** No hedge. */
  public static final long NEVER = -1;

  /** Hedges that may be made at once after a time without any. */
  public static final int MOST_SAVED = 10;

  private static final long WHOLE = 1_000_000;

  /** Hedges that may be made, in millionths. */
  private final AtomicLong saved = new AtomicLong();

  /** None has been saved yet. */
  public Hedging() {}

  /**
   * A call of the method begins.
   *
   * @param maxExtraLoad the share of calls that may be made twice
   * @return after how long it is hedged, or {@link #NEVER}
   */
  public long called(double maxExtraLoad, MethodLatency latency) {
    long more = Math.round(maxExtraLoad * WHOLE);
    long before = saved.get();
    while (more > 0 && before < MOST_SAVED * WHOLE) {
      if (saved.compareAndSet(before, Math.min(before + more, MOST_SAVED * WHOLE))) {
        break;
      }
      before = saved.get();
    }
    return delayNanos(maxExtraLoad, latency);
  }

  /** After how long a call of such a method is hedged now, or {@link #NEVER}. */
  public static long delayNanos(double maxExtraLoad, MethodLatency latency) {
    boolean none = Math.round(maxExtraLoad * WHOLE) == 0;
    long limitNanos = none ? 0 : latency.limitNanos(1 - maxExtraLoad);
    return limitNanos == 0 ? NEVER : limitNanos;
  }

  /** Takes a whole hedge; false if none is left, and so none is made. */
  public boolean take() {
    long before = saved.get();
    while (before >= WHOLE) {
      if (saved.compareAndSet(before, before - WHOLE)) {
        return true;
      }
      before = saved.get();
    }
    return false;
  }
}
