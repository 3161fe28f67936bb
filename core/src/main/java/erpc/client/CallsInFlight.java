package erpc.client;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * How many calls are under way at one endpoint, and whether they count in those of its place too. A
 * class to extend and not one to have: each call comes here, and would have to follow one pointer
 * more. Thread-safe.
 */
class CallsInFlight {
  /** In {@link #inFlight}: calls are counted in those of all endpoints too. */
  private static final int COUNTED_IN_ALL = 1 << 30;

  private final AtomicInteger inFlight = new AtomicInteger();

  /** The place's calls, in which its own are counted once the mark is set. */
  private final AtomicInteger ofAll;

  CallsInFlight(AtomicInteger ofAll) {
    this.ofAll = ofAll;
  }

  /** Calls under way here. */
  public int inFlight() {
    return inFlight.get() & ~COUNTED_IN_ALL;
  }

  /** From now on they count in those of the place too. Told by one thread at a time. */
  public void countInAll() {
    if ((inFlight.get() & COUNTED_IN_ALL) == 0) {
      // One step marks it and tells how many are in flight: each call that enters or leaves before
      // it is in that number, each one after it sees the mark.
      ofAll.addAndGet(inFlight.getAndAdd(COUNTED_IN_ALL));
    }
  }

  final void enter() {
    if (inFlight.incrementAndGet() > COUNTED_IN_ALL) {
      ofAll.incrementAndGet();
    }
  }

  final void leave() {
    if (inFlight.decrementAndGet() >= COUNTED_IN_ALL) {
      ofAll.decrementAndGet();
    }
  }
}
