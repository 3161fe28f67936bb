package erpc.client;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import erpc.call.Filter;
import erpc.call.Reply;
import erpc.call.Request;
import erpc.call.RpcException;
import erpc.call.Status;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What really became of a try with filters around it: they may send its request several times or
 * never, from any thread, and their own verdict says nothing of that. Thread-safe.
 */
final class FilteredTry<R> implements Runnable {
  private final ClientCall<?, R> call;

  @GuardedBy("this")
  private final List<Attempt> underWay = new ArrayList<>(1);

  @GuardedBy("this")
  private Status.Started started = Status.Started.NO;

  @GuardedBy("this")
  private boolean opened;

  @GuardedBy("this")
  private boolean ended;

  FilteredTry(ClientCall<?, R> call) {
    this.call = call;
  }

  /** Runs the filters, where they may block, and tells the call what becomes of the try. */
  @Override
  public void run() {
    if (call.isStreaming()) {
      open();
    } else {
      send();
    }
  }

  private void send() {
    Status failed = null;
    Reply<R> reply = null;
    try {
      reply = cast(through(0, call.request()));
    } catch (RpcException e) {
      failed = e.status();
    } catch (Throwable e) {
      failed = Coding.thrownByFilter(e);
    }
    Status.Started soFar = end();
    if (failed == null) {
      call.answeredByFilters(reply);
    } else {
      // Whatever the filters make of it: this is known better here.
      call.failedTry(failed.withStarted(soFar));
    }
  }

  /** What filters gave, as the call's reply; null if the call has none. */
  private @Nullable Reply<R> cast(Reply<?> reply) {
    if (call.isOneway()) {
      return null;
    }
    return new Reply<>(
        call.request().method().responseType().cast(reply.body()),
        reply.headers(),
        reply.trailers(),
        reply.endpoint());
  }

  /** Runs the filters around the opening of a stream, which may answer instead. */
  private void open() {
    Status status;
    try {
      Reply<?> reply = through(0, call.request());
      if (neverOpens()) {
        call.answeredByFilters(reply);
        return;
      }
      if (reply.body() == AwaitedOutcome.NO_ANSWER) {
        return;
      }
      status = StreamOpening.answeredTwice(call.request()).status();
    } catch (RpcException e) {
      status = e.status();
    } catch (Throwable e) {
      status = Coding.thrownByFilter(e);
    }
    if (neverOpens()) {
      call.failedTry(status.withStarted(Status.Started.NO));
    } else {
      // It has been opened: the filter's verdict ends it, as the caller's would.
      call.cancel(status);
    }
  }

  private Reply<?> through(int index, Request<?, ?> request) throws Exception {
    List<Filter> filters = call.attemptFilters();
    if (index < filters.size()) {
      Reply<?> reply = filters.get(index).call(request, changed -> through(index + 1, changed));
      if (call.isStreaming() && reply != null && reply.body() != AwaitedOutcome.NO_ANSWER) {
        call.answeredBy(call.stack().callFilters.size() + index);
      }
      return Coding.given(reply, request.method());
    }
    if (!call.isStreaming()) {
      AwaitedOutcome outcome = new AwaitedOutcome(call, this);
      call.send(request, outcome);
      return outcome.await();
    }
    if (!opens()) {
      throw new IllegalStateException("a filter opens a stream once at most, before it returns");
    }
    call.send(request, null);
    return Reply.of(AwaitedOutcome.NO_ANSWER);
  }

  /** A request is about to be sent; false if the filters have ended, and nothing may be sent. */
  synchronized boolean begins(Attempt attempt) {
    if (!ended) {
      underWay.add(attempt);
    }
    return !ended;
  }

  /** What was sent has ended, or was not sent at all. */
  synchronized void ended(@Nullable Attempt attempt, Status status) {
    underWay.remove(attempt);
    add(status.started());
  }

  @GuardedBy("this")
  private void add(Status.Started more) {
    if (more.compareTo(started) > 0) {
      started = more;
    }
  }

  /** A stream is about to be opened; false if it was before, or the filters have ended. */
  private synchronized boolean opens() {
    boolean first = !opened && !ended;
    opened = true;
    return first;
  }

  /** The filters around a stream have ended; false if it was opened and ends by itself. */
  private synchronized boolean neverOpens() {
    ended = true;
    return !opened;
  }

  /**
   * The filters have ended: nothing is sent any more, and what is still under way is given up.
   *
   * @return what is known of the start of all that they have sent
   */
  private Status.Started end() {
    List<Attempt> left;
    synchronized (this) {
      ended = true;
      left = List.copyOf(underWay);
      underWay.clear();
      for (Attempt each : left) {
        add(each.withdraw(call) ? Status.Started.NO : Status.Started.MAYBE);
      }
    }
    Status why = Status.of(Status.Code.CANCELLED, "a filter did not wait for the reply");
    left.forEach(each -> each.cancel(call, why));
    synchronized (this) {
      return started;
    }
  }
}
