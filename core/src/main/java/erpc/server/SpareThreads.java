package erpc.server;

import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Platform threads for handlers while virtual threads don't get to run. To start one takes as long
 * as a busy system likes, half a second at times, so a thread of its own starts them: event loops,
 * which ask for them, only hand over a task. Thread-safe.
 */
final class SpareThreads implements Executor {
  private static final long IDLE_SECONDS = 10;

  private final Semaphore places;
  private final Executor otherwise;
  private final ThreadPoolExecutor threads;
  private final ThreadPoolExecutor starter;

  /**
   * None yet.
   *
   * @param most tasks that may have one at the same time
   * @param otherwise runs a task for which there is no thread after all
   */
  SpareThreads(int most, Executor otherwise) {
    this.places = new Semaphore(most);
    this.otherwise = otherwise;
    // More than there are places: one that has just given back its place may not be idle yet.
    this.threads =
        new ThreadPoolExecutor(
            0,
            2 * most,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new SynchronousQueue<>(),
            named("erpc-spare-"));
    this.starter =
        new ThreadPoolExecutor(
            1,
            1,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(most),
            named("erpc-spare-starter-"));
    starter.allowCoreThreadTimeOut(true);
  }

  private static ThreadFactory named(String prefix) {
    return Thread.ofPlatform()
        .name(prefix, 0)
        .daemon(true)
        .inheritInheritableThreadLocals(false)
        .factory();
  }

  /** Has the thread started that starts the others. Not on an event loop. */
  void ready() {
    boolean unused = starter.prestartCoreThread();
  }

  /**
   * Hands over a task, soon to be run.
   *
   * @throws RejectedExecutionException if as many run as may
   */
  @Override
  public void execute(Runnable task) {
    if (!places.tryAcquire()) {
      throw new RejectedExecutionException("all spare threads are taken");
    }
    boolean taken = false;
    try {
      starter.execute(() -> begin(task));
      taken = true;
    } finally {
      if (!taken) {
        places.release();
      }
    }
  }

  private void begin(Runnable task) {
    try {
      threads.execute(() -> run(task));
    } catch (RejectedExecutionException | OutOfMemoryError e) {
      places.release();
      otherwise.execute(task);
    }
  }

  private void run(Runnable task) {
    try {
      task.run();
    } finally {
      places.release();
    }
  }
}
