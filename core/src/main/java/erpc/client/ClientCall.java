package erpc.client;

import erpc.call.Context;
import erpc.call.Deadline;
import erpc.call.Filter;
import erpc.call.Metadata;
import erpc.call.Method;
import erpc.call.Reply;
import erpc.call.Request;
import erpc.call.RpcException;
import erpc.call.Status;
import erpc.codec.Codec;
import erpc.codec.CodecException;
import erpc.codec.Compression;
import erpc.codec.MessageBytes;
import erpc.protocol.ClientConnection;
import erpc.protocol.MemoryBudget;
import erpc.transport.EndpointPool;
import erpc.transport.Reactor;
import io.netty.buffer.ByteBuf;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One call on its way through the {@link ClientStack}: owns its tries and their timers. Whatever
 * starts a try, a caller's thread, an event loop or a timer, only one thread works on a call at a
 * time, except for {@link #conclude} and {@link #cancel}, which any thread may call.
 */
abstract class ClientCall<Q, R> {
  private static final VarHandle CONCLUDED;
  private static final VarHandle CHARGED;

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      CONCLUDED = lookup.findVarHandle(ClientCall.class, "concluded", boolean.class);
      CHARGED = lookup.findVarHandle(ClientCall.class, "charged", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final ClientStack stack;
  private final Destination destination;
  private final Request<Q, R> request;
  private final boolean oneway;
  private final long startNanos;
  private final long deadlineNanos;
  private final @Nullable Context parent;
  private final @Nullable Runnable parentCancel;

  // One of these a call, so a field and not an object of its own.
  private volatile boolean concluded;

  /** What its encoded request is counted as. */
  private volatile int charged;

  private int attempts;
  private Status.Started started = Status.Started.NO;
  private @Nullable MessageBytes message;
  private @Nullable Member member;
  private List<Member> tried = List.of();
  private volatile @Nullable Attempt current;
  private int stagesEntered;

  ClientCall(ClientStack stack, Destination destination, Request<Q, R> request, boolean oneway) {
    this.stack = stack;
    this.destination = destination;
    this.request = request;
    this.oneway = oneway;
    this.startNanos = stack.ticker.nanos();
    this.parent = Context.current();
    this.deadlineNanos = deadline(parent);
    this.parentCancel = parent == null ? null : this::parentCancelled;
  }

  private void parentCancelled() {
    cancel(Status.of(Status.Code.CANCELLED, "the call that this one was made for has ended"));
  }

  private long deadline(@Nullable Context outer) {
    long nanos = Deadline.saturatedNanos(timeout());
    if (outer != null) {
      nanos = Math.min(nanos, outer.deadline().remainingNanos());
    }
    return startNanos + nanos;
  }

  private Duration timeout() {
    Duration own = request.timeout();
    if (own != null) {
      return own;
    }
    // A stream has no end of its own; it ends when one side makes no progress.
    return isStreaming() ? Duration.ofSeconds(Long.MAX_VALUE) : stack.settings.timeout();
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

  final String methodName() {
    return request.method().name();
  }

  final Request<Q, R> request() {
    return request;
  }

  final ClientStack stack() {
    return stack;
  }

  final Cluster cluster() {
    return destination.cluster();
  }

  final boolean isOneway() {
    return oneway;
  }

  final long startNanos() {
    return startNanos;
  }

  final long deadlineNanos() {
    return deadlineNanos;
  }

  final long leftNanos() {
    return deadlineNanos - stack.ticker.nanos();
  }

  final int maxReplyBytes() {
    int own = request.method().maxMessageBytes();
    return own == Method.DEFAULT_LIMIT ? stack.settings.connection().maxMessageBytes() : own;
  }

  final List<Member> tried() {
    return tried;
  }

  final @Nullable Member member() {
    return member;
  }

  final void picked(Member picked) {
    member = picked;
  }

  // ---- driving

  /** Enters the stages of the call and makes the first try. */
  final void start() {
    for (Stage stage : stack.callStages) {
      Status refused = stage.begin(this);
      if (refused != null) {
        conclude(refused);
        return;
      }
      stagesEntered++;
    }
    // Not before the stages have been entered: the parent may be cancelled already, and then this
    // call ends right here.
    if (parent != null && parentCancel != null) {
      parent.onCancel(parentCancel);
    }
    attempt();
  }

  /** Makes a try, or waits until there is somewhere to make it. Never blocks. */
  final void attempt() {
    if (concluded) {
      return;
    }
    if (attempts > 0 && leftNanos() <= 0) {
      conclude(
          Status.of(Status.Code.DEADLINE_EXCEEDED, "the deadline passed before the call was sent"));
      return;
    }
    if (cluster().keepsWaiting(this)) {
      schedule(this::expireWaiting, patienceNanos());
      return;
    }
    attempts++;
    int entered = 0;
    for (Stage stage : stack.attemptStages) {
      Status refused = stage.begin(this);
      if (refused != null) {
        attemptEnded(refused, entered);
        return;
      }
      entered++;
    }
    if (stack.attemptFilters.isEmpty()) {
      send(request, null);
    } else {
      worker().execute(isStreaming() ? this::filteredOpening : this::filteredAttempt);
    }
  }

  private void expireWaiting() {
    cluster().stopWaiting(this);
    conclude(Status.of(Status.Code.DEADLINE_EXCEEDED, cluster().whyUnresolved()));
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
  private void send(Request<?, ?> what, Attempt.@Nullable Outcome outcome) {
    Member to = Objects.requireNonNull(member);
    @Nullable MessageBytes bytes;
    try {
      bytes = what.hasBody() ? encoded(what) : null;
    } catch (RpcException e) {
      notSent(outcome, e.status());
      return;
    }
    boolean shared = to.link.isShared();
    EndpointPool.@Nullable Lease lease = shared ? null : to.link.lease();
    ClientConnection connection =
        shared ? to.link.use() : lease == null ? null : lease.connection();
    if (connection == null) {
      notSent(outcome, to.link.whyNot());
      return;
    }
    byte[] trace = parent == null ? null : parent.trace();
    Attempt attempt = connection.spare() instanceof Attempt over ? over : new Attempt();
    attempt.begin(this, destination.route(), what.metadata(), trace, outcome, lease);
    if (bytes != null) {
      attempt.carry(bytes);
    }
    prepare(attempt);
    current = attempt;
    while (!connection.start(attempt)) {
      Status gaveUp = whyNotWait();
      if (gaveUp != null) {
        attempt.release();
        notSent(outcome, gaveUp);
        return;
      }
      connection.awaitRoomNanos(leftNanos());
    }
    if (concluded) {
      // Cancelled between the check above and now: nobody else will tell the connection.
      attempt.cancel(this, Status.of(Status.Code.CANCELLED, "cancelled"));
    }
  }

  /** Why a try does not wait (any longer) for room in a connection's queue; null if it does. */
  private @Nullable Status whyNotWait() {
    String full = "too many bytes wait to be sent (maxBacklogBytes)";
    if (!mayWaitHere()) {
      return Status.of(Status.Code.RESOURCE_EXHAUSTED, full);
    }
    if (concluded || Thread.currentThread().isInterrupted()) {
      return Status.of(Status.Code.CANCELLED, "cancelled while " + full);
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
      return encode(what);
    }
    MessageBytes done = message;
    if (done == null) {
      Object body = request.body();
      Codec codec = codec(what, body.getClass());
      // An event loop has the next message to encode only when this one has been written.
      boolean briefly = Reactor.isEventLoop() && codec.isImmutable(body.getClass());
      done = encode(what, body, codec, briefly);
      hold(done.length());
      if (!briefly) {
        message = done;
      }
    }
    return done;
  }

  /** Counts the encoded request until the call ends, which it may do meanwhile. */
  private void hold(int bytes) {
    if (bytes < MemoryBudget.CALL_BYTES || charged > 0) {
      return;
    }
    if (stack.memory.isExhausted()) {
      throw stack.memory.refusal().toException();
    }
    charged = stack.memory.charge(bytes);
    if (concluded) {
      letGo();
    }
  }

  private void letGo() {
    if (charged > 0) {
      stack.memory.release((int) CHARGED.getAndSet(this, 0));
    }
  }

  private MessageBytes encode(Request<?, ?> what) {
    return encode(what, what.body());
  }

  /**
   * A message of this call as bytes.
   *
   * @throws RpcException if it cannot be encoded
   */
  final MessageBytes encode(Request<?, ?> what, Object body) {
    return encode(what, body, codec(what, body.getClass()), false);
  }

  /** Briefly, if the calling thread, an event loop, has used the bytes up before it goes on. */
  private MessageBytes encode(Request<?, ?> what, Object body, Codec codec, boolean briefly) {
    Compression compression = compression(what);
    try {
      return briefly
          ? MessageBytes.encodeBriefly(body, codec, compression, maxReplyBytes())
          : MessageBytes.encode(body, codec, compression, maxReplyBytes());
    } catch (CodecException e) {
      throw failure(
          e.isTooLarge() ? Status.Code.RESOURCE_EXHAUSTED : Status.Code.INTERNAL,
          "request of " + methodName() + ": " + e.getMessage());
    } catch (RuntimeException | StackOverflowError e) {
      throw broken("request of " + methodName(), e);
    }
  }

  private Codec codec(Request<?, ?> what, Class<?> type) {
    Codec codec;
    try {
      codec = what.codec() == null ? stack.codecs.forType(type) : stack.codecs.byName(what.codec());
    } catch (IllegalArgumentException e) {
      throw failure(Status.Code.UNIMPLEMENTED, String.valueOf(e.getMessage()));
    }
    boolean readable = oneway || codec.supports(request.method().responseType());
    if (!codec.supports(type) || !readable) {
      throw failure(
          Status.Code.UNIMPLEMENTED,
          "codec " + codec.name() + " doesn't take the types of " + methodName());
    }
    return codec;
  }

  private @Nullable Compression compression(Request<?, ?> what) {
    String name = what.compression() == null ? stack.settings.compression() : what.compression();
    try {
      return name == null ? null : stack.codecs.compressionByName(name);
    } catch (IllegalArgumentException e) {
      throw failure(Status.Code.UNIMPLEMENTED, String.valueOf(e.getMessage()));
    }
  }

  /** What a codec throws that it must not: only the call with this message fails. */
  private static RpcException broken(String what, Throwable thrown) {
    if (thrown instanceof IllegalStateException && thrown.getMessage() != null) {
      // A library that an optional codec needs is missing; the message names it.
      return Status.of(Status.Code.UNIMPLEMENTED, thrown.getMessage()).toException(thrown);
    }
    return Status.of(Status.Code.INTERNAL, what + ": its codec threw " + thrown)
        .toException(thrown);
  }

  private static RpcException failure(Status.Code code, String text) {
    return Status.of(code, text).toException();
  }

  private void notSent(Attempt.@Nullable Outcome outcome, Status status) {
    if (outcome == null) {
      attemptEnded(at(status), stack.attemptStages.length);
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
    if (status.isOk() && (in != null || oneway || isStreaming())) {
      leaveAttempt(status, stack.attemptStages.length);
      if (CONCLUDED.compareAndSet(this, false, true)) {
        leaveCall(status);
        answered(headers, trailers, encoding, in, length);
      }
    } else {
      attemptEnded(at(status), stack.attemptStages.length);
    }
  }

  private Status at(Status status) {
    Member to = member;
    return to == null ? status : status.withEndpoint(to.address());
  }

  /** A try has failed: there may be another. */
  private void attemptEnded(Status status, int entered) {
    leaveAttempt(status, entered);
    if (status.started().compareTo(started) > 0) {
      started = status.started();
    }
    Member failed = member;
    member = null;
    if (failed != null) {
      List<Member> more = new ArrayList<>(tried);
      more.add(failed);
      tried = more;
    }
    boolean elsewhere = failed != null && cluster().size() > tried.size();
    long wait =
        failed == null || !repeats()
            ? RetryPolicy.NEVER
            : stack.retry.waitNanos(status, request.method().isIdempotent(), attempts, elsewhere);
    if (wait == RetryPolicy.NEVER || wait >= leftNanos()) {
      // An earlier try may have got further than the last one.
      conclude(status.withStarted(started));
    } else if (wait == 0) {
      attemptAgain();
    } else {
      schedule(this::attemptAgain, wait);
    }
  }

  private void leaveAttempt(Status status, int entered) {
    for (int i = entered - 1; i >= 0; i--) {
      stack.attemptStages[i].end(this, status);
    }
  }

  private void leaveCall(Status status) {
    for (int i = stagesEntered - 1; i >= 0; i--) {
      stack.callStages[i].end(this, status);
    }
    message = null;
    letGo();
    if (parent != null && parentCancel != null) {
      parent.removeOnCancel(parentCancel);
    }
  }

  private void schedule(Runnable task, long nanos) {
    var unused = stack.reactor.next().schedule(task, Math.max(nanos, 1), TimeUnit.NANOSECONDS);
  }

  // ---- tries with filters around them

  /** Runs where it may block: the filters, and at their end the try itself. */
  private void filteredAttempt() {
    Status status;
    try {
      Reply<?> reply = filtered(0, request);
      Reply<R> typed = oneway ? null : cast(reply);
      leaveAttempt(Status.OK, stack.attemptStages.length);
      if (CONCLUDED.compareAndSet(this, false, true)) {
        leaveCall(Status.OK);
        if (typed == null) {
          answered(Metadata.EMPTY, Metadata.EMPTY, 0, null, 0);
        } else {
          answered(typed);
        }
      }
      return;
    } catch (RpcException e) {
      status = e.status();
    } catch (Throwable e) {
      status = Status.of(Status.Code.INTERNAL, "a filter threw " + e);
    }
    attemptEnded(at(status), stack.attemptStages.length);
  }

  /** Runs the filters around the opening of a stream; its messages go past them. */
  private void filteredOpening() {
    Status status;
    try {
      Reply<?> unused = filtered(0, request);
      return;
    } catch (RpcException e) {
      status = e.status();
    } catch (Throwable e) {
      status = Status.of(Status.Code.INTERNAL, "a filter threw " + e);
    }
    Attempt under = current;
    if (under == null) {
      attemptEnded(at(status), stack.attemptStages.length);
    } else {
      // It has been opened: the filter's verdict ends it, as the caller's would.
      cancel(status);
    }
  }

  private Reply<?> filtered(int index, Request<?, ?> what) throws Exception {
    if (index == stack.attemptFilters.size() && isStreaming()) {
      send(what, null);
      return Reply.of(AwaitedOutcome.NO_ANSWER);
    }
    if (index == stack.attemptFilters.size()) {
      AwaitedOutcome outcome = new AwaitedOutcome(this);
      send(what, outcome);
      return outcome.await();
    }
    Filter filter = stack.attemptFilters.get(index);
    return filter.call(what, changed -> filtered(index + 1, changed));
  }

  private Reply<R> cast(Reply<?> reply) {
    return new Reply<>(
        request.method().responseType().cast(reply.body()),
        reply.headers(),
        reply.trailers(),
        reply.endpoint());
  }

  // ---- the end

  /** Ends the call with this status, unless it has ended. Any thread. */
  final void conclude(Status status) {
    if (CONCLUDED.compareAndSet(this, false, true)) {
      leaveCall(status);
      failed(status);
    }
  }

  /** Ends the call from this side and tells the server. Any thread. */
  final void cancel(Status why) {
    Attempt under = current;
    Status status = at(why.withStarted(under == null ? Status.Started.NO : Status.Started.MAYBE));
    if (CONCLUDED.compareAndSet(this, false, true)) {
      cluster().stopWaiting(this);
      if (under != null) {
        under.cancel(this, why);
      }
      leaveCall(status);
      failed(status);
    }
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
    Codec codec = stack.codecs.byId(MessageBytes.codecId(encoding));
    int packed = MessageBytes.compressionId(encoding);
    Compression compression = stack.codecs.compressionById(packed);
    Class<R> type = request.method().responseType();
    if (codec == null || !codec.supports(type) || (packed != 0 && compression == null)) {
      throw reply(
          Status.Code.UNIMPLEMENTED,
          "has encoding " + encoding + ", which is not understood here",
          null);
    }
    try {
      return MessageBytes.decode(codec, compression, source, type, maxReplyBytes());
    } catch (CodecException e) {
      throw reply(
          e.isTooLarge() ? Status.Code.RESOURCE_EXHAUSTED : Status.Code.INTERNAL,
          String.valueOf(e.getMessage()),
          e);
    } catch (RuntimeException | StackOverflowError e) {
      Status status = broken("reply of " + methodName(), e).status();
      throw at(status.withStarted(Status.Started.YES)).toException(e);
    }
  }

  private RpcException reply(Status.Code code, String text, @Nullable Throwable cause) {
    Status status =
        Status.of(code, "reply of " + methodName() + ": " + text).withStarted(Status.Started.YES);
    return at(status).toException(cause);
  }
}
