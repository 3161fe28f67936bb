package erpc.server;

import erpc.call.Context;
import erpc.call.LineLimit;
import erpc.call.Metadata;
import erpc.call.RpcException;
import erpc.call.Status;
import erpc.call.Thrown;
import erpc.protocol.CallHead;
import erpc.protocol.InboundCall;
import erpc.protocol.MessageSink;
import erpc.protocol.MessageSource;
import erpc.protocol.Refusals;
import erpc.protocol.Responder;
import io.netty.buffer.ByteBuf;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One call on a server. It begins and may be cancelled on its connection's event loop; its handler
 * runs where the method says.
 */
final class ServerCall extends PackedCall
    implements InboundCall, HandlerThreads.Startable, Runnable {
  private static final Logger LOG = LoggerFactory.getLogger("erpc.server");
  private static final LineLimit LINES = new LineLimit();

  private static final Status UNTOLD =
      Status.of(Status.Code.INTERNAL, "the call has failed, and so has telling how");

  private static final Status OVER =
      Status.of(Status.Code.CANCELLED, "the call has ended before its handler began");

  private static final Status EXPIRED =
      Status.of(Status.Code.DEADLINE_EXCEEDED, "the deadline passed before the handler ran");

  /** Stands for what an asynchronous handler is still to answer. */
  private static final Object PENDING = new Object();

  private static final VarHandle CONTEXT;

  static {
    try {
      CONTEXT = MethodHandles.lookup().findVarHandle(ServerCall.class, "context", Context.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /**
   * Written by the thread that works on it; publishes {@link #thread} too. With {@link #cancelled}:
   * each thread writes its own before it looks at the other's, so one of two sees the other.
   */
  private volatile @Nullable Context context;

  /** If it has any. Written by its event loop before it asks for a thread. */
  private volatile @Nullable CallStreams streams;

  /**
   * Whether its handler ran right where it began, with no filter that may keep what leads to it.
   * Its event loop's.
   */
  private boolean ranHere;

  /**
   * Where its handler runs, unless inline. Written there, before the context; its event loop may
   * see it late, and then has nobody to look after yet.
   */
  private @Nullable Thread thread;

  /** Written by its event loop, before that looks at the context. */
  private volatile @Nullable Status cancelled;

  private ServerCall(ServerStack stack, Responder responder) {
    super(stack, responder);
  }

  @Override
  public boolean rest() {
    if (!ranHere || cancelled != null) {
      return false;
    }
    forgetHead();
    CONTEXT.setRelease(this, null);
    forgetMessage();
    resetPhase();
    ranHere = false;
    return true;
  }

  /**
   * Takes a call through the stages; null if one of them refused it.
   *
   * @param verdict on who calls, or null if it is still to be asked for
   * @param previous one that rests, to begin again as this one, or null
   * @param admitted OK if it has been let in before, else why it is not; null to decide that here
   */
  static @Nullable ServerCall begin(
      ServerStack stack,
      CallHead head,
      Responder responder,
      Authentication.@Nullable Verdict verdict,
      @Nullable InboundCall previous,
      @Nullable Status admitted) {
    ServerCall call =
        previous instanceof ServerCall again ? again : new ServerCall(stack, responder);
    call.begin(head);
    Stage[] stages = stack.stages;
    for (int i = 0; i < stages.length; i++) {
      Status refused = call.enter(stages[i], verdict, admitted);
      if (refused != null) {
        String unused = Refusals.OF_PROCESS.note(refused, responder.peer());
        call.leaveAnswering(refused, i, refused);
        return null;
      }
    }
    return call;
  }

  private @Nullable Status enter(
      Stage stage, Authentication.@Nullable Verdict verdict, @Nullable Status admitted) {
    // What has been decided before is not kept: a call that goes on needs it no more.
    if (admitted != null && stage == stack.admission) {
      return admitted.isOk() ? null : admitted;
    }
    return verdict != null && stage instanceof Authentication
        ? Authentication.enter(this, verdict)
        : enter(stage);
  }

  /** Tells observers of a call that has ended before it could enter the stages. */
  static void observeUnadmitted(ServerStack stack, CallHead head, Responder responder, Status why) {
    if (!stack.observers.isEmpty()) {
      ServerCall call = new ServerCall(stack, responder);
      call.begin(head);
      call.seenToBegin();
      call.seenToEnd(why);
    }
  }

  // ---- what the connection tells, on its event loop

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
      endUnrun(failure(e, Status.Started.NO));
    }
  }

  private void take(int encoding, ByteBuf in, int length) {
    requestHas(length);
    try {
      packedAs(encoding);
    } catch (RpcException e) {
      endUnrun(e.status());
      return;
    }
    if (isInline()) {
      lend(in, length);
      setRunningHere(stack.filters.isEmpty());
      ranHere = handle() && stack.filters.isEmpty();
      return;
    }
    keep(in, length);
    stack.overload.waits(this, length);
    setQueued();
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
      } catch (Throwable e) {
        // The event loop stops, or there is no memory to ask it: this turn may have no end.
        threads.run();
      }
    }
  }

  @Override
  public Thread newThread() {
    return found().newThread(this);
  }

  @Override
  public Object owner() {
    return peer();
  }

  @Override
  public void startOn(Executor threads) {
    try {
      threads.execute(this);
    } catch (RejectedExecutionException e) {
      endUnrun(
          Status.of(
              Status.Code.RESOURCE_EXHAUSTED,
              "the executor of " + methodName() + " takes no more calls"));
    } catch (Throwable e) {
      // As when there are no more threads to be had.
      Thrown.warn(LOG, LINES, "the executor of " + methodName() + " threw; the call is refused", e);
      endUnrun(
          Status.of(Status.Code.RESOURCE_EXHAUSTED, "the executor of " + methodName() + " failed"));
    }
  }

  @Override
  public @Nullable Thread thread() {
    return thread;
  }

  @Override
  public boolean withdraw() {
    return tryWithdraw();
  }

  @Override
  public void cancelled(Status why) {
    cancelled = why;
    boolean unused = tryWithdraw();
    if (tryLeaveUnasked()) {
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
    if (!tryBegin()) {
      Status gone = cancelled;
      throw (gone == null ? OVER : gone).toException();
    }
  }

  // ---- streams of messages

  @Override
  public void open(MessageSource requests, MessageSink replies) {
    streams = new CallStreams(this, requests, replies);
    setQueued();
    try {
      start();
    } catch (Throwable e) {
      endUnrun(failure(e, Status.Started.NO));
    }
  }

  @Override
  public void interrupted() {
    endStreams(Status.of(Status.Code.CANCELLED, "the handler's thread was interrupted"));
  }

  private void endStreams(Status why) {
    CallStreams open = streams;
    if (open != null) {
      open.end(why);
    }
  }

  @Override
  protected long seenRequestBytes() {
    CallStreams open = streams;
    return open == null ? super.seenRequestBytes() : open.receivedBytes();
  }

  @Override
  protected long seenReplyBytes() {
    CallStreams open = streams;
    return open == null ? super.seenReplyBytes() : open.sentBytes();
  }

  // ---- the handler, wherever it runs

  @Override
  public void run() {
    Status gone;
    try {
      long now = stack.ticker.nanos();
      stack.startDelay.seen(now - receivedNanos());
      gone = cancelled;
      if (gone == null) {
        gone = deadlineNanos() - now > 0 ? stack.overload.begins(this, now) : EXPIRED;
      }
    } catch (Throwable e) { // The clock is the user's, and there may be no memory.
      endUnrun(failure(e, Status.Started.NO));
      return;
    }
    if (gone == null && tryRun()) {
      thread = Thread.currentThread();
      boolean unused = handle();
      return;
    }
    // Nobody waits any more: the connection has answered, or is about to. Or it is refused.
    Status withdrawn = cancelled;
    endUnrun(gone != null ? gone : withdrawn != null ? withdrawn : EXPIRED);
  }

  /** Runs the handler; false if it is another thread that answers, or has answered. */
  private boolean handle() {
    Status status = UNTOLD;
    boolean done = true;
    try {
      tellTryBegun();
      Status known = handleIn(context());
      done = known != null;
      status = known == null ? status : known;
    } catch (Throwable thrown) { // As when there was no memory to make the context.
      status = failure(thrown, startedAtLast());
      respond(status, null);
    } finally {
      if (done) {
        dropBody();
        handlerEnded(status);
      }
    }
    return done;
  }

  /** The handler has finished, with this. */
  private void handlerEnded(Status status) {
    Status instead = cancelled;
    Status last = instead == null ? status : instead;
    CallStreams open = streams;
    if (open != null) {
      open.ended(last);
    }
    leave(stack.stages.length, last);
  }

  private Context context() {
    Context made = new Context(this);
    CONTEXT.setRelease(this, made);
    if (!isRunningHere()) {
      VarHandle.fullFence(); // "cancelled" is written on another thread.
    }
    Status gone = cancelled;
    if (gone != null) {
      made.cancel(gone); // By who may have looked for the context too early.
    }
    return made;
  }

  /** What the call ends in; null if that is not known yet. */
  private @Nullable Status handleIn(Context seen) {
    Context before = seen.enter();
    Status status = Status.OK;
    try {
      CallStreams open = streams;
      if (open != null) {
        Metadata headers = open.run(seen, found());
        responder.respond(Status.OK, headers, seen.trailers());
      } else {
        Object answer = handled(seen, found());
        status = answer == PENDING ? null : status;
        if (answer != PENDING) {
          answerWith(answer, seen);
        }
      }
    } catch (Throwable thrown) {
      status = failure(thrown, startedAtLast());
      respond(status, seen);
    } finally {
      Context.exit(before);
      if (status != null) {
        seen.end();
      }
    }
    return status;
  }

  /** An asynchronous handler's stage has completed, on whatever thread. */
  void answered(@Nullable Object value, @Nullable Throwable thrown, Context seen) {
    Context before = seen.enter();
    Status status = UNTOLD;
    try {
      if (thrown == null) {
        answerWith(Failures.notNull(value, routedMethod()), seen);
        status = Status.OK;
      } else {
        status = failure(PendingAnswer.cause(thrown), Status.Started.YES);
        respond(status, seen);
      }
    } catch (Throwable e) {
      status = failure(e, Status.Started.YES);
      respond(status, seen);
    } finally {
      Context.exit(before);
      seen.end();
      handlerEnded(status);
    }
  }

  /** Answers with a status, and if not even that works, with next to nothing. */
  private void respond(Status status, @Nullable Context seen) {
    try {
      CallStreams open = streams;
      boolean sent = open != null && open.hasBegun();
      Metadata headers = sent || seen == null ? Metadata.EMPTY : seen.headers();
      responder.respond(status, headers, seen == null ? Metadata.EMPTY : seen.trailers());
    } catch (Throwable e) {
      responder.respond(UNTOLD.withStarted(status.started()), Metadata.EMPTY, Metadata.EMPTY);
    }
  }

  private <Q, R> Object handled(Context seen, Route<Q, R> on) throws Exception {
    if (stack.filters.isEmpty()) {
      Q request = decoded(on.method(), takeBody());
      beginHandler();
      AsyncHandler<Q, R> async = on.async();
      return async == null
          ? Failures.notNull(on.handler().handle(seen, request), on.method())
          : promised(PendingAnswer.notNull(async.handle(seen, request), on.method()), seen);
    }
    FilterChain.Innermost handler =
        (context, message) -> {
          Q request = on.method().requestType().cast(message);
          return Failures.notNull(on.handler().handle(context, request), on.method());
        };
    return new FilterChain(this, seen, null, handler).run(request(takeBody().asReadOnlyBuffer()));
  }

  /** What a stage has completed with; if it has not, it is left to answer. */
  private Object promised(CompletionStage<?> stage, Context seen) {
    CompletableFuture<?> done = PendingAnswer.ifDone(stage);
    if (done != null) {
      return Failures.notNull(done.join(), routedMethod());
    }
    dropBody();
    thread = null; // It goes on to something else.
    new PendingAnswer(this, seen, stage).await();
    return PENDING;
  }

  // ---- the end

  /** Ends a call that no thread works on, unless one does or the call has ended. */
  private void endUnrun(Status status) {
    if (tryLeaveUnrun()) {
      if (status.code() == Status.Code.RESOURCE_EXHAUSTED) {
        String unused = Refusals.OF_PROCESS.note(status, responder.peer());
      }
      dropBody();
      leaveAnswering(status.withStarted(Status.Started.NO), stack.stages.length, status);
    }
  }

  private void leaveAnswering(Status sent, int stage, Status status) {
    try {
      responder.respond(sent, Metadata.EMPTY, Metadata.EMPTY);
    } finally {
      leave(stage, status);
    }
  }
}
