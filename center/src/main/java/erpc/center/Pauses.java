package erpc.center;

import erpc.call.LineLimit;
import erpc.call.Ticker;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds out that this process did not run: it was stopped, its machine slept, or its memory was
 * collected. What came meanwhile is read only after that, so nobody else was late. For one loop's
 * thread.
 */
final class Pauses {
  /** A loop may come round so much later and still count as running. */
  static final Duration TOLERATED = Duration.ofSeconds(1);

  private static final Logger LOG = LoggerFactory.getLogger(Pauses.class);

  private final long periodNanos;
  private final LineLimit lines;
  private long roundAt;

  /**
   * A loop that begins now.
   *
   * @param period how long a round takes that finds little to do
   */
  Pauses(Duration period, Ticker ticker) {
    this.periodNanos = period.toNanos();
    this.lines = new LineLimit(ticker);
    this.roundAt = ticker.nanos();
  }

  /** How late a round is that begins now, 0 or more. From start to start: rounds are paused too. */
  long lateNanos(long nowNanos) {
    long late = Math.max(0, nowNanos - roundAt - periodNanos);
    roundAt = nowNanos;
    if (late > TOLERATED.toNanos()) {
      say(late);
    }
    return late;
  }

  private void say(long late) {
    long more = lines.admit();
    if (more >= 0) {
      LOG.warn(
          "the center's clock is {} ms late, as if the process had been stopped, or its memory collected; all leases"
              + " live so much longer ({} more like it since the last line)",
          Duration.ofNanos(late).toMillis(),
          more);
    }
  }
}
