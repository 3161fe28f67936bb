package erpc.balance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What every balancer promises. */
class BalancerTest {
  /** All of them, with chance fixed. */
  static List<Balancer> all(long seed) {
    List<Balancer> all = new ArrayList<>(withoutSeed());
    all.set(0, new RoundRobin(new Random(seed)));
    return all;
  }

  private static List<Balancer> withoutSeed() {
    return List.of(
        new RoundRobin(),
        new RandomPick(),
        new LeastRequest(),
        new P2c(),
        new LocalityAware(),
        new ByKey(HashRing::new),
        new ByKey(MaglevTable::new));
  }

  @Test
  void picksNothingWhereThereIsNothing() {
    for (Balancer balancer : all(1)) {
      assertThat(FakeCandidates.equal(0).pick(balancer)).isEqualTo(Balancer.NONE);
    }
  }

  @Test
  void aDrainedCandidateIsNotPickedByARetryEither() {
    for (Balancer balancer : all(1)) {
      FakeCandidates candidates = FakeCandidates.weighted(100, 0).excluding(0);
      assertThat(candidates.pick(balancer)).isZero();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 10, 100})
  void spreadsEvenlyOverEqualCandidates(int size) {
    int each = 2_000;
    for (Balancer balancer : all(5)) {
      int[] counts = FakeCandidates.equal(size).picks(balancer, size * each);
      for (int i = 0; i < size; i++) {
        // Five standard deviations of a binomial count.
        assertThat((double) counts[i]).isBetween(each - 5 * 45.0, each + 5 * 45.0);
      }
    }
  }

  @Test
  void honoursWeights() {
    int[] weights = {100, 50, 25, 200, 0, 125};
    for (Balancer balancer : all(11)) {
      int[] counts = FakeCandidates.weighted(weights).picks(balancer, 50_000);
      for (int i = 0; i < weights.length; i++) {
        double expected = 100.0 * weights[i];
        assertThat((double) counts[i])
            .as("%s, weight %d", balancer, weights[i])
            .isBetween(expected - 5 * Math.sqrt(expected), expected + 5 * Math.sqrt(expected));
      }
    }
  }

  @Test
  void honoursWeightsThatAreFarApart() {
    int[] weights = new int[50];
    Arrays.fill(weights, 1);
    weights[17] = 951;
    for (Balancer balancer : all(11)) {
      int[] counts = FakeCandidates.weighted(weights).picks(balancer, 100_000);
      assertThat(counts[17]).as(balancer.toString()).isBetween(94_700, 95_500);
      assertThat(counts[16]).as(balancer.toString()).isBetween(50, 150);
      assertThat(counts[18]).as(balancer.toString()).isBetween(50, 150);
    }
  }

  @Test
  void anExcludedCandidatesShareGoesToAllOthersByWeight() {
    for (Balancer balancer : all(13)) {
      FakeCandidates candidates = FakeCandidates.weighted(100, 100, 100, 200).excluding(1);
      int[] counts = candidates.picks(balancer, 40_000);
      assertThat(counts[0]).isBetween(9_500, 10_500);
      assertThat(counts[1]).isZero();
      assertThat(counts[2]).isBetween(9_500, 10_500);
      assertThat(counts[3]).isBetween(19_500, 20_500);
    }
  }

  @Test
  void findsTheOneThatIsLeftAmongMany() {
    for (Balancer balancer : all(17)) {
      FakeCandidates candidates = FakeCandidates.equal(1_000);
      Arrays.fill(candidates.excluded, true);
      candidates.excluded[613] = false;
      assertThat(candidates.pick(balancer)).isEqualTo(613);
    }
  }

  @Test
  void staysEvenWhileTheListChanges() {
    for (Balancer balancer : all(19)) {
      // The list grows and shrinks every few picks; the last candidates are there half of the time.
      FakeCandidates few = FakeCandidates.equal(3);
      FakeCandidates many = FakeCandidates.equal(5);
      Balancer.Picker ofFew = balancer.picker(few);
      Balancer.Picker ofMany = balancer.picker(many);
      int[] counts = new int[5];
      for (int i = 0; i < 30_000; i++) {
        counts[i / 7 % 2 == 0 ? ofFew.pick(few) : ofMany.pick(many)]++;
      }
      // 15,000 picks over three, 15,000 over five.
      for (int i = 0; i < 5; i++) {
        int expected = i < 3 ? 8_000 : 3_000;
        assertThat(counts[i])
            .as("%s, index %d", balancer, i)
            .isBetween(expected - 450, expected + 450);
      }
    }
  }

  @Test
  void manyThreadsTogetherSpreadEvenly() throws InterruptedException {
    for (Balancer balancer : withoutSeed()) {
      FakeCandidates candidates = FakeCandidates.weighted(new SharedChance(), 100, 100, 200);
      Balancer.Picker picker = balancer.picker(candidates);
      AtomicIntegerArray counts = new AtomicIntegerArray(3);
      List<Thread> threads = new ArrayList<>();
      for (int t = 0; t < 4; t++) {
        threads.add(
            Thread.ofPlatform()
                .start(() -> {
                  for (int i = 0; i < 50_000; i++) {
                    counts.incrementAndGet(picker.pick(candidates));
                  }
                }));
      }
      for (Thread thread : threads) {
        thread.join();
      }
      // Chance is not fixed here: the bounds are ten standard deviations.
      assertThat(counts.get(0)).isBetween(48_000, 52_000);
      assertThat(counts.get(1)).isBetween(48_000, 52_000);
      assertThat(counts.get(2)).isBetween(97_500, 102_500);
    }
  }

  /** Each thread's own. */
  private static final class SharedChance implements RandomGenerator {
    @Override
    public long nextLong() {
      return ThreadLocalRandom.current().nextLong();
    }
  }

  @Test
  void allocatesNothingPerPick() {
    var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    List<FakeCandidates> lists =
        List.of(
            FakeCandidates.equal(10),
            FakeCandidates.weighted(1, 1, 1, 1_000_000),
            FakeCandidates.equal(10).excluding(0, 1, 2, 3, 4, 5, 6, 7));
    for (Balancer balancer : withoutSeed()) {
      for (FakeCandidates candidates : lists) {
        Balancer.Picker picker = balancer.picker(candidates);
        pickMany(picker, candidates, 1_000);
        candidates.key = "user-7é";
        pickMany(picker, candidates, 1_000);
        long before = threads.getCurrentThreadAllocatedBytes();
        pickMany(picker, candidates, 100_000);
        long allocated = threads.getCurrentThreadAllocatedBytes() - before;
        // One object of 16 bytes a pick would be 1,600,000; the measurement itself costs a little.
        assertThat(allocated).as(balancer.toString()).isLessThan(16_000);
      }
    }
  }

  private static void pickMany(Balancer.Picker picker, FakeCandidates candidates, int times) {
    int sum = 0;
    for (int i = 0; i < times; i++) {
      sum += picker.pick(candidates);
    }
    assertThat(sum).isNotNegative();
  }

  @Test
  void areFoundByTheirNamesInSettings() {
    assertThat(Balancer.named("round_robin")).isInstanceOf(RoundRobin.class);
    assertThat(Balancer.named("random")).isInstanceOf(RandomPick.class);
    assertThat(Balancer.named("least_request")).isInstanceOf(LeastRequest.class);
    assertThat(Balancer.named("p2c")).isInstanceOf(P2c.class);
    assertThat(Balancer.named("locality_aware")).isInstanceOf(LocalityAware.class);
    assertThat(Balancer.named("ring_hash")).isInstanceOf(ByKey.class);
    assertThat(Balancer.named("maglev")).isInstanceOf(ByKey.class);
    assertThatThrownBy(() -> Balancer.named("robin\n"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "unknown balancer 'robin\\u000a'; known are round_robin, random, least_request, p2c,"
                + " locality_aware, ring_hash, maglev");
  }
}
