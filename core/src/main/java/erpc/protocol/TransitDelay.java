package erpc.protocol;

import java.util.concurrent.TimeUnit;

/**
 * How long bytes lay in buffers beyond the usual, told from the sender's ticks: the excess of (own
 * clock − tick) over its smallest value of the last one to two windows. The two clocks need not
 * agree, only run equally fast; the window lets the smallest value follow their drift. Used by one
 * event loop.
 */
final class TransitDelay {
  private static final long WINDOW_NANOS = TimeUnit.SECONDS.toNanos(60);

  private boolean known;
  private long windowEndNanos;
  private int smallest;
  private int smallestOfLastWindow;

  /** Takes in a tick and returns the excess in milliseconds, 0 or more. */
  int excessMillis(int tickMillis, long nowNanos) {
    int delta = (int) TimeUnit.NANOSECONDS.toMillis(nowNanos) - tickMillis;
    if (!known) {
      known = true;
      smallest = delta;
      smallestOfLastWindow = delta;
      windowEndNanos = nowNanos + WINDOW_NANOS;
      return 0;
    }
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
    int usual = smallestOfLastWindow - smallest < 0 ? smallestOfLastWindow : smallest;
    return Math.max(0, delta - usual);
  }
}
