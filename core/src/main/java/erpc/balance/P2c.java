package erpc.balance;

/**
 * The power of two choices: draws two candidates by weight and picks the one with the lower score,
 * latency × (load + 1) / weight. Latencies are averages that jump up at once and decay (peak EWMA,
 * as Finagle's {@code PeakEwma} and brpc's {@code p2c_ewma} keep them).
 *
 * <p>One of which nothing is known is tried if no call is on its way there, so that newcomers get
 * calls; while one is, it counts as very slow. If both are idle the first one drawn wins unless it
 * is much slower, so that weights count too. Thread-safe.
 */
final class P2c implements Balancer {
  /** If both are idle the draw decides, which has counted the weights, unless it is so slow. */
  private static final double MUCH_SLOWER = 2;

  /** As many times the average counts one of which nothing is known yet. */
  private static final double UNKNOWN = 1e6;

  @Override
  public Picker picker(Candidates candidates) {
    return pick -> {
      int first = pick.draw();
      int second = first == NONE ? NONE : pick.drawAnother(first);
      return second != NONE && isBetter(candidates, pick, second, first) ? second : first;
    };
  }

  private static boolean isBetter(Candidates candidates, Pick pick, int one, int other) {
    double oneLoad = pick.load(one);
    double otherLoad = pick.load(other);
    double oneLatency = latency(candidates, pick, one);
    double otherLatency = latency(candidates, pick, other);
    if (oneLoad <= 0 && otherLoad <= 0) {
      return oneLatency * MUCH_SLOWER < otherLatency;
    }
    // Both sides times both weights: a division would cost more than all of this. Counts are read
    // while others change them: a passing negative must not turn the comparison.
    return oneLatency * (Math.max(0, oneLoad) + 1) * weight(candidates, other)
        < otherLatency * (Math.max(0, otherLoad) + 1) * weight(candidates, one);
  }

  private static double latency(Candidates candidates, Pick pick, int index) {
    double known = pick.latency(index);
    if (known > 0) {
      return known;
    }
    // Own calls only: what others have there teaches this client nothing.
    return candidates.inFlight(index) > 0 ? UNKNOWN : 0;
  }

  private static double weight(Candidates candidates, int index) {
    return Math.max(1, candidates.weight(index));
  }

  @Override
  public String toString() {
    return "p2c";
  }
}
