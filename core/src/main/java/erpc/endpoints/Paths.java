package erpc.endpoints;

import erpc.balance.Balancer;
import erpc.call.Criticality;
import erpc.call.Request;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A try whose draws come to each of their outcomes in turn: a picker that is run with it again and
 * again takes every path through its code once, each with its chance. So what the picker does is
 * said by its own code alone. Not thread-safe.
 */
final class Paths implements Balancer.Pick {
  /** More outcomes of one draw are not followed. */
  private static final long MOST_OUTCOMES = 1 << 16;

  private static final long DRAW = -1;
  private static final long ANOTHER = 1L << 32;
  private static final long FITS = 2L << 32;
  private static final long NUMBER = 3L << 32;

  private final TryPick pick;
  private final int size;
  private final DrawChances draws;
  private final Map<Integer, double[]> another = new HashMap<>();
  private final List<Fork> forks = new ArrayList<>();
  private final Numbers numbers = new Numbers();
  private double @Nullable [] drawn;
  private int passed;
  private boolean lost;

  /** Thrown through the picker where its paths cannot be followed any further. */
  private static final class Lost extends RuntimeException {
    private Lost() {
      super("the paths of a pick cannot be followed", null, false, false);
    }
  }

  /** Where paths part. */
  private static final class Fork {
    final long asked;
    final double @Nullable [] chances; // null if all are alike
    final int outcomes;
    int at;

    Fork(long asked, double @Nullable [] chances, int outcomes) {
      this.asked = asked;
      this.chances = chances;
      this.outcomes = outcomes;
      this.at = -1;
    }

    double chance() {
      return chances == null ? 1.0 / outcomes : chances[at];
    }

    /** Goes on to the next outcome that there may be; false if there is none. */
    boolean next() {
      for (at++; at < outcomes; at++) {
        if (chances == null || chances[at] > 0) {
          return true;
        }
      }
      return false;
    }
  }

  Paths(Roster roster, TryPick pick) {
    this.pick = pick;
    this.size = roster.size();
    this.draws = new DrawChances(roster, pick);
  }

  /** Begins a run, which takes the path that {@link #next} has found. */
  void begin() {
    passed = 0;
  }

  /** The chance of the path that has just been taken. */
  double chance() {
    double chance = 1;
    for (Fork each : forks) {
      chance *= each.chance();
    }
    return chance;
  }

  /** Finds another path; false if all have been taken. */
  boolean next() {
    if (passed < forks.size()) {
      lost = true; // The picker does not do the same again.
    }
    while (!forks.isEmpty()) {
      if (forks.getLast().next()) {
        return true;
      }
      forks.removeLast();
    }
    return false;
  }

  /** Whether there was something that cannot be followed. */
  boolean isLost() {
    return lost;
  }

  private Lost lost() {
    lost = true;
    return new Lost();
  }

  private int outcome(long asked, double @Nullable [] chances, int outcomes) {
    if (passed == forks.size()) {
      Fork made = new Fork(asked, chances, outcomes);
      if (!made.next()) {
        throw lost();
      }
      forks.add(made);
    }
    Fork fork = forks.get(passed++);
    if (fork.asked != asked) {
      throw lost();
    }
    return fork.at;
  }

  private int drawn(long asked, double @Nullable [] chances) {
    if (chances == null) {
      throw lost();
    }
    int index = outcome(asked, chances, size + 1);
    return index == size ? Balancer.NONE : index;
  }

  @Override
  public int draw() {
    if (drawn == null) {
      drawn = draws.draw();
    }
    return drawn(DRAW, drawn);
  }

  @Override
  public int drawAnother(int than) {
    double[] chances = another.get(than);
    if (chances == null) {
      chances = draws.drawAnother(than);
      if (chances == null) {
        throw lost();
      }
      another.clear(); // One path after the other asks for the same.
      another.put(than, chances);
    }
    return drawn(ANOTHER + than, chances);
  }

  @Override
  public boolean fits(int index) {
    double chance = pick.fitChance(index);
    return chance >= 1
        || (chance > 0 && outcome(FITS + index, new double[] {1 - chance, chance}, 2) == 1);
  }

  @Override
  public RandomGenerator random() {
    return numbers;
  }

  /** Numbers below a small bound come to each in turn. */
  private final class Numbers implements RandomGenerator {
    @Override
    public long nextLong() {
      throw lost();
    }

    @Override
    public long nextLong(long bound) {
      if (bound < 1 || bound > MOST_OUTCOMES) {
        throw lost();
      }
      return outcome(NUMBER + bound, null, (int) bound);
    }

    @Override
    public int nextInt(int bound) {
      return (int) nextLong(bound);
    }
  }

  // ---- what does not depend on chance

  @Override
  public Request<?, ?> request() {
    return pick.request();
  }

  @Override
  public Criticality criticality() {
    return pick.criticality();
  }

  @Override
  public boolean isCriticalityInherited() {
    return pick.isCriticalityInherited();
  }

  @Override
  public @Nullable String affinityKey() {
    return pick.affinityKey();
  }

  @Override
  public boolean isRetry() {
    return pick.isRetry();
  }

  @Override
  public boolean isExcluded(int index) {
    return pick.isExcluded(index);
  }

  @Override
  public double latency(int index) {
    return pick.latency(index);
  }

  @Override
  public double load(int index) {
    return pick.load(index);
  }

  @Override
  public long nowNanos() {
    return pick.nowNanos();
  }
}
