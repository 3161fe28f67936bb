package erpc.discovery;

import erpc.call.Deadline;
import erpc.call.LastingLoop;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import org.slf4j.LoggerFactory;

/** One thread that keeps time for the whole process and does nothing else. */
final class SystemScheduler implements Scheduler {
  static final SystemScheduler INSTANCE = new SystemScheduler();

  /** How long the clock's thread lives with nothing to wait for. */
  private static final long IDLE_SECONDS = 5;

  /** Without memory there is no thread for a task either; it is started once there is. */
  private final LastingLoop loop =
      new LastingLoop(LoggerFactory.getLogger(SystemScheduler.class), "starting a task");

  private final ThreadFactory workers;
  private final ScheduledThreadPoolExecutor clock =
      new ScheduledThreadPoolExecutor(
          1, Thread.ofPlatform().daemon().name("erpc-discovery-clock").factory());

  private SystemScheduler() {
    this(Thread.ofVirtual().name("erpc-discovery-", 0).factory());
  }

  /** One whose threads a test makes. */
  SystemScheduler(ThreadFactory workers) {
    this.workers = workers;
    // A watch that was closed must not be held until its next turn would have come.
    clock.setRemoveOnCancelPolicy(true);
    // Nor must the thread outlive the last watch; while a turn is still to come it stays.
    clock.setKeepAliveTime(IDLE_SECONDS, TimeUnit.SECONDS);
    clock.allowCoreThreadTimeOut(true);
  }

  @Override
  public Task schedule(Runnable task, Duration delay) {
    Future<?> future =
        clock.schedule(
            () -> loop.insist(() -> workers.newThread(task).start()),
            Deadline.saturatedNanos(delay),
            TimeUnit.NANOSECONDS);
    return () -> future.cancel(false);
  }
}
