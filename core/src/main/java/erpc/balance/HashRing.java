package erpc.balance;

/**
 * A ring of hashes, as ketama's: an endpoint has many points on it, and the hashes up to each of
 * them, back to the point before. If an endpoint leaves, only its own hashes move.
 *
 * <p>How many points an endpoint has follows from its weight alone, unless the lightest weight of
 * all changes by more than a factor of two or weights are very far apart: then all have twice as
 * many or half as many. The lightest has 256 to 511 points: the share of one with 400, as an
 * endpoint of weight 100 has, is off by 5 % (standard deviation).
 *
 * <p>A hash is found in one step and a few comparisons: its upper bits say which points to look at.
 */
final class HashRing implements KeyTable {
  private static final int POINTS_OF_LIGHTEST = 256;

  /** On average; what a few heavy ones would have beyond that, light ones lack. */
  private static final int MAX_POINTS_PER_ENDPOINT = 2_048;

  /** On the whole ring. A point takes 8 bytes, the way to it 4 to 8. */
  private static final int MAX_POINTS = 1 << 23;

  /** How many upper bits of a hash choose the bucket. */
  private final int bits;

  /** Where each bucket's points begin; one more, the end, at the end. */
  private final int[] starts;

  /** The 32 bits of each point's hash below those of the bucket, ascending within it, unsigned. */
  private final int[] marks;

  /** The endpoint that each point is of. */
  private final int[] owners;

  HashRing(Balancer.Candidates candidates) {
    Seats seats = new Seats(candidates);
    int[] counts = counts(seats);
    int all = 0;
    for (int each : counts) {
      all += each;
    }
    bits = Math.max(1, 31 - Integer.numberOfLeadingZeros(Math.max(1, all)));
    starts = new int[(1 << bits) + 1];
    marks = new int[all];
    owners = new int[all];
    for (int seat = 0; seat < seats.size; seat++) {
      for (int i = 0; i < counts[seat]; i++) {
        starts[bucket(Hash.point(seats.hash(seat), i)) + 1]++;
      }
    }
    for (int i = 1; i < starts.length; i++) {
      starts[i] += starts[i - 1];
    }
    int[] filled = new int[1 << bits];
    for (int seat = 0; seat < seats.size; seat++) {
      for (int i = 0; i < counts[seat]; i++) {
        insert(Hash.point(seats.hash(seat), i), seats.index(seat), filled);
      }
    }
  }

  /** Points for each seat, in proportion to its weight, but at least one. */
  private static int[] counts(Seats seats) {
    double scale = 1;
    // Steps of two are exact, and an endpoint that comes or goes hardly ever causes one.
    while (scale * seats.lightest >= 2 * POINTS_OF_LIGHTEST) {
      scale /= 2;
    }
    while (seats.size > 0 && scale * seats.lightest < POINTS_OF_LIGHTEST) {
      scale *= 2;
    }
    // In steps of two again, which list sizes cross rarely.
    int sizes = Integer.highestOneBit(Math.max(1, seats.size)) * 2;
    double most = Math.min(MAX_POINTS, (double) MAX_POINTS_PER_ENDPOINT * sizes);
    while (scale * seats.allWeight > most) {
      scale /= 2;
    }
    int[] counts = new int[seats.size];
    for (int seat = 0; seat < counts.length; seat++) {
      counts[seat] = Math.max(1, (int) Math.round(scale * seats.weight(seat)));
    }
    return counts;
  }

  /** Behind those of its bucket that are not larger; of equals, the one seated first is first. */
  private void insert(long hash, int owner, int[] filled) {
    int bucket = bucket(hash);
    int mark = mark(hash);
    int at = starts[bucket] + filled[bucket]++;
    while (at > starts[bucket] && Integer.compareUnsigned(marks[at - 1], mark) > 0) {
      marks[at] = marks[at - 1];
      owners[at] = owners[at - 1];
      at--;
    }
    marks[at] = mark;
    owners[at] = owner;
  }

  @Override
  public int at(long hash) {
    if (owners.length == 0) {
      return Balancer.NONE;
    }
    int bucket = bucket(hash);
    int mark = mark(hash);
    int end = starts[bucket + 1];
    int at = starts[bucket];
    while (at < end && Integer.compareUnsigned(marks[at], mark) < 0) {
      at++;
    }
    // Behind a bucket's last point comes the first one of a later bucket.
    return owners[at < owners.length ? at : 0];
  }

  /** How many points there are. */
  int size() {
    return owners.length;
  }

  private int bucket(long hash) {
    return (int) (hash >>> (Long.SIZE - bits));
  }

  private int mark(long hash) {
    return (int) (hash << bits >>> Integer.SIZE);
  }
}
