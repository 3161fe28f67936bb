package erpc.client;

import erpc.call.Status;
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
abstract class Pause implements Runnable {
  private static final VarHandle ENDED;

  static {
    try {
      ENDED = MethodHandles.lookup().findVarHandle(Pause.class, "ended", boolean.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /** Set by whoever ends it first, by compare-and-set. */
  private volatile boolean ended;

  /** Written by who begins it, before a look at the end; whoever ends it looks here after that. */
  private volatile @Nullable Future<?> timer;

  /** News of the place have ended it. Must not block. */
  abstract void goOn();

  /** The end of the client, or of the place, has ended it. */
  abstract void closed(Status why);

  /** It has lasted for as long as it may. On an event loop. */
  abstract void isDue();

  /**
   * Lets it last so long at most.
   *
   * @return false if the event loops have been closed: it would never end by itself
   */
  final boolean begin(Reactor reactor, long nanos) {
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
  final boolean end() {
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
  public final void run() {
    if (end()) {
      isDue();
    }
  }
}
