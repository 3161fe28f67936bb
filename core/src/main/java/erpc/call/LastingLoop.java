package erpc.call;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;

/**
 * What a loop that must not end does with a fault that none of its own code expects, as when there
 * is no memory or the stack has overflown: it says so, once per minute, and goes on. Thread-safe.
 */
public final class LastingLoop {
  /** How long it rests after a fault, as memory may be short. */
  private static final long REST_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  private final Logger log;
  private final String what;
  private final LineLimit lines = new LineLimit();

  /**
   * A loop.
   *
   * @param what it does, for the log: "watching service demo"; printable
   */
  public LastingLoop(Logger log, String what) {
    this.log = log;
    this.what = what;
  }

  /** Says that it met a fault and goes on. Throws nothing, whatever there is no memory for. */
  public void met(Throwable fault) {
    try {
      long more = lines.admit();
      if (more >= 0) {
        log.error(
            "{} met a fault and goes on ({} more like it since the last line)", what, more, fault);
      }
    } catch (Throwable unsaid) {
      // Not even for this; the next fault is said again.
    }
  }

  /** Rests a little after a fault, so that one that is always there does not keep a processor. */
  public void rest() {
    LockSupport.parkNanos(REST_NANOS);
  }

  /** Runs something until it has succeeded, with rests between; for what must not be left out. */
  public void insist(Runnable task) {
    while (true) {
      try {
        task.run();
        return;
      } catch (Throwable e) { // Whatever it is: that is what this is for.
        met(e);
        if (Thread.currentThread().isInterrupted()) {
          return;
        }
        rest();
      }
    }
  }
}
