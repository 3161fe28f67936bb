package erpc.balance;

import erpc.balance.Balancer.Candidates;
import java.util.random.RandomGenerator;

/** Draws a candidate with a chance in proportion to its weight. */
final class Draw {
  /**
   * How often to guess before looking at all candidates. A guess costs the same however long the
   * list is; with weights alike and few exclusions the first one nearly always stands.
   */
  private static final int GUESSES = 8;

  private Draw() {}

  /** A candidate other than {@code not}, or {@link Balancer#NONE}. */
  static int byWeight(Candidates candidates, RandomGenerator random, int not) {
    int size = candidates.size();
    if (size == 0) {
      return Balancer.NONE;
    }
    int max = candidates.maxWeight();
    // Refusing a guess with a chance of 1 - weight/max leaves each standing in proportion to its
    // weight; what is drawn after the last refusal is independent of it, so no bias comes from
    // there.
    for (int guess = 0; guess < GUESSES; guess++) {
      int index = random.nextInt(size);
      if (index != not && !candidates.excluded(index)) {
        int weight = share(candidates, index, max);
        if (weight >= max || random.nextInt(max) < weight) {
          return index;
        }
      }
    }
    return amongAll(candidates, random, not, max);
  }

  /** One pass: each candidate replaces the one held with a chance of its weight / weight so far. */
  private static int amongAll(Candidates candidates, RandomGenerator random, int not, int max) {
    int held = Balancer.NONE;
    long total = 0;
    for (int i = 0, size = candidates.size(); i < size; i++) {
      int weight = i == not || candidates.excluded(i) ? 0 : share(candidates, i, max);
      if (weight > 0) {
        total += weight;
        if (random.nextLong(total) < weight) {
          held = i;
        }
      }
    }
    return held;
  }

  /** Where no candidate has a weight, all have the same. */
  private static int share(Candidates candidates, int index, int max) {
    return max <= 0 ? 1 : candidates.weight(index);
  }
}
