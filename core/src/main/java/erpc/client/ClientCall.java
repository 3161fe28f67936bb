package erpc.client;

import erpc.breaker.Tries;
import erpc.breaker.TryEnd;
import erpc.call.Context;
import erpc.call.Metadata;
import erpc.call.Reply;
import erpc.call.Request;
import erpc.call.Status;
import erpc.codec.MessageBytes;
import erpc.protocol.DialledConnection;
import erpc.protocol.MemoryBudget;
import io.netty.buffer.ByteBuf;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * One call on its way through the {@link ClientStack}: owns its tries and their timers. Whatever
 * starts a try, a caller's thread, an event loop or a timer, only one thread works on a call at a
 * time, except for {@link #conclude} and {@link #cancel}, which any thread may call.
 */
abstract class ClientCall<Q, R> extends SeenCall<Q, R> implements Runnable {
  private static final String TRY_TIMED_OUT = "no answer within the time of a try (tryTimeout)";

  private static final Status REACTOR_CLOSED =
      Status.of(Status.Code.UNAVAILABLE, "the client's reactor has been closed");

  private static final VarHandle CONCLUDED;

  static {
    try {
      CONCLUDED =
          MethodHandles.lookup().findVarHandle(ClientCall.class, "concluded", boolean.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /**
   * Set by whoever ends the call first, by compare-and-set; the rest of its end is theirs alone.
   * One of these a call, so a field and not an object of its own.
   */
  private volatile boolean concluded;

  private byte stagesEntered;

  /** Of the try that is made now, those that are still to be left. */
  private byte attemptStagesEntered;

  /** Of whoever works on it. Who ends the call lets go of it, which nobody has to see. */
  private @Nullable MessageBytes message;

  /**
   * The try that is under way. Written by whoever works on the call: a try publishes where it goes,
   * and none publishes what {@link Tries} says of those before.
   */
  private volatile @Nullable Attempt current;

  ClientCall(Destination destination, Request<Q, R> request) {
    super(destination, request);
  }

  ClientCall(Destination destination, Request<Q, R> request, @Nullable Context parent) {
    super(destination, request, parent);
  }

  /** The call that this one was made for has been cancelled. */
  @Override
  public final void run() {
    cancel(Status.of(Status.Code.CANCELLED, "the call that this one was made for has ended"));
  }

  private Tries tries(int made) {
    return rare().tries(this, made);
  }

  final Waits waits() {
    return rare().waits(this);
  }

  // ---- what stages and tries ask

  /** Makes a try a stream of messages, if the call is one. */
  void prepare(Attempt attempt) {}

  /**
   * Whether another try would be what the first one was, since nothing has been sent or seen of it;
   * if so, it is ready for one.
   */
  boolean repeats() {
    return true;
  }

  /** A filter with so many around it has answered for the stream. */
  void answeredBy(int filter) {}

  /** How long it may wait for a place to go, if its deadline doesn't come first. */
  long patienceNanos() {
    return Long.MAX_VALUE;
  }

  /** Whether a thread that is about to wait for it has been interrupted. */
  boolean isInterrupted() {
    return false;
  }

  /** Whether a try could go elsewhere than to these. */
  final boolean hasOther(List<Member> than, boolean working) {
    Aim aim = aim();
    return aim == null ? cluster().hasOther(methodName(), than, working) : aim.hasOther(this, than);
  }

  @Override
  final @Nullable DialledConnection sentOn() {
    Attempt last = current;
    return last == null ? null : last.connection();
  }

  // ---- driving

  /** Enters the stages of the call and makes the first try. */
  final void start() {
    long nowNanos = now();
    begins(nowNanos);
    for (CallStage stage : stack().callStages) {
      Status refused = stage.begin(this, nowNanos);
      if (refused != null) {
        conclude(refused);
        return;
      }
      stagesEntered++;
    }
    // Not before the stages have been entered: the parent may be cancelled already, and then this
    // call ends right here.
    Context parent = parent();
    if (parent != null) {
      parent.onCancel(this);
    }
    if (Race.isFor(this)) {
      Race.begin(this);
    } else {
      attempt();
    }
  }

  /** Makes a try, or waits until there is somewhere to make it. Never blocks, and never throws. */
  final void attempt() {
    try {
      attemptOnce();
    } catch (Throwable e) {
      // As when there is no memory. The thread may be an event loop's, which has other calls.
      conclude(Coding.callBroke(e));
    }
  }

  private void attemptOnce() {
    if (concluded) {
      return;
    }
    if (cluster().isForgotten()) {
      goesAnew();
    }
    if (!cluster().isResolved() && waitsForEndpoints()) {
      return;
    }
    Rare rareParts = rareIfAny();
    Tries tries = rareParts == null ? null : rareParts.tries();
    if (rareParts != null && tries != null) { // Else it is the first one.
      long nowNanos = now();
      rare().tryNanos = nowNanos;
      Tries.Action action = tries.ready(nowNanos);
      if (action.kind() == Tries.Kind.END) {
        conclude(action.status());
        return;
      }
    }
    limitsTry();
    triesBegun(tries == null ? 1 : tries.made());
    try {
      makeTry();
    } catch (Throwable e) {
      leaveAttempt(Coding.callBroke(e));
      throw e;
    }
  }

  private void makeTry() {
    for (Stage stage : stack().attemptStages) {
      Status refused = stage.begin(this);
      if (refused != null) {
        attemptEnded(refused, TryEnd.PLAIN);
        return;
      }
      attemptStagesEntered++;
    }
    tryBegun();
    if (attemptFilters().isEmpty()) {
      send(request(), null);
    } else {
      worker().execute(new FilteredTry<>(this));
    }
  }

  private boolean waitsForEndpoints() {
    Tries.Action action = tries(0).unresolved(patienceNanos(), REACTOR_CLOSED, now());
    if (action.kind() == Tries.Kind.END) {
      unresolvedInTime();
      return true;
    }
    return waits().forEndpoints(action.waitNanos(), action.status());
  }

  /** It has waited for the endpoints of its place for as long as it may. */
  final void unresolvedInTime() {
    String limit = leftNanos() > 0 ? "the progress timeout" : "the deadline";
    Status why = Status.of(Status.Code.DEADLINE_EXCEEDED, cluster().whyUnresolved(limit));
    conclude(tries(0).unresolved(0, why, now()).status());
  }

  /** Its client has been closed while it was in a pause. */
  final void clientClosed(Status why) {
    conclude(why.withStarted(tries(0).started()));
  }

  /**
   * Makes a try from a thread that is not the caller's: an event loop's, a timer's, a resolver's.
   */
  abstract void attemptAgain();

  /** Where code of the user that belongs to this call and may block is run. */
  abstract Executor worker();

  /** Runs it on a thread of its own, on behalf of what the call is made for. */
  final void onThread(Runnable task) {
    Context parent = parent();
    Thread unused = stack().threads.apply(parent == null ? task : parent.wrap(task));
  }

  /** Whether the calling thread may wait for room in a connection's queue. */
  abstract boolean mayWaitHere();

  // ---- what the sending of a try asks and tells

  /** Sends a try to the member that was picked. */
  final void send(Request<?, ?> what, Attempt.@Nullable Outcome outcome) {
    Sending.send(this, what, outcome);
  }

  final boolean isConcluded() {
    return concluded;
  }

  /** A try is about to be handed to a connection; false if the call has ended. */
  final boolean begins(Attempt attempt) {
    current = attempt;
    // In this order: whoever ends the call looks at "current" after it has set "concluded".
    return !concluded;
  }

  /** Whether the try that is about to fail has found no room, and so was none. */
  final void foundNoRoom(boolean none) {
    rare().foundNoRoom = none;
  }

  /** Its request as an earlier try has encoded it, or null. */
  final @Nullable MessageBytes encoded() {
    return message;
  }

  /**
   * Counts the encoded request until the call ends, which it may do meanwhile.
   *
   * @param briefly whether it is only lent, and not for other tries
   */
  final void hold(MessageBytes bytes, boolean briefly) {
    if (bytes.length() >= MemoryBudget.CALL_BYTES) {
      rare().charge(stack().memory, bytes.length());
      if (concluded) {
        rare().letGo(stack().memory);
      }
    }
    if (!briefly) {
      bytes.share();
      message = bytes;
    }
  }

  /** A try has ended before any connection had it. */
  final void notSent(Attempt.@Nullable Outcome outcome, Status status) {
    if (outcome == null) {
      failedTry(status);
    } else {
      outcome.ended(status, Metadata.EMPTY, Metadata.EMPTY, 0, null, 0);
    }
  }

  /** A try without filters around it has ended. */
  final void ended(
      Status status,
      Metadata headers,
      Metadata trailers,
      int encoding,
      @Nullable ByteBuf in,
      int length) {
    if (status.isOk() && (in != null || isOneway() || isStreaming())) {
      leaveAttempt(status);
      if (CONCLUDED.compareAndSet(this, false, true)) {
        replyHas(in == null ? 0 : length);
        leaveCall(status);
        answered(headers, trailers, encoding, in, length);
      }
    } else {
      failedTry(status);
    }
  }

  final Status at(Status status) {
    Member to = member();
    return to == null ? status : status.withEndpoint(to.address());
  }

  /** A try has failed: there may be another. */
  private void attemptEnded(Status status, TryEnd end) {
    leaveAttempt(status);
    Rare rareParts = rare();
    Tries tries = tries(1);
    Member failed = member();
    boolean full = rareParts.foundNoRoom && status.code() == Status.Code.RESOURCE_EXHAUSTED;
    rareParts.foundNoRoom = false;
    Tries.Action action;
    if (failed == null) {
      action = tries.nowhere(status, cluster().isGone());
    } else {
      rareParts.tried(failed);
      boolean elsewhere = hasOther(tried(), false);
      action =
          full
              ? tries.noRoom(status, repeats(), elsewhere, !failed.link.isShared(), now())
              : tries.failed(status, end, repeats(), elsewhere, now());
    }
    rareParts.retried = tries.isMarked();
    picked(null);
    current = null; // Only now: whoever ends the call goes by the one or what the tries say.
    if (failed != null && action.kind() != Tries.Kind.END) {
      triedAgain(status);
    }
    switch (action.kind()) {
      case TRY -> attemptAgain();
      case WAIT -> waits().forNextTry(action.waitNanos(), action.status());
      case END -> conclude(action.status());
    }
  }

  private void leaveAttempt(Status status) {
    while (attemptStagesEntered > 0) {
      stack().attemptStages[--attemptStagesEntered].end(this, status);
    }
  }

  private void leaveCall(Status status) {
    for (int i = stagesEntered - 1; i >= 0; i--) {
      stack().callStages[i].end(this, status);
    }
    message = null;
    Rare rareParts = rareIfAny();
    if (rareParts != null) {
      rareParts.callEnded(stack().memory);
    }
    Context parent = parent();
    if (parent != null) {
      parent.removeOnCancel(this);
    }
  }

  // ---- what tries with filters around them tell

  /** A try has ended in what its filters gave; null if the call has no reply. */
  final void answeredByFilters(@Nullable Reply<?> given) {
    leaveAttempt(Status.OK);
    if (CONCLUDED.compareAndSet(this, false, true)) {
      leaveCall(Status.OK);
      if (given == null) {
        answered(Metadata.EMPTY, Metadata.EMPTY, 0, null, 0);
      } else {
        answered(given);
      }
    }
  }

  /** A try that has entered all stages has failed. */
  final void failedTry(Status status) {
    TryEnd end = tryEnd(status, sentOn(), tryNanos());
    attemptEnded(at(end == TryEnd.TIMED_OUT ? tryTimedOut(status) : status), end);
  }

  /** What has waited for too long here says for what. */
  private static Status tryTimedOut(Status status) {
    boolean waitedHere = status.started() == Status.Started.NO && !status.isRemote();
    return status.withMessage(waitedHere ? TRY_TIMED_OUT + ": " + status.message() : TRY_TIMED_OUT);
  }

  // ---- what calls tell that are made for this one

  /** One of them has been answered there, unless the call has ended. */
  final void copyAnswered(
      @Nullable Member from,
      Metadata headers,
      Metadata trailers,
      int encoding,
      @Nullable ByteBuf in,
      int length) {
    if (CONCLUDED.compareAndSet(this, false, true)) {
      picked(from);
      replyHas(in == null ? 0 : length);
      leaveCall(Status.OK);
      answered(headers, trailers, encoding, in, length);
    }
  }

  /** The filters around one of them have given a reply, unless the call has ended. */
  final void copyGave(@Nullable Member from, Reply<?> given) {
    if (CONCLUDED.compareAndSet(this, false, true)) {
      picked(from);
      leaveCall(Status.OK);
      answered(given);
    }
  }

  /** Goes on with one of them, as it goes on itself. */
  abstract void again(ClientCall<?, ?> copy);

  // ---- the end

  /**
   * Ends the call with this status, unless it has ended; what is known of its start is added. Any
   * thread.
   */
  final void conclude(Status status) {
    if (CONCLUDED.compareAndSet(this, false, true)) {
      Status finalStatus = status.withStarted(startedSoFar(status.started())).asEndOfCall();
      leaveCall(finalStatus);
      failed(finalStatus);
    }
  }

  /** Ends the call from this side and tells the server. Any thread. */
  final void cancel(Status why) {
    if (CONCLUDED.compareAndSet(this, false, true)) {
      Attempt under = current;
      Status status = at(why.withStarted(startedSoFar(Status.Started.NO))).asEndOfCall();
      if (under != null) {
        under.cancel(this, why);
      }
      leaveCall(status);
      failed(status);
    }
  }

  /**
   * What is known of the start of all tries. A try that has not left yet is withdrawn, so only who
   * has set "concluded" may ask.
   */
  private Status.Started startedSoFar(Status.Started known) {
    Attempt under = current;
    Status.Started last =
        under == null || under.withdraw(this) ? Status.Started.NO : Status.Started.MAYBE;
    Rare rareParts = rareIfAny();
    Race race = rareParts == null ? null : rareParts.race;
    if (race != null) {
      return Collections.max(List.of(known, race.stop()));
    }
    Tries tries = rareParts == null ? null : rareParts.tries();
    Status.Started before = tries == null ? Status.Started.NO : tries.started();
    return Collections.max(List.of(known, before, last));
  }

  /** It has ended with an encoded reply; the buffer is only valid during this call. */
  abstract void answered(
      Metadata headers, Metadata trailers, int encoding, @Nullable ByteBuf in, int length);

  /** It has ended with a reply that a filter gave, of the type of its method. */
  abstract void answered(Reply<?> given);

  /** It has ended otherwise. */
  abstract void failed(Status status);
}
