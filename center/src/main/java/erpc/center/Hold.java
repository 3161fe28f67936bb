package erpc.center;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import erpc.call.Peer;
import erpc.call.Status;
import org.jspecify.annotations.Nullable;

/** One open stream that holds a lease, and the thread of its handler. Thread-safe. */
final class Hold {
  private final Lease lease;
  private final Peer peer;
  private final boolean sameMachine;
  private final Thread thread;

  @GuardedBy("this")
  private @Nullable Status end;

  @GuardedBy("this")
  private @Nullable Boolean lost;

  @GuardedBy("this")
  private boolean left;

  /** A hold whose handler is the calling thread. */
  Hold(Lease lease, Peer peer) {
    this.lease = lease;
    this.peer = peer;
    // Asked now: of a connection that is gone it may not be known any more.
    this.sameMachine = peer.isSameMachine();
    this.thread = Thread.currentThread();
  }

  Lease lease() {
    return lease;
  }

  boolean isSameMachine() {
    return sameMachine;
  }

  /** Ends the stream from here: its handler is woken and finds out why. */
  synchronized void end(Status why) {
    if (!left && end == null) {
      end = why;
      thread.interrupt();
    }
  }

  /** Why it was ended from here, or null if it was not. */
  synchronized @Nullable Status end() {
    return end;
  }

  /** The call was cancelled, by the caller or with its connection. On the event loop. */
  synchronized void cancelled() {
    if (lost == null) {
      lost = peer.isLost();
    }
  }

  /**
   * The handler is about to return; nothing interrupts it any more.
   *
   * @return whether the connection was lost without a goodbye
   */
  synchronized boolean leave() {
    left = true;
    boolean unused = Thread.interrupted();
    return lost == null ? peer.isLost() : lost;
  }
}
