package erpc.server;

import java.util.concurrent.TimeUnit;

/**
 * Waits of a thread that shuts something down. Whoever interrupts it wants it quicker, not undone:
 * from then on it waits no more. Of one thread.
 */
final class Patience {
  private boolean interrupted;

  /** Waits so long, unless it has been interrupted. */
  void pause(long millis) {
    if (!interrupted) {
      try {
        TimeUnit.MILLISECONDS.sleep(millis);
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
  }

  /** Whether it waits no more. */
  boolean isInterrupted() {
    return interrupted;
  }

  /** Leaves the interrupt, if there was one, to whoever called for the shutdown. */
  void restoreInterrupt() {
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
