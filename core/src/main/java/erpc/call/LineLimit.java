package erpc.call;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.time.Duration;

/**
 * Lets one log line of a kind through a minute and counts those that it keeps back, so that what
 * happens again and again says so without flooding the log. Thread-safe.
 */
public final class LineLimit {
  private static final long QUIET_NANOS = Duration.ofMinutes(1).toNanos();

  private final Ticker ticker;

  @GuardedBy("this")
  private boolean written;

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
    this.ticker = ticker;
  }

  /**
   * Asks whether a line may be written now.
   *
   * @return how many were kept back since the last one, to be said in this one; -1 if it is kept
   *     back too
   */
  public synchronized long admit() {
    long now = ticker.nanos();
    if (written && now - writtenAt < QUIET_NANOS) {
      keptBack++;
      return -1;
    }
    return write(now);
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
    written = true;
    writtenAt = now;
    return before;
  }
}
