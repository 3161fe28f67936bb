package erpc.breaker;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.TimeUnit;

/**
 * How slow an endpoint is lately: 1 is as slow as the average call of the same method, 2 is twice
 * as slow, 0 is what nobody knows anything of. A slow call counts at once, and is forgotten with a
 * time constant of 10 s, as in Finagle's peak EWMA. Thread-safe.
 *
 * <p>Value and time are one long, so a reader never sees one without the other. Threads that write
 * at once may lose a sample: it is one of many, and a slow endpoint has the next one soon.
 */
public final class LatencyAverage {
  /** As many times slower than the median endpoint is slow enough to be avoided. */
  public static final double AVOIDED_MEDIANS = 3;

  /** Beyond this one more does not matter, and forgetting it would take too long. */
  private static final double MOST = 30;

  /** A failure counts as this much at least, or quick failures would draw calls. */
  private static final double LEAST_PENALTY = 2;

  /** As many times slower as before is an endpoint that has failed. */
  private static final double PENALTY_FACTOR = 2;

  /** As many good samples replace the average of an endpoint that is avoided. */
  private static final int GOOD_SAMPLES = 3;

  /**
   * As many good samples in a row replace what failures have made of the average. One that fails 5
   * % of its calls seldom has so many; one that has been repaired has them soon.
   */
  private static final int FORGIVING_SAMPLES = 50;

  /** Time is kept in 2^20 ns, about a millisecond: an int of them is enough for seven weeks. */
  private static final int TICK_SHIFT = 20;

  /** As a part of tau: below that a cheaper formula is as good. */
  private static final double NEARLY_NOTHING = 0.02;

  /** A tick as a part of tau. Each call multiplies by it more than once, and divides by nothing. */
  private static final double TICK_PART = (1 << TICK_SHIFT) / (double) TimeUnit.SECONDS.toNanos(10);

  private static final long UNKNOWN = 0;

  private static final VarHandle STATE;

  static {
    try {
      STATE = MethodHandles.lookup().findVarHandle(LatencyAverage.class, "state", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /** The value as a float, and below it when that was. Written by any thread whose try ends. */
  private long state = UNKNOWN;

  private final OncePerSecond probes = new OncePerSecond();

  // Of an endpoint that is avoided, which has few calls. If two of them meet, one may be lost.
  private int good;
  private double sumOfGood;

  // Of an endpoint that has failed: samples since then. If two of them meet, one may be lost.
  private boolean blamed;
  private int sinceFailure;
  private double sumSinceFailure;

  /** Nothing is known yet. */
  public LatencyAverage() {}

  /** As slow as it is now; 0 if nothing is known. */
  public double at(long nowNanos) {
    long now = (long) STATE.getOpaque(this);
    return now == UNKNOWN ? 0 : value(now) * kept(now, ticks(nowNanos));
  }

  /**
   * A try has ended.
   *
   * @param how what its end says of latency
   * @param relative how long it took, or was out, as {@link MethodLatency#relative} says
   * @param avoidedAbove how slow an endpoint is avoided, {@value #AVOIDED_MEDIANS} times the median
   *     of all; infinite if there is nothing to compare it with
   */
  public void ended(Outcome.Latency how, double relative, double avoidedAbove, long nowNanos) {
    switch (how) {
      case SAMPLE -> sample(relative, avoidedAbove, nowNanos);
      case PENALTY -> {
        double doubled = Math.max(LEAST_PENALTY, PENALTY_FACTOR * at(nowNanos));
        atLeast(Math.max(relative, doubled), nowNanos);
        sinceFailure = 0;
        sumSinceFailure = 0;
        blamed = true;
      }
      case AT_LEAST_WAITED, IF_ABOVE_AVERAGE -> {
        if (relative > at(nowNanos)) {
          atLeast(relative, nowNanos);
        }
      }
      case NONE -> {}
    }
  }

  private void sample(double relative, double avoidedAbove, long nowNanos) {
    long before = (long) STATE.getOpaque(this);
    int now = ticks(nowNanos);
    if (before == UNKNOWN) {
      set(relative, now);
      return;
    }
    if (blamed && isForgiven(relative)) {
      set(sumSinceFailure / FORGIVING_SAMPLES, now);
      blamed = false;
      return;
    }
    double kept = kept(before, now);
    double value = value(before) * kept;
    if (value > avoidedAbove && replaces(relative, avoidedAbove)) {
      set(sumOfGood / GOOD_SAMPLES, now);
      good = 0;
    } else if (relative > value) {
      atLeast(relative, nowNanos);
    } else if (kept < 1) { // Of those within a tick the first one counts.
      if (value <= avoidedAbove) {
        good = 0; // Those from before it was slow do not clear it when it is slow again.
      }
      set(value + relative * (1 - kept), now);
    }
  }

  /** Whether an endpoint that is avoided has had enough good samples, this one included. */
  private boolean replaces(double relative, double avoidedAbove) {
    if (relative > avoidedAbove) {
      good = 0;
      return false;
    }
    sumOfGood = good == 0 ? relative : sumOfGood + relative;
    return ++good >= GOOD_SAMPLES;
  }

  private boolean isForgiven(double relative) {
    sumSinceFailure += relative;
    return ++sinceFailure >= FORGIVING_SAMPLES;
  }

  private void atLeast(double relative, long nowNanos) {
    good = 0;
    set(relative, ticks(nowNanos));
  }

  private void set(double relative, int now) {
    float value = (float) Math.clamp(relative, Float.MIN_NORMAL, MOST);
    STATE.setOpaque(
        this, ((long) Float.floatToRawIntBits(value) << Integer.SIZE) | (now & 0xffff_ffffL));
  }

  /** Whether it is so slow that calls go elsewhere, but for one per second. */
  public boolean isAvoided(double avoidedAbove, long nowNanos) {
    return at(nowNanos) > avoidedAbove;
  }

  /** Whether that call is due. */
  public boolean isProbeDue(long nowNanos) {
    return probes.isOpen(nowNanos);
  }

  /** The call that one per second is, if it is due: it goes there although it is slow. */
  public boolean takeProbe(long nowNanos) {
    return probes.pass(nowNanos);
  }

  /** Nothing is known any more: the endpoint has just recovered. */
  public void reset() {
    good = 0;
    blamed = false;
    STATE.setOpaque(this, UNKNOWN);
  }

  private static double value(long state) {
    return Float.intBitsToFloat((int) (state >>> Integer.SIZE));
  }

  private static int ticks(long nanos) {
    return (int) (nanos >>> TICK_SHIFT);
  }

  /** How much of a value is left now; all of it if clocks of two threads are a little apart. */
  private static double kept(long state, int now) {
    int age = now - (int) state;
    double part = age * TICK_PART;
    if (part <= 0) {
      return 1;
    }
    // Two terms of the series are exact to a millionth there, and calls ask mostly there.
    return part < NEARLY_NOTHING ? 1 - part + part * part / 2 : Math.exp(-part);
  }
}
