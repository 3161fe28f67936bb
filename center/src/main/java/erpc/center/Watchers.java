package erpc.center;

import erpc.call.RpcException;
import erpc.call.Status;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** The open watches, by service; bounded. Thread-safe. */
final class Watchers {
  private final int max;
  private final Semaphore free;
  private final ConcurrentHashMap<String, Set<Waiter>> byService = new ConcurrentHashMap<>();

  Watchers(int max) {
    this.max = max;
    this.free = new Semaphore(max);
  }

  /** One open watch. What it has missed is one permit, however much it is: it sends whole lists. */
  static final class Waiter {
    private final Semaphore wakes = new Semaphore(0);
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private long told;

    void wake() {
      wakes.release();
    }

    /** Waits to be woken; false if the time is over. */
    boolean await(long nanos) throws InterruptedException {
      boolean woken = wakes.tryAcquire(nanos, TimeUnit.NANOSECONDS);
      wakes.drainPermits();
      return woken;
    }

    /** The watcher has been sent this revision. */
    void told(long revision) {
      lock.lock();
      try {
        told = revision;
        changed.signalAll();
      } finally {
        lock.unlock();
      }
    }

    /** Waits until the watcher has been sent this revision, or has left; false if time is over. */
    boolean awaitTold(long revision, long nanos) throws InterruptedException {
      long left = nanos;
      lock.lock();
      try {
        while (told < revision && left > 0) {
          left = changed.awaitNanos(left);
        }
        return told >= revision;
      } finally {
        lock.unlock();
      }
    }
  }

  /**
   * Adds a waiter. Whoever does must look at the service once more before waiting.
   *
   * @throws RpcException RESOURCE_EXHAUSTED at the bound
   */
  Waiter enter(String service) {
    if (!free.tryAcquire()) {
      throw new RpcException(
          Status.Code.RESOURCE_EXHAUSTED,
          "%d watches are open at this center already (maxWatchers); try again later, or raise it"
              .formatted(max));
    }
    Waiter waiter = new Waiter();
    byService.compute(
        service,
        (name, waiters) -> {
          Set<Waiter> all = waiters == null ? ConcurrentHashMap.newKeySet(2) : waiters;
          all.add(waiter);
          return all;
        });
    return waiter;
  }

  void leave(String service, Waiter waiter) {
    byService.computeIfPresent(
        service,
        (name, waiters) -> {
          waiters.remove(waiter);
          return waiters.isEmpty() ? null : waiters;
        });
    free.release();
    waiter.told(Long.MAX_VALUE);
  }

  /** Wakes all who watch one of these services. */
  void wake(Collection<String> services) {
    of(services).forEach(Waiter::wake);
  }

  void wakeAll() {
    wake(byService.keySet());
  }

  /** Those who watch one of these services now. */
  List<Waiter> of(Collection<String> services) {
    List<Waiter> found = new ArrayList<>();
    for (String service : services) {
      found.addAll(byService.getOrDefault(service, Set.of()));
    }
    return found;
  }

  int open() {
    return max - free.availablePermits();
  }
}
