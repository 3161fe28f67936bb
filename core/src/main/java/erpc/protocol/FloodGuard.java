package erpc.protocol;

import erpc.call.Status;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Counts frames that cost their receiver work and their sender nothing, and refuses a peer that
 * sends more of them than any honest one could. One a connection, touched only by its event loop.
 *
 * <p>The limits are for ten seconds, far above what full load brings: a peer pings when it has
 * heard nothing for seconds, grants credit at most twice for a frame of data, and resets calls that
 * it has made.
 */
final class FloodGuard {
  private static final long WINDOW_NANOS = TimeUnit.SECONDS.toNanos(10);

  /** What is counted, and how many of it may come in a window. */
  enum Kind {
    PINGS(1_000),
    SETTINGS(100),
    CREDENTIALS(1_000),
    EMPTY_FRAMES(1_000),
    UNKNOWN_FRAMES(10_000),
    /** Beyond two for each frame of data that was sent to the peer. */
    CREDITS(1_000),
    /** Open calls that were cancelled, or broken off because of what came on them. */
    RESETS(500_000);

    final int limit;

    Kind(int limit) {
      this.limit = limit;
    }
  }

  private final Map<Kind, Integer> counts = new EnumMap<>(Kind.class);
  private long windowEndNanos;
  private boolean begun;
  private int dataFramesSent;

  /**
   * Another one has come.
   *
   * @throws ProtocolViolation if that is too many
   */
  void count(Kind kind, long nowNanos) {
    if (!begun || nowNanos - windowEndNanos >= 0) {
      begun = true;
      windowEndNanos = nowNanos + WINDOW_NANOS;
      counts.clear();
      dataFramesSent = 0;
    }
    long allowed = kind.limit + (kind == Kind.CREDITS ? 2L * dataFramesSent : 0);
    if (counts.merge(kind, 1, Integer::sum) > allowed) {
      throw new ProtocolViolation(
          Status.Code.RESOURCE_EXHAUSTED,
          "flood of " + kind + ": more than " + allowed + " within ten seconds");
    }
  }

  /** Frames of data were sent, for which credit may come back. */
  void sentData(int frames) {
    dataFramesSent += frames;
  }
}
