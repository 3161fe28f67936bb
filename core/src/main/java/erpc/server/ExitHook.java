package erpc.server;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import erpc.call.Ending;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Has the process's end do something, until that is no longer needed: a hook that stayed would hold
 * all that it closes. Those that say so wait for the others, as a center does for the servers that
 * still have to say goodbye to it. Thread-safe.
 */
public final class ExitHook {
  /** How long one that comes last waits for the others. */
  private static final long OTHERS_WITHIN_NANOS = TimeUnit.SECONDS.toNanos(15);

  private static final Set<ExitHook> FIRST = ConcurrentHashMap.newKeySet();

  private final Runnable action;
  private final String name;
  private final boolean last;
  private final CountDownLatch done = new CountDownLatch(1);

  @GuardedBy("this")
  private @Nullable Thread hook;

  @GuardedBy("this")
  private boolean forgotten;

  /** A hook that is not set yet; its thread gets this name. */
  public ExitHook(Runnable action, String name) {
    this(action, name, false);
  }

  private ExitHook(Runnable action, String name, boolean last) {
    this.action = action;
    this.name = name;
    this.last = last;
  }

  /** A hook that is not set yet and waits for those that are not of this kind. */
  public static ExitHook last(Runnable action, String name) {
    return new ExitHook(action, name, true);
  }

  /** Sets it, unless it is set already or was forgotten. */
  public synchronized void set() {
    if (hook == null && !forgotten) {
      Thread thread = new Thread(this::run, name);
      Runtime.getRuntime().addShutdownHook(thread);
      hook = thread;
      if (!last) {
        FIRST.add(this);
      }
    }
  }

  private void run() {
    Ending.begin();
    if (last) {
      awaitOthers();
    }
    try {
      action.run();
    } finally {
      done.countDown();
    }
  }

  private static void awaitOthers() {
    long end = System.nanoTime() + OTHERS_WITHIN_NANOS;
    try {
      for (ExitHook each : FIRST) {
        if (!each.done.await(end - System.nanoTime(), TimeUnit.NANOSECONDS)) {
          return;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // Whoever does wants it quicker.
    }
  }

  /** Takes it away for good. */
  public synchronized void forget() {
    forgotten = true;
    Thread set = hook;
    hook = null;
    if (set != null) {
      FIRST.remove(this);
      try {
        boolean unused = Runtime.getRuntime().removeShutdownHook(set);
      } catch (IllegalStateException e) {
        // The process is ending, and hooks run or have run.
      }
    }
  }
}
