package erpc.server;

import java.util.concurrent.TimeUnit;

/**
 * How long calls wait lately until their handlers begin, from the moment their heads were read. Any
 * thread; each may lose what another one says at the same time, which shows in the next.
 */
final class StartDelay {
  /** Less counts as nothing, so that an idle server's threads write no field that all read. */
  private static final long LEAST_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

  /** How much of a difference one call makes: an eighth. */
  private static final int SHIFT = 3;

  /** Written by any thread that begins a handler, each from what it has just read. */
  private volatile long nanos;

  /** A handler begins that has waited so long. */
  void seen(long waitedNanos) {
    long before = nanos;
    long now = waitedNanos < LEAST_NANOS ? 0 : waitedNanos;
    if (now != before) {
      long next = before + ((now - before) >> SHIFT);
      nanos = next < LEAST_NANOS && now == 0 ? 0 : Math.max(next, 0);
    }
  }

  long micros() {
    return TimeUnit.NANOSECONDS.toMicros(nanos);
  }
}
