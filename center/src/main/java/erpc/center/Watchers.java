package erpc.center;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import erpc.call.Peer;
import erpc.call.RpcException;
import erpc.call.Status;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The open watches, by service; bounded, also for each connection, and for each host but this one.
 * Thread-safe.
 */
final class Watchers {
  /** What a watch counts as: its thread's stack, its stream, its place here. */
  static final int WATCH_BYTES = 8 * 1024;

  /** So many times of what is still free the watches of one host may be. */
  private static final int HOST_SHARE = 3;

  /** In these the lists that are being sent are counted. */
  private static final int UNIT_BYTES = 1024;

  /** Lists that are being sent on one connection at a time. */
  private static final int TURNS = 16;

  private final int max;
  private final int sendable;
  private final Semaphore sending;
  private final Object lock = new Object();
  private final Shares byConnection;

  @GuardedBy("lock")
  private final Map<Peer, Semaphore> turns = new HashMap<>();

  @GuardedBy("lock")
  private final Map<String, Integer> byHost = new HashMap<>();

  private final ConcurrentHashMap<String, Set<Waiter>> byService = new ConcurrentHashMap<>();

  /**
   * None yet.
   *
   * @param maxBytes what they may take
   */
  Watchers(int max, long maxBytes) {
    this.max = (int) Math.max(1, Math.min(max, maxBytes / WATCH_BYTES));
    this.byConnection = new Shares(this.max);
    this.sendable = (int) Math.max(1, Math.min(Integer.MAX_VALUE, maxBytes / UNIT_BYTES));
    this.sending = new Semaphore(sendable, true);
  }

  /** One open watch. What it has missed is one permit, however much it is: it sends whole lists. */
  static final class Waiter {
    private final Semaphore wakes = new Semaphore(0);
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Peer peer;
    private final String host;
    private final Semaphore turns;

    @GuardedBy("lock")
    private long delivered;

    private Waiter(Peer peer, String host, Semaphore turns) {
      this.peer = peer;
      this.host = host;
      this.turns = turns;
    }

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
    void delivered(long revision) {
      lock.lock();
      try {
        delivered = revision;
        changed.signalAll();
      } finally {
        lock.unlock();
      }
    }

    /** Waits until the watcher has been sent this revision, or has left; false if time is over. */
    boolean awaitDelivered(long revision, long nanos) throws InterruptedException {
      long left = nanos;
      lock.lock();
      try {
        while (delivered < revision && left > 0) {
          left = changed.awaitNanos(left);
        }
        return delivered >= revision;
      } finally {
        lock.unlock();
      }
    }
  }

  /**
   * Adds a waiter. Whoever does must look at the service once more before waiting.
   *
   * @throws RpcException RESOURCE_EXHAUSTED at the bounds
   */
  Waiter enter(String service, Peer peer) {
    Waiter waiter = take(peer);
    if (waiter == null) {
      throw new RpcException(
          Status.Code.RESOURCE_EXHAUSTED,
          "%d watches are open at this center, which takes %d (maxWatchers, maxWatchBytes), of one connection as many as are still free; try again later, or raise it"
              .formatted(open(), max));
    }
    byService.compute(
        service,
        (name, waiters) -> {
          Set<Waiter> all = waiters == null ? ConcurrentHashMap.newKeySet(2) : waiters;
          all.add(waiter);
          return all;
        });
    return waiter;
  }

  private @Nullable Waiter take(Peer peer) {
    // On this machine all are one host, and an attacker there has easier ways.
    String host = peer.isSameMachine() ? "" : RegistrationRules.observedHost(peer);
    synchronized (lock) {
      int ofHost = byHost.getOrDefault(host, 0);
      long free = max - byConnection.held();
      boolean hostIsFull = !host.isEmpty() && ofHost >= HOST_SHARE * free;
      if (hostIsFull || !byConnection.take(peer, 1)) {
        return null;
      }
      byHost.put(host, ofHost + 1);
      return new Waiter(
          peer, host, turns.computeIfAbsent(peer, unused -> new Semaphore(TURNS, true)));
    }
  }

  void leave(String service, Waiter waiter) {
    byService.computeIfPresent(
        service,
        (name, waiters) -> {
          waiters.remove(waiter);
          return waiters.isEmpty() ? null : waiters;
        });
    synchronized (lock) {
      byConnection.add(waiter.peer, -1);
      if (byConnection.of(waiter.peer) == 0) {
        turns.remove(waiter.peer);
      }
      byHost.computeIfPresent(waiter.host, (host, count) -> count == 1 ? null : count - 1);
    }
    waiter.delivered(Long.MAX_VALUE);
  }

  /**
   * Waits for its turn to send a list of this size, so that a change which concerns many makes no
   * copy for each of them at once, and a connection that reads slowly keeps only few. To be
   * {@linkplain #sent given back}.
   *
   * @return what it counts as
   * @throws RpcException RESOURCE_EXHAUSTED if its turn does not come within the time
   */
  int awaitTurn(Waiter waiter, int listBytes, long nanos) throws InterruptedException {
    int counted = Math.min(sendable, 1 + listBytes / UNIT_BYTES);
    long end = System.nanoTime() + nanos;
    if (waiter.turns.tryAcquire(nanos, TimeUnit.NANOSECONDS)) {
      if (sending.tryAcquire(counted, end - System.nanoTime(), TimeUnit.NANOSECONDS)) {
        return counted;
      }
      waiter.turns.release();
    }
    throw new RpcException(
        Status.Code.RESOURCE_EXHAUSTED,
        "lists that are being sent, and not read, take all they may (maxWatchBytes); try again"
            + " later");
  }

  /** A list has been handed to its connection. */
  void sent(Waiter waiter, int counted) {
    sending.release(counted);
    waiter.turns.release();
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
    return (int) byConnection.held();
  }
}
