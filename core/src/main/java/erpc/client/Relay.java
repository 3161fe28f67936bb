package erpc.client;

import erpc.call.Ticker;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Runs tasks that may block and mostly don't, in about the order in which they come: a virtual
 * thread takes one task after the other, for a moment, and before it runs one while others wait it
 * has a second thread started, which gets its carrier if the task blocks. So no task waits for one
 * that blocks, and quick ones don't cost a thread each. Thread-safe. The queue is bounded by who
 * hands over tasks: there is one for each call under way.
 */
final class Relay implements Executor {
  /**
   * A thread ends after so many tasks or so long, so that others of the process get its carrier.
   */
  static final int MOST_TASKS = 32;

  static final long MOST_NANOS = TimeUnit.MICROSECONDS.toNanos(100);

  private static final Relay PROCESS = new Relay(Thread::startVirtualThread, Ticker.system());

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

  private void work() {
    coming.set(false);
    long end = ticker.nanos() + MOST_NANOS;
    int left = MOST_TASKS;
    Runnable task = tasks.poll();
    while (task != null) {
      if (!tasks.isEmpty()) {
        start();
      }
      task.run();
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
