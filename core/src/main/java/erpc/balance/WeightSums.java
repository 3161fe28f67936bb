package erpc.balance;

import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Weights of a fixed number of things, of which one can be drawn in proportion to its weight; that
 * and a change of a weight take as many steps as the logarithm of their number (a Fenwick tree).
 * Thread-safe without locks: who draws while weights change may find one that has just become
 * lighter, and looks for himself.
 */
final class WeightSums {
  private final int size;
  private final AtomicLongArray weights;

  /** Sums of stretches; the first element is the sum of all. */
  private final AtomicLongArray sums;

  /** Takes over the array. */
  WeightSums(long[] each) {
    size = each.length;
    weights = new AtomicLongArray(each);
    long[] built = new long[size + 1];
    for (int i = 1; i <= size; i++) {
      built[i] += each[i - 1];
      built[0] += each[i - 1];
      int parent = i + (i & -i);
      if (parent <= size) {
        built[parent] += built[i];
      }
    }
    sums = new AtomicLongArray(built);
  }

  /** What all weigh together. */
  long total() {
    return sums.get(0);
  }

  long weight(int index) {
    return weights.get(index);
  }

  /** Makes one that heavy. */
  void set(int index, long weight) {
    long change = weight - weights.getAndSet(index, weight);
    if (change == 0) {
      return;
    }
    for (int i = index + 1; i <= size; i += i & -i) {
      sums.getAndAdd(i, change);
    }
    sums.getAndAdd(0, change);
  }

  /**
   * Where all are laid out one after the other, each as long as it is heavy: the one at this place.
   *
   * @return its index, or the size if the place is behind all
   */
  int at(long place) {
    int passed = 0;
    long left = place;
    for (int step = Integer.highestOneBit(size); step > 0; step >>= 1) {
      int next = passed + step;
      if (next <= size) {
        long sum = sums.get(next);
        if (sum <= left) {
          left -= sum;
          passed = next;
        }
      }
    }
    return passed;
  }
}
