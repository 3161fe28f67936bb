package erpc.testing;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The threads of a simulation: virtual ones that begin, and go on after a wait on the simulation's
 * clock, one after the other, each once those before it have ended or wait. Thread-safe.
 *
 * <p>They are virtual because the state of such a thread changes the moment somebody wakes it, and
 * not when it notices: so it is known whether any of them still has something to do.
 */
final class Turns implements Executor {
  /** How long a thread may run, on the machine's clock, before the test is told that it does. */
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  /** Longer than a lock is usually held, or a class takes to be loaded. */
  private static final long DOUBT_NANOS = Duration.ofMillis(20).toNanos();

  private static final String LOCKS = "java.util.concurrent.locks.Reentrant";

  private static final long LOOK_NANOS = 20_000;

  private final ThreadFactory threads = Thread.ofVirtual().name("simulated-", 0).factory();

  // Guarded by this.
  private final ArrayDeque<Runnable> ready = new ArrayDeque<>();
  private final Set<Thread> begun = new LinkedHashSet<>();

  /** Those that seem to wait, and since when. */
  private final Map<Thread, Long> doubted = new HashMap<>();

  private boolean free;

  @Override
  public void execute(Runnable task) {
    Thread unused = take(task);
  }

  /** A thread for the task, which begins when it is its turn. */
  Thread take(Runnable task) {
    Thread made = threads.newThread(task);
    add(() -> begin(made));
    return made;
  }

  private synchronized void begin(Thread made) {
    begun.add(made);
    made.start();
  }

  /**
   * Takes what wakes a thread of these, which goes on when it is its turn.
   *
   * @param wake must be quick
   */
  void resume(Runnable wake) {
    add(wake);
  }

  private synchronized void add(Runnable turn) {
    ready.add(turn);
    if (free) {
      boolean unused = next();
    }
  }

  /** Has the next one begin or go on; false if none is ready. */
  synchronized boolean next() {
    Runnable turn = ready.poll();
    if (turn != null) {
      turn.run();
    }
    return turn != null;
  }

  /** Nobody waits for turns any more: all begin, and go on, at once. */
  synchronized void free() {
    free = true;
    while (next()) {
      // All of them.
    }
  }

  synchronized void interruptAll() {
    begun.forEach(Thread::interrupt);
  }

  synchronized boolean isOne(Thread thread) {
    return begun.contains(thread);
  }

  /**
   * Waits until all that have begun have ended or wait.
   *
   * @throws AssertionError if one goes on for too long
   */
  void awaitQuiet() {
    long start = System.nanoTime();
    for (Thread busy = busy(); busy != null; busy = busy()) {
      if (System.nanoTime() - start > PATIENCE.toNanos()) {
        throw new AssertionError(
            "a thread of the simulation has run for "
                + PATIENCE.toSeconds()
                + " s of the machine's time and neither ends nor waits, so the simulated clock cannot go on."
                + " Handlers that use time wait by cluster.sleep(…), faults().slow(…) or faults().burn(…)."
                + " It is at:\n  "
                + stack(busy, 20));
      }
      LockSupport.parkNanos(this, LOOK_NANOS);
    }
  }

  private synchronized @Nullable Thread busy() {
    Thread found = null;
    for (var each = begun.iterator(); each.hasNext(); ) {
      Thread thread = each.next();
      Thread.State state = thread.getState();
      if (state == Thread.State.TERMINATED) {
        each.remove();
        doubted.remove(thread);
      } else if (!waits(thread, state)) {
        found = thread;
      }
    }
    return found;
  }

  /**
   * Whether it waits for what only time or others can bring. A thread may seem to wait while it
   * works: for a lock that all of the process shares, as Netty's allocators do, or for a class to
   * be loaded. That is over soon, so it is believed only after a while.
   */
  private boolean waits(Thread thread, Thread.State state) {
    boolean seems =
        state == Thread.State.WAITING
            || state == Thread.State.TIMED_WAITING
            || state == Thread.State.BLOCKED;
    Object blocker = seems ? LockSupport.getBlocker(thread) : null;
    if (!seems || (blocker != null && !blocker.getClass().getName().startsWith(LOCKS))) {
      doubted.remove(thread);
      return seems;
    }
    long now = System.nanoTime();
    Long since = doubted.putIfAbsent(thread, now);
    return since != null && now - since > DOUBT_NANOS;
  }

  /** What each that waits is at, a line each. */
  synchronized List<String> waiting() {
    List<String> lines = new ArrayList<>();
    for (Thread each : begun) {
      if (each.getState() != Thread.State.TERMINATED) {
        lines.add(each.getName() + " waits at " + usersPlace(each));
      }
    }
    return lines;
  }

  /** The innermost frame that is not Java's own. */
  private static String usersPlace(Thread thread) {
    for (StackTraceElement each : thread.getStackTrace()) {
      String type = each.getClassName();
      if (!type.startsWith("java.") && !type.startsWith("jdk.")) {
        return each.toString();
      }
    }
    return "its beginning";
  }

  private static String stack(Thread thread, int most) {
    StringBuilder text = new StringBuilder();
    StackTraceElement[] frames = thread.getStackTrace();
    for (int i = 0; i < Math.min(most, frames.length); i++) {
      text.append(i == 0 ? "" : "\n  ").append(frames[i]);
    }
    return text.toString();
  }
}
