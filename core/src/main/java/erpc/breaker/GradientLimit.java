package erpc.breaker;

import erpc.settings.Mode;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * How many calls of one method a server works at, once they take more than twice as long as they do
 * in the long run: then more of them would only wait for whatever they wait for. Compared with its
 * own average alone, so a slow method is not taken for an overloaded one. Thread-safe.
 *
 * <p>It never limits to less than 40, and a window in which fewer were at work is a good one: so a
 * burst that is over within a window is never refused.
 */
public final class GradientLimit {
  /** It never limits to less. */
  public static final int FLOOR = 40;

  /** From where it begins to shrink, if not more are at work. */
  public static final int START = 1_024;

  /** As many times the long-term average is slow. */
  public static final double SLOW = 2;

  private static final long WINDOW_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
  private static final int LEAST_SAMPLES = 10;
  private static final int BAD_WINDOWS = 2;
  private static final double TAU_NANOS = TimeUnit.SECONDS.toNanos(60);

  /** While it limits: what is slow for long is to become the average, but not an overload. */
  private static final double TAU_LIMITING_NANOS = TimeUnit.SECONDS.toNanos(300);

  private static final double MOST_SHRINKING = 0.5;
  private static final double GROWTH = 1.2;
  private static final int NONE = Integer.MAX_VALUE;

  private final AtomicInteger inFlight = new AtomicInteger();
  private final LongAdder refusals = new LongAdder();
  private final LongAdder samples = new LongAdder();
  private final LongAdder sampledNanos = new LongAdder();

  // Written by whoever has the lock; calls read them without.
  private volatile int limit = NONE;
  private volatile long windowEndNanos;

  // Extremes of a window. Written by any call: of two that meet one may be lost, and a window that
  // matters has many like it.
  private volatile int least;
  private volatile int most;

  // Guarded by this.
  private long windowBeganNanos;
  private double averageNanos;
  private int bad;

  /** Written by whoever has the lock; each call looks whether there is any. */
  private volatile @Nullable String news;

  /** No limit yet. */
  public GradientLimit(long nowNanos) {
    windowBeganNanos = nowNanos;
    windowEndNanos = nowNanos + WINDOW_NANOS;
  }

  /**
   * A call is to begin, which then {@linkplain #leave leaves}.
   *
   * @param mode whether it acts; it counts in any case, so that the mode may change at any time
   * @return false if it is to be refused
   */
  public boolean enters(Mode mode) {
    return enters(mode, NONE);
  }

  /**
   * A call is to begin, which then {@linkplain #leave leaves}.
   *
   * @param fixed as many may be whatever the mode
   * @return false if it is to be refused
   */
  public boolean enters(Mode mode, int fixed) {
    int before = inFlight.getAndIncrement();
    if (before >= fixed) {
      inFlight.decrementAndGet();
      return false;
    }
    if (before >= limit && mode != Mode.OFF) {
      refusals.increment();
      if (mode == Mode.ON) {
        inFlight.decrementAndGet();
        return false;
      }
    }
    if (before >= most) {
      most = before + 1;
    }
    return true;
  }

  /**
   * A call that has entered is over.
   *
   * @param counts whether its time says something: not if it was cancelled, or failed at once
   * @param nanos how long it took
   */
  public void leave(boolean counts, long nanos, Mode mode, long nowNanos) {
    int left = inFlight.decrementAndGet();
    if (left < least) {
      least = left;
    }
    if (counts) {
      samples.increment();
      sampledNanos.add(nanos);
    }
    if (nowNanos - windowEndNanos >= 0) {
      endWindow(mode, nowNanos);
    }
  }

  /** Calls at work. */
  public int inFlight() {
    return inFlight.get();
  }

  /** Calls that were refused, or would have been, were it no dry run. */
  public long refusals() {
    return refusals.sum();
  }

  /** How many may be; {@link Integer#MAX_VALUE} while it does not limit. */
  public int limit() {
    return limit;
  }

  /** What there is to say since this was asked last, for one line of the log; or null. */
  public @Nullable String news() {
    return news == null ? null : takeNews();
  }

  private synchronized @Nullable String takeNews() {
    String said = news;
    news = null;
    return said;
  }

  private synchronized void endWindow(Mode mode, long nowNanos) {
    if (nowNanos - windowEndNanos < 0) {
      return; // Another thread has.
    }
    windowEndNanos = nowNanos + WINDOW_NANOS;
    boolean wasFull = least >= FLOOR;
    if (samples.sum() < LEAST_SAMPLES && wasFull) {
      return; // Too few to say; the window goes on.
    }
    long count = samples.sumThenReset();
    double nanos = sampledNanos.sumThenReset() / (double) Math.max(1, count);
    long elapsed = nowNanos - windowBeganNanos;
    windowBeganNanos = nowNanos;
    int peak = most;
    most = inFlight.get();
    least = most;
    if (count == 0) {
      return;
    }
    boolean wasSlow = wasFull && averageNanos > 0 && nanos > SLOW * averageNanos;
    bad = wasSlow ? bad + 1 : 0;
    int before = limit;
    if (wasSlow && (bad >= BAD_WINDOWS || before < NONE)) {
      double gradient = Math.max(MOST_SHRINKING, SLOW * averageNanos / nanos);
      int from = before < NONE ? before : Math.max(START, peak);
      limit = (int) Math.max(FLOOR, gradient * from);
    } else if (!wasSlow && before < NONE) {
      // Not all at once: those that were refused would come back at once, too.
      int grown = (int) (GROWTH * before) + 1;
      limit = grown >= START && grown > 2 * peak ? NONE : grown;
    }
    tell(mode, before, nanos);
    learn(nanos, elapsed);
  }

  private void learn(double nanos, long elapsedNanos) {
    double tau = limit < NONE ? TAU_LIMITING_NANOS : TAU_NANOS;
    double weight = averageNanos == 0 ? 1 : -Math.expm1(-elapsedNanos / tau);
    averageNanos += (nanos - averageNanos) * weight;
  }

  private void tell(Mode mode, int before, double nanos) {
    int now = limit;
    if (mode == Mode.OFF) {
      return;
    }
    String would = mode == Mode.ON ? "is" : "would, were it no dry run, be";
    if (now < NONE && before == NONE) {
      news =
          String.format(
              Locale.ROOT,
              "%s limited to %d calls at a time: they take %s, and %s in the long run",
              would,
              now,
              Texts.millis((long) nanos),
              Texts.millis((long) averageNanos));
    } else if (now == NONE && before < NONE) {
      news = would + " limited no more: calls take " + Texts.millis((long) nanos);
    }
  }
}
