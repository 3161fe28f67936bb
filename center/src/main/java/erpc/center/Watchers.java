package erpc.center;

import erpc.call.RpcException;
import erpc.call.Status;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** Who waits for which service to change; bounded. Thread-safe. */
final class Watchers {
  private final int max;
  private final Semaphore free;
  private final ConcurrentHashMap<String, Set<Waiter>> byService = new ConcurrentHashMap<>();

  Watchers(int max) {
    this.max = max;
    this.free = new Semaphore(max);
  }

  /** One watch that waits. */
  static final class Waiter {
    private final Semaphore wakes = new Semaphore(0);
    private final CountDownLatch left = new CountDownLatch(1);

    void wake() {
      wakes.release();
    }

    /** Waits to be woken; false if the time is over. */
    boolean await(long nanos) throws InterruptedException {
      return wakes.tryAcquire(nanos, TimeUnit.NANOSECONDS);
    }

    /** Waits until the watch has its answer; false if the time is over. */
    boolean awaitLeft(long nanos) throws InterruptedException {
      return left.await(nanos, TimeUnit.NANOSECONDS);
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
          "%d watches wait at this center already (maxWatchers); try again later, or raise it"
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
    waiter.left.countDown();
  }

  /** Wakes all who wait for one of these services. */
  void wake(Collection<String> services) {
    of(services).forEach(Waiter::wake);
  }

  void wakeAll() {
    wake(byService.keySet());
  }

  /** Those who wait for one of these services now. */
  List<Waiter> of(Collection<String> services) {
    List<Waiter> found = new ArrayList<>();
    for (String service : services) {
      found.addAll(byService.getOrDefault(service, Set.of()));
    }
    return found;
  }

  int waiting() {
    return max - free.availablePermits();
  }
}
