package erpc.breaker;

import erpc.call.FailureMode;
import erpc.call.Status;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Decides about the tries of one call: it is told what has happened and when, and answers what is
 * to be done next. What the end of a try allows is said by {@link Outcome}; what it costs by {@link
 * RetryBudget}.
 *
 * <p>It has no threads, no I/O and no clock of its own, so a test or a simulator can run it as well
 * as a client. Not thread-safe, except that {@link #started} may be read by whoever ends the call.
 */
public final class Tries {
  /**
   * As often a call goes on elsewhere, beside its tries, because an endpoint had no room; and as
   * often because its place was let go.
   */
  public static final int MOST_DETOURS = 4;

  private static final long NEVER = -1;
  private static final long FIRST_BACKOFF_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
  private static final long LONGEST_BACKOFF_NANOS = TimeUnit.SECONDS.toNanos(2);

  /** In this time a server finds out how the clocks stand, and a half more. */
  private static final long CLOCK_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  private static final Status TOO_LATE =
      Status.of(Status.Code.DEADLINE_EXCEEDED, "the deadline passed before the call was sent");

  private final Plan plan;
  private final RandomGenerator random;
  private final long deadlineNanos;

  /** Tries begun so far, without those that found no room or no place and went elsewhere. */
  private int made;

  private int detours;

  /** How often its place was let go while it picked an endpoint there. */
  private int moves;

  private Status.Started started = Status.Started.NO;

  /** Whether a try has been paid for, so that the next ones carry RETRIED. */
  private boolean marked;

  /**
   * What tries of a call may cost.
   *
   * @param maxAttempts how many there may be
   * @param mode what becomes of a call whose try has failed
   * @param idempotent whether the call may run more than once
   * @param listed codes of failures after which the method says that another try may help
   * @param stopped whether it carries RETRIED from the start, as what a retry's handler calls does:
   *     it is only tried again for free
   * @param budget what other tries are paid from, or null for one without an end
   * @param latency how long calls of its method take, or null if nobody measures that
   */
  public record Plan(
      int maxAttempts,
      FailureMode mode,
      boolean idempotent,
      Set<Status.Code> listed,
      boolean stopped,
      @Nullable RetryBudget budget,
      @Nullable MethodLatency latency) {
    /** A call that is tried again where that may help, and that no retry has led to. */
    public static Plan of(int maxAttempts, boolean idempotent) {
      return new Plan(maxAttempts, FailureMode.FAILOVER, idempotent, Set.of(), false, null, null);
    }
  }

  /** What is to be done next. */
  public enum Kind {
    /** Make a try now. */
    TRY,
    /** Wait, then tell {@link #ready}. */
    WAIT,
    /** End the call. */
    END
  }

  /**
   * An answer.
   *
   * @param waitNanos how long to wait at most; 0 unless it is WAIT
   * @param status what the call ends in now, or in case it cannot wait; OK if it is TRY
   */
  public record Action(Kind kind, long waitNanos, Status status) {
    private static final Action TRY = new Action(Kind.TRY, 0, Status.OK);

    private static Action end(Status status) {
      return new Action(Kind.END, 0, status);
    }
  }

  /**
   * The tries of a call whose first one has begun or is about to.
   *
   * @param random where jitter comes from
   * @param deadlineNanos when the call ends in any case, on the clock that the events are told by
   * @param made 1 if the first try has begun, 0 if not
   */
  public Tries(Plan plan, RandomGenerator random, long deadlineNanos, int made) {
    this.plan = plan;
    this.random = random;
    this.deadlineNanos = deadlineNanos;
    this.made = made;
  }

  /** Tries begun so far. */
  public int made() {
    return made;
  }

  /** Whether the next try carries RETRIED: a server has worked for one before it. */
  public boolean isMarked() {
    return marked;
  }

  /** How far any of the tries that have ended may have got. */
  public Status.Started started() {
    return started;
  }

  /**
   * Nobody knows the place's endpoints yet.
   *
   * @param patienceNanos how long the call may wait for them; 0 if it has waited for as long
   * @param otherwise what it ends in if it does not wait
   */
  public Action unresolved(long patienceNanos, Status otherwise, long nowNanos) {
    long waitNanos = Math.min(patienceNanos, deadlineNanos - nowNanos);
    return waitNanos <= 0
        ? ended(otherwise)
        : new Action(Kind.WAIT, waitNanos, otherwise.withStarted(started));
  }

  /**
   * A try can be made now: a wait is over, or the answer to the end of the last one was TRY.
   *
   * @return TRY, or END if it is too late
   */
  public Action ready(long nowNanos) {
    if (made > 0 && deadlineNanos - nowNanos <= 0) {
      return Action.end(TOO_LATE.withStarted(started));
    }
    made++;
    return Action.TRY;
  }

  /**
   * A try has failed that had an endpoint.
   *
   * @param end what only the try knows of its end
   * @param repeatable whether another one could send the same: nothing that a stream has sent or
   *     received is lost with this one
   * @param elsewhere whether there is an endpoint that has not been tried
   */
  public Action failed(
      Status status, TryEnd end, boolean repeatable, boolean elsewhere, long nowNanos) {
    note(status);
    Outcome.Retry retry = Outcome.of(status, end).retry();
    if (!repeatable || RetryAfter.isNever(status) || !allows(retry, status)) {
      return ended(status);
    }
    return retry == Outcome.Retry.FREE
        ? free(status, elsewhere, nowNanos)
        : paid(retry, status, elsewhere, nowNanos);
  }

  private boolean allows(Outcome.Retry retry, Status status) {
    return switch (retry) {
      case FREE, ELSEWHERE, WHEN_CLOCKS_AGREE -> true;
      case IF_IDEMPOTENT -> plan.idempotent;
      case IF_LISTED -> plan.listed.contains(status.code());
      case BACKLOG, NEVER -> false;
    };
  }

  /**
   * No server has had it: another one may, whoever has called for it. Nor does it say, once it
   * ends, that another is of no use: whoever passes it on may be the only one that reaches nobody.
   */
  private Action free(Status status, boolean elsewhere, long nowNanos) {
    if (made >= plan.maxAttempts) {
      return ended(status);
    }
    if (elsewhere) {
      return after(0, status, nowNanos);
    }
    return plan.mode == FailureMode.FAILFAST
        ? ended(status)
        : after(alone(backoffNanos(), status), status, nowNanos);
  }

  /** Another try is more work for servers, which may fail because they have too much. */
  private Action paid(Outcome.Retry retry, Status status, boolean elsewhere, long nowNanos) {
    if (plan.mode == FailureMode.FAILFAST || plan.stopped) {
      return ended(status);
    }
    if (made >= plan.maxAttempts) {
      return ranOut(status);
    }
    long waitNanos =
        switch (retry) {
          case WHEN_CLOCKS_AGREE -> CLOCK_NANOS + random.nextLong(CLOCK_NANOS);
          case ELSEWHERE -> backoffNanos(); // Others may have as much to do.
          default -> elsewhere ? 0 : backoffNanos();
        };
    if (!elsewhere) {
      waitNanos = alone(waitNanos, status);
    }
    long leftNanos = deadlineNanos - nowNanos;
    if (waitNanos >= leftNanos || leftNanos - waitNanos < medianNanos()) {
      return ended(status);
    }
    RetryBudget budget = plan.budget;
    if (budget != null && !budget.take()) {
      return ranOut(status);
    }
    marked = true;
    return after(waitNanos, status, nowNanos);
  }

  private long medianNanos() {
    MethodLatency latency = plan.latency;
    return latency == null ? 0 : latency.medianNanos();
  }

  /** Nobody else can be asked than who wants to be left alone for a while. */
  private long alone(long waitNanos, Status status) {
    return Math.max(waitNanos, RetryAfter.nanos(status, random));
  }

  /**
   * There would be another try, but for the tries that were made or the budget: whoever this call
   * is made for is not to begin all over again.
   */
  private Action ranOut(Status status) {
    return ended(plan.maxAttempts > 1 ? status.withRetryAfter(Status.NEVER_AGAIN) : status);
  }

  /**
   * A try found no room where it was to go, and has sent nothing.
   *
   * @param mayFree whether there may be room there when others have ended, and not only when more
   *     has been written
   */
  public Action noRoom(
      Status status, boolean repeatable, boolean elsewhere, boolean mayFree, long nowNanos) {
    note(status);
    if (repeatable && elsewhere && detours < MOST_DETOURS) {
      detours++;
      made--; // It was no try.
      return Action.TRY;
    }
    boolean again = repeatable && mayFree && made < plan.maxAttempts;
    return after(again ? backoffNanos() : NEVER, status, nowNanos);
  }

  /**
   * There is no endpoint for a try, and none to wait for.
   *
   * @param gone whether the place was let go meanwhile, so that it may be found anew
   */
  public Action nowhere(Status status, boolean gone) {
    note(status);
    if (gone && moves < MOST_DETOURS) {
      moves++;
      made--; // It was no try.
      return Action.TRY;
    }
    return ended(status);
  }

  private void note(Status status) {
    if (status.started().compareTo(started) > 0) {
      started = status.started();
    }
  }

  private Action after(long waitNanos, Status status, long nowNanos) {
    if (waitNanos == NEVER || waitNanos >= deadlineNanos - nowNanos) {
      return ended(status);
    }
    return waitNanos == 0
        ? Action.TRY
        : new Action(Kind.WAIT, waitNanos, status.withStarted(started));
  }

  /** An earlier try may have got further than the last one. */
  private Action ended(Status status) {
    return Action.end(status.withStarted(started));
  }

  /** Full jitter: anything up to 50 ms doubled with each try, at most 2 s. */
  private long backoffNanos() {
    int doublings = Math.clamp(made - 1, 0, 10);
    return 1 + random.nextLong(Math.min(LONGEST_BACKOFF_NANOS, FIRST_BACKOFF_NANOS << doublings));
  }
}
