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

  private final RandomGenerator random;
  private long boundNanos = FIRST.toNanos();

  CenterBackoff(RandomGenerator random) {
    this.random = random;
  }

  /** The next wait. */
  Duration next() {
    long bound = boundNanos;
    boundNanos = Math.min(2 * bound, MOST.toNanos());
    return Duration.ofNanos(random.nextLong(bound + 1));
  }

  /** The center has answered. */
  void reset() {
    boundNanos = FIRST.toNanos();
  }
}
