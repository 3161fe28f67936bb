package erpc.protocol.own;

import java.util.concurrent.TimeUnit;

/**
 * How long bytes lay in buffers beyond the usual, told from the sender's ticks: the excess of (own
 * clock − tick) over its smallest value of the last one to two windows. The two clocks need not
 * agree, only run equally fast; the window lets the smallest value follow their drift. Used by one
 * event loop.
 *
 * <p>A sender's clock that stood still, with its machine, looks like bytes that lay: the difference
 * jumps. Which of the two it was is told by a PING: its answer was on its way no longer than the
 * whole round, so what its tick differs by beyond that is the clocks' (F. Cristian, "Probabilistic
 * clock synchronization", 1989). Until then a jump is a doubt.
 */
final class TransitDelay {
  /** A jump of so much is worth a question. */
  static final int DOUBT_MILLIS = 100;

  private static final long WINDOW_NANOS = TimeUnit.SECONDS.toNanos(60);

  /** An answer that takes longer will hardly tell anything; the next jump asks again. */
  private static final long ANSWER_NANOS = TimeUnit.SECONDS.toNanos(5);

  private boolean known;
  private long windowEndNanos;
  private int smallest;
  private int smallestOfLastWindow;
  private int last;
  private int doubt;

  /** When it was asked, while the answer is to come. */
  private long askedNanos;

  private boolean asking;

  /** Takes in a tick and returns the excess in milliseconds, 0 or more. */
  int excessMillis(int tickMillis, long nowNanos) {
    int delta = millis(nowNanos) - tickMillis;
    if (!known) {
      known = true;
      last = delta;
      smallest = delta;
      smallestOfLastWindow = delta;
      windowEndNanos = nowNanos + WINDOW_NANOS;
      return 0;
    }
    int jump = delta - last;
    last = delta;
    if (nowNanos - windowEndNanos >= 0) {
      // After a silence of a whole window nothing of what was known is recent.
      boolean recent = nowNanos - windowEndNanos < WINDOW_NANOS;
      smallestOfLastWindow = recent ? smallest : delta;
      smallest = delta;
      windowEndNanos = nowNanos + WINDOW_NANOS;
    }
    // Differences, not the values, are compared: both count modulo 2^32.
    if (delta - smallest < 0) {
      smallest = delta;
    }
    int excess = Math.max(0, delta - usual());
    doubt = Math.min(excess, jump >= DOUBT_MILLIS ? Math.max(doubt, jump) : doubt);
    return excess;
  }

  private int usual() {
    return smallestOfLastWindow - smallest < 0 ? smallestOfLastWindow : smallest;
  }

  /**
   * As much of the last excess as may be the sender's clock, which stood still, in milliseconds.
   */
  int doubtMillis() {
    return doubt;
  }

  /** Whether a PING would tell; if so, it counts as sent now. */
  boolean asks(long nowNanos) {
    if (doubt == 0 || (asking && nowNanos - askedNanos < ANSWER_NANOS)) {
      return false;
    }
    asking = true;
    askedNanos = nowNanos;
    return true;
  }

  /** A PING was answered; with what it carried, which is when it was sent. */
  void answered(long sentNanos, long nowNanos) {
    if (!asking || sentNanos != askedNanos) {
      return;
    }
    asking = false;
    doubt = 0;
    int least = last - (int) TimeUnit.NANOSECONDS.toMillis(nowNanos - sentNanos) - 1;
    if (least - usual() > 0) {
      smallest = least;
      smallestOfLastWindow = least;
    }
  }

  private static int millis(long nanos) {
    return (int) TimeUnit.NANOSECONDS.toMillis(nanos);
  }
}
