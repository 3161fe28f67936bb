package erpc.bench;

import erpc.bench.wire.Echo;
import erpc.call.Reply;
import erpc.call.RpcException;
import erpc.call.Status;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongFunction;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.Recorder;

/**
 * Makes calls at a fixed rate, whatever becomes of those before them, on a thread of its own, and
 * counts how they end. Thread-safe.
 */
final class OpenLoop implements AutoCloseable {
  private static final int MOST_IN_FLIGHT = 20_000;
  private static final int FAILURES_SHOWN = 5;

  /** How a call has ended. */
  interface Ended {
    /**
     * On any thread; must not block.
     *
     * @param number of the call, from 0 on
     * @param status OK for one that was answered
     */
    void ended(long number, Status status);
  }

  private final long gapNanos;
  private final long most;
  private final LongFunction<CompletableFuture<Reply<Echo>>> call;
  private final Ended listener;
  private final Semaphore room = new Semaphore(MOST_IN_FLIGHT);
  private final AtomicBoolean over = new AtomicBoolean();
  private final Recorder times = new Recorder(3);
  private final LongAdder made = new LongAdder();
  private final LongAdder good = new LongAdder();
  private final LongAdder bad = new LongAdder();
  private final AtomicLong lastFailedNanos = new AtomicLong(Long.MIN_VALUE);
  private final List<String> failures = new ArrayList<>(); // guarded by itself
  private final Thread thread;

  /**
   * Begins.
   *
   * @param perSecond as many calls
   * @param most as many calls in all
   * @param call makes the call of a number
   */
  OpenLoop(
      int perSecond, long most, LongFunction<CompletableFuture<Reply<Echo>>> call, Ended listener) {
    this.gapNanos = TimeUnit.SECONDS.toNanos(1) / perSecond;
    this.most = most;
    this.call = call;
    this.listener = listener;
    this.thread = Thread.ofPlatform().name("bench-calls").start(this::run);
  }

  /** The same without an end of its own and without a listener. */
  static OpenLoop endless(int perSecond, LongFunction<CompletableFuture<Reply<Echo>>> call) {
    return new OpenLoop(perSecond, Long.MAX_VALUE, call, (number, status) -> {});
  }

  private void run() {
    long due = System.nanoTime();
    for (long number = 0; number < most && !over.get(); number++, due += gapNanos) {
      long left = due - System.nanoTime();
      if (left > 0) {
        LockSupport.parkNanos(left);
      }
      room.acquireUninterruptibly();
      make(number);
    }
  }

  private void make(long number) {
    long begun = System.nanoTime();
    made.increment();
    var unused =
        call.apply(number)
            .whenComplete((reply, thrown) -> {
              if (thrown == null) {
                times.recordValue(System.nanoTime() - begun);
                good.increment();
                listener.ended(number, Status.OK);
              } else {
                failed(number, status(thrown), begun);
              }
              room.release();
            });
  }

  private void failed(long number, Status status, long begun) {
    bad.increment();
    lastFailedNanos.accumulateAndGet(begun, Math::max);
    synchronized (failures) {
      if (failures.size() < FAILURES_SHOWN) {
        failures.add("call " + number + ": " + status);
      }
    }
    listener.ended(number, status);
  }

  private static Status status(Throwable thrown) {
    Throwable cause =
        thrown instanceof CompletionException && thrown.getCause() != null
            ? thrown.getCause()
            : thrown;
    return cause instanceof RpcException own
        ? own.status()
        : Status.of(Status.Code.UNKNOWN, cause.toString());
  }

  /** Calls that have begun. */
  long made() {
    return made.sum();
  }

  /** Calls that were answered. */
  long good() {
    return good.sum();
  }

  /** Calls that failed. */
  long bad() {
    return bad.sum();
  }

  /** Calls that have ended. */
  long ended() {
    return good.sum() + bad.sum();
  }

  /** How long calls took that were answered since this was asked last. */
  Histogram times() {
    return times.getIntervalHistogram();
  }

  /** When the last call began that failed; {@link Long#MIN_VALUE} if none did. */
  long lastFailedNanos() {
    return lastFailedNanos.get();
  }

  /** What the first failures said. */
  List<String> failures() {
    synchronized (failures) {
      return List.copyOf(failures);
    }
  }

  /**
   * Waits until as many calls have been made as there are to be, and all have ended.
   *
   * @return false if some never do
   */
  boolean join() throws InterruptedException {
    thread.join();
    return room.tryAcquire(MOST_IN_FLIGHT, 1, TimeUnit.MINUTES);
  }

  /** Makes no more calls; those under way end as they do. */
  @Override
  public void close() {
    over.set(true);
  }
}
