package erpc.server;

import erpc.call.Context;
import erpc.call.Filter;
import erpc.call.Metadata;
import erpc.call.Reply;
import erpc.call.Request;
import erpc.call.Status;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Filters that see bytes, then decode, then filters that see messages, then the handler. */
final class FilterChain {
  private final List<Filter> filters;
  private final ServerCall call;
  private final Context seen;
  private final @Nullable MessageFilters messages;
  private final Innermost handler;

  /** Set by the thread that runs it, for good; filters may try to go on later, on any thread. */
  private volatile boolean ended;

  /** What stands below all filters. */
  interface Innermost {
    Object handle(Context context, Object message) throws Exception;
  }

  /**
   * The filters around a call.
   *
   * @param messages what they make of its messages, if it has streams
   */
  FilterChain(ServerCall call, Context seen, @Nullable MessageFilters messages, Innermost handler) {
    this.filters = call.stack.filters;
    this.call = call;
    this.seen = seen;
    this.messages = messages;
    this.handler = handler;
  }

  /** Runs it all, once; what the handler, or a filter in its place, has answered. */
  Object run(Request<?, ?> request) throws Exception {
    Reply<?> reply;
    try {
      reply = through(false, 0, request);
    } finally {
      ended = true;
    }
    for (Metadata.Entry entry : reply.headers().entries()) {
      seen.addHeader(entry);
    }
    for (Metadata.Entry entry : reply.trailers().entries()) {
      seen.addTrailer(entry);
    }
    return reply.body();
  }

  /** The rest of the way, as a filter sees it: whatever it ends in is a status. */
  private Reply<?> next(boolean decoded, int index, Request<?, ?> request) {
    if (ended) { // What is decoded now would be counted for ever.
      throw new IllegalStateException("the filters around this call have ended");
    }
    try {
      return through(decoded, index, request);
    } catch (Throwable e) {
      throw call.became(e);
    }
  }

  private Reply<?> through(boolean decoded, int index, Request<?, ?> request) throws Exception {
    for (int i = index; i < filters.size(); i++) {
      if (filters.get(i).wantsMessages() == decoded) {
        return by(i, decoded, request);
      }
    }
    if (!decoded) {
      // The messages of a stream are decoded when the handler reads them.
      return through(true, 0, call.isStreaming() ? request : decode(request));
    }
    return Reply.of(handle(request));
  }

  private Reply<?> by(int number, boolean decoded, Request<?, ?> request) throws Exception {
    Filter filter = filters.get(number);
    Filter.Next next = changed -> next(decoded, number + 1, changed);
    if (messages == null) {
      return given(filter.call(request, next));
    }
    int outside = messages.ask(number, filter, request);
    return messages.answered(given(filter.call(request, next)), outside);
  }

  private Reply<?> given(@Nullable Reply<?> reply) {
    if (reply == null) {
      throw Status.of(
              Status.Code.INTERNAL,
              "a filter around "
                  + call.routedMethod()
                  + " returned null: return what next.call gave, or Reply.of(message)")
          .toException();
    }
    return reply;
  }

  private Request<?, ?> decode(Request<?, ?> request) {
    ByteBuffer bytes = ((ByteBuffer) request.body()).duplicate();
    return call.request(call.decoded(call.routedMethod(), bytes)).withMetadata(request.metadata());
  }

  private Object handle(Request<?, ?> request) throws Exception {
    Context ambient = Context.current();
    Context context = ambient != null && ambient.isOfSameCall(seen) ? ambient : seen;
    if (!request.metadata().equals(context.metadata())) {
      context = context.withMetadata(request.metadata());
    }
    if (messages != null) {
      messages.seenIn(context);
    }
    call.beginHandler();
    Context before = context.enter();
    try {
      return handler.handle(context, request.body());
    } finally {
      Context.exit(before);
    }
  }
}
