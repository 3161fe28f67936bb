package erpc.balance;

import static org.assertj.core.api.Assertions.assertThat;

import erpc.Tries;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ByKeyTest {
  private static List<Balancer> both() {
    return List.of(new ByKey(HashRing::new), new ByKey(MaglevTable::new));
  }

  private static int pick(Balancer.Picker picker, FakeCandidates candidates, String key) {
    candidates.key = key;
    return picker.pick(candidates);
  }

  @Test
  void aKeyStaysWhereItIs() {
    for (Balancer each : both()) {
      FakeCandidates candidates = FakeCandidates.equal(10);
      Balancer.Picker picker = each.picker(candidates);
      Balancer.Picker other = each.picker(candidates);
      Set<Integer> used = new HashSet<>();
      for (int key = 0; key < 200; key++) {
        int index = pick(picker, candidates, "user-" + key);
        used.add(index);
        assertThat(pick(picker, candidates, "user-" + key)).isEqualTo(index);
        assertThat(pick(other, candidates, "user-" + key)).isEqualTo(index);
      }
      assertThat(used).hasSize(10);
    }
  }

  @Test
  void keysFollowWeights() {
    int[] weights = {100, 50, 25, 200, 0, 125};
    for (Balancer each : both()) {
      FakeCandidates candidates = FakeCandidates.weighted(weights);
      Balancer.Picker picker = each.picker(candidates);
      int[] counts = new int[weights.length];
      for (int key = 0; key < 50_000; key++) {
        counts[pick(picker, candidates, "user-" + key)]++;
      }
      for (int i = 0; i < weights.length; i++) {
        assertThat((double) counts[i]).isBetween(75.0 * weights[i], 125.0 * weights[i]);
      }
    }
  }

  @Test
  void theKeysOfOneThatDoesNotFitAreSpreadOverTheOthersAndComeBack() {
    for (Balancer each : both()) {
      FakeCandidates candidates = FakeCandidates.equal(10);
      Balancer.Picker picker = each.picker(candidates);
      int[] before = new int[2_000];
      Arrays.setAll(before, key -> pick(picker, candidates, "user-" + key));
      candidates.excluding(3);
      int[] to = new int[10];
      for (int key = 0; key < before.length; key++) {
        int index = pick(picker, candidates, "user-" + key);
        if (before[key] == 3) {
          to[index]++;
        } else {
          assertThat(index).isEqualTo(before[key]);
        }
        assertThat(pick(picker, candidates, "user-" + key)).isEqualTo(index);
      }
      assertThat(to[3]).isZero();
      // About 200 over 9: no single one gets them all.
      assertThat(IntStream.of(to).max().orElse(0)).isLessThan(60);
      assertThat(IntStream.of(to).filter(count -> count > 5).count()).isEqualTo(9);
      candidates.excluded[3] = false;
      for (int key = 0; key < before.length; key++) {
        assertThat(pick(picker, candidates, "user-" + key)).isEqualTo(before[key]);
      }
    }
  }

  @Test
  void findsTheOneThatIsLeft() {
    for (Balancer each : both()) {
      FakeCandidates candidates = FakeCandidates.equal(1_000);
      Arrays.fill(candidates.excluded, true);
      candidates.excluded[613] = false;
      assertThat(pick(each.picker(candidates), candidates, "user-1")).isEqualTo(613);
    }
  }

  @Test
  void aHotKeyOverflowsInAStableOrder() {
    for (Balancer each : both()) {
      FakeCandidates candidates = FakeCandidates.equal(20);
      Balancer.Picker picker = each.picker(candidates);
      List<Integer> order = hot(picker, candidates, 120);
      // 8 for each: 1.25 × 121 / 20 is less.
      assertThat(new HashSet<>(order)).hasSize(15);
      for (int i = 0; i < 15; i++) {
        assertThat(new HashSet<>(order.subList(8 * i, 8 * i + 8))).hasSize(1);
      }
      Arrays.fill(candidates.inFlight, 0);
      assertThat(hot(picker, candidates, 120)).isEqualTo(order);
    }
  }

  private static List<Integer> hot(Balancer.Picker picker, FakeCandidates candidates, int calls) {
    List<Integer> order = new ArrayList<>();
    for (int i = 0; i < calls; i++) {
      int index = pick(picker, candidates, "hot");
      candidates.inFlight[index]++;
      order.add(index);
    }
    return order;
  }

  private static long bound(long inFlight, int weight, long allWeight) {
    // ⌈5/4 × (in flight + 1) × weight / all⌉ in whole numbers.
    long over = 5 * (inFlight + 1) * weight;
    return Math.max(8, (over + 4 * allWeight - 1) / (4 * allWeight));
  }

  /** Whatever keys and weights there are, and whichever calls end. */
  @Test
  void neverExceedsTheBound() {
    Tries.of(40, ByKeyTest::neverExceedsTheBound);
  }

  private static void neverExceedsTheBound(RandomGenerator chance) {
    int[] weights = new int[1 + chance.nextInt(60)];
    Arrays.setAll(weights, i -> 1 + chance.nextInt(chance.nextBoolean() ? 5 : 300));
    long all = IntStream.of(weights).sum();
    int keys = 1 + chance.nextInt(30);
    for (Balancer each : both()) {
      FakeCandidates candidates = FakeCandidates.weighted(weights);
      Balancer.Picker picker = each.picker(candidates);
      List<Integer> running = new ArrayList<>();
      for (int i = 0; i < 3_000; i++) {
        int index = pick(picker, candidates, "user-" + chance.nextInt(keys));
        long bound = bound(running.size(), weights[index], all);
        assertThat((long) ++candidates.inFlight[index]).isLessThanOrEqualTo(bound);
        running.add(index);
        while (running.size() > i / 2 || (running.size() > 1 && chance.nextInt(4) == 0)) {
          int ended = chance.nextInt(running.size());
          candidates.inFlight[running.get(ended)]--;
          running.set(ended, running.getLast());
          running.removeLast();
        }
      }
    }
  }

  @Test
  void sharesTheLoadWhereAllThatFitAreFull() {
    for (Balancer each : both()) {
      FakeCandidates candidates = FakeCandidates.equal(10).excluding(0, 1, 2, 3, 4, 5, 6, 7);
      Balancer.Picker picker = each.picker(candidates);
      for (int i = 0; i < 1_000; i++) {
        candidates.inFlight[pick(picker, candidates, "hot")]++;
      }
      assertThat(candidates.inFlight[8]).isBetween(480, 520);
      assertThat(candidates.inFlight[9]).isBetween(480, 520);
    }
  }

  /** Threads that pick at the same moment see each other's calls late, but no later than that. */
  @Test
  void racedByThreadsExceedsTheBoundByNoMoreThanTheirNumber() throws InterruptedException {
    int threads = 4;
    for (Balancer balancer : both()) {
      AtomicIntegerArray inFlight = new AtomicIntegerArray(10);
      AtomicInteger most = new AtomicInteger();
      // As with 159 in flight: the bound is 20.
      Supplier<FakeCandidates> view = () -> FakeCandidates.counted(10, inFlight::get, () -> 159);
      Balancer.Picker picker = balancer.picker(view.get());
      List<Thread> running = new ArrayList<>();
      for (int t = 0; t < threads; t++) {
        running.add(Thread.ofPlatform().start(() -> race(picker, view.get(), inFlight, most)));
      }
      for (Thread each : running) {
        each.join();
      }
      assertThat(most.get()).isBetween(20, 20 + threads);
    }
  }

  private static void race(
      Balancer.Picker picker, FakeCandidates own, AtomicIntegerArray inFlight, AtomicInteger most) {
    RandomGenerator chance = ThreadLocalRandom.current();
    own.key = "hot";
    int[] mine = new int[39];
    int held = 0;
    for (int i = 0; i < 200_000; i++) {
      if (held == mine.length || (held > 0 && chance.nextInt(3) == 0)) {
        inFlight.decrementAndGet(mine[--held]);
      } else {
        int index = picker.pick(own);
        most.accumulateAndGet(inFlight.incrementAndGet(index), Math::max);
        mine[held++] = index;
      }
    }
  }

  @Test
  void callsWithoutAKeyAreDrawnByWeight() {
    int[] weights = {100, 50, 25, 200, 0, 125};
    double[] shares = Arrays.stream(weights).asDoubleStream().toArray();
    for (Balancer each : both()) {
      FakeCandidates candidates = FakeCandidates.weighted(new Random(5), weights);
      assertThat(ChiSquare.p(candidates.picks(each, 50_000), shares)).isGreaterThan(0.001);
    }
  }
}
