package erpc.discovery;

import java.time.Duration;

/** Runs tasks later. Implementations are thread-safe; tests bring one whose time they move. */
@FunctionalInterface
public interface Scheduler {
  /**
   * Runs the task once, this much later, on a thread where it may block; never on the thread that
   * asks.
   */
  Task schedule(Runnable task, Duration delay);

  /** A task that was scheduled. */
  @FunctionalInterface
  interface Task {
    /** Keeps the task from starting; one that already runs is left alone. */
    void cancel();
  }

  /**
   * The process's own: one daemon thread that keeps time and starts a virtual thread for each task.
   */
  static Scheduler system() {
    return SystemScheduler.INSTANCE;
  }
}
