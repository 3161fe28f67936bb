package erpc.client;

import erpc.call.Status;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/**
 * Decides about the tries of one call: it is told what has happened and when, and answers what is
 * to be done next. A call that is not idempotent is only tried again while it is known as not
 * started.
 *
 * <p>It has no threads, no I/O and no clock of its own, so a test or a simulator can run it as well
 * as {@link ClientCall}. Not thread-safe, except that {@link #started} may be read by whoever ends
 * the call.
 */
final class Tries {
  /**
   * As often a call goes on elsewhere, beside its tries, because an endpoint had no room; and as
   * often because its place was let go.
   */
  static final int MOST_DETOURS = 4;

  private static final long NEVER = -1;
  private static final long FIRST_BACKOFF_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
  private static final long LONGEST_BACKOFF_NANOS = TimeUnit.SECONDS.toNanos(2);

  /** In this time a server finds out how the clocks stand, and a half more. */
  private static final long CLOCK_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  private static final Status TOO_LATE =
      Status.of(Status.Code.DEADLINE_EXCEEDED, "the deadline passed before the call was sent");

  private final int maxAttempts;
  private final RandomGenerator random;
  private final boolean idempotent;
  private final long deadlineNanos;

  /** Tries begun so far, without those that found no room or no place and went elsewhere. */
  private int made;

  private int detours;

  /** How often its place was let go while it picked an endpoint there. */
  private int moves;

  private Status.Started started = Status.Started.NO;

  /** What is to be done next. */
  enum Kind {
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
  record Action(Kind kind, long waitNanos, Status status) {
    private static final Action TRY = new Action(Kind.TRY, 0, Status.OK);

    private static Action end(Status status) {
      return new Action(Kind.END, 0, status);
    }
  }

  /**
   * The tries of a call whose first one has begun or is about to.
   *
   * @param maxAttempts how many tries there may be
   * @param random where jitter comes from
   * @param idempotent whether the call may run more than once
   * @param deadlineNanos when the call ends in any case, on the clock that the events are told by
   * @param made 1 if the first try has begun, 0 if not
   */
  Tries(int maxAttempts, RandomGenerator random, boolean idempotent, long deadlineNanos, int made) {
    this.maxAttempts = maxAttempts;
    this.random = random;
    this.idempotent = idempotent;
    this.deadlineNanos = deadlineNanos;
    this.made = made;
  }

  /** Tries begun so far. */
  int made() {
    return made;
  }

  /** How far any of the tries that have ended may have got. */
  Status.Started started() {
    return started;
  }

  /**
   * Nobody knows the place's endpoints yet.
   *
   * @param patienceNanos how long the call may wait for them; 0 if it has waited for as long
   * @param otherwise what it ends in if it does not wait
   */
  Action unresolved(long patienceNanos, Status otherwise, long nowNanos) {
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
  Action ready(long nowNanos) {
    if (made > 0 && deadlineNanos - nowNanos <= 0) {
      return Action.end(TOO_LATE.withStarted(started));
    }
    made++;
    return Action.TRY;
  }

  /**
   * A try has failed that had an endpoint.
   *
   * @param repeatable whether another one could send the same: nothing that a stream has sent or
   *     received is lost with this one
   * @param elsewhere whether there is an endpoint that has not been tried
   */
  Action failed(Status status, boolean repeatable, boolean elsewhere, long nowNanos) {
    note(status);
    return repeatable ? after(waitNanos(status, elsewhere), status, nowNanos) : ended(status);
  }

  /**
   * A try found no room where it was to go, and has sent nothing.
   *
   * @param mayFree whether there may be room there when others have ended, and not only when more
   *     has been written
   */
  Action noRoom(
      Status status, boolean repeatable, boolean elsewhere, boolean mayFree, long nowNanos) {
    note(status);
    if (repeatable && elsewhere && detours < MOST_DETOURS) {
      detours++;
      made--; // It was no try.
      return Action.TRY;
    }
    boolean again = repeatable && mayFree && made < maxAttempts;
    return after(again ? backoffNanos() : NEVER, status, nowNanos);
  }

  /**
   * There is no endpoint for a try, and none to wait for.
   *
   * @param gone whether the place was let go meanwhile, so that it may be found anew
   */
  Action nowhere(Status status, boolean gone) {
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

  private long waitNanos(Status status, boolean elsewhere) {
    if (made >= maxAttempts || !isWorthwhile(status)) {
      return NEVER;
    }
    if (status.code() == Status.Code.DEADLINE_EXCEEDED) {
      return CLOCK_NANOS + random.nextLong(CLOCK_NANOS);
    }
    boolean refusedForLoad = status.code() == Status.Code.RESOURCE_EXHAUSTED;
    return elsewhere && !refusedForLoad ? 0 : backoffNanos();
  }

  /** Full jitter: anything up to 50 ms doubled with each try, at most 2 s. */
  private long backoffNanos() {
    int doublings = Math.clamp(made - 1, 0, 10);
    return 1 + random.nextLong(Math.min(LONGEST_BACKOFF_NANOS, FIRST_BACKOFF_NANOS << doublings));
  }

  /**
   * Whether a try that follows one with this end is marked as a retry: a server has worked for it,
   * or has refused it for its load. Where nobody has, as at a server that drains, another one does
   * no harm.
   */
  static boolean marks(Status failed) {
    return failed.started() != Status.Started.NO || failed.code() == Status.Code.RESOURCE_EXHAUSTED;
  }

  private boolean isWorthwhile(Status status) {
    boolean notStarted = status.started() == Status.Started.NO;
    return switch (status.code()) {
      case UNAVAILABLE -> idempotent || notStarted;
      // A server that took the caller's clock for a call that lay in buffers: the caller, whose
      // time it is, knows better, and the server will by the next try.
      case DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED -> status.isRemote() && notStarted;
      default -> false;
    };
  }
}
