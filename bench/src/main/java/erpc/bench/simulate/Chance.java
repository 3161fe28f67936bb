package erpc.bench.simulate;

import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * Chance by purpose: what one part draws does not change what another one gets, so that policies
 * can be compared under the same arrivals of the same calls.
 */
final class Chance {
  private Chance() {}

  /** The generator of one purpose, of one of several that have it. */
  static RandomGenerator of(long seed, String purpose, int index) {
    return new SplittableRandom(mixed(mixed(seed + purpose.hashCode()) + index));
  }

  /** As the end of MurmurHash3: seeds that have something in common would bring shifted copies. */
  private static long mixed(long bits) {
    long once = (bits ^ bits >>> 33) * 0xff51afd7ed558ccdL;
    long twice = (once ^ once >>> 33) * 0xc4ceb9fe1a85ec53L;
    return twice ^ twice >>> 33;
  }

  /** So long until the next of independent events that come at this rate. */
  static long gapNanos(double perSecond, RandomGenerator random) {
    return Math.max(1, Math.round(-Math.log(1 - random.nextDouble()) / perSecond * 1e9));
  }
}
