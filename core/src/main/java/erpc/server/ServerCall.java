package erpc.server;

import erpc.call.Context;
import erpc.call.Deadline;
import erpc.call.Filter;
import erpc.call.Incoming;
import erpc.call.LineLimit;
import erpc.call.Metadata;
import erpc.call.Method;
import erpc.call.Reply;
import erpc.call.Request;
import erpc.call.RpcException;
import erpc.call.Status;
import erpc.call.Thrown;
import erpc.call.TraceContext;
import erpc.codec.MessageBytes;
import erpc.protocol.CallHead;
import erpc.protocol.InboundCall;
import erpc.protocol.MemoryBudget;
import erpc.protocol.MessageSink;
import erpc.protocol.MessageSource;
import erpc.protocol.Refusals;
import erpc.protocol.Responder;
import erpc.protocol.Scratch;
import erpc.protocol.Unpacked;
import erpc.trace.Observers;
import erpc.transport.SocketAddresses;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.security.Principal;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One call on a server. It begins and may be cancelled on its connection's event loop; its handler
 * runs where the method says.
 */
final class ServerCall extends HandlerPhase
    implements InboundCall, HandlerThreads.Startable, Runnable {
  private static final Logger LOG = LoggerFactory.getLogger("erpc.server");
  private static final LineLimit LINES = new LineLimit();

  /** Stands for what a stream's handler answers, for filters around it. */
  private static final byte[] STREAMED = {};

  private static final Status UNTOLD =
      Status.of(Status.Code.INTERNAL, "the call has failed, and so has telling how");

  private static final Status OVER =
      Status.of(Status.Code.CANCELLED, "the call has ended before its handler began");

  private static final long FOREVER_NANOS =
      Deadline.saturatedNanos(Duration.ofSeconds(Long.MAX_VALUE));

  private final ServerStack stack;
  private final Responder responder;

  // Set anew if it begins again.
  private @Nullable String calledName;
  private int calledNumber;
  private int calledMethod;
  private boolean untimed;
  private long timeoutNanos;

  /** Whether it gets less time than its caller asked for. */
  private boolean shortened;

  private long receivedNanos;
  private Metadata metadata = Metadata.EMPTY;
  private @Nullable TraceContext trace;
  private Authentication.@Nullable Verdict verdict;

  /** OK if it was let in before, else why not; null if that is still to be decided. */
  private @Nullable Status admitted;

  private @Nullable Principal caller;
  private @Nullable Route<?, ?> route;
  private volatile @Nullable Context context;
  private @Nullable Packing packing;
  private @Nullable ByteBuffer body;
  private int charged;
  private @Nullable Unpacked unpacked;
  private volatile @Nullable MessageSource inbox; // of a stream
  private volatile @Nullable MessageSink outbox; // of a stream

  /**
   * Whether its handler ran right where it began, with no filter that may keep what leads to it.
   */
  private boolean ranHere;

  /** Where its handler runs, unless inline. Written once there, looked at by others. */
  private @Nullable Thread thread;

  private boolean undecodable;
  private boolean headersSent;
  private @Nullable Replies<?> replies;
  private volatile @Nullable Status cancelled; // with context: one of two threads sees the other

  private ServerCall(ServerStack stack, Responder responder) {
    this.stack = stack;
    this.responder = responder;
  }

  private void begin(
      CallHead head, Authentication.@Nullable Verdict known, @Nullable Status letIn) {
    admitted = letIn;
    calledName = head.name();
    calledNumber = head.route();
    calledMethod = head.method();
    untimed = head.timeoutNanos() == CallHead.NO_TIMEOUT;
    verdict = known;
    timeoutNanos = timeoutNanos(stack, head);
    shortened = false;
    receivedNanos = head.receivedNanos();
    metadata = head.metadata();
    trace = head.trace();
  }

  @Override
  public boolean rest() {
    if (!ranHere || cancelled != null) {
      return false;
    }
    metadata = Metadata.EMPTY;
    trace = null;
    verdict = null;
    caller = null;
    route = null;
    context = null;
    packing = null;
    waits();
    undecodable = false;
    ranHere = false;
    return true;
  }

  static long timeoutNanos(ServerStack stack, CallHead head) {
    return head.timeoutNanos() == CallHead.NO_TIMEOUT
        ? Deadline.saturatedNanos(stack.settings.defaultTimeout())
        : head.timeoutNanos();
  }

  /** When a call with this head ends, of a method if there is one. */
  static long deadlineNanos(ServerStack stack, CallHead head, @Nullable Route<?, ?> route) {
    if (route != null && isStreaming(route)) {
      boolean endless = head.timeoutNanos() == CallHead.NO_TIMEOUT;
      return head.receivedNanos() + (endless ? FOREVER_NANOS : timeoutNanos(stack, head));
    }
    return head.receivedNanos() + Math.min(timeoutNanos(stack, head), stack.maxTimeoutNanos);
  }

  static boolean isStreaming(Route<?, ?> route) {
    return route.method().kind() != Method.Kind.UNARY;
  }

  static long progressNanos(ServerStack stack, Route<?, ?> route) {
    Duration own = route.method().progressTimeout();
    return Deadline.saturatedNanos(
        own == null ? stack.settings.connection().progressTimeout() : own);
  }

  /**
   * Takes a call through the stages; null if one of them refused it.
   *
   * @param verdict on who calls, or null if it is still to be asked for
   * @param over one that rests, to begin again as this one, or null
   * @param admitted OK if it has been let in before, else why it is not; null to decide that here
   */
  static @Nullable ServerCall begin(
      ServerStack stack,
      CallHead head,
      Responder responder,
      Authentication.@Nullable Verdict verdict,
      @Nullable InboundCall over,
      @Nullable Status admitted) {
    ServerCall call = over instanceof ServerCall again ? again : new ServerCall(stack, responder);
    call.begin(head, verdict, admitted);
    Stage[] stages = stack.stages;
    for (int i = 0; i < stages.length; i++) {
      Status refused = call.enter(stages[i]);
      if (refused != null) {
        String unused = Refusals.OF_PROCESS.note(refused, responder.peer());
        call.leaveAnswering(refused, i, refused);
        return null;
      }
    }
    return call;
  }

  private @Nullable Status enter(Stage stage) {
    try {
      return stage.begin(this);
    } catch (Throwable e) {
      return failure(e, Status.Started.NO);
    }
  }

  private Status failure(Throwable thrown, Status.Started started) {
    Route<?, ?> found = route;
    return stack.failures.statusOf(thrown, found == null ? null : found.method(), started);
  }

  /** Leaves the stages above this one, innermost first. */
  private void leave(int stage, Status status) {
    try {
      for (int i = stage - 1; i >= 0; i--) {
        stack.stages[i].end(this, status);
      }
    } finally {
      stack.memory.release(charged);
      charged = 0;
      if (unpacked != null) {
        unpacked.close();
        unpacked = null;
      }
    }
  }

  // ---- what stages ask

  @Nullable Status admitted() {
    return admitted;
  }

  Responder responder() {
    return responder;
  }

  @Nullable String calledName() {
    return calledName;
  }

  int calledNumber() {
    return calledNumber;
  }

  /** What answers it, or null; tells its caller nothing before it is known who calls. */
  @Nullable Route<?, ?> lookedUp() {
    return stack.route(calledName, calledMethod);
  }

  long timeoutNanos() {
    return timeoutNanos;
  }

  long receivedNanos() {
    return receivedNanos;
  }

  Authentication.@Nullable Verdict verdict() {
    return verdict;
  }

  Claim claim() {
    return Authentication.claim(metadata, responder);
  }

  void calledBy(Principal known) {
    caller = known;
  }

  /** Who calls, or null if nobody asks. */
  @Nullable Principal caller() {
    return caller;
  }

  Method<?, ?> routedMethod() {
    return found().method();
  }

  void routed(Route<?, ?> found) {
    route = found;
    if (!isStreaming()) {
      shortened = timeoutNanos > stack.maxTimeoutNanos;
      timeoutNanos = Math.min(timeoutNanos, stack.maxTimeoutNanos);
    } else if (untimed) {
      // A stream ends when both are done, or when one makes no progress.
      timeoutNanos = FOREVER_NANOS;
    }
  }

  /** The method's name, or what the caller called it by if there is no such method. */
  String methodName() {
    Route<?, ?> found = route;
    if (found != null) {
      return found.method().name();
    }
    if (calledName != null) {
      return calledName;
    }
    return "#" + calledNumber;
  }

  private Route<?, ?> found() {
    return Objects.requireNonNull(route);
  }

  // ---- what observers are told

  /** Tells observers of a call that has ended before it could enter the stages. */
  static void seenInVain(ServerStack stack, CallHead head, Responder responder, Status why) {
    if (!stack.observers.isEmpty()) {
      ServerCall call = new ServerCall(stack, responder);
      call.begin(head, null, null);
      call.tellBegin();
      call.tellEnded(why);
    }
  }

  void seenToBegin() {
    tellBegin();
  }

  void seenToEnd(Status status) {
    tellEnded(status);
  }

  @Override
  protected Observers observers() {
    return stack.observers;
  }

  @Override
  protected @Nullable Method<?, ?> seenMethod() {
    Route<?, ?> known = route == null ? lookedUp() : route;
    return known == null ? null : known.method();
  }

  @Override
  protected Side seenSide() {
    return Side.SERVER;
  }

  @Override
  protected long seenNanos() {
    // The reading of the event loop's turn would be older than an inline handler.
    return stack.ticker.nanos();
  }

  @Override
  protected long seenStartNanos() {
    return receivedNanos;
  }

  @Override
  protected String seenEndpoint() {
    return SocketAddresses.format(responder.peer().address());
  }

  @Override
  protected int seenAttempts() {
    return 1;
  }

  @Override
  protected long seenRequestBytes() {
    MessageSource in = inbox;
    return in == null ? super.seenRequestBytes() : in.receivedBytes();
  }

  @Override
  protected long seenReplyBytes() {
    Replies<?> sent = replies;
    return sent == null ? super.seenReplyBytes() : sent.sentBytes();
  }

  @Override
  protected @Nullable TraceContext seenTrace() {
    return trace;
  }

  @Override
  protected void setTrace(TraceContext value) {
    trace = value;
  }

  // ---- what the connection tells, on its event loop

  @Override
  public int maxMessageBytes() {
    int own = found().method().maxMessageBytes();
    return own == Method.DEFAULT_LIMIT ? stack.settings.connection().maxMessageBytes() : own;
  }

  @Override
  public int route() {
    // A check of the server's health is known by its name alone, which tells it from other calls.
    return found().method() == Health.CHECK ? 0 : found().number();
  }

  @Override
  public long deadlineNanos() {
    return receivedNanos + timeoutNanos;
  }

  @Override
  public String lateText() {
    return shortened
        ? "the call has taken longer than any may here: "
            + stack.settings.maxTimeout().toMillis()
            + " ms (maxTimeout)"
        : "the deadline passed on the server";
  }

  @Override
  public boolean isUnderWay() {
    return isWorkedOn();
  }

  @Override
  public void message(int encoding, ByteBuf in, int length) {
    try {
      take(encoding, in, length);
    } catch (Throwable e) {
      // The user's codecs and filters are asked here, and there may be no memory.
      finish(failure(e, Status.Started.NO));
    }
  }

  private void take(int encoding, ByteBuf in, int length) {
    requestHas(length);
    try {
      packing = found().packing(encoding, stack.codecs);
    } catch (RpcException e) {
      finish(e.status());
      return;
    }
    boolean inline = found().runsInline(packing) && !anyFilterMayBlock();
    if (inline) {
      body = Scratch.copy(in, length);
      runsHere();
      handle();
      ranHere = stack.filters.isEmpty();
      return;
    }
    charged = stack.memory.charge(length);
    body = Scratch.keep(in, length);
    queues();
    start();
  }

  private void start() {
    Execution where = found().execution();
    if (!where.isInline() && where != Execution.virtual()) {
      startOn(where.executor());
      return;
    }
    HandlerThreads threads = HandlerThreads.ofLoop();
    if (threads.add(this)) {
      try {
        responder.onLoop(threads);
      } catch (RejectedExecutionException e) {
        threads.run(); // The event loop stops: there may be no end of this turn.
      }
    }
  }

  @Override
  public void startOn(Executor threads) {
    try {
      threads.execute(this);
    } catch (RejectedExecutionException e) {
      finish(
          Status.of(
              Status.Code.RESOURCE_EXHAUSTED,
              "the executor of " + methodName() + " takes no more calls"));
    } catch (Throwable e) {
      // As when there are no more threads to be had.
      Thrown.warn(LOG, LINES, "the executor of " + methodName() + " threw; the call is refused", e);
      finish(
          Status.of(Status.Code.RESOURCE_EXHAUSTED, "the executor of " + methodName() + " failed"));
    }
  }

  private boolean anyFilterMayBlock() {
    for (Filter filter : stack.filters) {
      if (filter.mayBlock()) {
        return true;
      }
    }
    return false;
  }

  @Override
  public @Nullable Thread thread() {
    return thread;
  }

  @Override
  public boolean withdraw() {
    return withdraws();
  }

  @Override
  public void cancelled(Status why) {
    cancelled = why;
    boolean unused = withdraws();
    if (leavesUnasked()) {
      leave(stack.stages.length, why);
      return;
    }
    Context seen = context;
    if (seen != null) {
      seen.cancel(why);
    }
    Thread left = thread;
    if (left != null && left.isVirtual()) {
      Watchdog.ofProcess().leftBehind(left);
    }
    endStreams(why);
  }

  /** Claims that the handler begins, unless somebody has said that it won't. */
  void beginHandler() {
    if (!begins()) {
      Status gone = cancelled;
      throw (gone == null ? OVER : gone).toException();
    }
  }

  /** The thread that works on it has finished: a handler that has not begun by now won't. */
  private Status.Started startedAtLast() {
    if (hasBegunAtLast()) {
      return Status.Started.YES;
    }
    // The same message would not be understood elsewhere either.
    return undecodable ? Status.Started.MAYBE : Status.Started.NO;
  }

  // ---- streams of messages

  @Override
  public boolean isStreaming() {
    return isStreaming(found());
  }

  @Override
  public long progressNanos() {
    return progressNanos(stack, found());
  }

  @Override
  public void open(MessageSource requests, MessageSink replies) {
    inbox = requests;
    outbox = replies;
    queues();
    try {
      start();
    } catch (Throwable e) {
      finish(failure(e, Status.Started.NO));
    }
  }

  @Override
  public void interrupted() {
    endStreams(Status.of(Status.Code.CANCELLED, "the handler's thread was interrupted"));
  }

  /** Whoever reads or sends on its streams is told that there is no use. */
  private void endStreams(Status why) {
    MessageSource in = inbox;
    MessageSink out = outbox;
    if (in != null && out != null) {
      in.end(why, Metadata.EMPTY);
      out.end(why);
    }
  }

  /** Runs the handler of a stream, filters around it; what it sends leaves meanwhile. */
  private <Q, R> Metadata stream(Context seen, Route<Q, R> on) throws Exception {
    MessageSource in = Objects.requireNonNull(inbox);
    MessageSink out = Objects.requireNonNull(outbox);
    Requests<Q> requests =
        new Requests<>(in, stack.codecs, on, maxMessageBytes(), responder.share());
    Replies<R> replies = new Replies<>(out, seen, requests, on.method(), maxMessageBytes());
    this.replies = replies;
    try {
      if (stack.filters.isEmpty()) {
        beginHandler();
        on.streamHandler().handle(seen, requests, replies);
      } else {
        filtered(
            seen,
            request(requests),
            (context, message) -> {
              @SuppressWarnings("unchecked") // A filter passes on what it was given, or a wrapper.
              Incoming<Q> from = (Incoming<Q>) message;
              on.streamHandler().handle(context, from, replies);
              return STREAMED;
            });
      }
    } finally {
      in.discard();
      headersSent = replies.hasBegun();
    }
    return replies.hasBegun() ? Metadata.EMPTY : seen.headers();
  }

  private void answerWith(Object message, Context seen) {
    MessageBytes bytes =
        Objects.requireNonNull(packing)
            .encoded(
                found().method(),
                message,
                maxMessageBytes(),
                responder.isOnLoop() ? MessageBytes.ofThread() : null);
    if (bytes.length() >= MemoryBudget.CALL_BYTES && stack.memory.isExhausted()) {
      throw stack.memory.refusal().withStarted(Status.Started.YES).toException();
    }
    replyHas(bytes.length());
    responder.reply(
        seen.headers(),
        seen.trailers(),
        bytes.encoding(),
        bytes.array(),
        bytes.length(),
        bytes.ownership());
  }

  // ---- the handler, wherever it runs

  @Override
  public void run() {
    boolean inTime;
    try {
      inTime = deadlineNanos() - stack.ticker.nanos() > 0;
    } catch (Throwable e) { // The clock is the user's, and there may be no memory.
      finish(failure(e, Status.Started.NO));
      return;
    }
    if (inTime && runs()) {
      thread = Thread.currentThread();
      handle();
      return;
    }
    // Nobody waits any more; the connection has answered, or is about to.
    Status gone = cancelled;
    finish(
        gone == null
            ? Status.of(Status.Code.DEADLINE_EXCEEDED, "the deadline passed before the handler ran")
            : gone);
  }

  private void handle() {
    Status status = UNTOLD;
    try {
      tellTryBegun();
      status = handleIn(context());
    } catch (Throwable thrown) { // As when there was no memory to make the context.
      status = failure(thrown, startedAtLast());
      respond(status, null);
    } finally {
      body = null;
      Status instead = cancelled;
      leave(stack.stages.length, instead == null ? status : instead);
    }
  }

  private Context context() {
    Context made =
        new Context(
            found().method(), metadata, responder.peer(), deadlineNanos(), stack.ticker, trace);
    if (caller != null) {
      made = made.withPrincipal(caller);
    }
    context = made;
    Status gone = cancelled;
    if (gone != null) {
      made.cancel(gone); // By who may have looked for the context too early.
    }
    return made;
  }

  private Status handleIn(Context seen) {
    Context before = seen.enter();
    Status status = Status.OK;
    try {
      if (isStreaming()) {
        Metadata headers = stream(seen, found());
        responder.respond(Status.OK, headers, seen.trailers());
      } else {
        answerWith(handled(seen, found()), seen);
      }
    } catch (Throwable thrown) {
      status = failure(thrown, startedAtLast());
      respond(status, seen);
    } finally {
      Context.exit(before);
      seen.end();
    }
    return status;
  }

  /** Answers with a status, and if not even that works, with next to nothing. */
  private void respond(Status status, @Nullable Context seen) {
    try {
      Metadata headers = headersSent || seen == null ? Metadata.EMPTY : seen.headers();
      responder.respond(status, headers, seen == null ? Metadata.EMPTY : seen.trailers());
    } catch (Throwable e) {
      responder.respond(UNTOLD.withStarted(status.started()), Metadata.EMPTY, Metadata.EMPTY);
    }
  }

  private <Q, R> Object handled(Context seen, Route<Q, R> on) throws Exception {
    ByteBuffer bytes = Objects.requireNonNull(body);
    if (stack.filters.isEmpty()) {
      Q request = decoded(on.method(), bytes);
      beginHandler();
      return Failures.notNull(on.handler().handle(seen, request), on.method());
    }
    return filtered(
        seen,
        request(bytes.asReadOnlyBuffer()),
        (context, message) -> {
          Q request = on.method().requestType().cast(message);
          return Failures.notNull(on.handler().handle(context, request), on.method());
        });
  }

  <Q> Q decoded(Method<Q, ?> method, ByteBuffer bytes) {
    Packing known = Objects.requireNonNull(packing);
    if (known.compression() != null && unpacked == null) { // A filter may have it decoded again.
      unpacked = Unpacked.of(responder.share());
    }
    try {
      return known.decoded(method, bytes, maxMessageBytes(), unpacked);
    } catch (RpcException e) {
      undecodable = e.status().started() == Status.Started.MAYBE;
      throw e;
    }
  }

  private Object filtered(
      Context seen, Request<Object, Object> request, FilterChain.Innermost handler)
      throws Exception {
    Reply<?> reply =
        new FilterChain(stack.filters, this, found(), seen, metadata, handler).run(request);
    if (reply == null) {
      throw Status.of(
              Status.Code.INTERNAL,
              "a filter around "
                  + found().method()
                  + " returned null: return what next.call gave, or Reply.of(message)")
          .toException();
    }
    for (Metadata.Entry entry : reply.headers().entries()) {
      seen.addHeader(entry);
    }
    for (Metadata.Entry entry : reply.trailers().entries()) {
      seen.addTrailer(entry);
    }
    return reply.body();
  }

  @SuppressWarnings("unchecked") // Filters see the body as an Object in any case.
  Request<Object, Object> request(Object message) {
    Method<Object, Object> method = (Method<Object, Object>) found().method();
    Request<Object, Object> request = Request.of(method, message);
    return metadata.isEmpty() ? request : request.withMetadata(metadata);
  }

  // ---- the end

  /** Ends a call that no thread works on, unless one does or the call has ended. */
  private void finish(Status status) {
    if (leavesUnrun()) {
      if (status.code() == Status.Code.RESOURCE_EXHAUSTED) {
        String unused = Refusals.OF_PROCESS.note(status, responder.peer());
      }
      body = null;
      leaveAnswering(status.withStarted(Status.Started.NO), stack.stages.length, status);
    }
  }

  private void leaveAnswering(Status told, int stage, Status status) {
    try {
      responder.respond(told, Metadata.EMPTY, Metadata.EMPTY);
    } finally {
      leave(stage, status);
    }
  }
}
