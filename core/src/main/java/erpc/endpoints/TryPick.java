package erpc.endpoints;

import erpc.balance.Balancer;
import erpc.call.Context;
import erpc.call.Criticality;
import erpc.call.Request;
import erpc.endpoints.Roster.Grade;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A roster as one try of a call sees it. However many endpoints there are, it looks at a few: some
 * drawn by weight, and if none of them will do (it has no room, or the call has been there), at a
 * stretch of those that are filed alike. Up to {@value #STRETCH} endpoints it finds what there is
 * to be found. One try's own, so not thread-safe.
 */
public final class TryPick implements Balancer.Pick {
  /** How often to draw before looking at a stretch. */
  static final int DRAWS = 8;

  /** How many to look at then. */
  static final int STRETCH = 32;

  /** An endpoint that is filed anew between two looks may be missed by both. */
  private static final int SCANS = 3;

  /** Where others work, those are drawn from, in this order. */
  private static final Grade[] WORKING = {Grade.READY, Grade.POSSIBLE, Grade.SPARE};

  /** How well an endpoint serves a try, the best first. */
  enum Rank {
    READY,
    POSSIBLE,
    SPARE,
    READY_BUT_TRIED,
    POSSIBLE_BUT_TRIED,
    SPARE_BUT_TRIED,
    BROKEN,
    FULL,
    FAILING,
    NEVER
  }

  private final Roster roster;
  private final Request<?, ?> request;
  private final @Nullable Context madeIn;
  private final List<? extends Roster.Entry> tried;
  private final RandomGenerator random;
  private final long nowNanos;

  // What a stretch has come to: the best so far, and what those alike weigh together.
  private int held = Balancer.NONE;
  private Rank heldRank = Rank.NEVER;
  private long heldWeight;

  /**
   * One try's view.
   *
   * @param madeIn the context that the call was made in, or null
   * @param tried where earlier tries of the call have been
   */
  public TryPick(
      Roster roster,
      Request<?, ?> request,
      @Nullable Context madeIn,
      List<? extends Roster.Entry> tried,
      RandomGenerator random,
      long nowNanos) {
    this.roster = roster;
    this.request = request;
    this.madeIn = madeIn;
    this.tried = tried;
    this.random = random;
    this.nowNanos = nowNanos;
  }

  @Override
  public Request<?, ?> request() {
    return request;
  }

  @Override
  public Criticality criticality() {
    return criticality(request, madeIn);
  }

  /** As critical as its caller says, else as the call being handled is. */
  public static Criticality criticality(Request<?, ?> what, @Nullable Context madeIn) {
    Criticality said = what.options().criticality();
    if (said != null) {
      return said;
    }
    return madeIn == null ? Criticality.DEFAULT : madeIn.criticality();
  }

  @Override
  public boolean isCriticalityInherited() {
    return madeIn != null && request.options().criticality() == null;
  }

  @Override
  public @Nullable String affinityKey() {
    return request.options().affinityKey();
  }

  @Override
  public boolean isRetry() {
    return !tried.isEmpty();
  }

  @Override
  public boolean isExcluded(int index) {
    Roster.Entry entry = roster.entry(index);
    if (tried.isEmpty()) {
      return entry.record().health().isLeftAlone(nowNanos) && isSheddable();
    }
    return tried.contains(entry) || entry.record().health().isLeftAlone(nowNanos);
  }

  private boolean isSheddable() {
    return criticality().compareTo(Criticality.DEFAULT) > 0;
  }

  @Override
  public double latency(int index) {
    return roster.entry(index).record().latency().at(nowNanos);
  }

  @Override
  public double load(int index) {
    Roster.Entry entry = roster.entry(index);
    return entry.record().load(entry.inFlight(), nowNanos);
  }

  @Override
  public long nowNanos() {
    return nowNanos;
  }

  @Override
  public RandomGenerator random() {
    return random;
  }

  @Override
  public boolean fits(int index) {
    double chance = fitChance(index);
    return chance >= 1 || (chance > 0 && random.nextDouble() < chance);
  }

  /** With which chance it {@link #fits}; 1 or more if it does in any case. */
  double fitChance(int index) {
    Rank rank = rank(index);
    if (rank != whole(roster.best())) {
      return rank == Rank.BROKEN ? roster.panicChance() : 0;
    }
    return affinityKey() != null ? 1 : roster.takenPart(index);
  }

  /** The rank of an endpoint that nothing but its grade speaks against. */
  static Rank whole(Grade grade) {
    return switch (grade) {
      case READY -> Rank.READY;
      case POSSIBLE -> Rank.POSSIBLE;
      case SPARE -> Rank.SPARE;
      case BROKEN -> Rank.BROKEN;
      case FAILING -> Rank.FAILING;
    };
  }

  @Override
  public int draw() {
    for (int i = 0; i < SCANS; i++) {
      int found = drawOnce();
      if (found != Balancer.NONE) {
        return found;
      }
    }
    return anyWithWeight();
  }

  /** Whatever is known of it: better than to fail for want of a look at the right moment. */
  private int anyWithWeight() {
    int first = random.nextInt(roster.size());
    for (int i = 0; i < roster.size(); i++) {
      int index = (first + i) % roster.size();
      if (roster.weight(index) > 0) {
        return index;
      }
    }
    return Balancer.NONE;
  }

  private int drawOnce() {
    held = Balancer.NONE;
    heldRank = Rank.NEVER;
    if (roster.panics(random)) {
      int broken = drawn(Grade.BROKEN, Rank.BROKEN, Balancer.NONE);
      if (broken != Balancer.NONE) {
        return broken;
      }
    }
    for (Grade each : WORKING) {
      int found = drawn(each, whole(each), Balancer.NONE);
      if (found != Balancer.NONE) {
        return found;
      }
    }
    if (held == Balancer.NONE || heldRank.compareTo(Rank.BROKEN) > 0) {
      int broken = drawn(Grade.BROKEN, Rank.BROKEN, Balancer.NONE);
      if (broken != Balancer.NONE) {
        return broken;
      }
    }
    return held == Balancer.NONE ? failing() : held;
  }

  @Override
  public int drawAnother(int than) {
    Rank rank = rank(than);
    Grade grade =
        switch (rank) {
          case READY, READY_BUT_TRIED, FULL -> Grade.READY;
          case POSSIBLE, POSSIBLE_BUT_TRIED -> Grade.POSSIBLE;
          case SPARE, SPARE_BUT_TRIED -> Grade.SPARE;
          case BROKEN -> Grade.BROKEN;
          case FAILING, NEVER -> Grade.FAILING;
        };
    held = Balancer.NONE;
    heldRank = Rank.NEVER;
    int another = drawn(grade, rank, than);
    // Where there are two, the other one is always found, however small its share is.
    return another == Balancer.NONE || roster.takes(another, random) ? another : Balancer.NONE;
  }

  /** One of this grade and rank; if none is found, the best that was seen is held. */
  private int drawn(Grade grade, Rank wanted, int not) {
    for (int i = 0; i < DRAWS; i++) {
      int index = roster.drawn(grade, random);
      if (index == roster.size()) {
        return Balancer.NONE;
      }
      if (index != not && rank(index) == wanted) {
        return index;
      }
    }
    look(grade, not);
    return heldRank == wanted ? held : Balancer.NONE;
  }

  /** Looks at a stretch that begins anywhere. */
  private void look(Grade grade, int not) {
    int first = roster.drawn(grade, random);
    int index = first;
    for (int i = 0; i < STRETCH && index < roster.size(); i++) {
      if (index != not) {
        consider(index);
      }
      index = roster.after(grade, index);
      if (index == first) {
        return;
      }
    }
  }

  /** Each replaces the one held, if that is no better, with a chance of its weight / all so far. */
  private void consider(int index) {
    Rank rank = rank(index);
    if (rank == Rank.NEVER || rank.compareTo(heldRank) > 0) {
      return;
    }
    if (rank != heldRank) {
      heldWeight = 0;
    }
    long weight = Math.max(1, roster.drawWeight(index));
    heldWeight += weight;
    if (rank != heldRank || random.nextLong(heldWeight) < weight) {
      held = index;
      heldRank = rank;
    }
  }

  /** Nothing else is left: rather one that has not been tried. */
  private int failing() {
    int index = Balancer.NONE;
    for (int i = 0; i < DRAWS; i++) {
      int drawn = roster.drawn(Grade.FAILING, random);
      if (drawn == roster.size()) {
        return index;
      }
      index = drawn;
      if (!isExcluded(index)) {
        return index;
      }
    }
    return index;
  }

  /** How well it serves this try. */
  Rank rank(int index) {
    if (roster.weight(index) == 0) {
      return Rank.NEVER;
    }
    Grade grade = roster.grade(index);
    if (grade == Grade.FAILING) {
      return Rank.FAILING;
    }
    if (roster.isFull(index)) {
      return roster.isFiledAsConnected(index) ? Rank.FULL : Rank.FAILING;
    }
    return isExcluded(index) ? tried(grade) : whole(grade);
  }

  private static Rank tried(Grade grade) {
    return switch (grade) {
      case READY -> Rank.READY_BUT_TRIED;
      case POSSIBLE -> Rank.POSSIBLE_BUT_TRIED;
      case SPARE -> Rank.SPARE_BUT_TRIED;
      case BROKEN, FAILING -> Rank.FAILING;
    };
  }
}
