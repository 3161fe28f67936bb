package erpc.client;

import erpc.protocol.DialledConnection;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What a client's end waits for: one-way calls that are being sent, and connections on which some
 * were, until their servers have closed them too. Thread-safe.
 */
final class OnewayCalls {
  private final AtomicInteger underWay = new AtomicInteger();
  private final Set<DialledConnection> carriers = ConcurrentHashMap.newKeySet();

  /** Set by whoever waits, before it looks; who changes what it waits for looks here after that. */
  private volatile boolean awaited;

  void begins() {
    underWay.incrementAndGet();
  }

  /** One has been sent on this connection, or has failed. */
  void ended(@Nullable DialledConnection sentOn) {
    if (sentOn != null && carriers.add(sentOn)) {
      sentOn.onGone(() -> {
        carriers.remove(sentOn);
        tell();
      });
    }
    underWay.decrementAndGet();
    tell();
  }

  private void tell() {
    if (awaited) {
      synchronized (this) {
        notifyAll();
      }
    }
  }

  /** Waits until none is being sent, at most until then. */
  void awaitSent(long untilNanos) {
    await(() -> underWay.get() == 0, untilNanos);
  }

  /** Waits until all that was sent has been taken, at most until then. */
  void awaitTaken(long untilNanos) {
    await(carriers::isEmpty, untilNanos);
  }

  private synchronized void await(BooleanSupplier done, long untilNanos) {
    awaited = true;
    try {
      for (long left = untilNanos - System.nanoTime();
          !done.getAsBoolean() && left > 0;
          left = untilNanos - System.nanoTime()) {
        TimeUnit.NANOSECONDS.timedWait(this, left);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // Who closes wants it quicker.
    }
  }
}
