package erpc.protocol.own;

import erpc.call.Status;
import java.util.EnumMap;
import java.util.concurrent.TimeUnit;

/**
 * Counts frames that cost their receiver work and their sender nothing, and refuses a peer that
 * sends more of them than any honest one could. One per connection, touched only by its event loop.
 *
 * <p>The limits are for ten seconds. An honest peer at ten times the usual rate is far from each;
 * as many as they allow take a few percent of a processor. Credit is counted against what is owed:
 * for each frame of data that was sent to the peer two of them, and more if the data is much, may
 * come back at any time, so a reader may be as slow as it likes.
 */
final class FloodGuard {
  private static final long WINDOW_NANOS = TimeUnit.SECONDS.toNanos(10);

  /** For so many bytes of data, too, a CREDIT is owed: a peer may take a frame in small pieces. */
  private static final int CREDIT_SHIFT = 9;

  /** What is counted, and how many of it may come in a window. */
  enum Kind {
    PINGS(100_000),
    SETTINGS(10_000),
    CREDENTIALS(1_000),
    EMPTY_FRAMES(100_000),
    UNKNOWN_FRAMES(1_000_000),
    /** Beyond those that are owed for data that was sent to the peer. */
    CREDITS(10_000),
    /** Open calls that were cancelled; those under load, when most run out of time, included. */
    RESETS(5_000_000),
    /** Calls broken off because what came on them was malformed or too much. */
    PROVOKED_RESETS(100_000);

    final int limit;

    Kind(int limit) {
      this.limit = limit;
    }
  }

  private final EnumMap<Kind, Integer> counts = new EnumMap<>(Kind.class);
  private long windowEndNanos;
  private boolean begun;
  private long creditsOwed;

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
    }
    if (counts.merge(kind, 1, Integer::sum) > kind.limit) {
      throw new ProtocolViolation(
          Status.Code.RESOURCE_EXHAUSTED,
          "flood of " + kind + ": more than " + kind.limit + " within ten seconds");
    }
  }

  /**
   * A CREDIT has come.
   *
   * @throws ProtocolViolation if many have come for which nothing was sent
   */
  void credit(long nowNanos) {
    if (creditsOwed > 0) {
      creditsOwed--;
    } else {
      count(Kind.CREDITS, nowNanos);
    }
  }

  /** Frames of data were sent, for which credit may come back. */
  void sentData(int frames, int bytes) {
    creditsOwed += 2L * frames + (bytes >>> CREDIT_SHIFT);
  }
}
