package erpc.breaker;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** Lets one through per second, whoever comes first. Thread-safe. */
final class OncePerSecond {
  private static final long SECOND_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final AtomicLong nextNanos = new AtomicLong();

  /** From now on it is closed for a second. */
  void close(long nowNanos) {
    nextNanos.set(nowNanos + SECOND_NANOS);
  }

  /** Whether one would be let through. */
  boolean isOpen(long nowNanos) {
    return nowNanos - nextNanos.get() >= 0;
  }

  /** Lets the caller through, and then nobody for a second; false if it is closed. */
  boolean pass(long nowNanos) {
    long next = nextNanos.get();
    return nowNanos - next >= 0 && nextNanos.compareAndSet(next, nowNanos + SECOND_NANOS);
  }
}
