package erpc.discovery;

import java.time.Duration;
import java.util.Comparator;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/** A scheduler whose time a test moves; tasks run on the thread that moves it. */
final class ManualScheduler implements Scheduler {
  private record Due(Runnable run, Duration at, long order) {}

  private final PriorityQueue<Due> tasks =
      new PriorityQueue<>(Comparator.comparing(Due::at).thenComparingLong(Due::order));
  private Duration now = Duration.ZERO;
  private long order;

  @Override
  public Task schedule(Runnable run, Duration delay) {
    Due due = new Due(run, now.plus(delay), order++);
    tasks.add(due);
    return () -> tasks.remove(due);
  }

  /** The time as a ticker tells it. */
  long nanos() {
    return now.toNanos();
  }

  /** Lets time pass and runs what is due in it, what is due now included. */
  void advance(Duration by) {
    Duration until = now.plus(by);
    while (!tasks.isEmpty() && tasks.peek().at().compareTo(until) <= 0) {
      Due next = tasks.remove();
      now = next.at();
      next.run().run();
    }
    now = until;
  }

  /** How long from now until the next task that was not cancelled; null if there is none. */
  @Nullable Duration untilNext() {
    return tasks.isEmpty() ? null : tasks.peek().at().minus(now);
  }
}
