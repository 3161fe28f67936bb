package erpc.balance;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class LocalityAwareTest {
  private static final long SECOND = 1_000_000_000L;

  /** Servers in virtual time, each of which becomes slower the more calls it has. */
  private static final class Servers {
    private static final double TAU = 10.0 * SECOND;

    final FakeCandidates candidates;
    final double[] serviceNanos;
    final boolean[] hangs;
    final int[] picks;
    private final double[] average;
    private final long[] sampled;
    private final RandomGenerator chance;
    private final PriorityQueue<Running> running =
        new PriorityQueue<>(Comparator.comparingLong(Running::endNanos));

    private record Running(int index, long startNanos, long endNanos) {}

    Servers(int size, long seed) {
      chance = new Random(seed);
      candidates = FakeCandidates.weighted(new Random(seed), equal(size));
      serviceNanos = new double[size];
      Arrays.fill(serviceNanos, 1e6);
      hangs = new boolean[size];
      picks = new int[size];
      average = new double[size];
      sampled = new long[size];
    }

    private static int[] equal(int size) {
      int[] weights = new int[size];
      Arrays.fill(weights, 100);
      return weights;
    }

    /** So many calls per second, as they come. */
    void run(Balancer.Picker picker, double perSecond, int seconds) {
      Arrays.fill(picks, 0);
      long end = candidates.nowNanos + seconds * SECOND;
      while (candidates.nowNanos < end) {
        candidates.nowNanos += (long) (-Math.log(1 - chance.nextDouble()) / perSecond * SECOND);
        while (!running.isEmpty() && running.peek().endNanos <= candidates.nowNanos) {
          ended(running.poll());
        }
        int index = picker.pick(candidates);
        picks[index]++;
        candidates.inFlight[index]++;
        // As in a queue with one server: those before it and itself.
        double takes = serviceNanos[index] * candidates.inFlight[index];
        takes *= 0.75 + 0.5 * chance.nextDouble();
        long ends = hangs[index] ? 3 * SECOND : (long) takes;
        running.add(new Running(index, candidates.nowNanos, candidates.nowNanos + ends));
      }
    }

    private void ended(Running call) {
      int i = call.index;
      candidates.inFlight[i]--;
      double took = call.endNanos - call.startNanos;
      double keeps = Math.exp((sampled[i] - call.endNanos) / TAU);
      // Peak EWMA, but for the sake of this test not so shy of single peaks.
      average[i] =
          average[i] == 0 ? took : average[i] + Math.max(0.02, 1 - keeps) * (took - average[i]);
      sampled[i] = call.endNanos;
      double all = Arrays.stream(average).filter(each -> each > 0).average().orElse(0);
      for (int k = 0; k < average.length; k++) {
        candidates.latencies[k] = average[k] / all;
      }
    }

    double share(int index) {
      return (double) picks[index] / Arrays.stream(picks).sum();
    }
  }

  @Test
  void shiftsLoadOffASlowEndpointAndBack() {
    for (int seed = 1; seed <= 5; seed++) {
      Servers servers = new Servers(4, seed);
      Balancer.Picker picker = new LocalityAware().picker(servers.candidates);
      servers.run(picker, 1_500, 30);
      for (int i = 0; i < 4; i++) {
        assertThat(servers.share(i)).as("%d, seed %d", i, seed).isBetween(0.15, 0.35);
      }
      servers.serviceNanos[2] = 20e6;
      servers.run(picker, 1_500, 20);
      servers.run(picker, 1_500, 20);
      assertThat(servers.share(2)).as("seed %d", seed).isLessThan(0.05);
      servers.serviceNanos[2] = 1e6;
      servers.run(picker, 1_500, 60);
      servers.run(picker, 1_500, 20);
      assertThat(servers.share(2)).as("seed %d", seed).isBetween(0.15, 0.35);
    }
  }

  @Test
  void oneThatHangsLosesItsCallsBeforeAnyHasEnded() {
    Servers servers = new Servers(4, 3);
    Balancer.Picker picker = new LocalityAware().picker(servers.candidates);
    servers.run(picker, 1_000, 30);
    servers.hangs[1] = true;
    servers.run(picker, 1_000, 1);
    // A fair share is 250.
    assertThat(servers.picks[1]).isLessThan(125);
    servers.run(picker, 1_000, 1);
    assertThat(servers.picks[1]).isLessThan(50);
  }

  @Test
  void goesByConfiguredWeightsWhileNothingIsKnown() {
    int[] weights = {100, 50, 25, 200, 0, 125};
    double[] shares = Arrays.stream(weights).asDoubleStream().toArray();
    FakeCandidates candidates = FakeCandidates.weighted(weights);
    assertThat(ChiSquare.p(candidates.picks(new LocalityAware(), 50_000), shares))
        .isGreaterThan(0.001);
  }

  @Test
  void whatWasLearnedOutlivesAList() {
    Servers servers = new Servers(4, 5);
    servers.serviceNanos[2] = 20e6;
    LocalityAware balancer = new LocalityAware();
    Balancer.Picker before = balancer.picker(servers.candidates);
    servers.run(before, 1_000, 30);
    Balancer.Picker after = balancer.picker(servers.candidates);
    servers.run(after, 1_000, 1);
    assertThat(servers.share(2)).isLessThan(0.05);
    assertThat(before.pick(servers.candidates)).isNotNegative(); // Nor has it lost its own.
  }

  @Test
  void oneThatCannotBeCalledIsHardlyDrawnAnyLonger() {
    FakeCandidates candidates = FakeCandidates.equal(100);
    Balancer.Picker picker = new LocalityAware().picker(candidates);
    boolean[] broken = new boolean[100];
    Arrays.fill(broken, 0, 90, true);
    candidates.unfit = broken;
    int[] first = candidates.picksBy(picker, 10_000);
    assertThat(Arrays.stream(first, 0, 90).sum()).isZero();
    candidates.asked = 0;
    var unused = candidates.picksBy(picker, 1_000);
    assertThat(candidates.asked).isLessThan(1_300);
  }
}
