package erpc.server;

import java.util.ArrayDeque;
import java.util.IdentityHashMap;
import java.util.Queue;
import java.util.concurrent.locks.LockSupport;

/**
 * Lets so many threads at a time do something that costs much processor time. Those that wait are
 * let in by owner in turn, so that an owner with many waits for itself. Thread-safe; not for event
 * loops.
 */
final class Turns {
  /** A thread that waits. */
  private static final class Waiter {
    final Thread thread = Thread.currentThread();
    volatile boolean hasTurn;
  }

  private record Line(Object owner, Queue<Waiter> waiters) {}

  // Guarded by this.
  private int free;
  private final Queue<Line> lines = new ArrayDeque<>();
  private final IdentityHashMap<Object, Line> byOwner = new IdentityHashMap<>();

  /** So many at a time. */
  Turns(int count) {
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
      line(owner).waiters.add(waiter);
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

  /** Called with the lock held. */
  private Line line(Object owner) {
    return byOwner.computeIfAbsent(
        owner,
        of -> {
          Line made = new Line(of, new ArrayDeque<>());
          lines.add(made);
          return made;
        });
  }

  /** Ends the calling thread's turn; the next one begins. */
  void leave() {
    Waiter next;
    synchronized (this) {
      Line line = lines.poll();
      next = line == null ? null : line.waiters.poll();
      if (line == null || next == null) {
        free++;
        return;
      }
      if (line.waiters.isEmpty()) {
        byOwner.remove(line.owner);
      } else {
        lines.add(line);
      }
    }
    next.hasTurn = true;
    LockSupport.unpark(next.thread);
  }

  /** How many threads wait. */
  synchronized int waiting() {
    return lines.stream().mapToInt(line -> line.waiters.size()).sum();
  }
}
