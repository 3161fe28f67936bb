package erpc.endpoints;

import erpc.balance.Balancer;
import erpc.call.Context;
import erpc.call.Request;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * With which chance the first try of a call would go to which endpoint, found out by the code that
 * picks: every path through it is followed, or where these are too many it is asked very many
 * times. Nothing that picks go by changes, as far as {@link Balancer.Picker#preview} changes
 * nothing. Immutable.
 */
public final class Forecast {
  /** So many paths are followed: two draws of each of some hundred endpoints. */
  static final int MOST_PATHS = 100_000;

  private static final int LEAST_PICKS = 10_000;
  private static final int MOST_PICKS = 200_000;
  private static final int PICKS_PER_ENDPOINT = 100;
  private static final long SEED = 15;

  private final double[] chances;
  private final int picks;
  private final @Nullable Throwable thrown;
  private final int outOfRange;

  private Forecast(Tally tally, int picks) {
    this.chances = tally.chances;
    this.picks = picks;
    this.thrown = tally.thrown;
    this.outOfRange = tally.outOfRange;
  }

  /** What picks have come to. */
  private static final class Tally {
    final double[] chances; // of each endpoint, and of none
    @Nullable Throwable thrown;
    int outOfRange = Balancer.NONE;

    Tally(int size) {
      chances = new double[size + 1];
    }

    /** Asks the picker once. */
    int pick(Balancer.Picker picker, Balancer.Pick pick) {
      int none = chances.length - 1;
      try {
        int index = picker.pick(pick);
        if (index >= 0 && index < none) {
          return index;
        }
        outOfRange = index == Balancer.NONE ? outOfRange : index;
      } catch (Throwable e) { // A user's code; so would the call end.
        thrown = e;
      }
      return none;
    }
  }

  /**
   * Of a first try that begins now.
   *
   * @param picker what picks; null if there is nothing to choose
   * @param madeIn the context that the call is made in, or null
   */
  public static Forecast of(
      Roster roster,
      Balancer.@Nullable Picker picker,
      Request<?, ?> request,
      @Nullable Context madeIn,
      long nowNanos) {
    Tally all = new Tally(roster.size());
    if (picker == null) {
      all.chances[0] = 1;
      return new Forecast(all, 0);
    }
    RandomGenerator random = new SplittableRandom(SEED);
    TryPick pick = new TryPick(roster, request, madeIn, List.of(), random, nowNanos);
    Balancer.Picker preview =
        Objects.requireNonNull(picker.preview(), "Picker.preview returned null");
    Forecast followed = followed(preview, roster, pick);
    return followed != null ? followed : asked(preview, roster, pick);
  }

  private static @Nullable Forecast followed(Balancer.Picker picker, Roster roster, TryPick pick) {
    Tally tally = new Tally(roster.size());
    Paths paths = new Paths(roster, pick);
    int count = 0;
    boolean more = true;
    while (more) {
      paths.begin();
      int index = tally.pick(picker, paths);
      double chance = paths.chance();
      more = paths.next();
      if (paths.isLost() || ++count > MOST_PATHS) {
        return null;
      }
      tally.chances[index] += chance;
    }
    return new Forecast(tally, 0);
  }

  private static Forecast asked(Balancer.Picker picker, Roster roster, TryPick pick) {
    int picks = Math.clamp((long) PICKS_PER_ENDPOINT * roster.size(), LEAST_PICKS, MOST_PICKS);
    Tally tally = new Tally(roster.size());
    long[] counts = new long[tally.chances.length];
    for (int i = 0; i < picks; i++) {
      counts[tally.pick(picker, pick)]++;
    }
    for (int i = 0; i < counts.length; i++) { // A sum of so many parts would not be exactly 1.
      tally.chances[i] = counts[i] / (double) picks;
    }
    return new Forecast(tally, picks);
  }

  /** That of an endpoint; the sum over all and of {@link #ofNone} is 1. */
  public double chance(int index) {
    return chances[index];
  }

  /** How many endpoints there are. */
  public int size() {
    return chances.length - 1;
  }

  /** That of a pick that comes to nothing. */
  public double ofNone() {
    return chances[chances.length - 1];
  }

  /** How often the picker was asked; 0 if chances are exact. */
  public int picks() {
    return picks;
  }

  /** What the picker has thrown, or null. */
  public @Nullable Throwable thrown() {
    return thrown;
  }

  /** What it has picked that there is not, or {@link Balancer#NONE}. */
  public int outOfRange() {
    return outOfRange;
  }
}
