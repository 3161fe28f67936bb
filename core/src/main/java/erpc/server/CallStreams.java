package erpc.server;

import erpc.call.Context;
import erpc.call.Incoming;
import erpc.call.Metadata;
import erpc.call.Method;
import erpc.call.Reply;
import erpc.call.Status;
import erpc.protocol.MessageSink;
import erpc.protocol.MessageSource;
import org.jspecify.annotations.Nullable;

/**
 * The messages of one call both ways, with the filters that see them. Its handler's thread runs it;
 * any thread may end it.
 */
final class CallStreams {
  /** Stands for what a handler has answered, for filters around it. */
  static final Object STREAMED = new Object();

  private final ServerCall call;
  private final MessageSource inbox;
  private final MessageSink outbox;

  /** Written by the thread that runs it, before its handler; asked for sizes by whoever ends it. */
  private volatile @Nullable Replies<?> replies;

  /** Only of the thread that runs it. */
  private @Nullable MessageFilters filters;

  /** The streams of a call that has just begun. */
  CallStreams(ServerCall call, MessageSource inbox, MessageSink outbox) {
    this.call = call;
    this.inbox = inbox;
    this.outbox = outbox;
  }

  /** Whoever reads or sends is told that there is no use. */
  void end(Status why) {
    inbox.end(why, Metadata.EMPTY);
    outbox.end(why);
  }

  /** Nobody sees any more of what comes: the call will end in this. */
  void refuse(Status why) {
    inbox.end(why, Metadata.EMPTY);
  }

  /** Bytes of all requests that have come. */
  long receivedBytes() {
    return inbox.receivedBytes();
  }

  /** Bytes of all replies sent so far. */
  long sentBytes() {
    Replies<?> sent = replies;
    return sent == null ? 0 : sent.sentBytes();
  }

  /** Whether something was sent, and headers with it. */
  boolean hasBegun() {
    Replies<?> sent = replies;
    return sent != null && sent.hasBegun();
  }

  /**
   * Runs the handler, filters around it; what it sends leaves meanwhile.
   *
   * @return the headers that are still to be sent
   */
  <Q, R> Metadata run(Context seen, Route<Q, R> on) throws Exception {
    MessageFilters see = call.stack.filters.isEmpty() ? null : new MessageFilters(call, this, seen);
    Requests<Q> requests = new Requests<>(inbox, call, on, see);
    Replies<R> answers = new Replies<>(outbox, seen, requests, call, on.method(), see);
    replies = answers;
    filters = see;
    try {
      if (see == null) {
        call.beginHandler();
        on.streamHandler().handle(seen, requests, answers);
      } else {
        filtered(see, seen, requests, on, answers);
      }
    } finally {
      inbox.discard();
    }
    return answers.hasBegun() ? Metadata.EMPTY : seen.headers();
  }

  private <Q, R> void filtered(
      MessageFilters see, Context seen, Requests<Q> requests, Route<Q, R> on, Replies<R> answers)
      throws Exception {
    FilterChain.Innermost handler =
        (context, message) -> {
          @SuppressWarnings("unchecked") // A filter passes on what it was given, or a wrapper.
          Incoming<Q> from = (Incoming<Q>) message;
          on.streamHandler().handle(context, from, answers);
          return STREAMED;
        };
    try {
      var unused = new FilterChain(call, seen, see, handler).run(call.request(requests));
    } catch (Throwable e) {
      see.throwRefusal(e);
      throw e;
    }
    see.throwRefusal(null);
  }

  /**
   * Sends what a filter has answered in the place of the handler.
   *
   * @param outside how many filters stand around that one, and see it
   * @return what stands for it
   */
  Reply<?> answer(Reply<?> reply, int outside, Context seen) {
    Replies<?> to = replies;
    Method<?, ?> method = call.routedMethod();
    if (to == null || (to.hasBegun() && !method.kind().streamsReplies())) {
      throw Status.of(
              Status.Code.INTERNAL,
              "a filter around " + method + " answered what has been answered already")
          .toException();
    }
    for (Metadata.Entry entry : reply.headers().entries()) {
      seen.addHeader(entry);
    }
    if (method.kind().streamsReplies() && reply.body() instanceof Iterable<?> many) {
      for (Object each : many) {
        to.answer(each, outside);
      }
    } else {
      to.answer(reply.body(), outside);
    }
    return new Reply<>(STREAMED, Metadata.EMPTY, reply.trailers(), "");
  }

  /** Tells filters how the call has ended, once its handler has finished. Never throws. */
  void ended(Status status) {
    MessageFilters filtersNow = filters;
    if (filtersNow != null) {
      filtersNow.ended(status);
    }
  }
}
