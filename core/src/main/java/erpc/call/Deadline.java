package erpc.call;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * The instant after which a call's outcome is of no use to its caller. Immutable and thread-safe.
 *
 * <p>A deadline is absolute on one process's monotonic clock. On the wire it travels as what is
 * left of it, so two machines never compare clocks.
 */
public final class Deadline {
  /**
   * Durations are capped here (about 146 years), so that adding one to a clock reading cannot
   * overflow.
   */
  private static final long MAX_NANOS = Long.MAX_VALUE / 2;

  private final Ticker ticker;
  private final long atNanos;

  private Deadline(Ticker ticker, long atNanos) {
    this.ticker = ticker;
    this.atNanos = atNanos;
  }

  /**
   * A deadline this far from now; a zero or negative timeout has already expired, a huge one
   * saturates.
   */
  public static Deadline after(Duration timeout) {
    return after(timeout, Ticker.system());
  }

  /** A deadline this far from the ticker's now. */
  public static Deadline after(Duration timeout, Ticker ticker) {
    return afterNanos(saturatedNanos(timeout), ticker);
  }

  /**
   * A deadline this many nanoseconds from the ticker's now; zero or negative has already expired.
   */
  public static Deadline afterNanos(long timeoutNanos, Ticker ticker) {
    return new Deadline(
        ticker, ticker.nanos() + Math.max(-MAX_NANOS, Math.min(timeoutNanos, MAX_NANOS)));
  }

  /** A deadline at a reading of the ticker, which must be within 146 years of its now. */
  public static Deadline at(long nanos, Ticker ticker) {
    return new Deadline(ticker, nanos);
  }

  /** The duration in nanoseconds, capped at about 146 years either way instead of overflowing. */
  public static long saturatedNanos(Duration timeout) {
    long seconds = timeout.toSeconds();
    if (seconds >= TimeUnit.NANOSECONDS.toSeconds(MAX_NANOS)) {
      return MAX_NANOS;
    }
    if (seconds <= -TimeUnit.NANOSECONDS.toSeconds(MAX_NANOS)) {
      return -MAX_NANOS;
    }
    return timeout.toNanos();
  }

  /** Nanoseconds left; zero or negative once expired. */
  public long remainingNanos() {
    return atNanos - ticker.nanos();
  }

  /** What is left, never negative. */
  public Duration remaining() {
    return Duration.ofNanos(Math.max(0, remainingNanos()));
  }

  public boolean isExpired() {
    return remainingNanos() <= 0;
  }

  /** The reading of this deadline's ticker at which it expires. */
  public long atNanos() {
    return atNanos;
  }

  Ticker ticker() {
    return ticker;
  }

  /** Whichever of the two expires first. Both must have been made with the same ticker. */
  public Deadline earlier(Deadline other) {
    return atNanos - other.atNanos <= 0 ? this : other;
  }

  @Override
  public String toString() {
    return "Deadline[" + TimeUnit.NANOSECONDS.toMillis(remainingNanos()) + " ms left]";
  }
}
