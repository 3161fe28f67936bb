package erpc.client;

import erpc.call.Filter;
import erpc.call.Reply;
import erpc.call.Request;
import erpc.call.Status;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Opens a stream with filters around the opening, which its messages go past. */
final class StreamOpening<Q, R> {
  private final List<Filter> filters;
  private final Function<Request<Q, R>, Exchange<Q, R>> innermost;
  private final AtomicReference<@Nullable Exchange<Q, R>> exchange = new AtomicReference<>();

  StreamOpening(List<Filter> filters, Function<Request<Q, R>, Exchange<Q, R>> innermost) {
    this.filters = filters;
    this.innermost = innermost;
  }

  Exchange<Q, R> through(Request<Q, R> request) {
    boolean done = false;
    try {
      Reply<?> unused = new FilteredCall(filters, this::open).run(request);
      done = true;
    } finally {
      Exchange<Q, R> open = exchange.get();
      if (!done && open != null) {
        open.close(); // Nobody else knows of it.
      }
    }
    Exchange<Q, R> open = exchange.get();
    if (open == null) {
      throw Status.of(Status.Code.INTERNAL, "a filter answered for a stream, which it cannot")
          .toException();
    }
    return open;
  }

  @SuppressWarnings("unchecked") // A filter passes on a request of this method.
  private Reply<?> open(Request<?, ?> request) {
    Exchange<Q, R> opened = innermost.apply((Request<Q, R>) request);
    if (!exchange.compareAndSet(null, opened)) {
      opened.close();
      throw new IllegalStateException("a filter has opened this stream before");
    }
    return Reply.of(AwaitedOutcome.NO_ANSWER);
  }
}
