package erpc.center;

import java.util.SplittableRandom;
import java.util.concurrent.ThreadLocalRandom;
import java.util.random.RandomGenerator;

/**
 * Tries what must hold of anything with cases made by chance, each from a seed of its own.
 *
 * <p>The property {@code erpc.seed} makes the first case that of this seed; a failure names its
 * own.
 */
final class Tries {
  private Tries() {}

  /** What must hold of the case that it makes from the given chance. */
  @FunctionalInterface
  interface Case {
    void check(RandomGenerator chance) throws Exception;
  }

  static void of(int count, Case each) {
    of(Long.getLong("erpc.seed", ThreadLocalRandom.current().nextLong()), count, each);
  }

  private static void of(long first, int count, Case each) {
    for (int i = 0; i < count; i++) {
      long seed = first + i;
      try {
        each.check(new SplittableRandom(seed));
      } catch (Exception | AssertionError e) {
        throw new AssertionError(
            "case %d of %d fails; -Derpc.seed=%d makes it the first: %s"
                .formatted(i + 1, count, seed, e.getMessage()),
            e);
      }
    }
  }
}
