package erpc.discovery;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import erpc.call.LastingLoop;
import erpc.call.Ticker;
import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A watch that looks again and again; each look says when the next one is due. */
final class Polling implements Resolver.Watch {
  /** A look that throws is a fault of ours; it must neither end the watch nor spin. */
  private static final Duration AFTER_A_FAULT = Duration.ofSeconds(30);

  /** The shortest time from one look to another that was asked for meanwhile. */
  static final Duration FLOOR = Duration.ofSeconds(1);

  private static final Logger LOG = LoggerFactory.getLogger(Polling.class);

  private final Scheduler scheduler;
  private final Ticker ticker;
  private final Delivery delivery;
  private final Supplier<Duration> look;

  private final LastingLoop loop = new LastingLoop(LOG, "looking at a watched place");

  @GuardedBy("this")
  private Scheduler.@Nullable Task next;

  @GuardedBy("this")
  private long nextNanos;

  @GuardedBy("this")
  private long lookedNanos;

  @GuardedBy("this")
  private boolean closed;

  private Polling(Scheduler scheduler, Ticker ticker, Delivery delivery, Supplier<Duration> look) {
    this.scheduler = scheduler;
    this.ticker = ticker;
    this.delivery = delivery;
    this.look = look;
  }

  /** Takes the first look as soon as there is a thread; looks never overlap. */
  static Polling start(
      Scheduler scheduler, Ticker ticker, Delivery delivery, Supplier<Duration> look) {
    Polling polling = new Polling(scheduler, ticker, delivery, look);
    polling.again(Duration.ZERO);
    return polling;
  }

  private synchronized void again(Duration delay) {
    if (!closed) {
      nextNanos = ticker.nanos() + delay.toNanos();
      next = scheduler.schedule(this::run, delay);
    }
  }

  /** Brings the next look forward. During a look there is none yet, and none is needed. */
  @Override
  public synchronized void refresh() {
    long now = ticker.nanos();
    long dueNanos = Math.max(now, lookedNanos + FLOOR.toNanos());
    if (next != null && nextNanos - dueNanos > 0) {
      next.cancel();
      again(Duration.ofNanos(dueNanos - now));
    }
  }

  private void run() {
    synchronized (this) {
      if (closed) {
        return;
      }
      next = null;
      lookedNanos = ticker.nanos();
    }
    Duration delay;
    try {
      delay = look.get();
    } catch (Throwable e) { // Whatever it is: nobody else would ever look again.
      loop.met(e);
      delay = AFTER_A_FAULT;
    }
    Duration next = delay;
    loop.insist(() -> again(next));
  }

  @Override
  public void close() {
    synchronized (this) {
      closed = true;
      if (next != null) {
        next.cancel();
      }
    }
    delivery.close();
  }
}
