package erpc.balance;

import java.util.Arrays;

/** Candidates that a test sets as it likes. */
final class FakeCandidates implements Balancer.Candidates {
  final int[] weights;
  final int[] inFlight;
  final boolean[] excluded;

  private FakeCandidates(int[] weights) {
    this.weights = weights;
    this.inFlight = new int[weights.length];
    this.excluded = new boolean[weights.length];
  }

  static FakeCandidates equal(int size) {
    int[] weights = new int[size];
    Arrays.fill(weights, 100);
    return new FakeCandidates(weights);
  }

  static FakeCandidates weighted(int... weights) {
    return new FakeCandidates(weights.clone());
  }

  FakeCandidates excluding(int... indexes) {
    for (int index : indexes) {
      excluded[index] = true;
    }
    return this;
  }

  FakeCandidates inFlight(int... counts) {
    System.arraycopy(counts, 0, inFlight, 0, counts.length);
    return this;
  }

  /** How often each index is picked in so many picks; a pick of none counts at the end. */
  int[] picks(Balancer balancer, int times) {
    int[] counts = new int[weights.length + 1];
    for (int i = 0; i < times; i++) {
      int index = balancer.pick(this);
      counts[index == Balancer.NONE ? weights.length : index]++;
    }
    return counts;
  }

  @Override
  public int size() {
    return weights.length;
  }

  @Override
  public int weight(int index) {
    return weights[index];
  }

  @Override
  public int inFlight(int index) {
    return inFlight[index];
  }

  @Override
  public boolean excluded(int index) {
    return excluded[index];
  }
}
