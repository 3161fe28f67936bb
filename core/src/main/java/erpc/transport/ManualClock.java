package erpc.transport;

import erpc.call.Ticker;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * A clock that stands still until it is moved, and with it every timer of the reactors {@linkplain
 * Reactor#inMemory that follow it}: deadlines, heartbeats, back-offs, idle times. Tests and
 * simulations pass hours in moments, and the same way each time. Thread-safe.
 *
 * <p>The reactors of one clock share one network in memory; those of another clock may use the same
 * addresses.
 */
public final class ManualClock implements Ticker {
  private static final long START_NANOS = 1_000_000_000L;
  private static final AtomicInteger NETWORKS = new AtomicInteger();

  private final List<ManualLoop> loops = new CopyOnWriteArrayList<>();
  private final LongAdder tasksRun = new LongAdder();
  private final int network = NETWORKS.incrementAndGet();

  /** Written by whoever moves the clock, with the lock held. */
  private volatile long nanos = START_NANOS;

  /** Whether loops run nothing by themselves. Set by whoever holds the clock, read by loops. */
  private volatile boolean held;

  @Override
  public long nanos() {
    return nanos;
  }

  /**
   * Moves the clock. It stops on its way at each moment at which a timer is due, and goes on once
   * the event loops have done all they then have to do. What they hand to other threads, such as
   * handlers and the callbacks of futures, may still be running when this returns.
   *
   * @param by zero lets the event loops finish what they have to do
   * @throws IllegalArgumentException if it is negative
   * @throws IllegalStateException on an event loop, which would wait for itself
   */
  public synchronized void advance(Duration by) {
    if (by.isNegative()) {
      throw new IllegalArgumentException("a clock never runs backwards, as by " + by);
    }
    requireNoLoop();
    long end = Math.addExact(nanos, by.toNanos());
    for (long due = settleAll(); due <= end; due = settleAll()) {
      nanos = Math.max(nanos, due);
    }
    nanos = end;
    long unused = settleAll();
  }

  /**
   * Lets the event loops finish what they have to do now.
   *
   * @return how far the clock is from the next timer, zero if that is due; null if there is none
   * @throws IllegalStateException on an event loop, which would wait for itself
   */
  public synchronized @Nullable Duration settle() {
    requireNoLoop();
    long due = settleAll();
    return due == Long.MAX_VALUE ? null : Duration.ofNanos(Math.max(0, due - nanos));
  }

  /** How many tasks the event loops have run: if none was, nothing has happened on them. */
  public long tasksRun() {
    return tasksRun.sum();
  }

  /**
   * Has the event loops do nothing from now on but while the clock is moved or they {@linkplain
   * #settle settle}: so they never run beside the thread that does it, which is what makes a
   * simulation repeatable. Whoever waits for an event loop meanwhile, to listen for instance, waits
   * until somebody moves the clock. Returns once they have finished what they had to do.
   *
   * @throws IllegalStateException on an event loop, which would wait for itself
   */
  public synchronized void hold() {
    requireNoLoop();
    held = true;
    long unused = settleAll();
  }

  /** Has the event loops work again whenever there is work for them, as they do at first. */
  public void release() {
    held = false;
    loops.forEach(ManualLoop::wake);
  }

  boolean isHeld() {
    return held;
  }

  private static void requireNoLoop() {
    if (Reactor.isEventLoop()) {
      throw new IllegalStateException(
          "an event loop cannot wait for itself: move the clock elsewhere");
    }
  }

  /** Lets all loops finish what they have to do; when the next timer is due. */
  private long settleAll() {
    long next = Long.MAX_VALUE;
    for (ManualLoop loop : loops) {
      next = Math.min(next, loop.settle());
    }
    return next;
  }

  void ran(int tasks) {
    tasksRun.add(tasks);
  }

  /** Which of the networks in memory its reactors are in. */
  int network() {
    return network;
  }

  void drives(ManualLoop loop) {
    loops.add(loop);
  }

  void drivesNoMore(ManualLoop loop) {
    loops.remove(loop);
  }
}
