package erpc.testing;

import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/** Chance that repeats itself, for several threads. */
final class Seeded implements RandomGenerator {
  private final SplittableRandom random;

  private Seeded(long seed) {
    this.random = new SplittableRandom(seed);
  }

  /** That of one part: what another part draws, and when, does not change it. */
  static Seeded of(long seed, String part) {
    long name = 0;
    for (int i = 0; i < part.length(); i++) {
      name = name * 1_000_003 + part.charAt(i);
    }
    return new Seeded(seed ^ new SplittableRandom(name).nextLong());
  }

  @Override
  public synchronized long nextLong() {
    return random.nextLong();
  }
}
