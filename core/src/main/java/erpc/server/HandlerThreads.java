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
 *
 * <p>If more calls come than the carriers can do, those that wait for a thread are started by
 * connection in turn: a peer that makes calls as fast as it can waits for itself.
 */
final class HandlerThreads implements Runnable {
  /** What waits for a thread and knows what to do if there is none to be had. */
  interface Startable {
    void startOn(Executor threads);

    /** A virtual thread for it, named after its method. */
    Thread newThread();

    /** Whose turn it takes. */
    Object owner();
  }

  /**
   * Handlers that one thread starts; the first of a long turn are not to wait for the last, and
   * several carriers are to have something to do.
   */
  static final int MOST_TOGETHER = 16;

  /** So few are started one by one: a thread to start them would cost more than it saves. */
  private static final int FEW = 2;

  /**
   * Threads that start handlers at a time; handlers beyond that wait. As many as keep the carriers
   * busy, and so few that a handler does not wait long behind those that were started before.
   */
  static final int MOST_STARTERS = 16;

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

  // The event loop's own.
  private final Startable[] waiting = new Startable[MOST_TOGETHER];
  private int count;
  private boolean due;

  /** What waits for one of the threads that start handlers; the lock of what follows, too. */
  private final QueuesByOwner<Startable> held = new QueuesByOwner<>();

  /**
   * Such threads; those that have done their part take what is held. Written by whoever has the
   * lock; without it a thread looks only whether it has to take it.
   */
  private volatile int starters;

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
    if (stalled.getAsBoolean()) {
      startHeld();
      start(waiting, 0, last);
    } else if (last <= FEW && starters < MOST_STARTERS) {
      start(waiting, 0, last);
    } else {
      startInTurn(last);
    }
    Arrays.fill(waiting, 0, last, null);
  }

  /** Has a thread start what waits, or keeps it until there is one. */
  private void startInTurn(int last) {
    int kept = 0;
    try {
      Startable[] handlers = Arrays.copyOf(waiting, MOST_TOGETHER);
      synchronized (held) {
        while (starters == MOST_STARTERS && kept < last) {
          held.add(handlers[kept].owner(), handlers[kept]);
          kept++;
        }
        if (kept < last) {
          starters++;
        }
      }
      if (kept < last) {
        startTogether(handlers, last);
      }
    } catch (OutOfMemoryError e) {
      start(waiting, kept, last);
    }
  }

  /** For one of the threads that are counted: has it start these, and then what is held. */
  private void startTogether(Startable[] handlers, int first) {
    for (int count = first; count > 0; count = next(handlers)) {
      int last = count;
      try {
        // Once more for what is held, so that those that were started before get to run.
        threads.execute(() -> {
          start(handlers, 0, last);
          startTogether(handlers, next(handlers));
        });
        return;
      } catch (Throwable e) {
        String what = "no thread to start " + last + " handlers together; they start one by one";
        Thrown.warn(LOG, LINES, what, e);
        start(handlers, 0, last);
      }
    }
  }

  /** The next ones that were held, by owner in turn; 0 if there are none, and a thread less. */
  private int next(Startable[] into) {
    synchronized (held) {
      int count = Math.min(held.size(), MOST_TOGETHER);
      for (int i = 0; i < count; i++) {
        into[i] = held.remove();
      }
      if (count == 0) {
        starters--;
      }
      return count;
    }
  }

  private void startHeld() {
    while (starters == MOST_STARTERS) {
      Startable handler;
      synchronized (held) {
        if (held.isEmpty()) {
          return;
        }
        handler = held.remove();
      }
      start(handler);
    }
  }

  private void start(Startable[] handlers, int from, int end) {
    for (int i = from; i < end; i++) {
      start(handlers[i]);
    }
  }

  /** Whatever it throws, those behind it are started, and the thread that does it goes on. */
  private void start(Startable handler) {
    try {
      handler.startOn(threads);
    } catch (Throwable e) { // As when there is no memory to refuse it.
      Thrown.warn(LOG, LINES, "a handler could not be started; its call ends at its deadline", e);
    }
  }
}
