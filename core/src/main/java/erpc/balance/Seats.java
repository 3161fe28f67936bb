package erpc.balance;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * The candidates that have weight, in an order that does not depend on the order of their list.
 * Immutable.
 */
final class Seats {
  final int size;

  /** Sum of {@link #weight}. */
  final long allWeight;

  final int lightest;
  final int heaviest;
  private final int[] indexes;
  private final long[] hashes;
  private final int[] weights;

  Seats(Balancer.Candidates candidates) {
    long[] hashOf = new long[candidates.size()];
    Arrays.setAll(hashOf, i -> Hash.of(candidates.address(i)));
    indexes =
        IntStream.range(0, hashOf.length)
            .filter(i -> candidates.weight(i) > 0)
            .boxed()
            .sorted(
                Comparator.<Integer>comparingLong(i -> hashOf[i])
                    .thenComparing(candidates::address))
            .mapToInt(Integer::intValue)
            .toArray();
    size = indexes.length;
    hashes = Arrays.stream(indexes).mapToLong(i -> hashOf[i]).toArray();
    weights = Arrays.stream(indexes).map(candidates::weight).toArray();
    allWeight = Arrays.stream(weights).asLongStream().sum();
    lightest = Arrays.stream(weights).min().orElse(0);
    heaviest = Arrays.stream(weights).max().orElse(0);
  }

  /** The candidate that sits there. */
  int index(int seat) {
    return indexes[seat];
  }

  /** The hash of its address. */
  long hash(int seat) {
    return hashes[seat];
  }

  /** More than 0. */
  int weight(int seat) {
    return weights[seat];
  }
}
