package erpc.bench.layers;

import erpc.balance.Balancer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** Picking an endpoint of several that have the same weight and are all there. */
@State(Scope.Thread)
public class BalancerBenchmark {
  private static final int WEIGHT = 100;

  /** The policy, as settings name it. */
  @Param({"round_robin", "random", "least_request"})
  public String policy = "round_robin";

  /** How many endpoints there are. */
  @Param({"3", "100"})
  public int endpoints = 3;

  private Balancer balancer = Balancer.named("round_robin");
  private Balancer.Candidates candidates = new Alike(0);

  @Setup
  public void choose() {
    balancer = Balancer.named(policy);
    candidates = new Alike(endpoints);
  }

  /**
   * One pick. The candidates say nothing of themselves as a whole, so it is bounded by one or two
   * looks at each of them, and by drawing one or two random numbers; it allocates nothing.
   */
  @Benchmark
  public int pick() {
    return balancer.pick(candidates);
  }

  private static final class Alike implements Balancer.Candidates {
    private final int[] weights;
    private final int[] inFlight;
    private final boolean[] excluded;

    Alike(int size) {
      weights = new int[size];
      inFlight = new int[size];
      excluded = new boolean[size];
      for (int i = 0; i < size; i++) {
        weights[i] = WEIGHT;
        inFlight[i] = i % 4;
      }
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
}
