package erpc.center;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import erpc.call.Deadline;
import erpc.call.LastingLoop;
import erpc.call.RpcException;
import erpc.call.Status;
import erpc.center.Engine.Changes;
import erpc.center.Engine.Compacted;
import erpc.center.Engine.Feed;
import erpc.center.Engine.Progress;
import erpc.center.Engine.Snapshot;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Applies the engine's changes to the services in order, on a virtual thread of its own: what this
 * center wrote comes back the same way as what another one did.
 */
final class Follower implements AutoCloseable {
  private static final Duration WAIT = Duration.ofSeconds(30);
  private static final Duration RETRY_PAUSE = Duration.ofMillis(100);

  /**
   * How long a writer waits to see its own change; an engine in this process needs microseconds.
   */
  static final Duration VISIBLE_WITHIN = Duration.ofSeconds(5);

  private static final Logger LOG = LoggerFactory.getLogger(Follower.class);

  private final Engine engine;
  private final Services services;
  private final Consumer<Set<String>> onChange;
  private final Consumer<Throwable> onFault;
  private final LastingLoop loop = new LastingLoop(LOG, "following the center's engine");
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition applied = lock.newCondition();
  private final Thread thread;

  @GuardedBy("lock")
  private @Nullable Feed feed;

  @GuardedBy("lock")
  private boolean closed;

  /**
   * Follows from what the services have, which must be at a revision of this engine.
   *
   * @param onFault told what went wrong; it goes on by itself
   */
  Follower(
      Engine engine,
      Services services,
      Consumer<Set<String>> onChange,
      Consumer<Throwable> onFault) {
    this.engine = engine;
    this.services = services;
    this.onChange = onChange;
    this.onFault = onFault;
    this.thread = Thread.ofVirtual().name("center-follower").start(this::run);
  }

  /**
   * Returns once the services show this revision.
   *
   * @throws RpcException UNAVAILABLE if they do not within five seconds, or the center is closing
   */
  void await(long revision) {
    await(revision, Deadline.after(VISIBLE_WITHIN));
  }

  /** The same, with another time for it. */
  void await(long revision, Deadline deadline) {
    lock.lock();
    try {
      while (services.revision() < revision) {
        long left = deadline.remainingNanos();
        if (closed) {
          throw new RpcException(Status.Code.UNAVAILABLE, "the center is closing");
        } else if (left <= 0) {
          throw behind();
        }
        long unused = applied.awaitNanos(left);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw Status.of(Status.Code.CANCELLED, "interrupted while the change became visible")
          .toException(e);
    } finally {
      lock.unlock();
    }
  }

  /** The services do not show in time what was written. */
  static RpcException behind() {
    return new RpcException(
        Status.Code.UNAVAILABLE,
        "the center is behind: a change was made, but is not visible yet; try again");
  }

  private void run() {
    while (!isClosed()) {
      try {
        follow();
      } catch (InterruptedException e) {
        return;
      } catch (Throwable e) { // Whatever it is: without this thread nothing changes any more.
        if (isClosed()) {
          return;
        }
        loop.met(e);
        onFault.accept(e);
        pauseAndReset();
      }
    }
  }

  private void follow() throws InterruptedException {
    Feed from = open();
    if (from == null) {
      return;
    }
    try (from) {
      while (!isClosed()) {
        switch (from.next(WAIT)) {
          case Changes changes -> show(services.apply(changes.batch()));
          case Compacted compacted -> {
            reset(engine.snapshot());
            return;
          }
          case Progress progress -> LOG.trace("nothing new at revision {}", progress.revision());
        }
      }
    }
  }

  private @Nullable Feed open() {
    lock.lock();
    try {
      feed = closed ? null : engine.watch(services.revision());
      return feed;
    } finally {
      lock.unlock();
    }
  }

  private void pauseAndReset() {
    try {
      TimeUnit.NANOSECONDS.sleep(RETRY_PAUSE.toNanos());
      reset(engine.snapshot());
    } catch (InterruptedException e) {
      LOG.trace("woken to close");
    } catch (Throwable e) { // The same; it is tried again.
      loop.met(e);
    }
  }

  private void reset(Snapshot snapshot) {
    show(services.reset(snapshot));
  }

  private void show(Set<String> changed) {
    lock.lock();
    try {
      applied.signalAll();
    } finally {
      lock.unlock();
    }
    onChange.accept(changed);
  }

  private boolean isClosed() {
    lock.lock();
    try {
      return closed;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      applied.signalAll();
      if (feed != null) {
        feed.close();
      }
    } finally {
      lock.unlock();
    }
    thread.interrupt();
  }
}
