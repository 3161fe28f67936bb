package erpc.balance;

/**
 * Draws two candidates by weight and picks the one with the larger weight / (calls in flight + 1),
 * as Envoy's least request does with two choices and a bias of 1. If both are idle the first one
 * drawn wins, so that a light endpoint gets its share of light traffic too. Thread-safe.
 */
final class LeastRequest implements Balancer {
  @Override
  public Picker picker(Candidates candidates) {
    return pick -> {
      int first = pick.draw();
      int second = first == NONE ? NONE : pick.drawAnother(first);
      return second != NONE && isBetter(candidates, second, first) ? second : first;
    };
  }

  /** Compares the quotients without dividing; the products fit a long. */
  private static boolean isBetter(Candidates candidates, int one, int other) {
    // Counts are read while others change them: a passing negative must not turn the comparison.
    long oneActive = Math.max(0, candidates.inFlight(one));
    long otherActive = Math.max(0, candidates.inFlight(other));
    if (oneActive == 0 && otherActive == 0) {
      return false;
    }
    long oneWeight = Math.max(1, candidates.weight(one));
    long otherWeight = Math.max(1, candidates.weight(other));
    return oneWeight * (otherActive + 1) > otherWeight * (oneActive + 1);
  }

  @Override
  public String toString() {
    return "least_request";
  }
}
