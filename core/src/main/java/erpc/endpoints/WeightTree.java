package erpc.endpoints;

import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Weights of a fixed number of things, of which one can be drawn in proportion to its weight: both
 * that and a change of a weight take a number of steps that is the logarithm of the number of
 * things (a Fenwick tree). Changed by one thread at a time, read by any: who reads meanwhile may
 * find one whose weight has just become 0, and must look for himself.
 */
final class WeightTree {
  private final int size;

  /** Sums of stretches; the first element is the sum of all. */
  private final AtomicLongArray sums;

  /** All weigh 0. */
  WeightTree(int size) {
    this.size = size;
    this.sums = new AtomicLongArray(size + 1);
  }

  /** What all weigh together. */
  long total() {
    return sums.get(0);
  }

  /** Makes one heavier, or lighter if it is negative, by so much. */
  void add(int index, long weight) {
    for (int i = index + 1; i <= size; i += i & -i) {
      sums.set(i, sums.get(i) + weight);
    }
    sums.set(0, sums.get(0) + weight);
  }

  /** What those before the index weigh together. */
  long before(int index) {
    long sum = 0;
    for (int i = index; i > 0; i -= i & -i) {
      sum += sums.get(i);
    }
    return sum;
  }

  /**
   * Where all are laid out one after the other, each as long as it is heavy: the one at this place.
   *
   * @param place from 0 to less than {@link #total}
   * @return its index, or the size if the place is behind all
   */
  int at(long place) {
    int passed = 0;
    long left = place;
    for (int step = Integer.highestOneBit(size); step > 0; step >>= 1) {
      int next = passed + step;
      if (next <= size && sums.get(next) <= left) {
        left -= sums.get(next);
        passed = next;
      }
    }
    return passed;
  }
}
