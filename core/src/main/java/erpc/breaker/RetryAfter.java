package erpc.breaker;

import erpc.call.Status;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** For how long a server that asks for it is left alone. */
final class RetryAfter {
  /** Whatever it asks for, before jitter: what it knows of its load is soon out of date. */
  private static final long LONGEST_NANOS = TimeUnit.SECONDS.toNanos(10);

  private RetryAfter() {}

  /** As long as it asks, and up to half as much again so that not all come back at once. */
  static long nanos(Duration asked, RandomGenerator random) {
    long nanos = Math.min(LONGEST_NANOS, saturated(asked));
    return nanos + random.nextLong(nanos / 2 + 1);
  }

  /** The same of a status; 0 if it asks for nothing. */
  static long nanos(Status status, RandomGenerator random) {
    @Nullable Duration asked = status.retryAfter();
    return asked == null ? 0 : nanos(asked, random);
  }

  /** Whether a status says that another try is of no use. */
  static boolean isNever(Status status) {
    return Status.NEVER_AGAIN.equals(status.retryAfter());
  }

  private static long saturated(Duration asked) {
    return asked.compareTo(Duration.ofNanos(LONGEST_NANOS)) >= 0 ? LONGEST_NANOS : asked.toNanos();
  }
}
