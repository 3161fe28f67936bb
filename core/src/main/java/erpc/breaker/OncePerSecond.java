package erpc.breaker;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** Lets one through per second, whoever comes first. Thread-safe. */
final class OncePerSecond {
  private static final long SECOND_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final long HURRY_NANOS = SECOND_NANOS / 10;

  /**
   * Nobody was let through yet. A clock may show anything at first, so 0 is no time to wait for.
   */
  private static final long AT_ONCE = 0;

  private final AtomicLong nextNanos = new AtomicLong(AT_ONCE);

  /** From now on it is closed for a second. */
  void close(long nowNanos) {
    nextNanos.set(inASecond(nowNanos));
  }

  /** Whether one would be let through. */
  boolean isOpen(long nowNanos) {
    return isOver(nextNanos.get(), nowNanos);
  }

  /** For how long nobody is let through; 0 if somebody is. */
  long opensInNanos(long nowNanos) {
    long next = nextNanos.get();
    return isOver(next, nowNanos) ? 0 : next - nowNanos;
  }

  /** Lets the caller through, and then nobody for a second; false if it is closed. */
  boolean pass(long nowNanos) {
    long next = nextNanos.get();
    return isOver(next, nowNanos) && nextNanos.compareAndSet(next, inASecond(nowNanos));
  }

  /** The next one need not wait for the second to end: a tenth of it from now on is enough. */
  void hurry(long nowNanos) {
    long next = nextNanos.get();
    long sooner = nowNanos + HURRY_NANOS;
    if (next != AT_ONCE && next - sooner > 0 && sooner != AT_ONCE) {
      boolean unused = nextNanos.compareAndSet(next, sooner); // Else another one has passed.
    }
  }

  private static boolean isOver(long next, long nowNanos) {
    return next == AT_ONCE || nowNanos - next >= 0;
  }

  private static long inASecond(long nowNanos) {
    long next = nowNanos + SECOND_NANOS;
    return next == AT_ONCE ? 1 : next;
  }
}
