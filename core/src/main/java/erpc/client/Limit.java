package erpc.client;

import erpc.call.RpcException;
import erpc.call.Status;
import erpc.transport.Reactor;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The time limit of a combined call, on the clock of a client. It ends with that client, whose
 * clock may stop: without an end the combined call might have none. It goes on where callbacks run,
 * for what comes next is users' code.
 */
final class Limit extends Pause {
  private final All all;
  private final Runnable whenPassed;
  private final Consumer<Status> whenClosed;

  /** Those of one client. Thread-safe. */
  static final class All {
    private final Set<Limit> running = ConcurrentHashMap.newKeySet();

    /**
     * Set by who closes the client, before those that run are looked at; whoever adds one looks
     * here after that.
     */
    private volatile @Nullable Status closed;

    /**
     * Returns while there may be any.
     *
     * @throws RpcException once there may be none, since the client was closed
     */
    void requireOpen() {
      if (closed != null) {
        throw Status.of(Status.Code.UNAVAILABLE, "the client was closed").toException();
      }
    }

    /** Ends those that run, and those that begin from now on. */
    void close(Status why) {
      closed = why;
      running.forEach(each -> each.endWith(why));
    }
  }

  /**
   * One that has not begun.
   *
   * @param whenClosed told why the client ends it
   */
  Limit(All all, Runnable whenPassed, Consumer<Status> whenClosed) {
    this.all = all;
    this.whenPassed = whenPassed;
    this.whenClosed = whenClosed;
  }

  /** Begins it, once. */
  void start(Reactor reactor, long nanos) {
    all.running.add(this);
    Status why = all.closed;
    if (why != null) {
      endWith(why);
    } else if (!begin(reactor, nanos)) {
      endWith(Status.of(Status.Code.UNAVAILABLE, "the client's reactor has been closed"));
    }
  }

  /** It is of no more use. */
  void stop() {
    boolean unused = end();
    all.running.remove(this);
  }

  private void endWith(Status why) {
    all.running.remove(this);
    if (end()) {
      closed(why);
    }
  }

  @Override
  void goOn() {} // Nobody tells it any news.

  @Override
  void closed(Status why) {
    Relay.ofProcess().execute(() -> whenClosed.accept(why));
  }

  @Override
  void isDue() {
    all.running.remove(this);
    Relay.ofProcess().execute(whenPassed);
  }
}
