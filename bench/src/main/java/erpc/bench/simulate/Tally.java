package erpc.bench.simulate;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.HdrHistogram.Histogram;

/**
 * What has become of clients' calls. A call that failed counts as one that took all the time it
 * had: who gave up on slow calls would look quick else.
 */
final class Tally {
  /** How long the parts are that charts show. */
  static final double PART_SECONDS = 0.5;

  private static final long MOST_MICROS = 100_000_000;

  private final Outcomes all = new Outcomes();
  private final Map<String, Outcomes> methods = new TreeMap<>();
  private final List<Part> parts = new ArrayList<>();
  private final List<Level> levels = new ArrayList<>();
  private final long countedFromNanos;
  private long tries;

  /** What has become of calls. */
  static final class Outcomes {
    private final Histogram latencies = new Histogram(MOST_MICROS, 3);
    private long calls;
    private long succeeded;

    private void add(long micros, boolean ok) {
      latencies.recordValue(micros);
      calls++;
      succeeded += ok ? 1 : 0;
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

    double millis(double percentile) {
      return latencies.getValueAtPercentile(percentile) / 1e3;
    }

    double meanMillis() {
      return latencies.getMean() / 1e3;
    }
  }

  /** Calls that began within one part of the time. */
  private static final class Part {
    final Histogram latencies = new Histogram(MOST_MICROS, 2);
    long succeeded;
  }

  /** Tries that servers of one level received, part by part. */
  static final class Level {
    private final long[] received;

    private Level(int parts) {
      received = new long[parts];
    }

    void received(long nowNanos) {
      int part = part(nowNanos);
      if (part < received.length) {
        received[part]++;
      }
    }
  }

  /**
   * No calls yet.
   *
   * @param countedFromNanos only calls count that began then or later, but for charts
   */
  Tally(Scenario scenario, long countedFromNanos) {
    this.countedFromNanos = countedFromNanos;
    for (int i = 0; i < scenario.seconds() / PART_SECONDS; i++) {
      parts.add(new Part());
    }
    scenario.levels().forEach(each -> levels.add(new Level(parts.size())));
  }

  private static int part(long nanos) {
    return (int) ((nanos - Events.BEGIN_NANOS) / 1e9 / PART_SECONDS);
  }

  Level level(int index) {
    return levels.get(index);
  }

  void ended(Call call, boolean ok, long nowNanos) {
    long nanos = (ok ? nowNanos : Math.max(nowNanos, call.deadlineNanos)) - call.begunNanos;
    long micros = Math.min(MOST_MICROS, nanos / 1000);
    Part part = parts.get(Math.min(parts.size() - 1, part(call.begunNanos)));
    part.latencies.recordValue(micros);
    part.succeeded += ok ? 1 : 0;
    if (call.begunNanos >= countedFromNanos) {
      all.add(micros, ok);
      methods.computeIfAbsent(call.operation.name(), key -> new Outcomes()).add(micros, ok);
      tries += call.sent();
    }
  }

  Outcomes all() {
    return all;
  }

  /** By the names of the methods that clients call. */
  Map<String, Outcomes> methods() {
    return methods;
  }

  double triesPerCall() {
    return tries / (double) Math.max(1, all.calls);
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

  /** Tries per second at the lowest level, part by part. */
  double[] lowest() {
    return Arrays.stream(levels.get(levels.size() - 1).received)
        .mapToDouble(each -> each / PART_SECONDS)
        .toArray();
  }
}
