package erpc.discovery;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import erpc.call.Ending;
import erpc.call.Status;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells one watch's news to its listener: one at a time, none twice, nothing once closed. */
final class Delivery implements Resolver.Watch {
  private static final Logger LOG = LoggerFactory.getLogger(Delivery.class);

  private final String source;
  private final Resolver.Listener listener;

  /** Held while the listener runs; closing waits for it. Nothing else is locked under it by us. */
  private final ReentrantLock lock = new ReentrantLock();

  @GuardedBy("lock")
  private @Nullable Object last;

  @GuardedBy("lock")
  private boolean closed;

  /**
   * News of a source.
   *
   * @param source what is watched, for the log; printable
   */
  Delivery(String source, Resolver.Listener listener) {
    this.source = source;
    this.listener = listener;
  }

  void endpoints(List<Endpoint> endpoints) {
    List<Endpoint> copy = List.copyOf(endpoints);
    tell(copy, () -> listener.endpoints(copy));
  }

  void failed(Status why) {
    tell(
        why,
        () -> {
          if (Ending.hasBegun()) {
            LOG.debug("{}", why.message());
          } else {
            LOG.warn("{}", why.message());
          }
          listener.failed(why);
        });
  }

  private void tell(Object news, Runnable call) {
    lock.lock();
    try {
      if (closed || news.equals(last)) {
        return;
      }
      last = news;
      call.run();
    } catch (RuntimeException e) {
      LOG.error("a listener threw while being told about {}; it is told the next news", source, e);
    } catch (Throwable e) {
      last = null; // It may have heard nothing of it: the same news is told again.
      throw e;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
    } finally {
      lock.unlock();
    }
  }
}
