package erpc.server;

import erpc.call.Context;
import erpc.call.Method;
import erpc.call.Outgoing;
import erpc.call.RpcException;
import erpc.call.Status;
import erpc.codec.MessageBytes;
import erpc.protocol.MessageSink;
import org.jspecify.annotations.Nullable;

/** What a handler answers on a stream, encoded on the thread that sends. */
final class Replies<R> implements Outgoing<R> {
  private static final Status OVER =
      Status.of(Status.Code.FAILED_PRECONDITION, "the call has been answered already");

  private final MessageSink outbox;
  private final Context context;
  private final Requests<?> requests;
  private final Method<?, R> method;
  private final int limit;
  private final @Nullable MessageFilters filters;
  private boolean begun;
  private long sentBytes;

  Replies(
      MessageSink outbox,
      Context context,
      Requests<?> requests,
      ServerCall call,
      Method<?, R> method,
      @Nullable MessageFilters filters) {
    this.outbox = outbox;
    this.context = context;
    this.requests = requests;
    this.method = method;
    this.limit = call.maxMessageBytes();
    this.filters = filters;
  }

  @Override
  public void send(R message) {
    if (message == null) {
      throw new NullPointerException(
          "an answer of "
              + method
              + " must not be null: send an empty one, or return if there is no more to say");
    }
    sendNow(filters == null ? message : filters.reply(message));
  }

  /** Sends what a filter has answered, which so many others around it see. */
  void answer(Object message, int outside) {
    sendNow(filters == null ? message : filters.reply(message, outside));
  }

  private void sendNow(Object message) {
    Status ended;
    MessageBytes memory = outbox.claim();
    try {
      MessageBytes bytes = requests.replyPacking().encoded(method, message, limit, memory);
      if (!begun) {
        begun = true;
        outbox.headers(context.headers());
      }
      ended = outbox.send(bytes);
      sentBytes += ended == null ? bytes.length() : 0;
    } finally {
      outbox.release();
    }
    if (ended != null) {
      throw new RpcException(ended.isOk() ? OVER : ended, null);
    }
  }

  /** Bytes of all messages sent so far. */
  long sentBytes() {
    return sentBytes;
  }

  /** Whether something was sent, and headers with it. */
  boolean hasBegun() {
    return begun;
  }
}
