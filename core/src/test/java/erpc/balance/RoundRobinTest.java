package erpc.balance;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class RoundRobinTest {
  private static RoundRobin seeded(long seed) {
    return new RoundRobin(new Random(seed));
  }

  @Test
  void takesEqualCandidatesInTurn() {
    RoundRobin balancer = seeded(1);
    FakeCandidates candidates = FakeCandidates.equal(4);
    int first = candidates.pick(balancer);
    for (int i = 1; i < 40; i++) {
      assertThat(candidates.pick(balancer)).isEqualTo((first + i) % 4);
    }
  }

  @Test
  void startsAnywhere() {
    Set<Integer> starts = new HashSet<>();
    for (int seed = 0; seed < 100; seed++) {
      starts.add(FakeCandidates.equal(5).pick(seeded(seed)));
    }
    assertThat(starts).containsExactlyInAnyOrder(0, 1, 2, 3, 4);
  }

  @Test
  void isExactOverAWholePeriodOfWeights() {
    int[] weights = {5, 1, 1, 3, 0, 4};
    int[] counts = FakeCandidates.weighted(weights).picks(seeded(2), 14 * 100);
    for (int i = 0; i < weights.length; i++) {
      assertThat(counts[i]).isEqualTo(100 * weights[i]);
    }
  }

  @Test
  void interleavesWeightsSmoothly() {
    RoundRobin balancer = seeded(3);
    FakeCandidates candidates = FakeCandidates.weighted(6, 2, 2);
    List<Integer> picks = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      picks.add(candidates.pick(balancer));
    }
    // The heavy one has six of ten turns: never more than three in a row, as nginx' smooth one.
    assertThat(longestRun(picks, 0)).isLessThanOrEqualTo(3);
    assertThat(longestRun(picks, 1)).isEqualTo(1);
    assertThat(longestRun(picks, 2)).isEqualTo(1);
  }

  private static int longestRun(List<Integer> picks, int index) {
    int longest = 0;
    int run = 0;
    for (int pick : picks) {
      run = pick == index ? run + 1 : 0;
      longest = Math.max(longest, run);
    }
    return longest;
  }

  @Test
  void retriesDoNotMakeEveryCallBeginAtTheDeadOne() {
    RoundRobin balancer = seeded(4);
    FakeCandidates candidates = FakeCandidates.equal(2);
    int beganAtDead = 0;
    for (int call = 0; call < 1_000; call++) {
      Arrays.fill(candidates.excluded, false);
      if (candidates.pick(balancer) == 0) {
        beganAtDead++;
        candidates.excluding(0);
        assertThat(candidates.pick(balancer)).isEqualTo(1);
      }
    }
    assertThat(beganAtDead).isEqualTo(500);
  }

  @Test
  void aCounterAboutToOverflowGoesOn() {
    RoundRobin balancer = new RoundRobin(new Fixed(-1));
    FakeCandidates candidates =
        FakeCandidates.weighted(Integer.MAX_VALUE, Integer.MAX_VALUE - 1, 1);
    int[] counts = candidates.picks(balancer, 10_000);
    assertThat(counts[0]).isBetween(4_990, 5_010);
    assertThat(counts[1]).isBetween(4_990, 5_010);
  }

  /** The largest start there is. */
  private record Fixed(long value) implements RandomGenerator {
    @Override
    public long nextLong() {
      return value;
    }
  }
}
