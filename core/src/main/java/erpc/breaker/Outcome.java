package erpc.breaker;

import erpc.call.Status;
import java.util.concurrent.TimeUnit;

/**
 * What the end of a try means: for the verdict about its endpoint, for the endpoint's latency, and
 * for another try. The one table that breaker, comparison, latency, retries and budget read.
 */
public enum Outcome {
  /** OK. */
  OK(Verdict.SUCCESS, Latency.SAMPLE, Retry.NEVER),

  /** The connection was lost after sending, or the server says UNAVAILABLE once it has started. */
  LOST(Verdict.FAILURE, Latency.PENALTY, Retry.IF_IDEMPOTENT),

  /**
   * A server that is reached says UNAVAILABLE before it starts: its authenticator fails, say. It
   * would draw all calls by its fast refusals, so it counts.
   */
  REFUSED(Verdict.FAILURE, Latency.PENALTY, Retry.FREE),

  /** No server had it: a failed dial, a back-off, a drain, a GOAWAY. */
  NOT_REACHED(Verdict.NONE, Latency.NONE, Retry.FREE),

  /** UNKNOWN, INTERNAL or DATA_LOSS, said by the server. */
  FAULT(Verdict.FAILURE, Latency.PENALTY, Retry.IF_LISTED),

  /** The deadline passed while the server had it. */
  LATE(Verdict.FAILURE_IF_SLOW, Latency.AT_LEAST_WAITED, Retry.NEVER),

  /** The deadline passed before anything left: it waited for a connection or for room. */
  NEVER_OUT(Verdict.NONE, Latency.NONE, Retry.NEVER),

  /** The server says that the deadline had passed when the call came, which the caller denies. */
  LATE_BY_OTHER_CLOCK(Verdict.FAILURE_IF_SLOW, Latency.AT_LEAST_WAITED, Retry.WHEN_CLOCKS_AGREE),

  /** The try's own timeout ended it. */
  TRY_TIMED_OUT(Verdict.FAILURE, Latency.AT_LEAST_WAITED, Retry.IF_IDEMPOTENT),

  /**
   * The try's own timeout passed while it waited at the server, which says so: the server has too
   * much to do, and another try is more work for all.
   */
  EXPIRED_WAITING(Verdict.FAILURE_IF_SLOW, Latency.AT_LEAST_WAITED, Retry.ELSEWHERE),

  /** RESOURCE_EXHAUSTED, not started: the server has too much to do. */
  OVERLOADED(Verdict.NONE, Latency.PENALTY, Retry.ELSEWHERE),

  /** RESOURCE_EXHAUSTED of a call that has run: a quota, a message over a limit. */
  EXHAUSTED(Verdict.NONE, Latency.IF_ABOVE_AVERAGE, Retry.NEVER),

  /** CANCELLED by the caller, as a hedge's loser, or by the server. */
  CANCELLED(Verdict.NONE, Latency.IF_ABOVE_AVERAGE, Retry.NEVER),

  /** A handler's answer that is not OK: NOT_FOUND, INVALID_ARGUMENT and the like. */
  ANSWERED(Verdict.SUCCESS, Latency.SAMPLE, Retry.NEVER),

  /** ABORTED: an answer, but one that may be different next time. */
  ABORTED(Verdict.SUCCESS, Latency.SAMPLE, Retry.IF_LISTED),

  /**
   * The same codes from a server that has not started the call: it has no such method, or lets the
   * caller do nothing. Quick, but no sign of a quick server.
   */
  TURNED_AWAY(Verdict.SUCCESS, Latency.IF_ABOVE_AVERAGE, Retry.NEVER),

  /** Failed in this process: encode, decode, a filter. */
  LOCAL(Verdict.NONE, Latency.NONE, Retry.NEVER),

  /** This process had no room to send it. */
  BACKLOG(Verdict.NONE, Latency.NONE, Retry.BACKLOG),

  /** An answer that the endpoint passed on from a call of its own. */
  PASSED_ANSWER(Verdict.SUCCESS, Latency.NONE, Retry.NEVER),

  /** ABORTED, passed on. */
  PASSED_ABORTED(Verdict.SUCCESS, Latency.NONE, Retry.IF_LISTED),

  /**
   * UNAVAILABLE, passed on: what failed is not the endpoint. But others may reach what it cannot,
   * and by its fast failures it would draw their calls.
   */
  PASSED_UNAVAILABLE(Verdict.NONE, Latency.PENALTY, Retry.IF_IDEMPOTENT),

  /** UNKNOWN, INTERNAL or DATA_LOSS, passed on. */
  PASSED_FAULT(Verdict.NONE, Latency.PENALTY, Retry.IF_LISTED),

  /**
   * RESOURCE_EXHAUSTED of a call that was not started, passed on by what stands before handlers.
   */
  PASSED_OVERLOAD(Verdict.NONE, Latency.PENALTY, Retry.ELSEWHERE),

  /** DEADLINE_EXCEEDED, CANCELLED and what else says nothing, passed on. */
  PASSED_END(Verdict.NONE, Latency.NONE, Retry.NEVER);

  /** A try that has been out for less was not late by its endpoint's fault. */
  private static final long LEAST_LATE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  /** As many times the median of its method, likewise. */
  private static final long LATE_MEDIANS = 2;

  /** What it says of the endpoint. */
  public enum Verdict {
    SUCCESS,
    FAILURE,
    /** A failure if the try had been out long enough, see {@link Outcome#isFailure}. */
    FAILURE_IF_SLOW,
    NONE
  }

  /** What it says of the endpoint's latency. */
  public enum Latency {
    /** As long as it took. */
    SAMPLE,
    /** More than any good sample. */
    PENALTY,
    /** As long as it took counts, but no less than what is known. */
    AT_LEAST_WAITED,
    /** As long as it took counts if that is above the endpoint's average. */
    IF_ABOVE_AVERAGE,
    NONE
  }

  /** Whether there may be another try, and at what price. */
  public enum Retry {
    /** At no price, also for a call that carries RETRIED: no server has worked for it. */
    FREE,
    /** For budget, at another endpoint if there is one. */
    ELSEWHERE,
    /** For budget, if the call may run twice. */
    IF_IDEMPOTENT,
    /** For budget, if its method lists the code. */
    IF_LISTED,
    /** For budget, after the time in which a server learns how far the clocks are apart. */
    WHEN_CLOCKS_AGREE,
    /** It was no try: it goes on at another endpoint. */
    BACKLOG,
    NEVER
  }

  private final Verdict verdict;
  private final Latency latency;
  private final Retry retry;

  Outcome(Verdict verdict, Latency latency, Retry retry) {
    this.verdict = verdict;
    this.latency = latency;
    this.retry = retry;
  }

  /** What it says of the endpoint. */
  public Verdict verdict() {
    return verdict;
  }

  /** What it says of the endpoint's latency. */
  public Latency latency() {
    return latency;
  }

  /** What it says of another try. */
  public Retry retry() {
    return retry;
  }

  /**
   * Whether it counts against the endpoint.
   *
   * @param outNanos how long the try had been out
   * @param medianNanos the median latency of its method over all endpoints; 0 if that is not known
   */
  public boolean isFailure(long outNanos, long medianNanos) {
    return switch (verdict) {
      case FAILURE -> true;
      case FAILURE_IF_SLOW -> outNanos > Math.max(LATE_MEDIANS * medianNanos, LEAST_LATE_NANOS);
      case SUCCESS, NONE -> false;
    };
  }

  /**
   * The row of a try that ended so.
   *
   * @param status what the connection ended with, or for the column of retries what the filters
   *     around the try have made of it
   * @param end what only the try knows
   */
  public static Outcome of(Status status, TryEnd end) {
    if (status.isOk()) {
      return OK;
    }
    if (end == TryEnd.TIMED_OUT) {
      return isStarted(status) ? TRY_TIMED_OUT : status.isRemote() ? EXPIRED_WAITING : NOT_REACHED;
    }
    if (!status.isRemote()) {
      return local(status, end);
    }
    return status.isPassedOn() ? passedOn(status) : remote(status, end);
  }

  private static boolean isStarted(Status status) {
    return status.started() != Status.Started.NO;
  }

  private static Outcome local(Status status, TryEnd end) {
    return switch (status.code()) {
      case UNAVAILABLE -> isStarted(status) ? LOST : NOT_REACHED;
      case DEADLINE_EXCEEDED -> isStarted(status) ? LATE : NEVER_OUT;
      case CANCELLED -> CANCELLED;
      case RESOURCE_EXHAUSTED -> end == TryEnd.NO_ROOM ? BACKLOG : LOCAL;
      default -> LOCAL;
    };
  }

  private static Outcome remote(Status status, TryEnd end) {
    boolean started = isStarted(status);
    return switch (status.code()) {
      case UNAVAILABLE -> started ? LOST : end == TryEnd.GOING ? NOT_REACHED : REFUSED;
      case UNKNOWN, INTERNAL, DATA_LOSS -> FAULT;
      case DEADLINE_EXCEEDED -> started ? LATE : LATE_BY_OTHER_CLOCK;
      case RESOURCE_EXHAUSTED -> started ? EXHAUSTED : OVERLOADED;
      case CANCELLED -> CANCELLED;
      case ABORTED -> started ? ABORTED : TURNED_AWAY;
      case INVALID_ARGUMENT,
          NOT_FOUND,
          ALREADY_EXISTS,
          FAILED_PRECONDITION,
          OUT_OF_RANGE,
          UNIMPLEMENTED,
          PERMISSION_DENIED,
          UNAUTHENTICATED ->
          started ? ANSWERED : TURNED_AWAY;
      case OK -> OK;
    };
  }

  private static Outcome passedOn(Status status) {
    return switch (status.code()) {
      case UNAVAILABLE -> PASSED_UNAVAILABLE;
      case UNKNOWN, INTERNAL, DATA_LOSS -> PASSED_FAULT;
      case RESOURCE_EXHAUSTED -> isStarted(status) ? PASSED_END : PASSED_OVERLOAD;
      case DEADLINE_EXCEEDED, CANCELLED -> PASSED_END;
      case ABORTED -> PASSED_ABORTED;
      case INVALID_ARGUMENT,
          NOT_FOUND,
          ALREADY_EXISTS,
          FAILED_PRECONDITION,
          OUT_OF_RANGE,
          UNIMPLEMENTED,
          PERMISSION_DENIED,
          UNAUTHENTICATED ->
          PASSED_ANSWER;
      case OK -> OK;
    };
  }
}
