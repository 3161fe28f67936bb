package erpc.balance;

import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * Goes round the candidates, smoothly interleaved by weight. Thread-safe if its randomness is; all
 * it keeps is one counter, so a list may change between any two picks.
 *
 * <p>The algorithm is gRPC's static stride scheduler (gRFC A58): the counter walks over the indexes
 * in rounds, and in round r a candidate of weight w is picked if (w · r + its offset) mod max ≥ max
 * − w. In any max rounds that is true exactly w times, evenly spaced. With equal weights each step
 * is a pick.
 */
public final class RoundRobin implements Balancer {
  private final Supplier<? extends RandomGenerator> random;
  private final AtomicLong next;

  /** Starts at a random place and takes its randomness from each thread's own generator. */
  public RoundRobin() {
    this(ThreadLocalRandom::current);
  }

  /** Asks for a generator at once, for where to start, and at picks of retries. */
  public RoundRobin(Supplier<? extends RandomGenerator> random) {
    this.random = random;
    // Clients that start together must not all begin with the same server.
    this.next = new AtomicLong(random.get().nextLong() >>> 16);
  }

  @Override
  public int pick(Candidates candidates) {
    // A retry leaves the counter alone: if each call took one step to a dead endpoint and one to a
    // living one, two endpoints would stay in step with that and every call would begin at the dead
    // one. And the turns of an excluded endpoint must not all go to the one after it.
    if (candidates.anyExcluded()) {
      return Draw.byWeight(candidates, random.get(), NONE);
    }
    int size = candidates.size();
    int max = candidates.maxWeight();
    // One round holds the turn of the heaviest. Only other threads' steps or a weight that has just
    // changed can make this one miss it.
    for (int step = 0; step < size; step++) {
      long sequence = next.getAndIncrement() & Long.MAX_VALUE;
      int index = (int) (sequence % size);
      if (max <= 0 || isTurn(candidates.weight(index), max, index, sequence / size)) {
        return index;
      }
    }
    return Draw.byWeight(candidates, random.get(), NONE);
  }

  private static boolean isTurn(int weight, int max, int index, long round) {
    if (weight <= 0) {
      return false;
    }
    // Half a turn of offset between neighbours keeps the light ones from coming all in one round.
    long offset = (long) (max / 2) * index;
    return (round % max * weight + offset) % max >= max - weight;
  }
}
