package erpc.breaker;

import erpc.call.Criticality;
import erpc.settings.Mode;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Refuses calls of a server whose processors have too much to do. The sign is CoDel's: for 100 ms
 * no call has begun within 5 ms, whatever the queue's length. As many calls then pass as have begun
 * lately, the most critical first. Thread-safe.
 *
 * <p>A window counts as bad only if calls have waited all through it, and it takes three in a row:
 * a burst that an idle server finishes within 100 ms never fills one.
 */
public final class Shedding {
  /** Calls may wait so long for ever. */
  public static final long TARGET_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

  /** A queue that stands for so long is no burst. */
  public static final long WINDOW_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  private static final int BAD_WINDOWS = 3;

  /** A little less than begins, or the queue would stand for ever. */
  private static final double HEADROOM = 0.95;

  /**
   * In so many windows the calls that wait are to begin. Most of them are refused at once as soon
   * as the server sheds. If all had to begin within one window, critical ones would have to go,
   * too.
   */
  private static final double DRAIN_WINDOWS = 4;

  /** How quickly more calls pass when there is no queue any more. */
  private static final double GROWTH = 1.1;

  private static final int CLASSES = Criticality.values().length;

  // Of each criticality, those refused included.
  private final LongAdder[] arrived = new LongAdder[CLASSES];
  private final LongAdder turnedAway = new LongAdder();
  private final LongAdder begun = new LongAdder();
  private final LongAdder gone = new LongAdder();

  private final LongAdder refusals = new LongAdder();

  /** Written only by those that begin sooner than all others of the window: nearly never. */
  private final AtomicLong leastDelayNanos = new AtomicLong(Long.MAX_VALUE);

  /** Written by whoever has the lock. */
  private volatile long windowEndNanos;

  /** Calls with a rank below this pass. Written by whoever has the lock. */
  private volatile double cut = CLASSES;

  // Guarded by this.
  private final long[] lastArrived = new long[CLASSES];
  private long lastBegun;
  private long windowBeganNanos;
  private int bad;
  private long delayBefore; // the least of the window before

  /** Written by whoever has the lock; each call looks whether there is any. */
  private volatile @Nullable String news;

  /** All pass. */
  public Shedding(long nowNanos) {
    for (int i = 0; i < CLASSES; i++) {
      arrived[i] = new LongAdder();
    }
    windowBeganNanos = nowNanos;
    windowEndNanos = nowNanos + WINDOW_NANOS;
  }

  /**
   * A call has come; before anything is done for it.
   *
   * @param place its place among those as critical as it, from 0 (served first) up to 1: chance, or
   *     what {@link CallerShares} says; {@link #begins} is to be told the same
   * @param mode whether it acts; it counts in any case, so that the mode may change at any time
   * @return false if it is to be refused
   */
  public boolean admits(Criticality how, double place, Mode mode, long nowNanos) {
    if (nowNanos - windowEndNanos >= 0) {
      endWindow(mode, nowNanos);
    }
    arrived[how.number()].increment();
    if (how.number() + place < cut) {
      return true;
    }
    refusals.increment();
    if (mode != Mode.ON) {
      return true;
    }
    turnedAway.increment();
    return false;
  }

  /**
   * A call that was admitted is about to begin.
   *
   * @param delayNanos how long it has waited since it had come
   * @return false if it is to be refused after all, as it would have been, had it come later
   */
  public boolean begins(Criticality how, double place, long delayNanos, Mode mode, long nowNanos) {
    if (nowNanos - windowEndNanos >= 0) {
      endWindow(mode, nowNanos);
    }
    if (delayNanos < leastDelayNanos.get()) {
      leastDelayNanos.accumulateAndGet(delayNanos, Math::min);
    }
    boolean passes = delayNanos <= TARGET_NANOS || mode != Mode.ON || how.number() + place < cut;
    if (passes) {
      begun.increment();
    } else {
      gone.increment();
      refusals.increment();
    }
    return passes;
  }

  /** A call that was admitted will not begin: it has been cancelled, or its deadline is over. */
  public void gone() {
    gone.increment();
  }

  /** Which part of calls that are so critical passes. */
  public double passing(Criticality how) {
    return Math.clamp(cut - how.number(), 0, 1);
  }

  /** Calls that were refused, or would have been, were it no dry run. */
  public long refusals() {
    return refusals.sum();
  }

  /** Calls that have begun so far. */
  public long begun() {
    return begun.sum();
  }

  /** Whether any are refused, or would be. */
  public boolean isShedding() {
    return cut < CLASSES;
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
    double windows = (nowNanos - windowBeganNanos) / (double) WINDOW_NANOS;
    long[] came = new long[CLASSES];
    long all = 0;
    long cameEver = 0;
    for (int i = 0; i < CLASSES; i++) {
      long ever = arrived[i].sum();
      came[i] = ever - lastArrived[i];
      lastArrived[i] = ever;
      all += came[i];
      cameEver += ever;
    }
    long begunEver = begun.sum();
    long ran = begunEver - lastBegun;
    lastBegun = begunEver;
    // Sums that are read while others add: a queue that matters is longer than their difference.
    long waiting = Math.max(0, cameEver - turnedAway.sum() - gone.sum() - begunEver);
    long least = leastDelayNanos.getAndSet(Long.MAX_VALUE);
    windowBeganNanos = nowNanos;
    windowEndNanos = nowNanos + WINDOW_NANOS;
    if (mode == Mode.OFF) {
      cut = CLASSES;
      bad = 0;
      return;
    }
    if (waiting > 0 && least == Long.MAX_VALUE) {
      return; // Nothing has begun: whether it could, the next window tells.
    }
    boolean wasBad = waiting > 0 && least > TARGET_NANOS;
    // A queue that shrinks, as behind a few slow calls that held all processors, needs no help.
    bad = wasBad && least >= delayBefore ? bad + 1 : 0;
    delayBefore = wasBad ? least : 0;
    double before = cut;
    if (wasBad && (bad >= BAD_WINDOWS || isShedding())) {
      cut = cut(came, HEADROOM * ran * all / Math.max(1, all + waiting / DRAIN_WINDOWS));
    } else if (!wasBad && isShedding()) {
      cut = cut(came, GROWTH * ran + windows);
    }
    tell(mode, before, least);
  }

  /** The rank up to which so many of those that came would have passed. */
  private static double cut(long[] came, double pass) {
    double left = pass;
    for (int i = 0; i < CLASSES; i++) {
      if (came[i] > left) {
        return i + left / came[i];
      }
      left -= came[i];
    }
    return CLASSES;
  }

  private void tell(Mode mode, double before, long leastNanos) {
    boolean sheds = isShedding();
    if (sheds && before >= CLASSES) {
      int most = (int) cut;
      String does = mode == Mode.ON ? "refuses calls" : "would refuse calls, were it no dry run";
      news =
          String.format(
              Locale.ROOT,
              "%s: none has begun within %s for %d ms; %s of those that are %s pass, and"
                  + " all that are more critical",
              does,
              Texts.millis(leastNanos),
              BAD_WINDOWS * TimeUnit.NANOSECONDS.toMillis(WINDOW_NANOS),
              Texts.percent(cut - most),
              Criticality.of(most));
    } else if (!sheds && before < CLASSES) {
      news =
          (mode == Mode.ON ? "refuses" : "would refuse") + " no calls any more: there is no queue";
    }
  }
}
