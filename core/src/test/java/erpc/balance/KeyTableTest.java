package erpc.balance;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a ring and Maglev's table promise of which endpoint has which hash. */
class KeyTableTest {
  private static final int KEYS = 100_000;

  private static final List<Function<Balancer.Candidates, KeyTable>> BOTH =
      List.of(HashRing::new, MaglevTable::new);

  private static long hash(int key) {
    return Hash.of("user-" + key);
  }

  @Test
  void withoutWeightNobodyHasAnything() {
    for (Function<Balancer.Candidates, KeyTable> each : BOTH) {
      assertThat(each.apply(FakeCandidates.equal(0)).at(hash(1))).isEqualTo(Balancer.NONE);
      assertThat(each.apply(FakeCandidates.weighted(0, 0)).at(hash(1))).isEqualTo(Balancer.NONE);
      KeyTable one = each.apply(FakeCandidates.weighted(0, 3, 0));
      for (int key = 0; key < 1_000; key++) {
        assertThat(one.at(hash(key))).isEqualTo(1);
      }
      assertThat(one.at(0)).isEqualTo(1);
      assertThat(one.at(-1)).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 10, 100, 1_000})
  void sharesAreNearlyEqualWhereWeightsAre(int size) {
    for (Function<Balancer.Candidates, KeyTable> each : BOTH) {
      int[] weights = new int[size];
      for (int weight : new int[] {1, 100, 4_000}) {
        Arrays.fill(weights, weight);
        sharesFollowWeights(each, weights);
      }
    }
  }

  @Test
  void sharesFollowWeights() {
    for (Function<Balancer.Candidates, KeyTable> each : BOTH) {
      sharesFollowWeights(each, new int[] {1, 2, 3, 4, 0, 5});
      sharesFollowWeights(each, new int[] {300, 100, 100, 200, 50});
      sharesFollowWeights(each, IntStream.range(0, 100).map(i -> 50 + i % 5 * 100).toArray());
    }
  }

  private static void sharesFollowWeights(
      Function<Balancer.Candidates, KeyTable> maker, int[] weights) {
    KeyTable table = maker.apply(FakeCandidates.weighted(weights));
    long all = IntStream.of(weights).asLongStream().sum();
    int lightest = IntStream.of(weights).filter(each -> each > 0).min().orElseThrow();
    int samples = (int) (3_000 * all / lightest); // Then their number is off by 2 % itself.
    int[] counts = new int[weights.length];
    SplittableRandom hashes = new SplittableRandom(7);
    for (int i = 0; i < samples; i++) {
      counts[table.at(hashes.nextLong())]++;
    }
    for (int i = 0; i < weights.length; i++) {
      double fair = (double) samples * weights[i] / all;
      assertThat((double) counts[i])
          .as("%s, %d of %d", table, i, weights.length)
          .isBetween(0.75 * fair, 1.25 * fair);
    }
  }

  @Test
  void anOrderOfTheListIsAsGoodAsAnother() {
    FakeCandidates list =
        FakeCandidates.weighted(IntStream.range(0, 500).map(i -> 1 + i % 7).toArray());
    for (Function<Balancer.Candidates, KeyTable> each : BOTH) {
      KeyTable table = each.apply(list);
      for (int seed = 0; seed < 3; seed++) {
        FakeCandidates shuffled = list.without(new SplittableRandom(seed));
        assertThat(shuffled.addresses).isNotEqualTo(list.addresses);
        KeyTable other = each.apply(shuffled);
        for (int key = 0; key < KEYS; key++) {
          assertThat(shuffled.address(other.at(hash(key))))
              .isEqualTo(list.address(table.at(hash(key))));
        }
      }
    }
  }

  /** The part of the keys of those that stay which go elsewhere when one leaves. */
  private static double moved(Function<Balancer.Candidates, KeyTable> maker, int size, int gone) {
    FakeCandidates before = FakeCandidates.equal(size);
    FakeCandidates after = before.without(new SplittableRandom(gone), gone);
    KeyTable had = maker.apply(before);
    KeyTable has = maker.apply(after);
    int stay = 0;
    int moved = 0;
    for (int key = 0; key < KEYS; key++) {
      int index = had.at(hash(key));
      if (index != gone) {
        stay++;
        moved += after.address(has.at(hash(key))).equals(before.address(index)) ? 0 : 1;
      }
    }
    return (double) moved / stay;
  }

  @ParameterizedTest
  @ValueSource(ints = {10, 100})
  void aRingMovesNoKeyOfAnEndpointThatStays(int size) {
    for (int gone = 0; gone < size; gone += size / 5) {
      assertThat(moved(HashRing::new, size, gone)).isZero();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {10, 100})
  void maglevMovesFewKeysOfEndpointsThatStay(int size) {
    for (int gone = 0; gone < size; gone += size / 5) {
      assertThat(moved(MaglevTable::new, size, gone)).isLessThanOrEqualTo(1.0 / size);
    }
  }

  @Test
  void maglevMovesFewKeysAmongThousandsToo() {
    // The number of slots must not follow the number of endpoints closely: it would move nearly
    // all.
    assertThat(moved(MaglevTable::new, 2_000, 613)).isLessThan(0.01);
  }

  @Test
  void thereAreManyPointsAndSlotsForEachEndpoint() {
    for (int weight : new int[] {1, 7, 100, 1_000_000}) {
      int[] weights = new int[200];
      Arrays.fill(weights, weight);
      assertThat(new HashRing(FakeCandidates.weighted(weights)).size())
          .isBetween(200 * 160, 200 * 512);
    }
    assertThat(new MaglevTable(FakeCandidates.equal(3)).size()).isEqualTo(65_537);
    assertThat(new MaglevTable(FakeCandidates.equal(656)).size()).isEqualTo(131_101);
    int[] farApart = new int[1_000];
    Arrays.fill(farApart, 1);
    farApart[7] = Integer.MAX_VALUE;
    FakeCandidates apart = FakeCandidates.weighted(farApart);
    assertThat(new HashRing(apart).size()).isLessThanOrEqualTo(2_048 * 1_024 + 1_000);
    assertThat(new MaglevTable(apart).at(hash(5))).isEqualTo(7);
    assertThat(new HashRing(apart).at(hash(5))).isEqualTo(7);
  }

  /** The claim is a second; ten of them show that no work grows faster than the list. */
  @Test
  void tenThousandEndpointsAreFiledSoon() {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    FakeCandidates many = FakeCandidates.equal(10_000);
    for (Function<Balancer.Candidates, KeyTable> each : BOTH) {
      long start = threads.getCurrentThreadCpuTime();
      KeyTable table = each.apply(many);
      long tookMillis = (threads.getCurrentThreadCpuTime() - start) / 1_000_000;
      assertThat(table.at(hash(1))).isBetween(0, 9_999);
      assertThat(tookMillis).isLessThan(10_000);
    }
  }
}
