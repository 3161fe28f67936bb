package erpc.server;

import erpc.call.Handlers;
import erpc.call.Incoming;
import erpc.call.Method;
import erpc.call.Outgoing;
import erpc.call.Service;
import erpc.codec.Codecs;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Gives a server what answers each method of a service. Used by one thread. */
final class ServiceHandlers implements Handlers {
  private final MethodTable methods;
  private final Codecs codecs;
  private final Function<Method<?, ?>, Execution> executions;
  private final Map<String, Method<?, ?>> wanted = new HashMap<>();

  private ServiceHandlers(
      Service<?> service,
      MethodTable methods,
      Codecs codecs,
      Function<Method<?, ?>, Execution> executions) {
    this.methods = methods;
    this.codecs = codecs;
    this.executions = executions;
    service.methods().forEach(each -> wanted.put(each.name(), each));
  }

  /**
   * Has the service say what answers its methods.
   *
   * @throws IllegalArgumentException if it says it for a method that it has not, twice, or not at
   *     all, or if the method cannot be answered so
   */
  static <T> void bind(
      Service<T> service,
      T implementation,
      MethodTable methods,
      Codecs codecs,
      Function<Method<?, ?>, Execution> executions) {
    ServiceHandlers handlers = new ServiceHandlers(service, methods, codecs, executions);
    service.bind(implementation, handlers);
    if (!handlers.wanted.isEmpty()) {
      throw new IllegalArgumentException(
          "the service " + service + " does not say what answers " + handlers.wanted.keySet());
    }
  }

  /** The method as it is described now. */
  @SuppressWarnings("unchecked") // Service.with changes neither kind nor types.
  private <Q, R> Method<Q, R> now(Method<Q, R> method) {
    Method<?, ?> described = wanted.remove(method.name());
    if (described == null) {
      throw new IllegalArgumentException("method " + method + " is not of this service, or twice");
    }
    codecs.requireTaken(described);
    return (Method<Q, R>) described;
  }

  private Execution execution(Method<?, ?> method) {
    return Objects.requireNonNull(executions.apply(method), "execution");
  }

  @Override
  public <Q, R> void unary(Method<Q, R> method, Function<Q, R> answer) {
    methods.add(now(method), (context, request) -> answer.apply(request), execution(method));
  }

  @Override
  public <Q, R> void unaryAsync(
      Method<Q, R> method, Function<Q, ? extends CompletionStage<R>> answer) {
    methods.addAsync(now(method), (context, request) -> answer.apply(request), execution(method));
  }

  @Override
  public <Q, R> void serverStream(Method<Q, R> method, Function<Q, Incoming<R>> answer) {
    stream(
        method,
        (context, requests, replies) -> send(method, answer.apply(requests.one()), replies));
  }

  @Override
  public <Q, R> void clientStream(Method<Q, R> method, Function<Incoming<Q>, R> answer) {
    stream(
        method,
        (context, requests, replies) -> replies.send(given(method, answer.apply(requests))));
  }

  @Override
  public <Q, R> void clientStreamAsync(
      Method<Q, R> method, Function<Incoming<Q>, ? extends CompletionStage<R>> answer) {
    Handler<Incoming<Q>, R> awaiting =
        PendingAnswer.awaiting(method, (context, requests) -> answer.apply(requests));
    stream(
        method,
        (context, requests, replies) ->
            replies.send(given(method, awaiting.handle(context, requests))));
  }

  @Override
  public <Q, R> void bidirectional(Method<Q, R> method, Function<Incoming<Q>, Incoming<R>> answer) {
    stream(method, (context, requests, replies) -> send(method, answer.apply(requests), replies));
  }

  private <Q, R> void stream(Method<Q, R> method, StreamHandler<Q, R> handler) {
    methods.add(now(method), handler, execution(method));
  }

  private static <R> void send(
      Method<?, ?> method, @Nullable Incoming<R> answer, Outgoing<R> replies) {
    try (Incoming<R> all = given(method, answer)) {
      all.forwardTo(replies);
    }
  }

  private static <V> V given(Method<?, ?> method, @Nullable V answer) {
    if (answer == null) {
      throw new NullPointerException("what answers " + method + " gave null");
    }
    return answer;
  }
}
