package erpc.balance;

import java.util.Arrays;

/**
 * Whose turn it is, for any number of a turn. Immutable.
 *
 * <p>Each candidate has as many slots of a ring as it has weight, one beside the other. Turns go
 * round the ring in steps of about its golden section, with which any number of turns in a row is
 * spread evenly; the step and the ring's size have no common divisor, so that in as many turns as
 * there are slots each has exactly one. A turn is found by halving, in a time that hardly depends
 * on how many candidates there are.
 */
final class Turns {
  private static final double GOLDEN_SECTION = (Math.sqrt(5) - 1) / 2;

  /** Where each candidate's slots end; empty if all have the same number. */
  private final int[] ends;

  private final int size;
  private final long slots;
  private final long step;

  Turns(Balancer.Candidates candidates) {
    size = candidates.size();
    int[] weights = new int[size];
    Arrays.setAll(weights, candidates::weight);
    boolean equal = size == 0 || Arrays.stream(weights).allMatch(each -> each == weights[0]);
    ends = equal ? new int[0] : ends(weights);
    slots = equal ? size : ends[size - 1];
    step = equal ? 1 : step(slots);
  }

  /** The candidate that has this turn; {@link Balancer#NONE} if there are none. */
  int at(long turn) {
    if (slots == 0) {
      return Balancer.NONE;
    }
    int slot = (int) (turn % slots * step % slots);
    if (ends.length == 0) {
      return slot;
    }
    // The first that ends after the slot; those without a slot end where the one before them does.
    int low = 0;
    int high = size - 1;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (ends[middle] > slot) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low;
  }

  /** After so many turns all have had theirs, and it begins anew. */
  long count() {
    return slots;
  }

  private static int[] ends(int[] weights) {
    long divisor = 0;
    for (int each : weights) {
      divisor = divisor(Math.max(0, each), divisor);
    }
    long all = 0;
    for (int each : weights) {
      all += Math.max(0, each) / divisor;
    }
    // Products of two numbers of slots must fit a long.
    double scale =
        all > Integer.MAX_VALUE ? (double) (Integer.MAX_VALUE - weights.length) / all : 1;
    int[] ends = new int[weights.length];
    int end = 0;
    for (int i = 0; i < weights.length; i++) {
      long each = Math.max(0, weights[i]) / divisor;
      int own = (int) (each * scale);
      end += weights[i] > 0 ? Math.max(1, own) : 0;
      ends[i] = end;
    }
    return ends;
  }

  private static long step(long slots) {
    long step = Math.max(1, (long) (slots * GOLDEN_SECTION));
    while (divisor(step, slots) != 1) {
      step--;
    }
    return step;
  }

  /** The greatest that both have. */
  private static long divisor(long one, long other) {
    return other == 0 ? one : divisor(other, one % other);
  }
}
