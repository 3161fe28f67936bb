package erpc.call;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.time.Duration;

/**
 * Lets one log line of a kind through a minute, or a few, and counts those that it keeps back, so
 * that what happens again and again says so without flooding the log. Thread-safe.
 */
public final class LineLimit {
  private static final long QUIET_NANOS = Duration.ofMinutes(1).toNanos();

  private final Ticker ticker;
  private final int most;

  /** In this minute; 0 only before the first one. */
  @GuardedBy("this")
  private int written;

  /** The first one of this minute. */
  @GuardedBy("this")
  private long writtenAt;

  @GuardedBy("this")
  private long keptBack;

  /** A limit on the machine's clock. */
  public LineLimit() {
    this(Ticker.system());
  }

  /** A limit on a clock of the caller's. */
  public LineLimit(Ticker ticker) {
    this(ticker, 1);
  }

  /**
   * A limit on a clock of the caller's.
   *
   * @param most so many lines pass in a minute, at least one
   */
  public LineLimit(Ticker ticker, int most) {
    this.ticker = ticker;
    this.most = most;
  }

  /**
   * Asks whether a line may be written now.
   *
   * @return how many were kept back since the last one, to be said in this one; -1 if it is kept
   *     back too
   */
  public synchronized long admit() {
    long now = ticker.nanos();
    if (written == 0 || now - writtenAt >= QUIET_NANOS) {
      return write(now);
    }
    if (written < most) {
      written++;
      return 0;
    }
    keptBack++;
    return -1;
  }

  /**
   * Asks whether lines were kept back that nothing has been said of for a minute. Whoever asks says
   * it.
   *
   * @return how many; 0 if there is nothing to be said yet
   */
  public synchronized long overdue() {
    long now = ticker.nanos();
    return keptBack == 0 || now - writtenAt < QUIET_NANOS ? 0 : write(now);
  }

  @GuardedBy("this")
  private long write(long now) {
    long before = keptBack;
    keptBack = 0;
    written = 1;
    writtenAt = now;
    return before;
  }
}
