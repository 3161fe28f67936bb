package erpc.client;

import erpc.call.Status;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/**
 * Whether a failed try is followed by another. A call that is not idempotent is only tried again if
 * it is known as not started. Immutable.
 */
final class RetryPolicy {
  /** The answer for "no". */
  static final long NEVER = -1;

  private static final long FIRST_BACKOFF_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
  private static final long LONGEST_BACKOFF_NANOS = TimeUnit.SECONDS.toNanos(2);

  /** In this time a server finds out how the clocks stand, and a half more. */
  private static final long CLOCK_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  private final int maxAttempts;
  private final RandomGenerator random;

  RetryPolicy(int maxAttempts, RandomGenerator random) {
    this.maxAttempts = maxAttempts;
    this.random = random;
  }

  /**
   * How long to wait before the next try, or {@link #NEVER}.
   *
   * @param attempts tries made so far
   * @param elsewhere whether there is an endpoint that has not been tried
   */
  long waitNanos(Status status, boolean idempotent, int attempts, boolean elsewhere) {
    if (attempts >= maxAttempts || !isWorthwhile(status, idempotent)) {
      return NEVER;
    }
    if (status.code() == Status.Code.DEADLINE_EXCEEDED) {
      return CLOCK_NANOS + random.nextLong(CLOCK_NANOS);
    }
    boolean refusedForLoad = status.code() == Status.Code.RESOURCE_EXHAUSTED;
    if (elsewhere && !refusedForLoad) {
      return 0;
    }
    return backoffNanos(attempts);
  }

  /** How long to wait until there may be a connection to be had, or {@link #NEVER}. */
  long waitForRoomNanos(int attempts) {
    return attempts >= maxAttempts ? NEVER : backoffNanos(attempts);
  }

  /** Full jitter: anything up to 50 ms doubled with each try. */
  private long backoffNanos(int attempts) {
    long most = Math.min(LONGEST_BACKOFF_NANOS, FIRST_BACKOFF_NANOS << Math.min(attempts - 1, 10));
    return 1 + random.nextLong(most);
  }

  /**
   * Whether a try that follows one with this end is marked as a retry: a server has worked for it,
   * or has refused it for its load. Where nobody has, as at a server that drains, another one does
   * no harm.
   */
  static boolean marks(Status failed) {
    return failed.started() != Status.Started.NO || failed.code() == Status.Code.RESOURCE_EXHAUSTED;
  }

  private static boolean isWorthwhile(Status status, boolean idempotent) {
    return switch (status.code()) {
      case UNAVAILABLE -> idempotent || status.started() == Status.Started.NO;
      // A server that took the caller's clock for a call that lay in buffers: the caller, whose
      // time it is, knows better, and the server will by the next try.
      case DEADLINE_EXCEEDED -> status.isRemote() && status.started() == Status.Started.NO;
      case RESOURCE_EXHAUSTED -> status.isRemote() && status.started() == Status.Started.NO;
      default -> false;
    };
  }
}
