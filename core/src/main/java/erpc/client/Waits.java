package erpc.client;

import erpc.call.Status;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * How a call waits between its steps: for the endpoints of its place, for its next try, for room in
 * a connection's queue. One per call that waits. Whoever works on the call begins a wait, any
 * thread ends it.
 */
final class Waits {
  private final ClientCall<?, ?> call;

  /** The last one, which may be over. Written by whoever works on the call, before it waits. */
  private volatile @Nullable Pause pause;

  /** Who waits for room, or has. Written by that thread, before it looks at the call. */
  private volatile @Nullable Thread forRoom;

  /** A pause of a call, which goes on with it or ends it. */
  private static final class OfCall extends Pause {
    private final ClientCall<?, ?> call;
    private final Runnable whenDue;

    OfCall(ClientCall<?, ?> call, Runnable whenDue) {
      this.call = call;
      this.whenDue = whenDue;
    }

    @Override
    void goOn() {
      call.attemptAgain();
    }

    @Override
    void closed(Status why) {
      call.clientClosed(why);
    }

    @Override
    void isDue() {
      whenDue.run();
    }
  }

  Waits(ClientCall<?, ?> call) {
    this.call = call;
  }

  /**
   * Waits for the endpoints of its place.
   *
   * @param ifClosed what the call ends in if there are no event loops any more
   * @return false if there is no such wait: they have come, or too many calls wait for them
   */
  boolean forEndpoints(long nanos, Status ifClosed) {
    Pause begun = pause(call::unresolvedInTime);
    if (!call.cluster().keepsWaiting(begun)) {
      return false;
    }
    begin(begun, nanos, ifClosed);
    return true;
  }

  /**
   * Waits until it is time for another try.
   *
   * @param ifClosed what the call ends in if there are no event loops any more
   */
  void forNextTry(long nanos, Status ifClosed) {
    Pause begun = pause(this::nextTryIsDue);
    Status closed = call.cluster().keepsBackingOff(begun);
    if (closed == null) {
      begin(begun, nanos, ifClosed);
    } else {
      call.conclude(closed.withStarted(ifClosed.started()));
    }
  }

  private void nextTryIsDue() {
    endPause();
    call.attemptAgain();
  }

  private Pause pause(Runnable whenDue) {
    Pause begun = new OfCall(call, whenDue);
    // Before the cluster knows it: whoever ends it may go on with the call at once.
    pause = begun;
    return begun;
  }

  /** Begins a pause that the cluster knows, so that it ends with the client. */
  private void begin(Pause begun, long nanos, Status ifClosed) {
    if (!begun.begin(call.stack().reactor, nanos) && begun.end()) {
      call.conclude(ifClosed);
    }
    if (call.isConcluded()) {
      endPause();
    }
  }

  /** The calling thread is about to look whether the call has ended, and else waits for room. */
  void forRoom() {
    forRoom = Thread.currentThread();
  }

  /** The call has ended. Any thread. */
  void stop() {
    Thread waits = forRoom;
    if (waits != null) {
      LockSupport.unpark(waits);
    }
    endPause();
  }

  private void endPause() {
    Pause last = pause;
    if (last != null) {
      boolean unused = last.end();
      call.cluster().stopWaiting(last);
    }
  }
}
