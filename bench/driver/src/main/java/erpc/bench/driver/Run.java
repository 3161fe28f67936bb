package erpc.bench.driver;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.Recorder;

/** One run of a client: some work for some time. */
final class Run {
  /**
   * Of calls in a closed loop one in so many is timed: reading the clock is not what is measured.
   */
  private static final int TIMED = 16;

  private static final int BATCHES_PER_SECOND = 1_000;
  private static final long LAST_CALLS_SECONDS = 20;

  private final Subject.Caller caller;
  private final Work work;
  private final long nanos;
  private final LongAdder calls = new LongAdder();
  private final Recorder times = new Recorder(3);
  private volatile boolean over;

  Run(Subject.Caller caller, Work work, long nanos) {
    this.caller = caller;
    this.work = work;
    this.nanos = nanos;
  }

  Figures figures() throws Exception {
    Usage before = Usage.now();
    long start = System.nanoTime();
    CountDownLatch ended =
        switch (work.kind()) {
          case ASYNC -> chains();
          case VIRTUAL -> threads(Thread.ofVirtual().factory());
          case PLATFORM -> threads(Thread.ofPlatform().daemon().factory());
          case RATE -> new CountDownLatch(0);
          case STREAM -> streamed();
        };
    if (work.kind() == Work.Kind.RATE) {
      atRate(start);
    } else if (work.kind() == Work.Kind.ASYNC || ended.getCount() > 1) {
      TimeUnit.NANOSECONDS.sleep(nanos);
    } else {
      // One caller: nothing else may run meanwhile, not even a timer.
      boolean unused = ended.await(nanos, TimeUnit.NANOSECONDS);
    }
    long count = calls.sum();
    long took = System.nanoTime() - start;
    Usage used = Usage.now().since(before);
    over = true;
    if (!ended.await(LAST_CALLS_SECONDS, TimeUnit.SECONDS)) {
      Subject.failed(new IllegalStateException(ended.getCount() + " calls have not ended"));
    }
    Histogram timed = times.getIntervalHistogram();
    return new Figures(
        count,
        took,
        timed.getValueAtPercentile(50),
        timed.getValueAtPercentile(99),
        timed.getValueAtPercentile(99.9),
        used,
        Usage.NOTHING);
  }

  // ---- a fixed number in flight

  private CountDownLatch chains() {
    CountDownLatch ended = new CountDownLatch(work.callers());
    for (int i = 0; i < work.callers(); i++) {
      new Chain(ended).next();
    }
    return ended;
  }

  /** One of the calls in flight, for ever the next. */
  private final class Chain implements Runnable {
    private final CountDownLatch ended;
    private int count;
    private long startNanos;

    Chain(CountDownLatch ended) {
      this.ended = ended;
    }

    void next() {
      if (count % TIMED == 0) {
        startNanos = System.nanoTime();
      }
      caller.call(this);
    }

    @Override
    public void run() {
      if (count % TIMED == 0) {
        times.recordValue(System.nanoTime() - startNanos);
      }
      count++;
      calls.increment();
      if (over) {
        ended.countDown();
      } else {
        next();
      }
    }
  }

  // ---- threads that wait

  private CountDownLatch threads(java.util.concurrent.ThreadFactory factory) {
    CountDownLatch ended = new CountDownLatch(work.callers());
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < work.callers(); i++) {
      threads.add(factory.newThread(() -> callAgainAndAgain(ended)));
    }
    threads.forEach(Thread::start);
    return ended;
  }

  private void callAgainAndAgain(CountDownLatch ended) {
    try {
      boolean always = work.callers() == 1;
      for (int count = 0; !over; count++) {
        boolean timed = always || count % TIMED == 0;
        long start = timed ? System.nanoTime() : 0;
        caller.callAndWait();
        if (timed) {
          times.recordValue(System.nanoTime() - start);
        }
        calls.increment();
      }
    } catch (Exception e) {
      Subject.failed(e);
    }
    ended.countDown();
  }

  // ---- a fixed rate

  private void atRate(long start) throws InterruptedException {
    int batch = Math.max(1, work.perSecond() / BATCHES_PER_SECOND);
    long periodNanos = TimeUnit.SECONDS.toNanos(1) * batch / work.perSecond();
    LongAdder made = new LongAdder();
    for (long due = start; due < start + nanos; due += periodNanos) {
      for (long now = System.nanoTime(); now < due; now = System.nanoTime()) {
        LockSupport.parkNanos(due - now);
      }
      long from = due;
      for (int i = 0; i < batch; i++) {
        made.increment();
        caller.call(() -> {
          times.recordValue(System.nanoTime() - from);
          calls.increment();
        });
      }
    }
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(LAST_CALLS_SECONDS);
    while (calls.sum() < made.sum() && System.nanoTime() < end) {
      TimeUnit.MILLISECONDS.sleep(1);
    }
  }

  // ---- a stream

  private CountDownLatch streamed() {
    CountDownLatch ended = new CountDownLatch(1);
    Thread.ofVirtual()
        .start(() -> {
          try {
            caller.stream(nanos, calls::increment);
          } catch (Exception e) {
            Subject.failed(e);
          }
          ended.countDown();
        });
    return ended;
  }
}
