package erpc.endpoints;

import erpc.balance.Balancer;
import erpc.endpoints.Roster.Grade;
import erpc.endpoints.TryPick.Rank;
import org.jspecify.annotations.Nullable;

/**
 * With which chance a try draws which endpoint, see {@link TryPick#draw}: worked out for the cases
 * in which that is simple, which are nearly all. What each endpoint is to the try, and what it
 * weighs, the try and its roster say. Of one moment, and not thread-safe.
 */
final class DrawChances {
  /** With less a draw misses what it wants so seldom that it cannot be seen. */
  private static final double NEGLIGIBLE = 1e-6;

  private final Roster roster;
  private final int size;
  private final Rank[] ranks;
  private final Grade[] grades;
  private final double[] weights;

  /** Whether one that is out of reach is left out as well, which a draw at last does not. */
  private final boolean leavesFailing;

  /** Those that a try sees now. */
  DrawChances(Roster roster, TryPick pick) {
    this.roster = roster;
    this.size = roster.size();
    this.ranks = new Rank[size];
    this.grades = new Grade[size];
    this.weights = new double[size];
    boolean leaves = false;
    for (int i = 0; i < size; i++) {
      ranks[i] = pick.rank(i);
      grades[i] = roster.grade(i);
      weights[i] = Math.max(0, roster.drawWeight(i)); // Less only while it changes.
      leaves |= ranks[i] == Rank.FAILING && pick.isExcluded(i);
    }
    leavesFailing = leaves;
  }

  /**
   * The chance of each endpoint to be drawn, and behind them that of none; null if it is not simple
   * to say.
   */
  double @Nullable [] draw() {
    double[] working = null;
    for (Rank each : new Rank[] {Rank.READY, Rank.POSSIBLE, Rank.SPARE}) {
      if (working == null && has(each)) {
        working = alike(each, Balancer.NONE);
        if (working == null) {
          return null;
        }
      }
    }
    double[] broken = has(Rank.BROKEN) ? alike(Rank.BROKEN, Balancer.NONE) : null;
    if (has(Rank.BROKEN) && broken == null) {
      return null;
    }
    double panic = broken == null ? 0 : roster.panicChance();
    if (working != null) {
      return panic > 0 && broken != null ? mixed(panic, broken, working) : working;
    }
    for (Rank each : ranks) {
      if (each != Rank.BROKEN && each != Rank.FAILING && each != Rank.NEVER) {
        return null; // It has been tried, or is full: what is found then depends on much.
      }
    }
    if (broken != null) {
      return broken;
    }
    return leavesFailing ? null : alike(Rank.FAILING, Balancer.NONE);
  }

  /** The same of another one than this. */
  double @Nullable [] drawAnother(int than) {
    Rank rank = ranks[than];
    double[] chances =
        switch (rank) {
          case READY, POSSIBLE, SPARE, BROKEN -> alike(rank, than);
          default -> null;
        };
    if (chances == null) {
      return null;
    }
    for (int i = 0; i < size; i++) {
      double taken = chances[i] * Math.min(1, roster.takenPart(i));
      chances[size] += chances[i] - taken;
      chances[i] = taken;
    }
    return chances;
  }

  private boolean has(Rank rank) {
    for (int i = 0; i < size; i++) {
      if (ranks[i] == rank && weights[i] > 0) {
        return true;
      }
    }
    return false;
  }

  /**
   * By weight among those of a rank but one; of none if there is no other. Null if draws would miss
   * them too often among others that are filed like them, and a look at a stretch does not show
   * all.
   */
  private double @Nullable [] alike(Rank wanted, int not) {
    double[] chances = new double[size + 1];
    Grade grade = null;
    double sum = 0;
    for (int i = 0; i < size; i++) {
      if (ranks[i] == wanted && weights[i] > 0) {
        if (grade != null && grade != grades[i]) {
          return null; // As of what is full before it is connected.
        }
        grade = grades[i];
        if (i != not) {
          chances[i] = weights[i];
          sum += weights[i];
        }
      }
    }
    if (sum <= 0) {
      chances[size] = 1;
      return chances;
    }
    int others = 0;
    double missed = 0;
    for (int i = 0; i < size; i++) {
      if (grades[i] == grade && weights[i] > 0) {
        others++;
        missed += chances[i] > 0 ? 0 : weights[i];
      }
      chances[i] /= sum;
    }
    boolean seen =
        others <= TryPick.STRETCH || Math.pow(missed / (missed + sum), TryPick.DRAWS) < NEGLIGIBLE;
    return seen ? chances : null;
  }

  private double[] mixed(double chance, double[] one, double[] other) {
    double[] both = new double[size + 1];
    for (int i = 0; i <= size; i++) {
      both[i] = chance * one[i] + (1 - chance) * other[i];
    }
    return both;
  }
}
