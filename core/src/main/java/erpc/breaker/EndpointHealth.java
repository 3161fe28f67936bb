package erpc.breaker;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import erpc.call.Status;
import erpc.settings.Mode;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.DoubleSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The verdict about one endpoint: healthy, broken, or recovering, when its share of calls grows
 * within a second. Thread-safe.
 *
 * <p>Successes are counted by a {@link LongAdder}, without a lock and without a race: a count that
 * loses some of them would find healthy endpoints broken. Failures are counted with the lock held,
 * so none is lost. Successes that end while a failure is counted may count before it or after it;
 * nobody could say which is right.
 */
public final class EndpointHealth {
  /** As many successes in a row clear a verdict, at first. */
  public static final int SUCCESSES_WANTED = 3;

  /** The number doubles for one that breaks again soon, up to this. */
  private static final int MOST_WANTED = 24;

  private static final long SOON_NANOS = TimeUnit.SECONDS.toNanos(30);

  private static final long RAMP_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final double RAMP_FROM = 0.1;

  private static final Standing HEALTHY = new Standing(Verdict.HEALTHY, Mechanism.IN_A_ROW, 0, "");

  private final LongAdder successes = new LongAdder();
  private final OncePerSecond probes = new OncePerSecond();

  /** Written by whoever has the lock; picks read it without. */
  private volatile Standing standing = HEALTHY;

  /**
   * Until when it wants to be left alone; null if it does not. Written by any thread whose try has
   * heard so: the last word counts.
   */
  private volatile @Nullable Long quietUntilNanos;

  @GuardedBy("this")
  private long failures;

  @GuardedBy("this")
  private @Nullable FailureCounts counts; // Most endpoints never fail.

  @GuardedBy("this")
  private int good;

  /** When the last of those began that {@link #good} counts. */
  @GuardedBy("this")
  private long goodNanos;

  @GuardedBy("this")
  private int wanted = SUCCESSES_WANTED;

  @GuardedBy("this")
  private @Nullable Long recoveredNanos;

  @GuardedBy("this")
  private long talliedSuccesses;

  @GuardedBy("this")
  private long talliedFailures;

  /** What there is to say of an endpoint. */
  public enum Verdict {
    HEALTHY,
    BROKEN,
    /** It works again, and its share of calls grows. */
    RECOVERING
  }

  /** What finds that an endpoint is broken. */
  public enum Mechanism {
    /** So many failures in a row. */
    IN_A_ROW,
    /** Half of the calls of ten seconds. */
    SHARE,
    /** Averages over about 1,500 and 3,000 calls. */
    AVERAGES,
    /** Its peers do better. */
    COMPARISON
  }

  /** Which mechanisms act. */
  public record Modes(Mode inARow, Mode share, Mode averages, Mode comparison) {
    /** All act. */
    public static final Modes ALL_ON = new Modes(Mode.ON, Mode.ON, Mode.ON, Mode.ON);

    /** That of a mechanism. */
    public Mode of(Mechanism mechanism) {
      return switch (mechanism) {
        case IN_A_ROW -> inARow;
        case SHARE -> share;
        case AVERAGES -> averages;
        case COMPARISON -> comparison;
      };
    }
  }

  /**
   * A verdict that is new.
   *
   * @param by what has found that it is broken
   * @param isEnforced whether anything follows from it
   * @param text why, with numbers, for one line of the log behind the endpoint's address
   */
  public record Change(Verdict verdict, Mechanism by, boolean isEnforced, String text) {}

  /** The verdict, what has found that it is broken, since when it holds, and why. */
  private record Standing(Verdict verdict, Mechanism by, long sinceNanos, String why) {}

  /** Nothing is known: it is taken for healthy. */
  public EndpointHealth() {}

  // ---- what calls tell

  /**
   * A try has succeeded there.
   *
   * @param begunNanos when it began: one from before the verdict clears nothing
   * @return what has changed, or null
   */
  public @Nullable Change succeeded(long begunNanos, Modes modes, long nowNanos) {
    successes.increment();
    Standing now = standing;
    return now == HEALTHY || !matters(now, begunNanos, modes, nowNanos)
        ? null
        : cleared(begunNanos, modes, nowNanos);
  }

  /** Whether a success may change a verdict: else no lock is taken for it. */
  private boolean matters(Standing now, long begunNanos, Modes modes, long nowNanos) {
    long sinceNanos = nowNanos - now.sinceNanos;
    return switch (now.verdict) {
      case HEALTHY -> false;
      case RECOVERING -> sinceNanos >= RAMP_NANOS;
      case BROKEN ->
          begunNanos - now.sinceNanos >= 0
              // On dry run calls go on; they count as if they were probes, or it would never last.
              && (isEnforced(now, modes) || probes.isOpen(nowNanos));
    };
  }

  private synchronized @Nullable Change cleared(long begunNanos, Modes modes, long nowNanos) {
    Standing now = settled(nowNanos);
    boolean clears =
        now.verdict == Verdict.BROKEN
            && matters(now, begunNanos, modes, nowNanos)
            && (isEnforced(now, modes) || probes.pass(nowNanos));
    if (!clears) {
      return null;
    }
    goodNanos = good == 0 || begunNanos - goodNanos > 0 ? begunNanos : goodNanos;
    if (++good < wanted) {
      if (wanted > SUCCESSES_WANTED) {
        // Or one that has been repaired for good would wait for half a minute.
        probes.hurry(nowNanos);
      }
      return null;
    }
    String why = good + " calls in a row have succeeded";
    standing = new Standing(Verdict.RECOVERING, now.by, nowNanos, why);
    recoveredNanos = nowNanos;
    counts = null;
    return change(modes, "is back after " + Texts.seconds(nowNanos - now.sinceNanos) + ": " + why);
  }

  /**
   * A try has failed there, by the endpoint's fault.
   *
   * @param begunNanos when it began: one from before the verdict says nothing new, nor does one
   *     from before a success
   * @param peers the share of failures at other endpoints, NaN if that is not known; asked for a
   *     text alone
   * @return what has changed, or null
   */
  public @Nullable Change failed(
      long begunNanos, Modes modes, DoubleSupplier peers, long nowNanos) {
    return failed(false, begunNanos, modes, peers, nowNanos);
  }

  /**
   * A try was lost there with its connection, and so were all others that were under way on that:
   * in a row they count as one. Else as {@link #failed}.
   */
  public @Nullable Change lost(long begunNanos, Modes modes, DoubleSupplier peers, long nowNanos) {
    return failed(true, begunNanos, modes, peers, nowNanos);
  }

  private synchronized @Nullable Change failed(
      boolean lost, long begunNanos, Modes modes, DoubleSupplier peers, long nowNanos) {
    failures++;
    Standing now = settled(nowNanos);
    if (now.verdict == Verdict.BROKEN) {
      // One that hung from before the repair says nothing of what has been repaired since.
      if (begunNanos - now.sinceNanos >= 0 && (good == 0 || begunNanos - goodNanos >= 0)) {
        good = 0;
      }
      if (isEnforced(now, modes)) {
        return null;
      }
    }
    if (counts == null) {
      counts = new FailureCounts(successes.sum(), nowNanos);
    }
    boolean isKnown =
        now.verdict == Verdict.BROKEN; // On dry run, or it would have been left alone.
    FailureCounts.Trip trip = counts.failed(successes.sum(), lost, modes, isKnown, nowNanos);
    if (trip == null) {
      return null;
    }
    double others = peers.getAsDouble();
    String beside = Double.isNaN(others) ? "" : ", peers " + Texts.percent(others);
    return broken(trip.by(), trip.why() + beside, modes, nowNanos);
  }

  /**
   * Its peers do better.
   *
   * @return what has changed; null if it is broken already, or comparison is off
   */
  public synchronized @Nullable Change ejected(String why, Modes modes, long nowNanos) {
    Standing now = settled(nowNanos);
    Mode mode = modes.comparison();
    boolean known = now.verdict == Verdict.BROKEN && (isEnforced(now, modes) || mode != Mode.ON);
    return mode == Mode.OFF || known ? null : broken(Mechanism.COMPARISON, why, modes, nowNanos);
  }

  @GuardedBy("this")
  private Change broken(Mechanism by, String why, Modes modes, long nowNanos) {
    Long recovered = recoveredNanos;
    boolean soon = recovered != null && nowNanos - recovered <= SOON_NANOS;
    wanted = soon ? Math.min(MOST_WANTED, 2 * wanted) : SUCCESSES_WANTED;
    good = 0;
    probes.close(nowNanos);
    standing = new Standing(Verdict.BROKEN, by, nowNanos, why);
    boolean acts = modes.of(by) == Mode.ON;
    if (acts) {
      counts = null;
    }
    return change(modes, (acts ? "is avoided: " : "would be avoided, were it no dry run: ") + why);
  }

  private Change change(Modes modes, String text) {
    Standing now = standing;
    return new Change(now.verdict, now.by, isEnforced(now, modes), text);
  }

  /** The verdict now: one that recovers is healthy when its share has grown. */
  @GuardedBy("this")
  private Standing settled(long nowNanos) {
    Standing now = standing;
    if (now.verdict == Verdict.RECOVERING && nowNanos - now.sinceNanos >= RAMP_NANOS) {
      now = HEALTHY;
      standing = now;
    }
    return now;
  }

  private static boolean isEnforced(Standing now, Modes modes) {
    return modes.of(now.by) == Mode.ON;
  }

  // ---- what picks ask

  /** The verdict, whether or not anything follows from it. */
  public Verdict verdict(long nowNanos) {
    Standing now = standing;
    return now.verdict == Verdict.RECOVERING && nowNanos - now.sinceNanos >= RAMP_NANOS
        ? Verdict.HEALTHY
        : now.verdict;
  }

  /** Which part of its weight counts: 0 if it is avoided, 1 if not. */
  public double share(Modes modes, long nowNanos) {
    Standing now = standing;
    if (now == HEALTHY || !isEnforced(now, modes)) {
      return 1;
    }
    if (now.verdict == Verdict.BROKEN) {
      return 0;
    }
    double grown = Math.max(0, nowNanos - now.sinceNanos) / (double) RAMP_NANOS;
    return Math.min(1, RAMP_FROM + (1 - RAMP_FROM) * grown);
  }

  /** Whether it is avoided and a call is to find out how it is. */
  public boolean isProbeDue(Modes modes, long nowNanos) {
    Standing now = standing;
    return now.verdict == Verdict.BROKEN && isEnforced(now, modes) && probes.isOpen(nowNanos);
  }

  /** The same, and the caller is that call: for a second no other one is due. */
  public boolean takeProbe(Modes modes, long nowNanos) {
    return isProbeDue(modes, nowNanos) && probes.pass(nowNanos);
  }

  /**
   * The verdict with its reason and its numbers, for one line behind the endpoint's address; empty
   * while it is healthy.
   */
  public synchronized String explained(Modes modes, long nowNanos) {
    Standing now = standing;
    Verdict verdict = verdict(nowNanos);
    // A verdict of another thread may be a little younger than this look.
    String since = Texts.seconds(Math.max(0, nowNanos - now.sinceNanos)) + ": " + now.why;
    if (verdict == Verdict.HEALTHY) {
      return "";
    }
    if (verdict == Verdict.RECOVERING) {
      return "recovers for " + since + "; has " + Texts.percent(share(modes, nowNanos));
    }
    String successes = "; " + good + " of " + wanted + " successes";
    if (!isEnforced(now, modes)) {
      Mode mode = modes.of(now.by);
      return "called though broken for "
          + since
          + successes
          + "; "
          + setting(now.by)
          + " is "
          + mode;
    }
    long probe = probes.opensInNanos(nowNanos);
    String next = probe == 0 ? "; a probe is due" : "; next probe in " + Texts.seconds(probe);
    return "broken for " + since + next + successes;
  }

  private static String setting(Mechanism mechanism) {
    return switch (mechanism) {
      case IN_A_ROW -> "failuresInARow";
      case SHARE -> "failureShare";
      case AVERAGES -> "failureAverages";
      case COMPARISON -> "comparison";
    };
  }

  // ---- what it asks for

  /** A status of the server has come, which may ask to be left alone. */
  public void asked(Status status, RandomGenerator random, long nowNanos) {
    if (!RetryAfter.isNever(status)) {
      long nanos = RetryAfter.nanos(status, random);
      if (nanos > 0) {
        quietUntilNanos = nowNanos + nanos;
      }
    }
  }

  /** Whether retries, hedges and sheddable calls go elsewhere; first tries never do for this. */
  public boolean isLeftAlone(long nowNanos) {
    Long until = quietUntilNanos;
    return until != null && nowNanos - until < 0;
  }

  /** For how long it is to be left alone; 0 if it does not ask for that. */
  public long leftAloneNanos(long nowNanos) {
    Long until = quietUntilNanos;
    return until == null ? 0 : Math.max(0, until - nowNanos);
  }

  // ---- what comparison asks

  /** What it has done since this was asked last. Of one thread at a time. */
  public synchronized Comparison.Tally takeTally() {
    long succeeded = successes.sum();
    Comparison.Tally tally =
        new Comparison.Tally(succeeded - talliedSuccesses, failures - talliedFailures);
    talliedSuccesses = succeeded;
    talliedFailures = failures;
    return tally;
  }

  /** Whether comparison has ejected it, and not yet let it back. */
  public boolean isEjected() {
    Standing now = standing;
    return now.verdict == Verdict.BROKEN && now.by == Mechanism.COMPARISON;
  }
}
