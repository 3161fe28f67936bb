package erpc.client;

import erpc.call.LineLimit;
import erpc.call.Thrown;
import erpc.call.Ticker;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs tasks that may block and mostly don't, in about the order in which they come: a virtual
 * thread takes one task after the other, for a moment, and before it runs one while others wait it
 * has a second thread started, which gets its carrier if the task blocks. So no task waits for one
 * that blocks, and quick ones don't cost a thread each. Thread-safe. The queue is bounded by who
 * hands over tasks: there is one for each call under way.
 */
final class Relay implements Executor {
  private static final Logger LOG = LoggerFactory.getLogger("erpc.client");
  private static final LineLimit LINES = new LineLimit();

  /**
   * A thread ends after so many tasks or so long, so that others of the process get its carrier.
   */
  static final int MOST_TASKS = 32;

  static final long MOST_NANOS = TimeUnit.MICROSECONDS.toNanos(100);

  private static final ThreadFactory THREADS = Thread.ofVirtual().name("erpc-callback").factory();

  private static final Relay PROCESS =
      new Relay(work -> THREADS.newThread(work).start(), Ticker.system());

  private final Executor threads;
  private final Ticker ticker;
  private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();

  /** Whether a thread has been started that has not looked at the tasks yet. */
  private final AtomicBoolean coming = new AtomicBoolean();

  private final Runnable work = this::work;

  /**
   * A relay.
   *
   * @param threads runs each of what it is given on a thread of its own
   */
  Relay(Executor threads, Ticker ticker) {
    this.threads = threads;
    this.ticker = ticker;
  }

  static Relay ofProcess() {
    return PROCESS;
  }

  @Override
  public void execute(Runnable task) {
    tasks.add(task);
    start();
  }

  /** Sees to it that a thread comes which will look at all that has been added before. */
  private void start() {
    if (coming.get() || !coming.compareAndSet(false, true)) {
      return;
    }
    boolean started = false;
    try {
      threads.execute(work);
      started = true;
    } finally {
      if (!started) {
        // As when there is no memory: the next task tries again, for those before it too.
        coming.set(false);
      }
    }
  }

  /** One that throws must not take away the thread of those behind it. */
  private static void run(Runnable task) {
    try {
      task.run();
    } catch (Throwable e) {
      Thrown.error(LOG, LINES, "a callback threw where nobody catches it; the others go on", e);
    }
  }

  private void work() {
    coming.set(false);
    long end = ticker.nanos() + MOST_NANOS;
    int left = MOST_TASKS;
    Runnable task = tasks.poll();
    while (task != null) {
      if (!tasks.isEmpty()) {
        start();
      }
      run(task);
      // What one task leaves behind is not to stop the next one.
      boolean unused = Thread.interrupted();
      left--;
      if (left == 0 || ticker.nanos() - end >= 0) {
        break;
      }
      task = tasks.poll();
    }
    if (!tasks.isEmpty()) {
      start();
    }
  }
}
