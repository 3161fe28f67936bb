package erpc.balance;

import java.util.function.Function;
import java.util.function.IntSupplier;

/**
 * Sends calls with the same affinity key to the same endpoint, as long as that one is well and not
 * far busier than others; calls without a key are drawn by weight. Which endpoint has a key is the
 * same in all clients that have the same list, in whatever order.
 *
 * <p>Load is bounded (Mirrokni, Thorup, Zadimoghaddam, arXiv 1608.01350): an endpoint has at most
 * max(8, ⌈1.25 × (calls in flight + 1) × its share of the weight⌉) of this client's calls. With
 * fewer calls in flight than endpoints a bound of one would scatter the keys, hence the 8. A key
 * whose endpoint is full or not well goes to others in an order of its own: it jumps to places that
 * follow from its hash (Chen, Coleman, Shrivastava, arXiv 1908.08762), so that the keys of an
 * endpoint don't all fall on the one after it. Thread-safe.
 */
final class ByKey implements Balancer {
  /** What an endpoint may always have. */
  static final int LEAST_BOUND = 8;

  /** How much more than its share an endpoint may have. */
  static final double BALANCE = 1.25;

  /** How many that are not well a pick passes before it draws one. */
  private static final int MISSES = 32;

  /**
   * How many places a pick looks at. Of those that fit, no more than 4 of 5 are full while all fit:
   * the bounds together are 1.25 times the calls.
   */
  private static final int JUMPS = 96;

  private final String name;
  private final Function<Candidates, KeyTable> maker;

  ByKey(Function<Candidates, KeyTable> maker) {
    this("by_key", maker);
  }

  ByKey(String name, Function<Candidates, KeyTable> maker) {
    this.name = name;
    this.maker = maker;
  }

  @Override
  public String toString() {
    return name;
  }

  @Override
  public boolean wantsAll() {
    return true;
  }

  @Override
  public Picker picker(Candidates candidates) {
    return new Keyed(candidates, maker.apply(candidates));
  }

  private static final class Keyed implements Picker {
    private final Candidates candidates;
    private final KeyTable table;
    private final IntSupplier inFlight;
    private final double boundPerCallAndWeight;

    Keyed(Candidates candidates, KeyTable table) {
      this.candidates = candidates;
      this.table = table;
      this.inFlight = candidates.inFlightOfAll();
      long all = 0;
      for (int i = 0; i < candidates.size(); i++) {
        all += Math.max(0, candidates.weight(i));
      }
      this.boundPerCallAndWeight = BALANCE / Math.max(1, all);
    }

    @Override
    public int pick(Pick pick) {
      String key = pick.affinityKey();
      return key == null ? pick.draw() : pick(pick, Hash.of(key));
    }

    private int pick(Pick pick, long hash) {
      double boundPerWeight = boundPerCallAndWeight * (inFlight.getAsInt() + 1.0);
      int leastFull = NONE;
      double leastFullness = Double.MAX_VALUE;
      int misses = 0;
      for (int i = 0; i < JUMPS && misses < MISSES; i++) {
        int index = table.at(Hash.jump(hash, i));
        if (index == NONE) {
          break;
        }
        if (!pick.fits(index)) {
          misses++;
          continue;
        }
        double fullness = fullness(index, boundPerWeight);
        if (fullness < 1) {
          return index;
        }
        if (fullness < leastFullness) {
          leastFull = index;
          leastFullness = fullness;
        }
      }
      // All that fit are full, as when most of the others are gone: they share what there is.
      return leastFull == NONE ? pick.draw() : leastFull;
    }

    /** Its calls in flight as a part of what it may have. */
    private double fullness(int index, double boundPerWeight) {
      // The difference is for products that are whole numbers but for rounding.
      double exact = Math.ceil(boundPerWeight * candidates.weight(index) - 1e-9);
      return candidates.inFlight(index) / Math.max(LEAST_BOUND, exact);
    }
  }
}
