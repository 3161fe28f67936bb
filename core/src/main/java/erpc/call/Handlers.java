package erpc.call;

import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/**
 * Takes what answers each method of a service; {@link Service#bind} says it. What a function throws
 * ends its call: an {@link RpcException} with its status, anything else with INTERNAL. {@link
 * Context#current} is the call that is being answered. Used by one thread.
 */
public interface Handlers {
  /** A method with one request and one reply, which is not null. */
  <Q, R> void unary(Method<Q, R> method, Function<Q, R> answer);

  /** The same, answered later; the stage's value is not null. */
  <Q, R> void unaryAsync(Method<Q, R> method, Function<Q, ? extends CompletionStage<R>> answer);

  /** A method that streams its replies; they are sent as they come, then closed. */
  <Q, R> void serverStream(Method<Q, R> method, Function<Q, Incoming<R>> answer);

  /** A method that streams its requests. */
  <Q, R> void clientStream(Method<Q, R> method, Function<Incoming<Q>, R> answer);

  /** The same, answered later. */
  <Q, R> void clientStreamAsync(
      Method<Q, R> method, Function<Incoming<Q>, ? extends CompletionStage<R>> answer);

  /** A method that streams both ways; its replies are sent as they come, then closed. */
  <Q, R> void bidirectional(Method<Q, R> method, Function<Incoming<Q>, Incoming<R>> answer);
}
