package erpc.balance;

import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;

/**
 * Goes round the candidates, smoothly interleaved by weight. Thread-safe; all it keeps is one
 * counter, so the list may change between any two picks.
 */
final class RoundRobin implements Balancer {
  /** Negative, however many turns are taken meanwhile, until the first one has its place. */
  private static final long UNSTARTED = Long.MIN_VALUE;

  private final AtomicLong next;

  /** Starts at a place that the first pick's client draws. */
  RoundRobin() {
    this.next = new AtomicLong(UNSTARTED);
  }

  RoundRobin(RandomGenerator random) {
    this.next = new AtomicLong(place(random));
  }

  private static long place(RandomGenerator random) {
    return random.nextLong() >>> 16;
  }

  private long turn(RandomGenerator random) {
    long turn = next.getAndIncrement();
    return turn < 0 ? start(random) : turn;
  }

  /** Clients that start together must not all begin with the same server. */
  private synchronized long start(RandomGenerator random) {
    if (next.get() < 0) {
      next.set(place(random));
    }
    return next.getAndIncrement();
  }

  @Override
  public Picker picker(Candidates candidates) {
    Turns turns = new Turns(candidates);
    return new Picker() {
      @Override
      public int pick(Pick pick) {
        // A retry leaves the counter alone: if each call took one step to a dead endpoint and one
        // to a living one, two endpoints would stay in step with that and every call would begin at
        // the dead one.
        return pick.isRetry() ? pick.draw() : inTurn(turns.at(turn(pick.random())), pick);
      }

      @Override
      public Picker preview() {
        // Of a call that comes at any time nobody can tell whose turn it will be.
        return pick ->
            pick.isRetry() || turns.count() == 0
                ? pick.draw()
                : inTurn(turns.at(pick.random().nextLong(turns.count())), pick);
      }
    };
  }

  /** The turns of one that is not well must not all go to the one after it. */
  private static int inTurn(int index, Pick pick) {
    return index != NONE && pick.fits(index) ? index : pick.draw();
  }

  @Override
  public String toString() {
    return "round_robin";
  }
}
