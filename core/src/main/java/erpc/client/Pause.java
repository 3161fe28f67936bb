package erpc.client;

import erpc.transport.Reactor;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * What a call does between its steps: it waits for its place to be resolved, or for its next try.
 * It is over once, and whoever ends it decides what comes next: its timer, news of the place, the
 * end of the call or of the client. A timer that comes second changes nothing; one that is of no
 * more use is cancelled, or it would hold on to the call until it is due. Thread-safe.
 */
final class Pause implements Runnable {
  private static final VarHandle ENDED;

  static {
    try {
      ENDED = MethodHandles.lookup().findVarHandle(Pause.class, "ended", boolean.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /** The call that waits. */
  final ClientCall<?, ?> call;

  private final Runnable whenDue;

  /** Set by whoever ends it first, by compare-and-set. */
  private volatile boolean ended;

  /** Written by who begins it, before a look at the end; whoever ends it looks here after that. */
  private volatile @Nullable Future<?> timer;

  /**
   * A pause that has not begun.
   *
   * @param whenDue runs on an event loop if nothing else has ended it in its time
   */
  Pause(ClientCall<?, ?> call, Runnable whenDue) {
    this.call = call;
    this.whenDue = whenDue;
  }

  /**
   * Lets it last so long at most.
   *
   * @return false if the event loops have been closed: it would never end by itself
   */
  boolean begin(Reactor reactor, long nanos) {
    Future<?> started = reactor.schedule(this, nanos);
    if (started == null) {
      return false;
    }
    timer = started;
    if (ended) {
      started.cancel(false);
    }
    return true;
  }

  /** Ends it; true for whoever does, false if it was over. */
  boolean end() {
    if (!ENDED.compareAndSet(this, false, true)) {
      return false;
    }
    Future<?> started = timer;
    if (started != null) {
      started.cancel(false);
    }
    return true;
  }

  /** Its time has passed. */
  @Override
  public void run() {
    if (end()) {
      whenDue.run();
    }
  }
}
