package erpc.discovery;

import java.time.Duration;
import java.util.concurrent.Future;

/** Runs tasks later. Implementations are thread-safe; tests bring one whose time they move. */
@FunctionalInterface
public interface Scheduler {
  /**
   * Runs the task once, this much later, on a thread where it may block; never on the thread that
   * asks. Cancelling the result keeps a task from starting and leaves one that runs alone.
   */
  Future<?> schedule(Runnable task, Duration delay);

  /**
   * The process's own: one daemon thread that keeps time and starts a virtual thread for each task.
   */
  static Scheduler system() {
    return SystemScheduler.INSTANCE;
  }
}
