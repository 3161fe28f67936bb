package erpc.client;

import erpc.call.Filter;
import erpc.call.Reply;
import erpc.call.Request;
import erpc.call.RpcException;
import erpc.call.Status;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Opens a stream with filters around the opening, which may answer instead. */
final class StreamOpening<Q, R> {
  private final List<Filter> filters;
  private final MessageFilters messages;
  private final Opener<Q, R> opener;
  private final AtomicReference<@Nullable Exchange<Q, R>> exchange = new AtomicReference<>();

  /** How streams begin. */
  interface Opener<Q, R> {
    /** Opens the stream. */
    Exchange<Q, R> opened(Request<Q, R> request, MessageFilters messages);

    /** The stream that a filter has answered by itself. */
    Exchange<Q, R> answered(Request<Q, R> request, MessageFilters messages, Reply<?> reply);
  }

  StreamOpening(List<Filter> filters, MessageFilters messages, Opener<Q, R> opener) {
    this.filters = filters;
    this.messages = messages;
    this.opener = opener;
  }

  Exchange<Q, R> through(Request<Q, R> request) {
    try {
      Reply<?> reply = new FilteredCall(filters, this::open, messages).run(request);
      Exchange<Q, R> open = exchange.get();
      if (open == null) {
        return opener.answered(request, messages, reply);
      }
      if (reply.body() != AwaitedOutcome.NO_ANSWER) {
        throw answeredTwice(request);
      }
      return open;
    } catch (Throwable e) {
      Exchange<Q, R> open = exchange.get();
      if (open != null) {
        open.close(); // Nobody else knows of it.
      }
      messages.ended(e instanceof RpcException known ? known.status() : Coding.callBroke(e));
      throw e;
    }
  }

  /** What a stream ends in that is both open and answered. */
  static RpcException answeredTwice(Request<?, ?> request) {
    return Status.of(
            Status.Code.INTERNAL,
            "a filter around "
                + request.method()
                + " answered a stream that it had opened: return what next.call gave")
        .withStarted(Status.Started.MAYBE)
        .toException();
  }

  @SuppressWarnings("unchecked") // A filter passes on a request of this method.
  private Reply<?> open(Request<?, ?> request) {
    Exchange<Q, R> opened = opener.opened((Request<Q, R>) request, messages);
    if (!exchange.compareAndSet(null, opened)) {
      opened.close();
      throw new IllegalStateException("a filter has opened this stream before");
    }
    return Reply.of(AwaitedOutcome.NO_ANSWER);
  }
}
