package erpc.transport;

import erpc.call.LastingLoop;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;

/**
 * A task that may block and is run again and again, with a pause before each time, until it is
 * closed; whatever it throws. On a virtual thread of its own, which ends when it is closed, so
 * nothing holds on to what is of no more use. Thread-safe.
 */
final class Repeated implements AutoCloseable {
  private final long pauseNanos;
  private final Runnable task;
  private final LastingLoop loop;
  private final Thread thread;

  /** Set by whoever closes it, for good, before it wakes the thread. */
  private volatile boolean closed;

  private Repeated(String thread, Duration pause, Runnable task, LastingLoop loop) {
    this.pauseNanos = pause.toNanos();
    this.task = task;
    this.loop = loop;
    this.thread = Thread.ofVirtual().name(thread).unstarted(this::run);
  }

  /**
   * Begins with the first pause.
   *
   * @param what the task does, for the log: "looking at TLS files"
   */
  static Repeated start(String thread, Duration pause, Runnable task, Logger log, String what) {
    Repeated started = new Repeated(thread, pause, task, new LastingLoop(log, what));
    started.thread.start();
    return started;
  }

  private void run() {
    while (pause()) {
      try {
        task.run();
      } catch (Throwable e) { // Or it would never be run again.
        loop.met(e);
      }
    }
  }

  /** Whether it goes on after it. */
  private boolean pause() {
    long start = System.nanoTime();
    long left = pauseNanos;
    while (!closed && left > 0) {
      LockSupport.parkNanos(this, left);
      boolean unused = Thread.interrupted(); // By the task's own code; it would not pause then.
      left = pauseNanos - (System.nanoTime() - start);
    }
    return !closed;
  }

  /** Runs it no more; if it runs now, it comes to its end. */
  @Override
  public void close() {
    closed = true;
    LockSupport.unpark(thread);
  }
}
