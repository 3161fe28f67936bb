package erpc.protocol.own;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Threads that wait for room among what waits to be written, the longest-waiting first. Who makes
 * room wakes as many as find some, and nobody looks again by himself. Thread-safe; the lock is held
 * for a few stores.
 */
final class RoomQueue {
  /** One thread that waits. */
  static final class Waiter {
    private final Thread thread = Thread.currentThread();
    private final long bytes;

    // Guarded by the queue.
    private @Nullable Waiter before;
    private @Nullable Waiter after;
    private boolean queued = true;

    private Waiter(long bytes) {
      this.bytes = Math.max(bytes, 1);
    }
  }

  /** Written by whoever has the lock; looked at with every flush, so apart from it. */
  private volatile int size;

  @GuardedBy("this")
  private @Nullable Waiter first;

  @GuardedBy("this")
  private @Nullable Waiter last;

  /**
   * Puts the calling thread at the end. Whoever does looks for room once more before it parks, and
   * {@linkplain #leave leaves} in any case.
   *
   * @param bytes what it needs room for
   */
  synchronized Waiter enter(long bytes) {
    Waiter waiter = new Waiter(bytes);
    waiter.before = last;
    if (last == null) {
      first = waiter;
    } else {
      last.after = waiter;
    }
    last = waiter;
    size++;
    return waiter;
  }

  /** Takes it out, if it has not been woken. */
  synchronized void leave(Waiter waiter) {
    if (waiter.queued) {
      remove(waiter);
    }
  }

  @SuppressWarnings("NonAtomicVolatileUpdate") // Written under the lock only.
  @GuardedBy("this")
  private void remove(Waiter waiter) {
    Waiter before = waiter.before;
    Waiter after = waiter.after;
    if (before == null) {
      first = after;
    } else {
      before.after = after;
    }
    if (after == null) {
      last = before;
    } else {
      after.before = before;
    }
    waiter.queued = false;
    waiter.before = null;
    waiter.after = null;
    size--;
  }

  /** Wakes those for whom there is room. A message fits if there is any room at all. */
  void wake(long room) {
    if (size == 0) {
      return;
    }
    long left = room;
    while (left > 0) {
      Waiter woken = takeFirst();
      if (woken == null) {
        return;
      }
      left -= woken.bytes;
      LockSupport.unpark(woken.thread);
    }
  }

  private synchronized @Nullable Waiter takeFirst() {
    Waiter found = first;
    if (found != null) {
      remove(found);
    }
    return found;
  }

  int size() {
    return size;
  }
}
