package erpc.balance;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/**
 * Which part of the picks each endpoint gets, against the definition of each balancer: chance would
 * be as far off in one of a thousand cases. Chance is fixed, so these tests give the same each
 * time.
 */
class PickSharesTest {
  private static final int PICKS = 1_500_000;
  private static final int[] WEIGHTS = {100, 50, 25, 200, 0, 125, 100, 100, 300, 100, 100};
  private static final double[] BY_WEIGHT = Arrays.stream(WEIGHTS).asDoubleStream().toArray();

  private static FakeCandidates weighted() {
    return FakeCandidates.weighted(new Random(17), WEIGHTS);
  }

  /** Takes the first endpoint's calls away from it, one of fifty: a bias of 2 %. */
  private static Balancer.Picker biased(Balancer.Picker picker, int instead) {
    Random chance = new Random(23);
    return pick -> {
      int index = picker.pick(pick);
      return index == 0 && chance.nextInt(50) == 0 ? instead : index;
    };
  }

  /** The counts of picks are as said, and with a bias they are not. */
  private static void picks(Balancer balancer, FakeCandidates candidates, double[] shares) {
    Balancer.Picker picker = balancer.picker(candidates);
    int[] counts = Arrays.copyOf(candidates.picksBy(picker, PICKS), shares.length);
    assertThat(ChiSquare.p(counts, shares)).as(balancer.toString()).isGreaterThan(0.001);
    int[] off = Arrays.copyOf(candidates.picksBy(biased(picker, 1), PICKS), shares.length);
    assertThat(ChiSquare.p(off, shares)).as("biased %s", balancer).isLessThan(0.001);
  }

  @Test
  void theProbabilityIsThatOfTheTextbooks() {
    // 10 degrees of freedom: 18.307 is exceeded in 5 % of cases, 29.588 in 0.1 %.
    assertThat(pOf(18.307)).isBetween(0.0495, 0.0505);
    assertThat(pOf(29.588)).isBetween(0.0009, 0.0011);
    assertThat(pOf(9.342)).isBetween(0.495, 0.505);
  }

  private static double pOf(double sum) {
    // Two of eleven cells are off, by as much as gives that sum.
    double[] shares = new double[11];
    Arrays.fill(shares, 1);
    int each = 1_000_000;
    int[] counts = new int[11];
    Arrays.fill(counts, each);
    int off = (int) Math.round(Math.sqrt(sum * each / 2));
    counts[0] += off;
    counts[1] -= off;
    return ChiSquare.p(counts, shares);
  }

  @Test
  void allGoByWeightWhereEndpointsAreIdleAndAlike() {
    for (Balancer each : BalancerTest.all(5)) {
      picks(each, weighted(), BY_WEIGHT);
    }
  }

  /** By rank, the best first: the chance of being the better one of two. */
  private static double[] ofTwo(int size) {
    double[] shares = new double[size];
    Arrays.setAll(shares, rank -> size - 1 - rank);
    return shares;
  }

  @Test
  void leastRequestPicksTheLessBusyOfTwo() {
    FakeCandidates candidates = FakeCandidates.equal(6).inFlight(2, 3, 4, 5, 6, 7);
    picks(new LeastRequest(), candidates, ofTwo(6));
  }

  @Test
  void p2cPicksTheLowerScoreOfTwo() {
    // 2 × 3, 4 × 2, 1 × 9, 3 × 4, 2 × 7 and 5 × 4.
    FakeCandidates candidates =
        FakeCandidates.equal(6).latencies(2, 4, 1, 3, 2, 5).inFlight(2, 1, 8, 3, 6, 3);
    picks(new P2c(), candidates, ofTwo(6));
  }

  @Test
  void keysGoWhereTheTableSaysAndThatIsByWeight() {
    keysGoWhereTheTableSays(HashRing::new);
    keysGoWhereTheTableSays(MaglevTable::new);
  }

  private static void keysGoWhereTheTableSays(Function<Balancer.Candidates, KeyTable> maker) {
    FakeCandidates candidates = weighted();
    KeyTable table = maker.apply(candidates);
    double[] shares = new double[WEIGHTS.length];
    int places = 16 * 65_537; // As many for each of Maglev's slots.
    long step = Long.divideUnsigned(-1, places);
    for (int i = 0; i < places; i++) {
      shares[table.at(i * step)]++;
    }
    Balancer.Picker keyed = new ByKey(maker).picker(candidates);
    int[] next = new int[1];
    Balancer numbered =
        same ->
            pick -> {
              candidates.key = "user-" + next[0]++;
              return keyed.pick(pick);
            };
    picks(numbered, candidates, shares);
  }
}
