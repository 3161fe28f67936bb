package erpc.client;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import erpc.call.Filter;
import erpc.call.Reply;
import erpc.call.Request;
import erpc.call.RpcException;
import erpc.call.Status;
import erpc.call.Thrown;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Filters around a whole call. What they throw ends it, but what is known of its start is what was
 * found by sending it. Thread-safe, as filters may go on from any thread.
 */
final class FilteredCall {
  private final List<Filter> filters;
  private final Filter.Next innermost;
  private final @Nullable MessageFilters messages;

  @GuardedBy("this")
  private Status.Started started = Status.Started.NO;

  @GuardedBy("this")
  private int underWay;

  @GuardedBy("this")
  private boolean ended;

  /**
   * A call that has not begun.
   *
   * @param innermost makes the call and waits for its end
   */
  FilteredCall(List<Filter> filters, Filter.Next innermost) {
    this(filters, innermost, null);
  }

  /**
   * A call with streams that has not begun.
   *
   * @param innermost opens it
   * @param messages what filters make of its messages
   */
  FilteredCall(List<Filter> filters, Filter.Next innermost, @Nullable MessageFilters messages) {
    this.filters = filters;
    this.innermost = innermost;
    this.messages = messages;
  }

  /**
   * Makes the call.
   *
   * @throws RpcException if it, or a filter, ends it in anything but OK
   */
  Reply<?> run(Request<?, ?> request) {
    try {
      return through(0, request);
    } finally {
      end();
    }
  }

  private Reply<?> through(int index, Request<?, ?> request) {
    try {
      if (index == filters.size()) {
        return made(request);
      }
      Filter filter = filters.get(index);
      if (messages != null) {
        messages.ask(index, filter, request);
      }
      Reply<?> reply = filter.call(request, changed -> through(index + 1, changed));
      if (messages != null && reply != null && reply.body() != AwaitedOutcome.NO_ANSWER) {
        messages.answeredBy(index);
      }
      return Coding.given(reply, request.method());
    } catch (RpcException e) {
      Status withStart = e.status().withStarted(started()).asEndOfCall();
      throw withStart == e.status() ? e : new RpcException(withStart, e);
    } catch (Throwable e) {
      throw Coding.thrownByFilter(e).withStarted(started()).toException(e);
    }
  }

  private Reply<?> made(Request<?, ?> request) throws Exception {
    enter();
    Status.Started known = Status.Started.MAYBE;
    try {
      Reply<?> reply = innermost.call(request);
      known = Status.Started.YES;
      return reply;
    } catch (RpcException e) {
      known = e.status().started();
      throw e;
    } catch (IllegalArgumentException e) { // It is the request that is wrong, not a filter.
      known = Status.Started.NO;
      throw Status.of(Status.Code.INVALID_ARGUMENT, Thrown.message(e)).toException(e);
    } finally {
      leave(known);
    }
  }

  private synchronized void enter() {
    if (ended) {
      throw new IllegalStateException("the filters around this call have ended");
    }
    underWay++;
  }

  private synchronized void leave(Status.Started known) {
    underWay--;
    if (known.compareTo(started) > 0) {
      started = known;
    }
  }

  private synchronized Status.Started started() {
    return underWay > 0 && started == Status.Started.NO ? Status.Started.MAYBE : started;
  }

  private synchronized void end() {
    ended = true;
  }
}
