package erpc.server;

import erpc.call.Metadata;
import erpc.call.Status;
import erpc.protocol.CallHead;
import erpc.protocol.InboundCall;
import erpc.protocol.MessageSink;
import erpc.protocol.MessageSource;
import erpc.protocol.Responder;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A call that waits for an authenticator that may block: it has been let in, as one of the calls in
 * flight, and has not entered the stages yet. It counts until the authenticator has decided, even
 * if nobody waits for it any more: a thread is busy with it. All of it runs on its connection's
 * event loop.
 */
final class HeldCall implements InboundCall {
  private static final Status NOBODY_WAITS =
      Status.of(Status.Code.CANCELLED, "the call ended before it was known who calls");

  private final ServerStack stack;
  private final CallHead head;
  private final Responder responder;
  private final long deadlineNanos;

  /** What it will be routed to if the verdict is good; tells its caller nothing before. */
  private final @Nullable Route<?, ?> route;

  private @Nullable InboundCall call;
  private @Nullable MessageSource requests;
  private @Nullable MessageSink replies;
  private boolean ended;
  private boolean decided;
  private boolean answered;
  private boolean observed;
  private int encoding;
  private byte @Nullable [] message;
  private int charged;

  private HeldCall(ServerStack stack, CallHead head, Responder responder) {
    this.stack = stack;
    this.head = head;
    this.responder = responder;
    this.route = stack.route(head);
    this.deadlineNanos = StagedCall.deadlineNanos(stack, head, route);
  }

  /**
   * Begins a call once the verdict is there, which may be at once; null if it was refused.
   *
   * @param own other calls in flight of its connection
   */
  static @Nullable InboundCall begin(
      ServerStack stack,
      Authentication authentication,
      CallHead head,
      Responder responder,
      @Nullable InboundCall previous,
      int own) {
    Status refused = stack.admission.enter(StagedCall.timeoutNanos(stack, head), responder, own);
    if (refused != null) {
      return ServerCall.begin(stack, head, responder, null, previous, refused);
    }
    CompletableFuture<Authentication.Verdict> verdict;
    try {
      verdict = authentication.ask(head.metadata(), responder);
    } catch (Throwable e) { // As when there is no thread for it.
      stack.admission.leave();
      throw e;
    }
    if (verdict.isDone()) {
      return ServerCall.begin(stack, head, responder, verdict.join(), previous, Status.OK);
    }
    HeldCall held = new HeldCall(stack, head.copy(), responder);
    verdict.thenAccept(found -> responder.onLoop(() -> held.release(found)));
    return held;
  }

  private void release(Authentication.Verdict verdict) {
    decided = true;
    if (ended) {
      stack.admission.leave();
      if (!answered) {
        // Its caller has heard or is gone; only the connection counts it still.
        responder.respond(NOBODY_WAITS, Metadata.EMPTY, Metadata.EMPTY);
      }
      return;
    }
    call = ServerCall.begin(stack, head, responder, verdict, null, Status.OK);
    MessageSource in = requests;
    MessageSink out = replies;
    if (call != null && in != null && out != null) {
      call.open(in, out);
    }
    byte[] came = message;
    forget();
    if (call == null) {
      ended = true; // Refused, and told so.
    } else if (came != null && came.length > call.maxMessageBytes()) {
      answer(
          Status.of(
              Status.Code.RESOURCE_EXHAUSTED,
              "message of "
                  + came.length
                  + " bytes passes the limit of "
                  + call.maxMessageBytes()
                  + " (maxMessageBytes)"));
      call.cancelled(Status.of(Status.Code.CANCELLED, "its message is too large"));
    } else if (came != null) {
      call.message(encoding, Unpooled.wrappedBuffer(came), came.length);
    }
  }

  private void forget() {
    if (message != null) {
      message = null;
      stack.memory.release(charged);
    }
  }

  /** Tells observers, whom no call has told of it. */
  private void observeUnadmitted(Status why) {
    if (call == null && !decided && !observed) {
      observed = true;
      ServerCall.observeUnadmitted(stack, head, responder, why);
    }
  }

  private void answer(Status why) {
    ended = true;
    answered = true;
    observeUnadmitted(why);
    responder.respond(why, Metadata.EMPTY, Metadata.EMPTY);
  }

  @Override
  public int maxMessageBytes() {
    // Before it is known who calls, nothing may tell which methods there are.
    return call == null ? stack.settings.connection().maxMessageBytes() : call.maxMessageBytes();
  }

  @Override
  public int route() {
    return call == null ? 0 : call.route();
  }

  @Override
  public long deadlineNanos() {
    return deadlineNanos;
  }

  @Override
  public boolean isStreaming() {
    return route != null && StagedCall.isStreaming(route);
  }

  @Override
  public boolean isUnderWay() {
    return call == null ? !decided : call.isUnderWay();
  }

  @Override
  public String lateText() {
    return call == null ? InboundCall.super.lateText() : call.lateText();
  }

  @Override
  public long progressNanos() {
    return route == null ? 0 : StagedCall.progressNanos(stack, route);
  }

  @Override
  public void open(MessageSource in, MessageSink out) {
    requests = in;
    replies = out;
    if (call != null) {
      call.open(in, out);
    }
  }

  @Override
  public void interrupted() {
    if (call != null) {
      call.interrupted();
    }
  }

  @Override
  public void message(int with, ByteBuf in, int length) {
    if (call != null) {
      call.message(with, in, length);
    } else if (!ended) {
      if (stack.memory.isExhausted()) {
        answer(stack.memory.refusal());
        return;
      }
      byte[] copy = new byte[length];
      in.getBytes(in.readerIndex(), copy);
      charged = stack.memory.charge(length);
      encoding = with;
      message = copy;
    }
  }

  @Override
  public boolean withdraw() {
    ended |= call == null;
    return call == null || call.withdraw();
  }

  @Override
  public @Nullable Thread thread() {
    return call == null ? null : call.thread();
  }

  @Override
  public void cancelled(Status why) {
    ended = true;
    observeUnadmitted(why);
    forget();
    if (call != null) {
      call.cancelled(why);
    }
  }
}
