package erpc.server;

import erpc.call.LineLimit;
import erpc.call.Thrown;
import io.netty.util.concurrent.FastThreadLocal;
import java.util.Arrays;
import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives handlers their virtual threads: those of calls that came in one turn of an event loop are
 * started by one more virtual thread, a few at a time. Handing a task to the carriers from outside
 * costs the event loop a lock and often the waking of a thread; from one of their own it costs next
 * to nothing. One for each event loop, and used on that loop alone.
 */
final class HandlerThreads implements Runnable {
  /** What waits for a thread and knows what to do if there is none to be had. */
  interface Startable {
    void startOn(Executor threads);
  }

  /**
   * Handlers that one thread starts; the first of a long turn are not to wait for the last, and
   * several carriers are to have something to do.
   */
  static final int MOST_TOGETHER = 16;

  /** So few are started one by one: a thread to start them would cost more than it saves. */
  private static final int FEW = 2;

  private static final Logger LOG = LoggerFactory.getLogger("erpc.server");
  private static final LineLimit LINES = new LineLimit();

  private static final FastThreadLocal<HandlerThreads> OF_LOOP =
      new FastThreadLocal<>() {
        @Override
        protected HandlerThreads initialValue() {
          Watchdog watchdog = Watchdog.ofProcess();
          return new HandlerThreads(watchdog::start, watchdog::isStalled);
        }
      };

  private final Executor threads;
  private final BooleanSupplier stalled;
  private final Startable[] waiting = new Startable[MOST_TOGETHER];
  private int count;
  private boolean due;

  /**
   * Gives threads of an executor.
   *
   * @param threads runs each task on a thread of its own
   * @param stalled whether its threads don't get to run, so that none is to depend on another
   */
  HandlerThreads(Executor threads, BooleanSupplier stalled) {
    this.threads = threads;
    this.stalled = stalled;
  }

  /** Those of the event loop that calls. */
  static HandlerThreads ofLoop() {
    return OF_LOOP.get();
  }

  /**
   * Takes a handler, which gets its thread when this object runs, or before.
   *
   * @return whether it is the first since then: the caller sees to it that this object runs at the
   *     end of the event loop's turn
   */
  boolean add(Startable handler) {
    boolean first = !due;
    due = true;
    waiting[count++] = handler;
    if (count == MOST_TOGETHER) {
      startAll();
    }
    return first;
  }

  /** Starts what waits. */
  @Override
  public void run() {
    due = false;
    startAll();
  }

  private void startAll() {
    int last = count;
    count = 0;
    if (last <= FEW || stalled.getAsBoolean() || !startTogether(last)) {
      start(waiting, last);
    }
    Arrays.fill(waiting, 0, last, null);
  }

  private boolean startTogether(int last) {
    try {
      Startable[] handlers = Arrays.copyOf(waiting, last);
      threads.execute(() -> start(handlers, last));
      return true;
    } catch (Throwable e) {
      Thrown.warn(
          LOG,
          LINES,
          "no thread to start " + last + " handlers together; they are started one by one",
          e);
      return false;
    }
  }

  private void start(Startable[] handlers, int end) {
    for (int i = 0; i < end; i++) {
      handlers[i].startOn(threads);
    }
  }
}
