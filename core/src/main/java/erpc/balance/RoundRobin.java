package erpc.balance;

import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;

/**
 * Goes round the candidates, smoothly interleaved by weight. Thread-safe; all it keeps is one
 * counter, so the list may change between any two picks.
 */
final class RoundRobin implements Balancer {
  private final AtomicLong next;

  /** Starts at a random place. */
  RoundRobin() {
    this(ThreadLocalRandom.current());
  }

  RoundRobin(RandomGenerator random) {
    // Clients that start together must not all begin with the same server.
    this.next = new AtomicLong(random.nextLong() >>> 16);
  }

  @Override
  public Picker picker(Candidates candidates) {
    Turns turns = new Turns(candidates);
    return pick -> {
      // A retry leaves the counter alone: if each call took one step to a dead endpoint and one to
      // a living one, two endpoints would stay in step with that and every call would begin at the
      // dead one.
      if (pick.isRetry()) {
        return pick.draw();
      }
      int index = turns.at(next.getAndIncrement() & Long.MAX_VALUE);
      // The turns of one that is not well must not all go to the one after it.
      return index != NONE && pick.fits(index) ? index : pick.draw();
    };
  }
}
