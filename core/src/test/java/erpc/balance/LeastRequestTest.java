package erpc.balance;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import org.junit.jupiter.api.Test;

class LeastRequestTest {
  private final LeastRequest balancer = new LeastRequest();

  @Test
  void ofTwoTakesTheOneWithFewerCallsInFlight() {
    int[] counts = FakeCandidates.equal(2).inFlight(3, 2).picks(balancer, 1_000);
    assertThat(counts).containsExactly(0, 1_000, 0);
  }

  @Test
  void countsCallsInProportionToWeight() {
    // 300 / (5 + 1) is more than 100 / (2 + 1) …
    assertThat(FakeCandidates.weighted(300, 100).inFlight(5, 2).picks(balancer, 1_000))
        .containsExactly(1_000, 0, 0);
    // … and 300 / (9 + 1) is less.
    assertThat(FakeCandidates.weighted(300, 100).inFlight(9, 2).picks(balancer, 1_000))
        .containsExactly(0, 1_000, 0);
  }

  @Test
  void theBusiestOfManyGetsNothing() {
    int[] counts = FakeCandidates.equal(5).inFlight(0, 0, 9, 0, 0).picks(balancer, 10_000);
    assertThat(counts[2]).isZero();
    assertThat(counts[0]).isBetween(2_200, 2_800);
  }

  @Test
  void aRetryWeighsOnlyTheOthers() {
    int[] counts = FakeCandidates.equal(3).inFlight(0, 5, 6).excluding(0).picks(balancer, 1_000);
    assertThat(counts).containsExactly(0, 1_000, 0, 0);
  }

  @Test
  void callsInFlightSettleInProportionToWeight() {
    FakeCandidates candidates = FakeCandidates.weighted(100, 200, 100, 400);
    ArrayDeque<Integer> running = new ArrayDeque<>();
    for (int i = 0; i < 20_000; i++) {
      int index = candidates.pick(balancer);
      candidates.inFlight[index]++;
      running.add(index);
      if (running.size() > 800) {
        candidates.inFlight[running.remove()]--;
      }
    }
    assertThat(candidates.inFlight[0]).isBetween(85, 115);
    assertThat(candidates.inFlight[1]).isBetween(180, 220);
    assertThat(candidates.inFlight[2]).isBetween(85, 115);
    assertThat(candidates.inFlight[3]).isBetween(370, 430);
  }

  @Test
  void aSlowOneGetsLess() {
    FakeCandidates candidates = FakeCandidates.equal(3);
    int[] picks = new int[3];
    ArrayDeque<Integer> fast = new ArrayDeque<>();
    ArrayDeque<Integer> slow = new ArrayDeque<>();
    for (int i = 0; i < 9_000; i++) {
      int index = candidates.pick(balancer);
      picks[index]++;
      candidates.inFlight[index]++;
      (index == 2 ? slow : fast).add(index);
      if (fast.size() > 4) {
        candidates.inFlight[fast.remove()]--;
      }
      if (i % 50 == 0 && !slow.isEmpty()) {
        candidates.inFlight[slow.remove()]--;
      }
    }
    assertThat(picks[2]).isLessThan(600);
  }
}
