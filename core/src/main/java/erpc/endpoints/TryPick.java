package erpc.endpoints;

import erpc.balance.Balancer;
import erpc.call.Context;
import erpc.call.Criticality;
import erpc.call.Request;
import erpc.endpoints.Roster.Grade;
import erpc.transport.EndpointState;
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

  /** How well an endpoint serves a try, the best first. */
  private enum Rank {
    READY,
    POSSIBLE,
    READY_BUT_TRIED,
    POSSIBLE_BUT_TRIED,
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
    return !tried.isEmpty() && tried.contains(roster.entry(index));
  }

  @Override
  public double latency(int index) {
    return 0;
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
    Rank rank = rank(index);
    return rank
        == switch (roster.best()) {
          case READY -> Rank.READY;
          case POSSIBLE -> Rank.POSSIBLE;
          case FAILING -> Rank.FAILING;
        };
  }

  @Override
  public int draw() {
    held = Balancer.NONE;
    heldRank = Rank.NEVER;
    int ready = drawn(Grade.READY, Rank.READY, Balancer.NONE);
    if (ready != Balancer.NONE) {
      return ready;
    }
    int possible = drawn(Grade.POSSIBLE, Rank.POSSIBLE, Balancer.NONE);
    if (possible != Balancer.NONE) {
      return possible;
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
          case FAILING, NEVER -> Grade.FAILING;
        };
    held = Balancer.NONE;
    heldRank = Rank.NEVER;
    return drawn(grade, rank, than);
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
    heldWeight += roster.weight(index);
    if (rank != heldRank || random.nextLong(heldWeight) < roster.weight(index)) {
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

  private Rank rank(int index) {
    if (roster.weight(index) == 0) {
      return Rank.NEVER;
    }
    EndpointState state = roster.current(index);
    Grade grade = Roster.grade(state);
    if (grade == Grade.FAILING) {
      return Rank.FAILING;
    }
    boolean ready = grade == Grade.READY;
    if (roster.isFull(index)) {
      return ready ? Rank.FULL : Rank.FAILING;
    }
    if (isExcluded(index)) {
      return ready ? Rank.READY_BUT_TRIED : Rank.POSSIBLE_BUT_TRIED;
    }
    return ready ? Rank.READY : Rank.POSSIBLE;
  }
}
