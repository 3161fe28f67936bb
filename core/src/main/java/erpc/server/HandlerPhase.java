package erpc.server;

import erpc.trace.ObservedCall;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * What becomes of a call's handler. Whether it begins is decided by the same compare-and-set by
 * which others say that it never will, and so is who leaves the stages. Not an object of its own:
 * there is one per call.
 */
abstract class HandlerPhase extends ObservedCall {
  /** Its message has not come. */
  private static final byte WAITING = 0;

  /** Its message waits for a thread. */
  private static final byte QUEUED = 1;

  /** A thread works on it: filters, decoding. */
  private static final byte RUNNING = 2;

  /** The handler has begun. */
  private static final byte BEGUN = 3;

  /** No handler will begin; the thread that works on it leaves the stages. */
  private static final byte STOPPED = 4;

  /** No handler will begin; the thread that it waits for leaves the stages. */
  private static final byte WITHDRAWN = 5;

  /** No handler will begin, and the stages have been left, or are about to be. */
  private static final byte LEFT = 6;

  /**
   * Its event loop works on it, alone, and alone could stop it: it needs no compare-and-set, and
   * that is most of what an inline handler's phases would cost.
   */
  private static final byte RUNNING_HERE = 7;

  private static final VarHandle PHASE;

  static {
    try {
      PHASE = MethodHandles.lookup().findVarHandle(HandlerPhase.class, "phase", byte.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /**
   * Written by whoever takes the call a step further, by compare-and-set where two threads may
   * meet. So the first of them decides, and the other sees what that one did before.
   */
  private volatile byte phase;

  private boolean compareAndSet(byte from, byte to) {
    return PHASE.compareAndSet(this, from, to);
  }

  // ---- on the event loop

  /** Others see it, at the latest, with what they are handed afterwards. */
  private void setPhase(byte next) {
    PHASE.setRelease(this, next);
  }

  /** It is a new call's. */
  final void resetPhase() {
    setPhase(WAITING);
  }

  /** Its message is here, and a thread is asked for. */
  final void setQueued() {
    setPhase(QUEUED);
  }

  /**
   * Its message is here, and this thread works on it.
   *
   * @param alone whether no other one can: a filter may go on where it likes
   */
  final void setRunningHere(boolean alone) {
    setPhase(alone ? RUNNING_HERE : RUNNING);
  }

  /** Whether that is so, and the handler has not begun. */
  final boolean isRunningHere() {
    return phase == RUNNING_HERE;
  }

  /** Sees to it that the handler doesn't begin; false if it has. */
  final boolean tryWithdraw() {
    return stopIfRunningHere()
        || phase == WAITING // until the event loop, which asks, has a message for it
        || compareAndSet(QUEUED, WITHDRAWN)
        || compareAndSet(RUNNING, STOPPED)
        || phase != BEGUN;
  }

  /** It ends without a message: true if the stages are to be left. */
  final boolean tryLeaveUnasked() {
    return compareAndSet(WAITING, LEFT);
  }

  /** Whether a thread works on it, or will. */
  final boolean isWorkedOn() {
    byte now = phase;
    return now != WAITING && now != LEFT;
  }

  // ---- on any thread

  /** A thread begins to work on it: true if that is the first, and it has not been withdrawn. */
  final boolean tryRun() {
    return compareAndSet(QUEUED, RUNNING);
  }

  /** It ends and no thread works on it: true if the stages are to be left. */
  final boolean tryLeaveUnrun() {
    return compareAndSet(QUEUED, LEFT)
        || compareAndSet(WAITING, LEFT)
        || compareAndSet(WITHDRAWN, LEFT);
  }

  /** The handler begins: false if it must not. */
  final boolean tryBegin() {
    if (isRunningHere()) {
      setPhase(BEGUN);
      return true;
    }
    return compareAndSet(RUNNING, BEGUN) || phase == BEGUN;
  }

  /** Whether the handler has begun, as far as this thread can know. */
  final boolean hasBegun() {
    return phase == BEGUN;
  }

  /** The thread that works on it is done: false if no handler has begun, and now none will. */
  final boolean hasBegunAtLast() {
    return !stopIfRunningHere() && !compareAndSet(RUNNING, STOPPED) && phase == BEGUN;
  }

  private boolean stopIfRunningHere() {
    boolean stops = isRunningHere();
    if (stops) {
      setPhase(STOPPED);
    }
    return stops;
  }
}
