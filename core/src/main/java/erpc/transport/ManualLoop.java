package erpc.transport;

import io.netty.channel.ManualIoEventLoop;
import io.netty.channel.local.LocalIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.Ticker;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** An event loop for sockets in memory whose timers follow a {@link ManualClock}. */
final class ManualLoop extends ManualIoEventLoop {
  private static final ThreadFactory THREADS = new DefaultThreadFactory("erpc-loop-manual", true);

  private final ManualClock clock;
  private final Time time;
  private final Thread thread;

  /**
   * To be told once there is nothing more to do, when the next timer is due. Set by whoever moves
   * the clock, one at a time, and taken out by the loop's thread.
   */
  private volatile @Nullable CompletableFuture<Long> asked;

  private ManualLoop(ManualClock clock, Time time) {
    super(null, null, LocalIoHandler.newFactory(), time);
    this.clock = clock;
    this.time = time;
    this.thread = THREADS.newThread(this::drive);
  }

  static ManualLoop start(ManualClock clock) {
    ManualLoop loop = new ManualLoop(clock, new Time(clock));
    loop.setOwningThread(loop.thread);
    clock.drives(loop);
    loop.thread.start();
    return loop;
  }

  /** The clock as Netty reads it. */
  private static final class Time implements Ticker {
    private final ManualClock clock;

    /** When the end began, by the machine's clock; 0 before. Set by whoever closes the loop. */
    private volatile long closedNanos;

    Time(ManualClock clock) {
      this.clock = clock;
    }

    /** Netty ends a loop only after some time in which nothing has come: that time passes. */
    void close() {
      closedNanos = System.nanoTime() | 1;
    }

    @Override
    public long nanoTime() {
      long since = closedNanos;
      return clock.nanos() + (since == 0 ? 0 : System.nanoTime() - since + 1);
    }

    @Override
    public long initialNanoTime() {
      return 0;
    }

    @Override
    public void sleep(long delay, TimeUnit unit) throws InterruptedException {
      unit.sleep(delay);
    }
  }

  /**
   * Waits until the loop has nothing more to do.
   *
   * @return when its next timer is due, on the clock; {@link Long#MAX_VALUE} if there is none
   */
  long settle() {
    CompletableFuture<Long> answer = new CompletableFuture<>();
    asked = answer;
    wake();
    return isTerminated() ? Long.MAX_VALUE : answer.join();
  }

  private void drive() {
    while (!isTerminated()) {
      // Read before the work is looked for: what was handed over before somebody asked is done
      // before he is answered.
      CompletableFuture<Long> waits = asked;
      if (waits == null && clock.isHeld() && !isShuttingDown()) {
        LockSupport.park(this);
        continue;
      }
      int done = runNow();
      if (done == 0) {
        rest(waits);
      } else {
        clock.ran(done);
      }
    }
    clock.drivesNoMore(this);
    rest(asked);
  }

  /** Nothing is to be done: says so to who waits for that, or waits for something. */
  private void rest(@Nullable CompletableFuture<Long> waits) {
    if (waits != null) {
      asked = null;
      long due = nextScheduledTaskDeadlineNanos();
      boolean unused = waits.complete(due < 0 ? Long.MAX_VALUE : due);
    } else if (asked == null && !isShuttingDown()) {
      LockSupport.park(this);
    }
  }

  /** Has it look whether it may work. */
  void wake() {
    LockSupport.unpark(thread);
  }

  /** It is about to be shut down, which takes time that must pass. */
  void closes() {
    time.close();
  }
}
