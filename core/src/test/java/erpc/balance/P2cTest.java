package erpc.balance;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Comparator;
import java.util.PriorityQueue;
import org.junit.jupiter.api.Test;

class P2cTest {
  private final P2c balancer = new P2c();

  @Test
  void ofTwoTakesTheFasterOne() {
    assertThat(FakeCandidates.equal(2).latencies(1.1, 1).inFlight(3, 3).picks(balancer, 1_000))
        .containsExactly(0, 1_000, 0);
    assertThat(FakeCandidates.equal(2).latencies(2.1, 1).picks(balancer, 1_000))
        .containsExactly(0, 1_000, 0);
  }

  @Test
  void ofTwoIdleOnesThatAreAboutAsFastWeightsDecide() {
    FakeCandidates candidates = FakeCandidates.weighted(100, 1).latencies(1.1, 1);
    assertThat(candidates.picks(balancer, 1_000)[1]).isLessThan(60);
  }

  @Test
  void weighsLatencyAgainstLoad() {
    // 1 × (5 + 1) is more than 2 × (1 + 1), and less than 2 × (3 + 1).
    assertThat(FakeCandidates.equal(2).latencies(1, 2).inFlight(5, 1).picks(balancer, 1_000))
        .containsExactly(0, 1_000, 0);
    assertThat(FakeCandidates.equal(2).latencies(1, 2).inFlight(5, 3).picks(balancer, 1_000))
        .containsExactly(1_000, 0, 0);
  }

  @Test
  void takesLoadInProportionToWeight() {
    // (5 + 1) / 300 is less than (2 + 1) / 100, and (9 + 1) / 300 is more.
    assertThat(
            FakeCandidates.weighted(300, 100).latencies(1, 1).inFlight(5, 2).picks(balancer, 1_000))
        .containsExactly(1_000, 0, 0);
    assertThat(
            FakeCandidates.weighted(300, 100).latencies(1, 1).inFlight(9, 2).picks(balancer, 1_000))
        .containsExactly(0, 1_000, 0);
  }

  @Test
  void seesTheLoadThatOthersHavePutThere() {
    FakeCandidates candidates = FakeCandidates.equal(2).latencies(1, 1);
    candidates.othersLoad[0] = 0.5;
    assertThat(candidates.picks(balancer, 1_000)).containsExactly(0, 1_000, 0);
  }

  @Test
  void aNewcomerIsTriedAndThenWaitedFor() {
    FakeCandidates candidates = FakeCandidates.equal(2).latencies(0.001, 0);
    assertThat(candidates.pick(balancer)).isEqualTo(1);
    candidates.inFlight[1] = 1;
    candidates.inFlight[0] = 1_000;
    assertThat(candidates.picks(balancer, 1_000)).containsExactly(1_000, 0, 0);
    // What other clients have there does not make it known.
    candidates.inFlight[1] = 0;
    candidates.othersLoad[1] = 100;
    assertThat(candidates.pick(balancer)).isEqualTo(1);
  }

  @Test
  void whereNothingIsKnownOfAnyTakesTheOneWithFewerCalls() {
    assertThat(FakeCandidates.equal(2).inFlight(3, 2).picks(balancer, 1_000))
        .containsExactly(0, 1_000, 0);
  }

  @Test
  void idleOnesThatAreEquallyFastGetCallsByWeight() {
    int[] weights = {100, 50, 25, 200, 0, 125};
    FakeCandidates candidates = FakeCandidates.weighted(weights).latencies(1, 1, 1, 1, 1, 1);
    double[] shares = java.util.Arrays.stream(weights).asDoubleStream().toArray();
    assertThat(ChiSquare.p(candidates.picks(balancer, 50_000), shares)).isGreaterThan(0.001);
  }

  private record Running(int index, long end) {}

  /** In virtual time: calls come evenly, and take as long as their endpoint is slow and loaded. */
  private static int[] run(double slowness, int load, int calls) {
    P2c balancer = new P2c();
    FakeCandidates candidates = FakeCandidates.equal(5).latencies(1, 1, 1, 1, slowness);
    candidates.othersLoad[3] = load;
    Balancer.Picker picker = balancer.picker(candidates);
    int[] picks = new int[5];
    PriorityQueue<Running> running = new PriorityQueue<>(Comparator.comparingLong(Running::end));
    for (int now = 0; now < calls; now++) {
      while (!running.isEmpty() && running.peek().end <= now) {
        candidates.inFlight[running.poll().index]--;
      }
      int index = picker.pick(candidates);
      picks[index]++;
      candidates.inFlight[index]++;
      running.add(new Running(index, now + (long) (10 * candidates.latencies[index])));
    }
    return picks;
  }

  @Test
  void avoidsASlowEndpoint() {
    int[] picks = run(20, 0, 20_000);
    assertThat(picks[4]).isLessThan(400); // A tenth of a fair share.
    assertThat(picks[0]).isBetween(4_600, 5_400);
  }

  @Test
  void avoidsALoadedEndpoint() {
    int[] picks = run(1, 100, 20_000);
    assertThat(picks[3]).isLessThan(400);
    assertThat(picks[0]).isBetween(4_600, 5_400);
  }
}
