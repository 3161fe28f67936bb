package erpc.endpoints;

/**
 * Endpoints that wait to be connected, in the order in which they came, each once. Changed by one
 * thread at a time; anybody may look whether there are some.
 */
final class IdleRing {
  private final int[] ring;
  private final boolean[] isListed;
  private int first;
  private volatile int count; // Written by who holds the roster's lock, looked at by picks.

  /** For so many endpoints. */
  IdleRing(int size) {
    ring = new int[size];
    isListed = new boolean[size];
  }

  boolean isEmpty() {
    return count == 0;
  }

  /** Adds one unless it waits already. */
  void add(int index) {
    if (!isListed[index]) {
      isListed[index] = true;
      ring[(first + count) % ring.length] = index;
      int more = count + 1;
      count = more;
    }
  }

  /** The one that has waited longest; -1 if there is none. */
  int take() {
    if (count == 0) {
      return -1;
    }
    int index = ring[first];
    first = (first + 1) % ring.length;
    int fewer = count - 1;
    count = fewer;
    isListed[index] = false;
    return index;
  }
}
