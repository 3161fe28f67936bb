package erpc.breaker;

import erpc.settings.Mode;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What the failures of one endpoint come to, beside its successes: the three ways in which a
 * breaker finds that it is broken. Told of failures alone, for those are few while all is well. Not
 * thread-safe.
 */
final class FailureCounts {
  /** So many failures with no success between them. */
  static final int IN_A_ROW = 5;

  /** A share of calls counts if there are so many. */
  static final int LEAST_CALLS = 20;

  private static final double LEAST_SHARE = 0.5;

  /** Calls that are lost within such a moment were lost with one connection, or one process. */
  static final long MOMENT_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

  private static final int SLICES = 10;
  private static final long SLICE_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final long originNanos;
  private final Average shortAverage = new Average(1_500, 0.10);
  private final Average longAverage = new Average(3_000, 0.05);

  private int inARow;
  private long rowBeganNanos;
  private long lastLostNanos;

  private long lastNanos;
  private long lastSuccesses;

  // A ring of the last ten seconds: failures in each, and successes until it began.
  private final int[] failures = new int[SLICES];
  private final long[] successesBefore = new long[SLICES];
  private long lastSlice;

  /** That an endpoint is broken, by which mechanism, and why. */
  record Trip(EndpointHealth.Mechanism by, String why) {}

  /**
   * Counts from now on.
   *
   * @param successes those of the endpoint until now
   */
  FailureCounts(long successes, long nowNanos) {
    originNanos = nowNanos;
    lastNanos = nowNanos;
    lastLostNanos = nowNanos - MOMENT_NANOS;
    lastSuccesses = successes;
    successesBefore[0] = successes;
  }

  /**
   * A call has failed.
   *
   * @param successes those of the endpoint until now
   * @param lost whether its connection was lost; of several in a moment one counts in a row
   * @param onlyActing whether mechanisms on dry run are not asked
   * @return what finds it broken: the first that acts, else the first on dry run; null if nothing
   */
  @Nullable Trip failed(
      long successes, boolean lost, EndpointHealth.Modes modes, boolean onlyActing, long nowNanos) {
    long between = Math.max(0, successes - lastSuccesses);
    row(between, lost, nowNanos);
    slices(successes, nowNanos);
    shortAverage.failed(between);
    longAverage.failed(between);
    lastNanos = nowNanos;
    lastSuccesses = successes;
    Trip dry = null;
    for (EndpointHealth.Mechanism each : EndpointHealth.Mechanism.values()) {
      Mode mode = modes.of(each);
      boolean asked = mode == Mode.ON || (mode == Mode.DRY_RUN && !onlyActing && dry == null);
      String why = asked ? why(each, successes, nowNanos) : null;
      if (why != null && mode == Mode.ON) {
        return new Trip(each, why);
      }
      dry = why == null ? dry : new Trip(each, why);
    }
    return dry;
  }

  private @Nullable String why(EndpointHealth.Mechanism by, long successes, long nowNanos) {
    return switch (by) {
      case IN_A_ROW ->
          inARow < IN_A_ROW
              ? null
              : inARow + " failed in a row within " + Texts.seconds(nowNanos - rowBeganNanos);
      case SHARE -> whyShare(successes);
      case AVERAGES -> shortAverage.why() == null ? longAverage.why() : shortAverage.why();
      case COMPARISON -> null;
    };
  }

  private void row(long between, boolean lost, long nowNanos) {
    if (between > 0 || inARow == 0) {
      inARow = 0;
      rowBeganNanos = nowNanos;
    }
    boolean known = lost && nowNanos - lastLostNanos < MOMENT_NANOS;
    if (lost) {
      lastLostNanos = nowNanos;
    }
    if (!known) {
      inARow++;
    }
  }

  private @Nullable String whyShare(long successes) {
    int failed = 0;
    for (int each : failures) {
      failed += each;
    }
    long oldest = Math.max(0, lastSlice - SLICES + 1);
    long all = failed + Math.max(0, successes - successesBefore[(int) (oldest % SLICES)]);
    return all < LEAST_CALLS || failed < LEAST_SHARE * all
        ? null
        : failed + " of " + all + " failed within 10 s";
  }

  /**
   * Begins the slices since the last failure. When the successes between came is not known: they
   * are taken as spread evenly.
   */
  private void slices(long successes, long nowNanos) {
    long slice = Math.max(lastSlice, (nowNanos - originNanos) / SLICE_NANOS);
    double perNano = (successes - lastSuccesses) / (double) Math.max(1, nowNanos - lastNanos);
    for (long i = Math.max(lastSlice + 1, slice - SLICES + 1); i <= slice; i++) {
      int index = (int) (i % SLICES);
      long before = originNanos + i * SLICE_NANOS - lastNanos;
      failures[index] = 0;
      successesBefore[index] = lastSuccesses + (long) (perNano * Math.max(0, before));
    }
    lastSlice = slice;
    failures[(int) (slice % SLICES)]++;
  }

  /**
   * The share of failures among about so many calls, as brpc's circuit breaker has it: a call
   * counts less, the more calls there were since.
   */
  private static final class Average {
    /** What is left of a call's weight after a window of others. */
    private static final double LEFT = 0.02;

    private final int calls;
    private final double most;
    private final double kept; // of a call's weight, by the next one
    private double share;

    /**
     * No calls yet.
     *
     * @param calls about how many it is of
     * @param most which share of failures is not too much
     */
    Average(int calls, double most) {
      this.calls = calls;
      this.most = most;
      this.kept = Math.pow(LEFT, 1.0 / calls);
    }

    void failed(long successesBefore) {
      share = share * Math.pow(kept, successesBefore + 1.0) + 1 - kept;
    }

    @Nullable String why() {
      return share <= most
          ? null
          : String.format(
              Locale.ROOT, "%s of about the last %,d failed", Texts.percent(share), calls);
    }
  }
}
