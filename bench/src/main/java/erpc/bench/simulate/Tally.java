package erpc.bench.simulate;

import java.util.ArrayList;
import java.util.List;
import org.HdrHistogram.Histogram;

/**
 * What has become of clients' calls. A call that failed counts as one that took all the time it
 * had: who gave up on slow calls would look quick else.
 */
final class Tally {
  /** How long the parts are that charts show. */
  static final double PART_SECONDS = 0.5;

  private static final long MOST_MICROS = 100_000_000;

  private final Histogram latencies = new Histogram(MOST_MICROS, 3);
  private final List<Part> parts = new ArrayList<>();
  private final long countedFromNanos;
  private long calls;
  private long succeeded;
  private long tries;

  /** Calls that began within one part of the time. */
  private static final class Part {
    final Histogram latencies = new Histogram(MOST_MICROS, 2);
    long succeeded;
  }

  /**
   * No calls yet.
   *
   * @param countedFromNanos only calls count that began then or later
   */
  Tally(int seconds, long countedFromNanos) {
    this.countedFromNanos = countedFromNanos;
    for (int i = 0; i < seconds / PART_SECONDS; i++) {
      parts.add(new Part());
    }
  }

  void ended(Call call, boolean ok, long nowNanos) {
    long nanos = (ok ? nowNanos : Math.max(nowNanos, call.deadlineNanos)) - call.begunNanos;
    long micros = Math.min(MOST_MICROS, nanos / 1000);
    double second = (call.begunNanos - Events.BEGIN_NANOS) / 1e9;
    Part part = parts.get(Math.min(parts.size() - 1, (int) (second / PART_SECONDS)));
    part.latencies.recordValue(micros);
    part.succeeded += ok ? 1 : 0;
    if (call.begunNanos >= countedFromNanos) {
      latencies.recordValue(micros);
      calls++;
      succeeded += ok ? 1 : 0;
      tries += call.sent();
    }
  }

  long calls() {
    return calls;
  }

  long succeeded() {
    return succeeded;
  }

  double successShare() {
    return succeeded / (double) Math.max(1, calls);
  }

  double triesPerCall() {
    return tries / (double) Math.max(1, calls);
  }

  double millis(double percentile) {
    return latencies.getValueAtPercentile(percentile) / 1e3;
  }

  double meanMillis() {
    return latencies.getMean() / 1e3;
  }

  /** Calls per second that have succeeded, part by part. */
  double[] goodputs() {
    return parts.stream().mapToDouble(each -> each.succeeded / PART_SECONDS).toArray();
  }

  /** The 99th percentile in milliseconds, part by part. */
  double[] p99Millis() {
    return parts.stream()
        .mapToDouble(each -> each.latencies.getValueAtPercentile(99) / 1e3)
        .toArray();
  }
}
