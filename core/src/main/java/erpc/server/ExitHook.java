package erpc.server;

import org.jspecify.annotations.Nullable;

/**
 * Has the process's end do something, until that is no longer needed: a hook that stayed would hold
 * all that it closes. Thread-safe.
 */
public final class ExitHook {
  private final Runnable action;
  private final String name;
  private @Nullable Thread hook; // guarded by this
  private boolean forgotten; // guarded by this

  /** A hook that is not set yet; its thread gets this name. */
  public ExitHook(Runnable action, String name) {
    this.action = action;
    this.name = name;
  }

  /** Sets it, unless it is set already or was forgotten. */
  public synchronized void set() {
    if (hook == null && !forgotten) {
      Thread thread = new Thread(action, name);
      Runtime.getRuntime().addShutdownHook(thread);
      hook = thread;
    }
  }

  /** Takes it away for good. */
  public synchronized void forget() {
    forgotten = true;
    Thread set = hook;
    hook = null;
    if (set != null) {
      try {
        boolean unused = Runtime.getRuntime().removeShutdownHook(set);
      } catch (IllegalStateException e) {
        // The process is ending, and hooks run or have run.
      }
    }
  }
}
