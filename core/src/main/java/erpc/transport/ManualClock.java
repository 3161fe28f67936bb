package erpc.transport;

import erpc.call.Ticker;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * A clock that stands still until it is moved, and with it every timer of the reactors {@linkplain
 * Reactor#inMemory that follow it}: deadlines, heartbeats, back-offs, idle times. Tests and
 * simulations pass hours in moments, and the same way each time. Thread-safe.
 */
public final class ManualClock implements Ticker {
  private static final long START_NANOS = 1_000_000_000L;

  private final List<ManualLoop> loops = new CopyOnWriteArrayList<>();

  /** Written by whoever moves the clock, with the lock held. */
  private volatile long nanos = START_NANOS;

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
    if (Reactor.isEventLoop()) {
      throw new IllegalStateException(
          "an event loop cannot wait for itself: move the clock elsewhere");
    }
    long end = Math.addExact(nanos, by.toNanos());
    for (long due = settle(); due <= end; due = settle()) {
      nanos = Math.max(nanos, due);
    }
    nanos = end;
    long unused = settle();
  }

  /** Lets all loops finish what they have to do; when the next timer is due. */
  private long settle() {
    long next = Long.MAX_VALUE;
    for (ManualLoop loop : loops) {
      next = Math.min(next, loop.settle());
    }
    return next;
  }

  void drives(ManualLoop loop) {
    loops.add(loop);
  }

  void drivesNoMore(ManualLoop loop) {
    loops.remove(loop);
  }
}
