package erpc.server;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.concurrent.locks.LockSupport;

/**
 * Lets so many threads at a time do something that costs much processor time. Those that wait are
 * let in by owner in turn, so that an owner with many waits for itself. Thread-safe; not for event
 * loops.
 */
final class CostlyTurns {
  /** A thread that waits. */
  private static final class Waiter {
    final Thread thread = Thread.currentThread();

    /** Set by the thread whose turn has ended, before it wakes this one. */
    volatile boolean hasTurn;
  }

  @GuardedBy("this")
  private int free;

  @GuardedBy("this")
  private final QueuesByOwner<Waiter> waiters = new QueuesByOwner<>();

  /** So many at a time. */
  CostlyTurns(int count) {
    free = count;
  }

  /** Waits for a turn, which is to be {@linkplain #leave left}. An interrupt doesn't end that. */
  void enter(Object owner) {
    Waiter waiter;
    synchronized (this) {
      if (free > 0) {
        free--;
        return;
      }
      waiter = new Waiter();
      waiters.add(owner, waiter);
    }
    boolean interrupted = false;
    while (!waiter.hasTurn) {
      LockSupport.park(this);
      interrupted |= Thread.interrupted();
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Ends the calling thread's turn; the next one begins. */
  void leave() {
    Waiter next;
    synchronized (this) {
      if (waiters.isEmpty()) {
        free++;
        return;
      }
      next = waiters.remove();
    }
    next.hasTurn = true;
    LockSupport.unpark(next.thread);
  }

  /** How many threads wait. */
  synchronized int waiting() {
    return waiters.size();
  }
}
