package erpc.client;

import erpc.call.CallOptions;
import erpc.call.Context;
import erpc.call.Criticality;
import erpc.call.Deadline;
import erpc.call.Filter;
import erpc.call.Metadata;
import erpc.call.Method;
import erpc.call.Reply;
import erpc.call.Request;
import erpc.call.RpcException;
import erpc.call.Status;
import erpc.call.TraceContext;
import erpc.codec.Codec;
import erpc.codec.MessageBytes;
import erpc.protocol.DialledConnection;
import erpc.protocol.MemoryBudget;
import erpc.trace.ObservedCall;
import erpc.trace.Observers;
import erpc.transport.EndpointPool;
import erpc.transport.Reactor;
import io.netty.buffer.ByteBuf;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * One call on its way through the {@link ClientStack}: owns its tries and their timers. Whatever
 * starts a try, a caller's thread, an event loop or a timer, only one thread works on a call at a
 * time, except for {@link #conclude} and {@link #cancel}, which any thread may call.
 */
abstract class ClientCall<Q, R> extends ObservedCall implements Runnable {
  private static final Status CANCELLED =
      Status.of(Status.Code.CANCELLED, "the call has ended before it was sent");

  private static final Status REACTOR_CLOSED =
      Status.of(Status.Code.UNAVAILABLE, "the client's reactor has been closed");

  /** As often a call goes on to another endpoint, beside its tries, because one had no room. */
  private static final int MOST_DETOURS = 4;

  private static final VarHandle CONCLUDED;

  static {
    try {
      CONCLUDED =
          MethodHandles.lookup().findVarHandle(ClientCall.class, "concluded", boolean.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final Destination destination; // the first one, see Rare
  private final Request<Q, R> request;
  private final @Nullable Context parent;
  private long startNanos;
  private long deadlineNanos;

  // One of these a call, so a field and not an object of its own.
  private volatile boolean concluded;

  /** Tries made so far, at most {@link ClientSettings#MOST_ATTEMPTS}. */
  private byte attempts;

  private byte stagesEntered;

  /** Of the try that is made now, those that are still to be left. */
  private byte attemptStagesEntered;

  private @Nullable MessageBytes message;
  private @Nullable Member member;
  private volatile @Nullable Attempt current;
  private volatile @Nullable Rare rare;

  ClientCall(Destination destination, Request<Q, R> request) {
    this.destination = destination;
    CallOptions said = request.options();
    CallOptions holds = said.over(destination.defaults().of(request.method()));
    this.request = holds == said ? request : request.withOptions(holds);
    this.parent = Context.current();
  }

  /** The call that this one was made for has been cancelled. */
  @Override
  public final void run() {
    cancel(Status.of(Status.Code.CANCELLED, "the call that this one was made for has ended"));
  }

  private Rare rare() {
    Rare found = rare;
    if (found == null) {
      found = new Rare();
      rare = found;
    }
    return found;
  }

  private long deadline(long startNanos) {
    long nanos = Deadline.saturatedNanos(timeout());
    if (parent != null) {
      nanos = Math.min(nanos, parent.deadline().remainingNanos());
    }
    return startNanos + nanos;
  }

  private Duration timeout() {
    Duration own = request.timeout();
    if (own != null) {
      return own;
    }
    // A stream has no end of its own; it ends when one side makes no progress.
    return isStreaming() ? Duration.ofSeconds(Long.MAX_VALUE) : stack().settings.timeout();
  }

  // ---- what stages and tries ask

  final boolean isStreaming() {
    return request.method().kind() != Method.Kind.UNARY;
  }

  /** Makes a try a stream of messages, if the call is one. */
  void prepare(Attempt attempt) {}

  /**
   * Whether another try would be what the first one was, since nothing has been sent or seen of it;
   * if so, it is ready for one.
   */
  boolean repeats() {
    return true;
  }

  /** How long it may wait for a place to go. */
  long patienceNanos() {
    return leftNanos();
  }

  /** Whether a thread that is about to wait for it has been interrupted. */
  boolean isInterrupted() {
    return false;
  }

  final String methodName() {
    return request.method().name();
  }

  final Request<Q, R> request() {
    return request;
  }

  final ClientStack stack() {
    return destination.stack();
  }

  /** The functions around each try, the first one outermost. */
  final List<Filter> attemptFilters() {
    return destination.policy().attemptFilters();
  }

  final Cluster cluster() {
    return Rare.destination(rare, destination).cluster();
  }

  boolean isOneway() {
    return false;
  }

  /** Whether its next try is a retry, or it is made on behalf of one. */
  private boolean isRetried() {
    Rare found = rare;
    return (found != null && found.retried) || (parent != null && parent.isRetried());
  }

  /** How critical a try says that it is: as its caller says, or as the call being handled is. */
  private Criticality criticality(Request<?, ?> what) {
    Criticality said = what.options().criticality();
    if (said != null) {
      return said;
    }
    return parent == null ? Criticality.DEFAULT : parent.criticality();
  }

  final long deadlineNanos() {
    return deadlineNanos;
  }

  final long leftNanos() {
    return deadlineNanos - stack().ticker.nanos();
  }

  final int maxReplyBytes() {
    int own = request.method().maxMessageBytes();
    return own == Method.DEFAULT_LIMIT ? stack().settings.connection().maxMessageBytes() : own;
  }

  final List<Member> tried() {
    Rare found = rare;
    return found == null ? List.of() : found.tried;
  }

  /** The connection that its last try went to, or null. */
  final @Nullable DialledConnection sentOn() {
    Attempt last = current;
    return last == null ? null : last.connection();
  }

  final @Nullable Member member() {
    return member;
  }

  final void picked(Member picked) {
    member = picked;
  }

  // ---- what observers are told

  final void seenToBegin() {
    tellBegin();
  }

  final void seenToEnd(Status status) {
    tellEnded(status);
  }

  /** Whether observers want to hear when a try is sent, and when its answer begins to come. */
  final void watches(Attempt attempt) {
    attempt.tells(wantsSent(), wantsFirstByte());
  }

  final void sent() {
    tellSent();
  }

  /** A filter around its try has got a reply of so many bytes. */
  final void replied(int bytes) {
    replyHas(bytes);
  }

  final void firstByte() {
    tellFirstByte();
  }

  @Override
  protected final Observers observers() {
    return stack().observers;
  }

  @Override
  protected final Method<?, ?> seenMethod() {
    return request.method();
  }

  @Override
  protected final Side seenSide() {
    return Side.CLIENT;
  }

  @Override
  protected final long seenNanos() {
    DialledConnection on = sentOn();
    return on == null ? stack().ticker.nanos() : on.nowNanos();
  }

  @Override
  protected final long seenStartNanos() {
    return startNanos;
  }

  @Override
  protected final String seenEndpoint() {
    Member to = member;
    List<Member> before = tried();
    return to != null ? to.address() : before.isEmpty() ? "" : before.getLast().address();
  }

  @Override
  protected final int seenAttempts() {
    return attempts;
  }

  @Override
  protected final @Nullable TraceContext seenTrace() {
    Rare so = rare;
    TraceContext set = so == null ? null : so.trace;
    return set != null || parent == null ? set : parent.trace();
  }

  @Override
  protected final void setTrace(TraceContext value) {
    rare().trace = value;
  }

  // ---- driving

  /** Enters the stages of the call and makes the first try. */
  final void start() {
    long nowNanos = stack().ticker.nanos();
    startNanos = nowNanos;
    deadlineNanos = deadline(nowNanos);
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
    if (parent != null) {
      parent.onCancel(this);
    }
    attempt();
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
    if (attempts > 0 && leftNanos() <= 0) {
      conclude(
          Status.of(Status.Code.DEADLINE_EXCEEDED, "the deadline passed before the call was sent"));
      return;
    }
    if (cluster().isForgotten()) {
      rare().goesTo(Rare.destination(rare, destination).again());
    }
    if (!cluster().isResolved()) {
      Pause pause = pause(this::expireWaiting);
      if (cluster().keepsWaiting(pause)) {
        begin(pause, patienceNanos(), REACTOR_CLOSED);
        return;
      }
    }
    attempts++;
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
        refused(refused);
        return;
      }
      attemptStagesEntered++;
    }
    tellTryBegun();
    if (attemptFilters().isEmpty()) {
      send(request, null);
    } else {
      worker().execute(new FilteredTry<>(this));
    }
  }

  private void refused(Status why) {
    if (cluster().isGone() && rare().moves++ < MOST_DETOURS) {
      attempts--; // It was no try: the place was let go meanwhile, and is found anew.
      attemptAgain();
    } else {
      attemptEnded(why);
    }
  }

  private void expireWaiting() {
    String limit = leftNanos() > 0 ? "the progress timeout" : "the deadline";
    conclude(Status.of(Status.Code.DEADLINE_EXCEEDED, cluster().whyUnresolved(limit)));
  }

  private Pause pause(Runnable whenDue) {
    Pause pause = new Pause(this, whenDue);
    // Before the cluster knows it: whoever ends it may go on with the call at once.
    rare().pause = pause;
    return pause;
  }

  /** Waits in a pause, which the cluster knows, so that it ends with the client. */
  private void begin(Pause pause, long nanos, Status ifClosed) {
    if (!pause.begin(stack().reactor, nanos) && pause.end()) {
      conclude(ifClosed);
    }
    if (concluded) {
      stopPausing();
    }
  }

  private void stopWaiting() {
    Rare found = rare;
    Thread waits = found == null ? null : found.waitsForRoom;
    if (waits != null) {
      LockSupport.unpark(waits);
    }
    stopPausing();
  }

  private void stopPausing() {
    Rare found = rare;
    Pause last = found == null ? null : found.pause;
    if (last != null) {
      boolean unused = last.end();
      cluster().stopWaiting(last);
    }
  }

  /** Its client has been closed while it was in a pause. */
  final void clientClosed(Status why) {
    conclude(why.withStarted(rare().started));
  }

  /**
   * Makes a try from a thread that is not the caller's: an event loop's, a timer's, a resolver's.
   */
  abstract void attemptAgain();

  /** Where code of the user that belongs to this call and may block is run. */
  abstract Executor worker();

  /** Whether the calling thread may wait for room in a connection's queue. */
  abstract boolean mayWaitHere();

  /** Sends a try to the member that was picked. */
  final void send(Request<?, ?> what, Attempt.@Nullable Outcome outcome) {
    Member to = member;
    if (to == null) {
      notSent(outcome, CANCELLED); // A filter goes on with a try that has ended.
      return;
    }
    @Nullable MessageBytes bytes;
    try {
      bytes = what.hasBody() ? encoded(what) : null;
      requestHas(bytes == null ? 0 : bytes.length());
    } catch (RpcException e) {
      notSent(outcome, e.status());
      return;
    } catch (Throwable e) {
      notSent(outcome, Coding.broken("request of " + methodName(), e).status());
      return;
    }
    EndpointPool.@Nullable Lease lease = null;
    @Nullable Attempt attempt = null;
    @Nullable Status lost;
    try {
      boolean shared = to.link.isShared();
      lease = shared ? null : to.link.lease();
      DialledConnection connection =
          shared ? to.link.use() : lease == null ? null : lease.connection();
      if (connection == null) {
        rare().foundNoRoom = !shared;
        lost = to.link.whyNot();
      } else {
        Attempt made = Attempt.on(connection);
        var route = Rare.destination(rare, destination).route();
        made.begin(this, route, what.metadata(), seenTrace(), outcome, lease);
        made.marked(criticality(what), isRetried());
        attempt = made;
        lost = handOver(attempt, bytes, outcome);
      }
    } catch (Throwable e) {
      lost = Coding.callBroke(e);
    }
    if (attempt == null) {
      if (lease != null) {
        lease.release();
      }
      notSent(outcome, Objects.requireNonNull(lost));
    } else if (lost != null) {
      notTaken(attempt, outcome, lost);
    } else if (concluded) {
      // Whoever ended the call may have been too early to tell the connection.
      attempt.cancel(this, CANCELLED);
    }
  }

  /** Hands a try to a connection, once there is room for it; or says why not. */
  private @Nullable Status handOver(
      Attempt attempt, @Nullable MessageBytes bytes, Attempt.@Nullable Outcome outcome) {
    if (bytes != null) {
      attempt.carry(bytes);
    }
    prepare(attempt);
    current = attempt;
    // In this order: whoever ends the call looks at "current" after it has set "concluded".
    if (concluded || (outcome != null && !outcome.begins(attempt))) {
      return CANCELLED;
    }
    while (!attempt.start()) {
      Rare so = rare();
      so.waitsForRoom = Thread.currentThread(); // Before it is looked whether the call has ended.
      Status gaveUp = whyNotWait();
      if (gaveUp != null) {
        so.foundNoRoom = !mayWaitHere();
        attempt.roomUnused();
        return gaveUp;
      }
      attempt.awaitRoomNanos(leftNanos());
    }
    return null;
  }

  /** Ends a try that no connection has taken, unless somebody else has. */
  private void notTaken(Attempt attempt, Attempt.@Nullable Outcome outcome, Status why) {
    if (attempt.abandon()) {
      attempt.release();
      notSent(outcome, why);
    }
  }

  /** Why a try does not wait (any longer) for room in a connection's queue; null if it does. */
  private @Nullable Status whyNotWait() {
    String full = "too many bytes wait to be sent (maxBacklogBytes)";
    if (!mayWaitHere()) {
      return Status.of(Status.Code.RESOURCE_EXHAUSTED, full);
    }
    if (concluded || Thread.currentThread().isInterrupted()) {
      String by = concluded ? "" : ", by an interrupt of the calling thread";
      return Status.of(Status.Code.CANCELLED, "cancelled while " + full + by);
    }
    return leftNanos() > 0
        ? null
        : Status.of(Status.Code.DEADLINE_EXCEEDED, "until the deadline " + full);
  }

  /**
   * The request as bytes: one encoding serves all tries, unless a filter changes what they send.
   */
  private MessageBytes encoded(Request<?, ?> what) {
    if (what != request) {
      return encode(what, what.body(), null);
    }
    MessageBytes done = message;
    if (done == null) {
      Object body = request.body();
      Codec codec = Coding.codec(this, what);
      // An event loop has the next message to encode only when this one has been written.
      boolean briefly = Reactor.isEventLoop() && codec.isImmutable(what.method().requestType());
      done = Coding.encode(this, what, body, codec, briefly ? MessageBytes.ofThread() : null);
      hold(done.length());
      if (!briefly) {
        done.share();
        message = done;
      }
    }
    return done;
  }

  /** Counts the encoded request until the call ends, which it may do meanwhile. */
  private void hold(int bytes) {
    if (bytes < MemoryBudget.CALL_BYTES) {
      return;
    }
    rare().charge(stack().memory, bytes);
    if (concluded) {
      letGo();
    }
  }

  private void letGo() {
    Rare counted = rare;
    if (counted != null) {
      counted.letGo(stack().memory);
    }
  }

  /**
   * A message of this call as bytes.
   *
   * @param memory where to encode it, if its bytes have been used up before the next one is; null
   *     for memory of its own
   * @throws RpcException if it cannot be encoded
   */
  final MessageBytes encode(Request<?, ?> what, Object body, @Nullable MessageBytes memory) {
    return Coding.encode(this, what, body, Coding.codec(this, what), memory);
  }

  private void notSent(Attempt.@Nullable Outcome outcome, Status status) {
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
    Member to = member;
    return to == null ? status : status.withEndpoint(to.address());
  }

  /** A try has failed: there may be another. */
  private void attemptEnded(Status status) {
    leaveAttempt(status);
    Rare so = rare();
    if (status.started().compareTo(so.started) > 0) {
      so.started = status.started();
    }
    so.retried |= RetryPolicy.marks(status);
    current = null; // Only now: whoever ends the call goes by the one or the other.
    Member failed = member;
    member = null;
    if (failed != null) {
      List<Member> more = new ArrayList<>(so.tried);
      more.add(failed);
      so.tried = more;
    }
    boolean elsewhere = failed != null && cluster().size() > so.tried.size();
    boolean full = so.foundNoRoom && status.code() == Status.Code.RESOURCE_EXHAUSTED;
    so.foundNoRoom = false;
    if (full && elsewhere && so.detours++ < MOST_DETOURS && repeats()) {
      tellRetried(status);
      attempts--; // It was no try.
      attemptAgain();
      return;
    }
    long wait =
        failed == null || !repeats()
            ? RetryPolicy.NEVER
            : waitNanos(status, full && !failed.link.isShared(), elsewhere);
    if (wait == RetryPolicy.NEVER || wait >= leftNanos()) {
      // An earlier try may have got further than the last one.
      conclude(status.withStarted(so.started));
    } else if (wait == 0) {
      tellRetried(status);
      attemptAgain();
    } else {
      tellRetried(status);
      backOff(wait, status.withStarted(so.started), so.started);
    }
  }

  private long waitNanos(Status status, boolean full, boolean elsewhere) {
    RetryPolicy retry = stack().retry;
    return full
        ? retry.waitForRoomNanos(attempts)
        : retry.waitNanos(status, mayRunTwice(), attempts, elsewhere);
  }

  /** What nobody answers runs at most once, whatever the method says. */
  private boolean mayRunTwice() {
    return request.method().isIdempotent() && !isOneway();
  }

  private void backOff(long nanos, Status failure, Status.Started started) {
    Pause pause = pause(this::backedOff);
    Status closed = cluster().keepsBackingOff(pause);
    if (closed == null) {
      begin(pause, nanos, failure);
    } else {
      conclude(closed.withStarted(started));
    }
  }

  private void backedOff() {
    stopPausing();
    attemptAgain();
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
    letGo();
    stopWaiting();
    if (parent != null) {
      parent.removeOnCancel(this);
    }
  }

  // ---- what tries with filters around them tell

  /** A try has ended in what its filters gave; null if the call has no reply. */
  final void answeredByFilters(@Nullable Reply<R> typed) {
    leaveAttempt(Status.OK);
    if (CONCLUDED.compareAndSet(this, false, true)) {
      leaveCall(Status.OK);
      if (typed == null) {
        answered(Metadata.EMPTY, Metadata.EMPTY, 0, null, 0);
      } else {
        answered(typed);
      }
    }
  }

  /** What filters gave, as this call's reply; null if the call has none. */
  final @Nullable Reply<R> cast(Reply<?> reply) {
    if (isOneway()) {
      return null;
    }
    return new Reply<>(
        request.method().responseType().cast(reply.body()),
        reply.headers(),
        reply.trailers(),
        reply.endpoint());
  }

  /** A try that has entered all stages has failed. */
  final void failedTry(Status status) {
    attemptEnded(at(status));
  }

  // ---- the end

  /**
   * Ends the call with this status, unless it has ended; what is known of its start is added. Any
   * thread.
   */
  final void conclude(Status status) {
    if (CONCLUDED.compareAndSet(this, false, true)) {
      Status told = status.withStarted(startedSoFar(status.started()));
      leaveCall(told);
      failed(told);
    }
  }

  /** Ends the call from this side and tells the server. Any thread. */
  final void cancel(Status why) {
    if (CONCLUDED.compareAndSet(this, false, true)) {
      Attempt under = current;
      Status status = at(why.withStarted(startedSoFar(Status.Started.NO)));
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
    Rare so = rare;
    Status.Started before = so == null ? Status.Started.NO : so.started;
    return Collections.max(List.of(known, before, last));
  }

  /** It has ended with an encoded reply; the buffer is only valid during this call. */
  abstract void answered(
      Metadata headers, Metadata trailers, int encoding, @Nullable ByteBuf in, int length);

  /** It has ended with a reply that a filter gave. */
  abstract void answered(Reply<R> reply);

  /** It has ended otherwise. */
  abstract void failed(Status status);

  /**
   * The reply, decoded.
   *
   * @throws RpcException if it cannot be
   */
  final Reply<R> decoded(Metadata headers, Metadata trailers, int encoding, ByteBuffer source) {
    String from = member == null ? "" : member.address();
    return new Reply<>(decodedBody(encoding, source), headers, trailers, from);
  }

  final R decodedBody(int encoding, ByteBuffer source) {
    return Coding.decode(this, encoding, source);
  }
}
