package erpc.breaker;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * Finds endpoints that do worse than their peers, each ten seconds. Both ways of gRFC A50, but with
 * the median and its deviation: with three of ten failing, a mean and its standard deviation hide
 * them. Pure.
 */
public final class Comparison {
  /** As many endpoints there must be with enough calls. */
  public static final int LEAST_ENDPOINTS = 5;

  /** As many calls of an endpoint are enough to compare its successes. */
  public static final int LEAST_CALLS = 100;

  /** As many are enough to find that it fails nearly always. */
  public static final int LEAST_CALLS_FAILING = 50;

  /** Nearly always. */
  public static final double FAILING_SHARE = 0.85;

  /** One of so many may be ejected at once, and one always. */
  public static final int EJECTED_OF = 10;

  /** As many deviations below the median is too far. */
  private static final double DEVIATIONS = 1.9;

  /** The standard deviation of what is spread normally, in median deviations. */
  private static final double SIGMA_PER_DEVIATION = 1.4826;

  /** Less is no difference that matters: where all succeed, one failure would be far off. */
  private static final double LEAST_DIFFERENCE = 0.05;

  private Comparison() {}

  /** What calls of one endpoint have come to, without those that say nothing of it. */
  public record Tally(long successes, long failures) {
    long calls() {
      return successes + failures;
    }

    double failing() {
      return failures / (double) Math.max(1, calls());
    }
  }

  /**
   * One that is to be ejected.
   *
   * @param index which
   * @param why with numbers, for the log
   */
  public record Ejection(int index, String why) {}

  /**
   * Those that are to be ejected, the worst first.
   *
   * @param tallies what each endpoint has done in the last ten seconds
   * @param ejected how many are ejected already
   */
  public static List<Ejection> of(List<Tally> tallies, int ejected) {
    int most = Math.max(1, tallies.size() / EJECTED_OF) - ejected;
    if (most <= 0 || tallies.size() < LEAST_ENDPOINTS) {
      return List.of();
    }
    double[] compared = failing(tallies, LEAST_CALLS);
    double median = median(compared);
    double limit =
        compared.length < LEAST_ENDPOINTS ? Double.POSITIVE_INFINITY : limit(compared, median);
    boolean enough = failing(tallies, LEAST_CALLS_FAILING).length >= LEAST_ENDPOINTS;
    List<Integer> found = new ArrayList<>();
    for (int i = 0; i < tallies.size(); i++) {
      Tally each = tallies.get(i);
      boolean differs = each.calls() >= LEAST_CALLS && each.failing() > limit;
      boolean fails =
          enough && each.calls() >= LEAST_CALLS_FAILING && each.failing() >= FAILING_SHARE;
      if (differs || fails) {
        found.add(i);
      }
    }
    found.sort(Comparator.comparingDouble(index -> -tallies.get(index).failing()));
    double peers = medianFailing(tallies);
    return found.stream()
        .limit(most)
        .map(index -> new Ejection(index, why(tallies.get(index), peers, tallies.size() - 1)))
        .toList();
  }

  /** The median share of failures of endpoints with any calls; NaN if there are none. */
  public static double medianFailing(List<Tally> tallies) {
    return median(failing(tallies, 1));
  }

  private static String why(Tally of, double peers, int others) {
    return of.failures
        + " of "
        + of.calls()
        + " failed in 10 s, the median of "
        + others
        + " peers is "
        + Texts.percent(peers);
  }

  private static double[] failing(List<Tally> tallies, int leastCalls) {
    return tallies.stream()
        .filter(each -> each.calls() >= leastCalls)
        .mapToDouble(Tally::failing)
        .sorted()
        .toArray();
  }

  /** Which share of failures is too far from the others'. */
  private static double limit(double[] failing, double median) {
    double[] deviations =
        Arrays.stream(failing).map(each -> Math.abs(each - median)).sorted().toArray();
    double sigma = SIGMA_PER_DEVIATION * median(deviations);
    return median + Math.max(LEAST_DIFFERENCE, DEVIATIONS * sigma);
  }

  private static double median(double[] sorted) {
    int half = sorted.length / 2;
    return sorted.length == 0
        ? Double.NaN
        : sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
  }
}
