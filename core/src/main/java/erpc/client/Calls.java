package erpc.client;

import erpc.call.CallOptions;
import erpc.call.Context;
import erpc.call.Filter;
import erpc.call.Method;
import erpc.call.Reply;
import erpc.call.Request;
import erpc.call.RpcException;
import erpc.call.Status;
import erpc.transport.Reactor;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Makes a client's calls, of each kind: through the filters around the whole call, if there are
 * any, and then a {@link ClientCall}. Thread-safe.
 */
final class Calls {
  private final ClientStack stack;
  private final Destinations destinations;

  Calls(ClientStack stack, Destinations destinations) {
    this.stack = stack;
    this.destinations = destinations;
  }

  /** Makes a call and waits for its reply. */
  <Q, R> Reply<R> reply(Request<Q, R> request) {
    List<Filter> filters = filters(request);
    return filters.isEmpty() ? blocking(request, false).reply() : awaited(request, filters);
  }

  /** Makes a call and waits for its reply's body. */
  <Q, R> R body(Request<Q, R> request) {
    List<Filter> filters = filters(request);
    return filters.isEmpty() ? blocking(request, false).body() : awaited(request, filters).body();
  }

  /** On the caller's thread, where a fallback is not to hide that it must not wait. */
  private <Q, R> Reply<R> awaited(Request<Q, R> request, List<Filter> filters) {
    refuseOnEventLoop(request.method());
    return filtered(request, filters);
  }

  /** Makes a call that nobody answers, and waits until it has been sent. */
  <Q, R> void oneway(Request<Q, R> request) {
    if (isFiltered()) {
      filteredOneway(request);
    } else {
      blocking(request, true).noReply();
    }
  }

  /** Makes a call that nobody answers; the future completes once it was sent. Never throws. */
  <Q, R> CallFuture<Void> onewayAsync(Request<Q, R> request) {
    try {
      requireUnary(request);
      return isFiltered()
          ? filteredAsync(() -> filteredOneway(request))
          : AsyncCall.oneway(destinations.of(request.target()), request);
    } catch (Throwable e) {
      return CallFuture.failed(e);
    }
  }

  /** Makes a call; the future holds its reply. Never throws. */
  <Q, R> CallFuture<Reply<R>> replyAsync(Request<Q, R> request) {
    try {
      List<Filter> filters = filters(request);
      return !filters.isEmpty()
          ? filteredAsync(() -> filtered(request, filters))
          : AsyncCall.reply(destinations.of(request.target()), request);
    } catch (Throwable e) {
      return CallFuture.failed(e);
    }
  }

  /**
   * Makes a call whose tries go where this says, without a fallback: what that answers has come
   * from nobody. The future holds its reply. Never throws.
   */
  <Q, R> CallFuture<Reply<R>> replyAsync(Request<Q, R> request, Aim aim) {
    try {
      requireUnary(request);
      List<Filter> filters = stack.callFilters;
      return isFiltered()
          ? filteredAsync(() -> filtered(request, filters, aim))
          : AsyncCall.reply(destinations.of(request.target()), request, aim);
    } catch (Throwable e) {
      return CallFuture.failed(e);
    }
  }

  /**
   * Where calls of a request with one message go.
   *
   * @throws RpcException if the client was closed, or all places there may be are in use
   * @throws IllegalArgumentException if the place or the kind of the method is wrong
   */
  Destination destination(Request<?, ?> request) {
    requireUnary(request);
    return destinations.of(request.target());
  }

  /** What a request says, and where it says nothing what this client's calls of its method say. */
  CallOptions options(Request<?, ?> request) {
    requireUnary(request);
    return request.options().over(destinations.defaults(request.method()));
  }

  ClientStack stack() {
    return stack;
  }

  /** Makes a call; the future holds its reply's body. Never throws. */
  <Q, R> CallFuture<R> bodyAsync(Request<Q, R> request) {
    try {
      List<Filter> filters = filters(request);
      return !filters.isEmpty()
          ? filteredAsync(() -> filtered(request, filters).body())
          : AsyncCall.body(destinations.of(request.target()), request);
    } catch (Throwable e) {
      return CallFuture.failed(e);
    }
  }

  /** Opens a call with streams of messages. */
  <Q, R> Exchange<Q, R> open(Request<Q, R> request) {
    Method<Q, R> method = request.method();
    if (method.kind() == Method.Kind.UNARY
        || method.kind().streamsRequests() == request.hasBody()) {
      throw new IllegalArgumentException(
          "method "
              + method
              + " is "
              + method.kind()
              + ": use open(method, request) for SERVER_STREAMING, open(method) for those that"
              + " stream requests, call or send for UNARY");
    }
    refuseOnEventLoop(method);
    return isFiltered() ? filteredStream(request) : opened(request);
  }

  // ---- without filters around the call

  /** A call that has not begun; past the filters. */
  <Q, R> BlockingCall<Q, R> blocking(Request<Q, R> request, boolean oneway) {
    requireUnary(request);
    refuseOnEventLoop(request.method());
    return new BlockingCall<>(destinations.of(request.target()), request, oneway);
  }

  private <Q, R> BlockingCall<Q, R> aimed(Request<Q, R> request, @Nullable Aim aim) {
    BlockingCall<Q, R> call = blocking(request, false);
    if (aim != null) {
      call.aimsAt(aim);
    }
    return call;
  }

  /** A call with streams that has begun; past the filters around the call. */
  <Q, R> Exchange<Q, R> opened(Request<Q, R> request) {
    Destination to = destinations.of(request.target());
    return to.policy().attemptFilters().isEmpty()
        ? begun(new StreamCall<>(to, request, null))
        : opened(request, new MessageFilters(request.method()));
  }

  /** The same, with filters that see its messages; those around tries are still to be asked. */
  private <Q, R> Exchange<Q, R> opened(Request<Q, R> request, MessageFilters messages) {
    Destination to = destinations.of(request.target());
    int outside = stack.callFilters.size();
    for (Filter each : to.policy().attemptFilters()) {
      messages.ask(outside++, each, request);
    }
    if (!request.hasBody()) {
      return begun(new StreamCall<>(to, request, messages));
    }
    Object passed = messages.request(request.body());
    Request<Q, R> changed = request.withBody(request.method().requestType().cast(passed));
    return begun(new StreamCall<>(to, changed, messages));
  }

  private static <Q, R> Exchange<Q, R> begun(StreamCall<Q, R> call) {
    call.start();
    return new Exchange<>(call);
  }

  static void refuseOnEventLoop(Method<?, ?> method) {
    if (Reactor.isEventLoop()) {
      throw Status.of(
              Status.Code.FAILED_PRECONDITION,
              "a blocking call of "
                  + method
                  + " on an event loop would stall every connection on it: use callAsync or onewayAsync, or don't"
                  + " run the handler inline")
          .toException();
    }
  }

  private static void requireUnary(Request<?, ?> request) {
    if (request == null) {
      throw new NullPointerException(
          "a call needs a request, not null: Request.of(method, message)");
    }
    Method<?, ?> method = request.method();
    if (method.kind() != Method.Kind.UNARY) {
      throw new IllegalArgumentException(
          "method " + method + " is " + method.kind() + ": use open");
    }
  }

  // ---- with them

  private boolean isFiltered() {
    return !stack.callFilters.isEmpty();
  }

  /** What is around a unary call that has a reply. */
  private List<Filter> filters(Request<?, ?> request) {
    requireUnary(request);
    return stack.filters(request.method());
  }

  private <Q, R> Reply<R> filtered(Request<Q, R> request, List<Filter> filters) {
    return filtered(request, filters, null);
  }

  private <Q, R> Reply<R> filtered(Request<Q, R> request, List<Filter> filters, @Nullable Aim aim) {
    Reply<?> reply = new FilteredCall(filters, changed -> aimed(changed, aim).reply()).run(request);
    if (!request.method().responseType().isInstance(reply.body())) {
      throw Status.of(
              Status.Code.INTERNAL,
              "a filter answered with something else than a reply of " + request.method())
          .withStarted(Status.Started.MAYBE)
          .toException();
    }
    R body = request.method().responseType().cast(reply.body());
    return new Reply<>(body, reply.headers(), reply.trailers(), reply.endpoint());
  }

  private <Q, R> Exchange<Q, R> filteredStream(Request<Q, R> request) {
    MessageFilters messages = new MessageFilters(request.method());
    StreamOpening.Opener<Q, R> opener =
        new StreamOpening.Opener<>() {
          @Override
          public Exchange<Q, R> opened(Request<Q, R> changed, MessageFilters messages) {
            return Calls.this.opened(changed, messages);
          }

          @Override
          public Exchange<Q, R> answered(
              Request<Q, R> asked, MessageFilters messages, Reply<?> reply) {
            StreamCall<Q, R> call =
                new StreamCall<>(destinations.of(asked.target()), asked, messages);
            call.answeredByFilters(reply);
            return new Exchange<>(call);
          }
        };
    return new StreamOpening<>(stack.callFilters, messages, opener).through(request);
  }

  private @Nullable Void filteredOneway(Request<?, ?> request) {
    Reply<?> unused = new FilteredCall(stack.callFilters, this::sent).run(request);
    return null;
  }

  private Reply<?> sent(Request<?, ?> request) {
    blocking(request, true).noReply();
    return Reply.of(AwaitedOutcome.NO_ANSWER);
  }

  /**
   * Filters wait for what they are around, so they need a thread.
   *
   * @throws RpcException if there is none
   */
  private <T> CallFuture<T> filteredAsync(Supplier<@Nullable T> call) {
    AtomicReference<@Nullable Thread> worker = new AtomicReference<>();
    CallFuture<T> future =
        new CallFuture<>(() -> {
          Thread thread = worker.get();
          if (thread != null) {
            thread.interrupt();
          }
        });
    Context outer = Context.current();
    Runnable task =
        () -> {
          try {
            boolean unused = future.complete(call.get());
          } catch (Throwable e) {
            future.fail(e);
          }
        };
    worker.set(stack.threads.apply(outer == null ? task : outer.wrap(task)));
    return future;
  }
}
