package erpc.balance;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How quickly calls go to an endpoint and come back, over a window of its last 64 to 128. Nobody
 * tells when a call has ended: it is no longer in flight. {@link #picked} may be called by any
 * thread, all else by whoever has entered, one at a time; nobody waits to enter.
 */
final class CallFlow {
  /** Calls in half of a window. */
  private static final int HALF = 64;

  /** From this age on a window tells something with fewer calls too. */
  private static final long SECOND = 1_000_000_000L;

  /** From this age on half a window is over, and an endpoint that had no call for it is new. */
  private static final long LONG_AGO = 10 * SECOND;

  private final AtomicBoolean busy = new AtomicBoolean();
  private final AtomicLong picks = new AtomicLong();

  // Guarded by busy. A window has two halves and begins anew with its second one.
  private boolean begun;
  private long startNanos;
  private long startPicks;
  private int startInFlight;
  private long middleNanos;
  private long middlePicks;
  private int middleInFlight;
  private long seenInFlight; // the sum over the picks of this half
  private long lastNanos;

  /**
   * Its weight without punishment, 1 for an average endpoint; 0 if that is not known. Set by one
   * thread at a time, read by picks.
   */
  private volatile double weight;

  /** False if another thread is at it. */
  boolean tryEnter() {
    return !busy.get() && busy.compareAndSet(false, true);
  }

  void leave() {
    busy.set(false);
  }

  /** A call goes there. */
  void picked() {
    picks.incrementAndGet();
  }

  double weight() {
    return weight;
  }

  void weighs(double now) {
    weight = now;
  }

  /**
   * Another call may go there now.
   *
   * @return the average of calls in flight ÷ calls per nanosecond, which is what one call takes, if
   *     half a window is over; else 0
   */
  double sees(long nowNanos, int inFlight) {
    long count = picks.get();
    if (!begun || nowNanos - lastNanos > LONG_AGO) {
      begun = true;
      weight = 0;
      startsHalf(nowNanos, count, inFlight);
      startsHalf(nowNanos, count, inFlight);
      lastNanos = nowNanos;
      return 0;
    }
    lastNanos = Math.max(lastNanos, nowNanos);
    seenInFlight += inFlight;
    long passed = nowNanos - middleNanos;
    long calls = count - middlePicks;
    if (passed <= 0 || (calls < HALF && passed < LONG_AGO)) {
      return 0;
    }
    double takes = calls == 0 ? 0 : (double) seenInFlight / calls * ((double) passed / calls);
    startsHalf(nowNanos, count, inFlight);
    return takes;
  }

  private void startsHalf(long nowNanos, long count, int inFlight) {
    startNanos = middleNanos;
    startPicks = middlePicks;
    startInFlight = middleInFlight;
    middleNanos = nowNanos;
    middlePicks = count;
    middleInFlight = inFlight;
    seenInFlight = 0;
  }

  /** Whether the window is long enough to tell anything. */
  boolean isKnown(long nowNanos) {
    long passed = nowNanos - startNanos;
    long calls = picks.get() - startPicks;
    return begun && passed > 0 && calls > 0 && (calls >= HALF || passed >= SECOND);
  }

  /** Calls that have come back per second, at least one. */
  double perSecond(long nowNanos, int inFlight) {
    long ended = picks.get() - startPicks - (inFlight - startInFlight);
    return Math.max(1, (double) ended * SECOND / (nowNanos - startNanos));
  }

  /** For how long those in flight have been there, on average, if they come back in order. */
  double inFlightNanos(long nowNanos, int inFlight, long beforeNanos) {
    if (inFlight <= 0) {
      return 0;
    }
    double perNano = (double) (picks.get() - startPicks) / (nowNanos - startNanos);
    // The youngest began with the last pick, the oldest as long ago as it takes to send so many.
    return Math.max((double) (nowNanos - beforeNanos), inFlight / (2 * perNano));
  }

  /** When the last pick was seen. */
  long lastNanos() {
    return lastNanos;
  }
}
