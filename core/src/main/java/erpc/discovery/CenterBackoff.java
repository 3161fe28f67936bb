package erpc.discovery;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * How long to wait for a center that failed: drawn from 0 to 50 ms × 2ⁿ, at most 2 s (full jitter,
 * as in "Exponential Backoff and Jitter", AWS Architecture Blog, 2015). A center that comes back is
 * thus found within 2 s. Not thread-safe.
 */
final class CenterBackoff {
  static final Duration FIRST = Duration.ofMillis(50);
  static final Duration MOST = Duration.ofSeconds(2);

  /** The longest wait after a {@link Refusal}. */
  static final Duration MOST_AFTER_REFUSAL = Duration.ofSeconds(30);

  private final RandomGenerator random;
  private long boundNanos = FIRST.toNanos();

  CenterBackoff(RandomGenerator random) {
    this.random = random;
  }

  /** The next wait. */
  Duration next() {
    return next(MOST);
  }

  /** The next wait, by the same rule but for its end: up to {@link #MOST_AFTER_REFUSAL}. */
  Duration afterRefusal() {
    return next(MOST_AFTER_REFUSAL);
  }

  private Duration next(Duration most) {
    long bound = Math.min(boundNanos, most.toNanos());
    boundNanos = Math.min(2 * bound, most.toNanos());
    return Duration.ofNanos(random.nextLong(bound + 1));
  }

  /** The center has answered. */
  void reset() {
    boundNanos = FIRST.toNanos();
  }
}
