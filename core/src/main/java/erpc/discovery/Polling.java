package erpc.discovery;

import erpc.call.LastingLoop;
import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A watch that looks again and again; each look says when the next one is due. */
final class Polling implements Resolver.Watch {
  /** A look that throws is a fault of ours; it must neither end the watch nor spin. */
  private static final Duration AFTER_A_FAULT = Duration.ofSeconds(30);

  private static final Logger log = LoggerFactory.getLogger(Polling.class);

  private final Scheduler scheduler;
  private final Delivery delivery;
  private final Supplier<Duration> look;

  private final LastingLoop loop = new LastingLoop(log, "looking at a watched place");

  // Guarded by this.
  private Scheduler.@Nullable Task next;
  private boolean closed;

  private Polling(Scheduler scheduler, Delivery delivery, Supplier<Duration> look) {
    this.scheduler = scheduler;
    this.delivery = delivery;
    this.look = look;
  }

  /** Takes the first look as soon as there is a thread; looks never overlap. */
  static Polling start(Scheduler scheduler, Delivery delivery, Supplier<Duration> look) {
    Polling polling = new Polling(scheduler, delivery, look);
    polling.again(Duration.ZERO);
    return polling;
  }

  private synchronized void again(Duration delay) {
    if (!closed) {
      next = scheduler.schedule(this::run, delay);
    }
  }

  private void run() {
    synchronized (this) {
      if (closed) {
        return;
      }
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
