package erpc.balance;

import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/** Picks at random, with a chance in proportion to weight. Thread-safe if its randomness is. */
public final class RandomPick implements Balancer {
  private final Supplier<? extends RandomGenerator> random;

  /** Takes its randomness from each thread's own generator. */
  public RandomPick() {
    this(ThreadLocalRandom::current);
  }

  /** Asks for a generator at each pick, on the thread that picks. */
  public RandomPick(Supplier<? extends RandomGenerator> random) {
    this.random = random;
  }

  @Override
  public int pick(Candidates candidates) {
    return Draw.byWeight(candidates, random.get(), NONE);
  }
}
