package erpc.bench;

import erpc.bench.driver.Figures;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** What a cell gave: the figures of each subject, round by round. */
final class Measured {
  final Cell cell;
  private final Map<String, List<Figures>> rounds = new LinkedHashMap<>();
  private final List<Double> aparts = new ArrayList<>();

  Measured(Cell cell) {
    this.cell = cell;
  }

  /**
   * Adds a run.
   *
   * @param apart how long a word took between processors and back, in nanoseconds
   */
  void add(String subject, Figures figures, double apart) {
    aparts.add(apart);
    rounds.computeIfAbsent(subject, name -> new ArrayList<>()).add(figures);
  }

  /** How near the processors were to each other, as a sentence; empty if that is not known. */
  String nearness() {
    return Nearness.describe(aparts.stream().mapToDouble(each -> each).sorted().toArray());
  }

  List<String> subjects() {
    return List.copyOf(rounds.keySet());
  }

  boolean has(String subject) {
    return rounds.containsKey(subject);
  }

  private List<Figures> of(String subject) {
    return rounds.getOrDefault(subject, List.of());
  }

  /** The median of a figure over the rounds. */
  double median(String subject, ToDoubleFunction<Figures> figure) {
    return median(of(subject).stream().mapToDouble(figure).sorted().toArray());
  }

  /** The median of the ratio of a figure to another subject's in the same round. */
  double ratio(String subject, String to, ToDoubleFunction<Figures> figure) {
    int count = Math.min(of(subject).size(), of(to).size());
    double[] ratios = new double[count];
    for (int i = 0; i < count; i++) {
      ratios[i] = figure.applyAsDouble(of(subject).get(i)) / figure.applyAsDouble(of(to).get(i));
    }
    java.util.Arrays.sort(ratios);
    return median(ratios);
  }

  private static double median(double[] sorted) {
    int middle = sorted.length / 2;
    if (sorted.length == 0) {
      return Double.NaN;
    }
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }

  /** Who of these has the most calls per second; null if none was measured. */
  @org.jspecify.annotations.Nullable
  String best(List<String> some) {
    String best = null;
    for (String each : some) {
      if (has(each)
          && (best == null
              || median(each, Figures::perSecond) > median(best, Figures::perSecond))) {
        best = each;
      }
    }
    return best;
  }
}
