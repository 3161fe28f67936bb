package erpc.discovery;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** Waiting that another thread may cut short; tests decide how long it takes. */
interface CenterPause {
  /** Waits this long, or until woken; a wake that came before counts. */
  void await(Duration time) throws InterruptedException;

  /** Ends the wait that is on, or the next one. */
  void wake();

  /** On the machine's clock. */
  static CenterPause system() {
    Semaphore wakes = new Semaphore(0);
    return new CenterPause() {
      @Override
      public void await(Duration time) throws InterruptedException {
        if (wakes.tryAcquire(time.toNanos(), TimeUnit.NANOSECONDS)) {
          wakes.drainPermits();
        }
      }

      @Override
      public void wake() {
        wakes.release();
      }
    };
  }
}
