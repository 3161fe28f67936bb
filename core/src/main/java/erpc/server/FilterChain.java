package erpc.server;

import erpc.call.Context;
import erpc.call.Filter;
import erpc.call.Metadata;
import erpc.call.Reply;
import erpc.call.Request;
import java.nio.ByteBuffer;
import java.util.List;

/** Filters that see bytes, then decode, then filters that see messages, then the handler. */
final class FilterChain {
  private final List<Filter> filters;
  private final ServerCall call;
  private final Route<?, ?> on;
  private final Context seen;
  private final Metadata metadata;
  private final Innermost handler;
  private volatile boolean over;

  /** What stands below all filters. */
  interface Innermost {
    Object handle(Context context, Object message) throws Exception;
  }

  FilterChain(
      List<Filter> filters,
      ServerCall call,
      Route<?, ?> on,
      Context seen,
      Metadata metadata,
      Innermost handler) {
    this.filters = filters;
    this.call = call;
    this.on = on;
    this.seen = seen;
    this.metadata = metadata;
    this.handler = handler;
  }

  /** Runs it all, once. */
  Reply<?> run(Request<?, ?> request) throws Exception {
    try {
      return withBytes(0, request);
    } finally {
      over = true;
    }
  }

  private Reply<?> withBytes(int index, Request<?, ?> request) throws Exception {
    for (int i = index; i < filters.size(); i++) {
      Filter filter = filters.get(i);
      if (!filter.wantsMessages()) {
        int after = i + 1;
        return filter.call(request, changed -> withBytes(after, changed));
      }
    }
    requireUnderWay(); // What is decoded later would be counted for ever.
    // The messages of a stream are decoded when the handler reads them.
    return withMessage(0, call.isStreaming() ? request : decode(request));
  }

  private Reply<?> withMessage(int index, Request<?, ?> request) throws Exception {
    for (int i = index; i < filters.size(); i++) {
      Filter filter = filters.get(i);
      if (filter.wantsMessages()) {
        int after = i + 1;
        return filter.call(request, changed -> withMessage(after, changed));
      }
    }
    return Reply.of(handle(request));
  }

  private void requireUnderWay() {
    if (over) {
      throw new IllegalStateException("the filters around this call have ended");
    }
  }

  private Request<?, ?> decode(Request<?, ?> request) {
    ByteBuffer bytes = ((ByteBuffer) request.body()).duplicate();
    return call.request(call.decoded(on.method(), bytes)).withMetadata(request.metadata());
  }

  private Object handle(Request<?, ?> request) throws Exception {
    requireUnderWay();
    Context context = seen;
    if (!request.metadata().equals(metadata)) {
      context = seen.withMetadata(request.metadata());
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
