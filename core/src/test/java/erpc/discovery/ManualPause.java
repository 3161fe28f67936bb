package erpc.discovery;

import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** Waits that last until the test ends them; what was asked for is written down. */
final class ManualPause implements CenterPause {
  private final BlockingQueue<Duration> asked = new LinkedBlockingQueue<>();
  private final Semaphore wakes = new Semaphore(0);

  @Override
  public void await(Duration time) throws InterruptedException {
    asked.add(time);
    wakes.acquire();
  }

  @Override
  public void wake() {
    wakes.release();
  }

  /** The wait that is on, or comes. */
  Duration asked() throws InterruptedException {
    Duration time = asked.poll(20, TimeUnit.SECONDS);
    if (time == null) {
      throw new AssertionError("nobody waits");
    }
    return time;
  }

  /** Whether a wait is on that nobody has looked at. */
  boolean isAsked() {
    return !asked.isEmpty();
  }

  /** Lets the wait that is on, or comes, end; returns how long it was to be. */
  Duration pass() throws InterruptedException {
    Duration time = asked();
    wakes.release();
    return time;
  }
}
