package erpc.bench.simulate;

import java.util.random.RandomGenerator;

/** How much work calls of a method are, as processor time of a core of speed 1. */
@FunctionalInterface
interface Demand {
  /** That of one call. */
  long nanos(RandomGenerator random);

  /** Always the same. */
  static Demand fixed(double millis) {
    long nanos = Math.round(millis * 1e6);
    return random -> nanos;
  }

  /** With many small and few large ones. */
  static Demand exponential(double meanMillis) {
    return random -> Math.max(1, Math.round(-Math.log(1 - random.nextDouble()) * meanMillis * 1e6));
  }

  /** As this one, but for a share of calls, which are so many times as much. */
  default Demand sometimes(double share, double times) {
    return random -> {
      long nanos = nanos(random);
      return random.nextDouble() < share ? Math.round(nanos * times) : nanos;
    };
  }
}
