package erpc.balance;

/** Pearson's test: how likely counts are, or worse ones, if shares are as said. */
public final class ChiSquare {
  private ChiSquare() {}

  /**
   * The chance of counts that are as far off as these, or farther.
   *
   * @param shares of each count, in any unit; where one is 0 the count must be 0
   */
  public static double p(int[] counts, double[] shares) {
    double allShares = 0;
    double allCounts = 0;
    for (int i = 0; i < shares.length; i++) {
      allShares += shares[i];
      allCounts += counts[i];
    }
    double sum = 0;
    int freedom = -1;
    for (int i = 0; i < shares.length; i++) {
      double expected = allCounts * shares[i] / allShares;
      if (expected > 0) {
        sum += (counts[i] - expected) * (counts[i] - expected) / expected;
        freedom++;
      } else if (counts[i] > 0) {
        return 0;
      }
    }
    return freedom < 1 ? 1 : upperTail(sum, freedom);
  }

  /** By Wilson and Hilferty's approximation, which is good to a few parts in a thousand. */
  private static double upperTail(double sum, int freedom) {
    double part = 2.0 / (9 * freedom);
    double normal = (Math.cbrt(sum / freedom) - (1 - part)) / Math.sqrt(part);
    return 0.5 * complement(normal / Math.sqrt(2));
  }

  /** The complementary error function, by Abramowitz and Stegun 7.1.26. */
  private static double complement(double x) {
    double of = Math.abs(x);
    double t = 1 / (1 + 0.3275911 * of);
    double series =
        t
            * (0.254829592
                + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
    double tail = series * Math.exp(-of * of);
    return x >= 0 ? tail : 2 - tail;
  }
}
