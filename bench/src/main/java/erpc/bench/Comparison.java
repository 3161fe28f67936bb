package erpc.bench;

import erpc.bench.driver.Figures;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/**
 * What a cell says of today's code beside another commit's: judged is the median of pairs, and only
 * if the median of today's code beside itself, in the same rounds, is near enough to one.
 *
 * @param pairs as they were measured, one after the other
 */
record Comparison(List<Triple> pairs) {
  /** The most that today's code may cost, of what the other commit costs. */
  static final double MOST_OF_OTHER = 1.05;

  /** Between these the same code beside itself has to be. */
  static final double LEAST_OF_ITSELF = 0.97;

  static final double MOST_OF_ITSELF = 1.03;

  /** Fewer are not judged. */
  static final int LEAST_PAIRS = 10;

  Comparison {
    pairs = List.copyOf(pairs);
  }

  /** What a run came to. */
  enum Verdict {
    /** Today's code costs no more than it may. */
    MET("met"),
    /** It costs more. */
    MISSED("MISSED"),
    /** The run says nothing: the same code beside itself differed, or there were too few pairs. */
    VOID("VOID"),
    /** The other commit has no such cell. */
    LACKING("LACKING"),
    /** A process ended before its time. */
    FAILED("FAILED");

    final String word;

    Verdict(String word) {
      this.word = word;
    }
  }

  /**
   * What one subject did in its turns of a round.
   *
   * @param cpuNanos processor time at both ends
   */
  record Taken(long calls, long nanos, long cpuNanos) {
    static final Taken NOTHING = new Taken(0, 0, 0);

    Taken plus(Figures more) {
      return new Taken(
          calls + more.calls(),
          nanos + more.nanos(),
          cpuNanos + more.client().cpuNanos() + more.server().cpuNanos());
    }

    double cpuMicros() {
      return cpuNanos / 1e3 / calls;
    }

    double perSecond() {
      return calls * 1e9 / nanos;
    }
  }

  /** One round: the other commit, today's code, and today's code once more. */
  record Triple(Taken other, Taken today, Taken again) {
    /** Processor time per call of today's code, of that of the other commit. */
    double cpu() {
      return today.cpuMicros() / other.cpuMicros();
    }

    /** Processor time per call of today's code, of that of the same code. */
    double itself() {
      return again.cpuMicros() / today.cpuMicros();
    }

    /** Calls a second of today's code, of those of the other commit. */
    double rate() {
      return today.perSecond() / other.perSecond();
    }
  }

  Verdict verdict() {
    if (!whyVoid().isEmpty()) {
      return Verdict.VOID;
    }
    return median(Triple::cpu) <= MOST_OF_OTHER ? Verdict.MET : Verdict.MISSED;
  }

  /** Why nothing can be said; empty if something can. */
  String whyVoid() {
    if (pairs.size() < LEAST_PAIRS) {
      return String.format(
          Locale.ROOT, "%d pairs are not judged, it takes %d", pairs.size(), LEAST_PAIRS);
    }
    double itself = median(Triple::itself);
    if (itself >= LEAST_OF_ITSELF && itself <= MOST_OF_ITSELF) {
      return "";
    }
    return String.format(
        Locale.ROOT,
        "the same code beside itself (A/A) has to be within %.2f to %.2f, so this run proves nothing",
        LEAST_OF_ITSELF,
        MOST_OF_ITSELF);
  }

  /** The median of some figure of the pairs; NaN if there are none. */
  double median(ToDoubleFunction<Triple> figure) {
    double[] sorted = sorted(figure);
    int middle = sorted.length / 2;
    if (sorted.length == 0) {
      return Double.NaN;
    }
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }

  private double[] sorted(ToDoubleFunction<Triple> figure) {
    double[] values = pairs.stream().mapToDouble(figure).toArray();
    Arrays.sort(values);
    return values;
  }

  /** What came out, in a line. */
  String line() {
    if (pairs.isEmpty()) {
      return "no pairs";
    }
    double[] cpu = sorted(Triple::cpu);
    return String.format(
        Locale.ROOT,
        "CPU a call %.3f (%.3f to %.3f; at most %.2f), %.3f µs after %.3f µs; calls/s %.3f; A/A %.3f; %d pairs",
        median(Triple::cpu),
        cpu[0],
        cpu[cpu.length - 1],
        MOST_OF_OTHER,
        median(each -> each.today().cpuMicros()),
        median(each -> each.other().cpuMicros()),
        median(Triple::rate),
        median(Triple::itself),
        pairs.size());
  }

  /** A pair, in a line. */
  static String line(int number, Triple pair) {
    return String.format(
        Locale.ROOT,
        "  %3d  %9.3f %9.3f %9.3f   %6.3f  %6.3f   %6.3f",
        number,
        pair.other().cpuMicros(),
        pair.today().cpuMicros(),
        pair.again().cpuMicros(),
        pair.cpu(),
        pair.itself(),
        pair.rate());
  }

  /** What stands above those lines. */
  static String head() {
    return "       CPU µs/call:                        CPU     A/A   calls/s\n"
        + " pair      other     today     again   of other  ratio  of other";
  }
}
