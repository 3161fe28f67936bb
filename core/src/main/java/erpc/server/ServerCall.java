package erpc.server;

import erpc.call.Context;
import erpc.call.Deadline;
import erpc.call.Filter;
import erpc.call.Metadata;
import erpc.call.Method;
import erpc.call.Reply;
import erpc.call.Request;
import erpc.call.Status;
import erpc.codec.Codec;
import erpc.codec.CodecException;
import erpc.codec.Compression;
import erpc.codec.MessageBytes;
import erpc.protocol.CallHead;
import erpc.protocol.InboundCall;
import erpc.protocol.Responder;
import erpc.protocol.Scratch;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.security.Principal;
import java.util.Objects;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One call on a server. It begins and may be cancelled on its connection's event loop; its handler
 * runs where the method says.
 */
final class ServerCall implements InboundCall, Runnable {
  private static final Logger LOG = LoggerFactory.getLogger("erpc.server");
  private static final byte[] NOTHING = {};

  private final ServerStack stack;
  private final Responder responder;
  private final @Nullable String calledName;
  private final int calledNumber;
  private final long timeoutNanos;
  private final long receivedNanos;
  private final Metadata metadata;
  private final byte @Nullable [] trace;

  private final Authentication.@Nullable Verdict verdict;
  private @Nullable Principal caller;
  private @Nullable Route<?, ?> route;
  private volatile @Nullable Context context; // with cancelled: one of two threads sees the other
  private @Nullable Codec codec;
  private @Nullable Compression compression;
  private @Nullable ByteBuffer body;
  private boolean running;
  private boolean handlerRan;
  private volatile @Nullable Status cancelled;

  private ServerCall(
      ServerStack stack,
      CallHead head,
      Responder responder,
      Authentication.@Nullable Verdict verdict) {
    this.stack = stack;
    this.responder = responder;
    this.calledName = head.name();
    this.calledNumber = head.route();
    this.verdict = verdict;
    this.timeoutNanos = timeoutNanos(stack, head);
    this.receivedNanos = head.receivedNanos();
    this.metadata = head.metadata();
    this.trace = head.trace();
  }

  private static long timeoutNanos(ServerStack stack, CallHead head) {
    return head.timeoutNanos() == CallHead.NO_TIMEOUT
        ? Deadline.saturatedNanos(stack.settings.defaultTimeout())
        : head.timeoutNanos();
  }

  /** When a call with this head ends. */
  static long deadlineNanos(ServerStack stack, CallHead head) {
    return head.receivedNanos() + timeoutNanos(stack, head);
  }

  /**
   * Takes a call through the stages; null if one of them refused it.
   *
   * @param verdict on who calls, or null if it is still to be asked for
   */
  static @Nullable ServerCall begin(
      ServerStack stack,
      CallHead head,
      Responder responder,
      Authentication.@Nullable Verdict verdict) {
    ServerCall call = new ServerCall(stack, head, responder, verdict);
    Stage[] stages = stack.stages;
    for (int i = 0; i < stages.length; i++) {
      Status refused = stages[i].begin(call);
      if (refused != null) {
        call.answer(refused);
        call.leave(i, refused);
        return null;
      }
    }
    return call;
  }

  /** Leaves the stages above this one, innermost first. */
  private void leave(int stage, Status status) {
    for (int i = stage - 1; i >= 0; i--) {
      stack.stages[i].end(this, status);
    }
  }

  // ---- what stages ask

  @Nullable String calledName() {
    return calledName;
  }

  int calledNumber() {
    return calledNumber;
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

  Method<?, ?> method() {
    return found().method();
  }

  void routed(Route<?, ?> found) {
    route = found;
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
    Route<?, ?> numbered = stack.methods.find(calledNumber);
    return numbered == null ? "#" + calledNumber : numbered.method().name();
  }

  private Route<?, ?> found() {
    return Objects.requireNonNull(route);
  }

  // ---- what the connection tells, on its event loop

  @Override
  public int maxMessageBytes() {
    int own = found().method().maxMessageBytes();
    return own == Method.DEFAULT_LIMIT ? stack.settings.connection().maxMessageBytes() : own;
  }

  @Override
  public int route() {
    return found().number();
  }

  @Override
  public long deadlineNanos() {
    return receivedNanos + timeoutNanos;
  }

  @Override
  public void message(int encoding, ByteBuf in, int length) {
    running = true;
    Status refused = acceptEncoding(encoding);
    if (refused != null) {
      finish(refused);
      return;
    }
    boolean inline = found().execution().isInline() && !anyFilterMayBlock();
    if (inline) {
      body = Scratch.copy(in, length);
      handle();
      return;
    }
    byte[] copy = new byte[length];
    in.getBytes(in.readerIndex(), copy);
    body = ByteBuffer.wrap(copy);
    start();
  }

  private void start() {
    try {
      Execution where = found().execution();
      (where.isInline() ? Execution.virtual() : where).start(this);
    } catch (RejectedExecutionException e) {
      finish(
          Status.of(
              Status.Code.RESOURCE_EXHAUSTED,
              "the executor of " + methodName() + " takes no more calls"));
    } catch (RuntimeException | OutOfMemoryError e) {
      // As when there are no more threads to be had.
      LOG.warn("the executor of {} threw; the call is refused", methodName(), e);
      finish(
          Status.of(
              Status.Code.RESOURCE_EXHAUSTED,
              "the executor of " + methodName() + " threw " + e.getClass().getSimpleName()));
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
  public void cancelled(Status why) {
    cancelled = why;
    if (!running) {
      leave(stack.stages.length, why);
      return;
    }
    Context seen = context;
    if (seen != null) {
      seen.cancel(why);
    }
  }

  // ---- codec

  private @Nullable Status acceptEncoding(int wanted) {
    Codec found = stack.codecs.byId(MessageBytes.codecId(wanted));
    Method<?, ?> method = found().method();
    if (found == null) {
      return Status.of(
          Status.Code.UNIMPLEMENTED,
          "no codec has number " + MessageBytes.codecId(wanted) + " here");
    }
    if (!found.supports(method.requestType()) || !found.supports(method.responseType())) {
      return Status.of(
          Status.Code.UNIMPLEMENTED, "method " + method + " doesn't take codec " + found.name());
    }
    int compressed = MessageBytes.compressionId(wanted);
    Compression unpack = stack.codecs.compressionById(compressed);
    if (compressed != 0 && unpack == null) {
      return Status.of(
          Status.Code.UNIMPLEMENTED, "no compression has number " + compressed + " here");
    }
    codec = found;
    compression = unpack;
    return null;
  }

  private <Q> Q decoded(Class<Q> type, ByteBuffer bytes) {
    try {
      return MessageBytes.decode(
          Objects.requireNonNull(codec), compression, bytes, type, maxMessageBytes());
    } catch (CodecException e) {
      Status.Code code =
          e.isTooLarge() ? Status.Code.RESOURCE_EXHAUSTED : Status.Code.INVALID_ARGUMENT;
      String text = "request of " + methodName() + ": " + e.getMessage();
      throw Status.of(code, text).withStarted(Status.Started.MAYBE).toException(e);
    }
  }

  private void answerWith(Object message, Context seen) {
    MessageBytes bytes;
    try {
      bytes =
          MessageBytes.encode(
              message, Objects.requireNonNull(codec), compression, maxMessageBytes());
    } catch (CodecException e) {
      Status.Code code = e.isTooLarge() ? Status.Code.RESOURCE_EXHAUSTED : Status.Code.INTERNAL;
      throw started(code, "reply of " + methodName() + ": " + e.getMessage()).toException(e);
    }
    responder.respond(
        Status.OK,
        seen.headers(),
        seen.trailers(),
        bytes.encoding(),
        bytes.array(),
        bytes.length());
  }

  // ---- the handler, wherever it runs

  @Override
  public void run() {
    Status gone = cancelled;
    if (gone == null && deadlineNanos() - stack.ticker.nanos() > 0) {
      handle();
      return;
    }
    // Nobody waits any more; the connection has answered, or is about to.
    finish(
        gone == null
            ? Status.of(Status.Code.DEADLINE_EXCEEDED, "the deadline passed before the handler ran")
            : gone);
  }

  private void handle() {
    Context seen = new Context(found().method(), metadata, responder.peer(), deadline(), trace);
    if (caller != null) {
      seen = seen.withPrincipal(caller);
    }
    context = seen;
    Context before = seen.enter();
    Status status = Status.OK;
    try {
      Object reply = stack.filters.isEmpty() ? handled(seen, found()) : filtered(seen);
      answerWith(reply, seen);
    } catch (Throwable thrown) {
      status = Failures.statusOf(thrown, found().method(), handlerRan);
      responder.respond(status, seen.headers(), seen.trailers(), 0, NOTHING, 0);
    } finally {
      Context.exit(before);
      seen.end();
      body = null;
      Status instead = cancelled;
      leave(stack.stages.length, instead == null ? status : instead);
    }
  }

  private Deadline deadline() {
    return Deadline.at(deadlineNanos(), stack.ticker);
  }

  private <Q, R> Object handled(Context seen, Route<Q, R> on) throws Exception {
    Q request = decoded(on.method().requestType(), Objects.requireNonNull(body));
    handlerRan = true;
    return notNull(on.handler().handle(seen, request), on.method());
  }

  private static Object notNull(@Nullable Object reply, Method<?, ?> method) {
    if (reply == null) {
      throw started(Status.Code.INTERNAL, "the handler of " + method + " returned null")
          .toException();
    }
    return reply;
  }

  private Object filtered(Context seen) throws Exception {
    ByteBuffer raw = Objects.requireNonNull(body).asReadOnlyBuffer();
    Reply<?> reply = new FilterChain(seen, found()).next(0, request(raw));
    for (Metadata.Entry entry : reply.headers().entries()) {
      seen.addHeader(entry);
    }
    for (Metadata.Entry entry : reply.trailers().entries()) {
      seen.addTrailer(entry);
    }
    return notNull(reply.body(), found().method());
  }

  @SuppressWarnings("unchecked") // Filters see the body as an Object in any case.
  private Request<Object, Object> request(Object message) {
    Method<Object, Object> method = (Method<Object, Object>) found().method();
    Request<Object, Object> request = Request.of(method, message);
    return metadata.isEmpty() ? request : request.withMetadata(metadata);
  }

  /** Filters that see bytes, then decode, then filters that see messages, then the handler. */
  private final class FilterChain {
    private final Context seen;
    private final Route<?, ?> on;

    FilterChain(Context seen, Route<?, ?> on) {
      this.seen = seen;
      this.on = on;
    }

    Reply<?> next(int index, Request<?, ?> request) throws Exception {
      for (int i = index; i < stack.filters.size(); i++) {
        Filter filter = stack.filters.get(i);
        if (!filter.wantsMessages()) {
          int after = i + 1;
          return filter.call(request, changed -> next(after, changed));
        }
      }
      return withMessage(0, decode(request));
    }

    private Reply<?> withMessage(int index, Request<?, ?> request) throws Exception {
      for (int i = index; i < stack.filters.size(); i++) {
        Filter filter = stack.filters.get(i);
        if (filter.wantsMessages()) {
          int after = i + 1;
          return filter.call(request, changed -> withMessage(after, changed));
        }
      }
      return Reply.of(handle(on, request));
    }

    private Request<?, ?> decode(Request<?, ?> request) {
      ByteBuffer bytes = ((ByteBuffer) request.body()).duplicate();
      return request(decoded(on.method().requestType(), bytes)).withMetadata(request.metadata());
    }

    private <Q, R> Object handle(Route<Q, R> route, Request<?, ?> request) throws Exception {
      Q message = route.method().requestType().cast(request.body());
      Context context = seen;
      boolean changed = !request.metadata().equals(metadata);
      if (changed) {
        context = seen.withMetadata(request.metadata());
      }
      handlerRan = true;
      Context before = context.enter();
      try {
        return notNull(route.handler().handle(context, message), route.method());
      } finally {
        Context.exit(before);
      }
    }
  }

  // ---- the end

  /** Ends a call whose handler has not run. */
  private void finish(Status status) {
    answer(status);
    body = null;
    leave(stack.stages.length, status);
  }

  private void answer(Status status) {
    responder.respond(status, Metadata.EMPTY, Metadata.EMPTY, 0, NOTHING, 0);
  }

  private static Status started(Status.Code code, String message) {
    return Status.of(code, message).withStarted(Status.Started.YES);
  }
}
