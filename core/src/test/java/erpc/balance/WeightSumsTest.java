package erpc.balance;

import static org.assertj.core.api.Assertions.assertThat;

import erpc.Tries;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class WeightSumsTest {
  @Test
  void findsWhatAListWouldFind() {
    Tries.of(300, WeightSumsTest::findsWhatAListWouldFind);
  }

  private static void findsWhatAListWouldFind(RandomGenerator chance) {
    long[] weights = new long[chance.nextInt(70)];
    Arrays.setAll(weights, i -> weight(chance));
    WeightSums sums = new WeightSums(weights.clone());
    for (int i = 0; i < 50 && weights.length > 0; i++) {
      int index = chance.nextInt(weights.length);
      weights[index] = weight(chance);
      sums.set(index, weights[index]);
      assertThat(sums.weight(index)).isEqualTo(weights[index]);
    }
    check(sums, weights);
  }

  private static long weight(RandomGenerator chance) {
    return chance.nextInt(3) == 0 ? 0 : chance.nextLong(1L << chance.nextInt(1, 41));
  }

  /** The first and the last place of each are its own. */
  private static void check(WeightSums sums, long[] weights) {
    long before = 0;
    for (int i = 0; i < weights.length; i++) {
      if (weights[i] > 0) {
        assertThat(sums.at(before)).isEqualTo(i);
        assertThat(sums.at(before + weights[i] - 1)).isEqualTo(i);
      }
      before += weights[i];
    }
    assertThat(sums.total()).isEqualTo(before);
    assertThat(sums.at(before)).isEqualTo(weights.length);
  }

  @Test
  void noChangeOfSeveralThreadsIsLost() throws InterruptedException {
    WeightSums sums = new WeightSums(new long[100]);
    AtomicInteger astray = new AtomicInteger();
    List<Thread> threads = new ArrayList<>();
    for (int t = 0; t < 4; t++) {
      SplittableRandom chance = new SplittableRandom(t);
      threads.add(
          Thread.ofPlatform()
              .start(() -> {
                for (int i = 0; i < 50_000; i++) {
                  sums.set(chance.nextInt(100), chance.nextLong(1_000));
                  long total = sums.total();
                  int drawn = sums.at(chance.nextLong(Math.max(1, total)));
                  if (drawn < 0 || drawn > 100) {
                    astray.incrementAndGet();
                  }
                }
              }));
    }
    for (Thread each : threads) {
      each.join();
    }
    assertThat(astray).hasValue(0);
    long[] weights = new long[100];
    Arrays.setAll(weights, sums::weight);
    check(sums, weights);
  }
}
