package erpc.discovery;

import java.time.Duration;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/** A scheduler whose time a test moves; tasks run on the thread that moves it. */
final class ManualScheduler implements Scheduler {
  private record Task(Runnable run, Duration at, long order, CompletableFuture<Void> future) {}

  private final PriorityQueue<Task> tasks =
      new PriorityQueue<>(Comparator.comparing(Task::at).thenComparing(Task::order));
  private Duration now = Duration.ZERO;
  private long order;

  @Override
  public Future<?> schedule(Runnable run, Duration delay) {
    CompletableFuture<Void> future = new CompletableFuture<>();
    tasks.add(new Task(run, now.plus(delay), order++, future));
    return future;
  }

  /** Lets time pass and runs what is due in it, what is due now included. */
  void advance(Duration by) {
    Duration until = now.plus(by);
    for (Task next = tasks.peek(); next != null && next.at().compareTo(until) <= 0; ) {
      tasks.remove();
      now = next.at();
      if (!next.future().isCancelled()) {
        next.run().run();
      }
      next = tasks.peek();
    }
    now = until;
  }

  /** How long from now until the next task that was not cancelled; null if there is none. */
  @Nullable Duration untilNext() {
    tasks.removeIf(task -> task.future().isCancelled());
    Task next = tasks.peek();
    return next == null ? null : next.at().minus(now);
  }
}
