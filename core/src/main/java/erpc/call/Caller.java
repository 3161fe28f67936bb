package erpc.call;

import java.util.concurrent.CompletableFuture;

/**
 * Makes the calls of a generated client, whose methods are each one call of this. Whoever
 * implements it decides what becomes of them: a client sends them, a fake answers them itself.
 * Thread-safe.
 *
 * <p>Options are what the caller of one call says; what a client or a method says counts where they
 * say nothing.
 */
public interface Caller {
  /**
   * Calls a method and waits for its answer.
   *
   * @throws RpcException if the call ends in anything but OK
   */
  <Q, R> R call(Method<Q, R> method, Q request, CallOptions options);

  /** Calls a method; the future holds its answer, and cancels the call when it is cancelled. */
  <Q, R> CompletableFuture<R> callAsync(Method<Q, R> method, Q request, CallOptions options);

  /**
   * Calls a method that streams its replies. To be closed: what has not ended by then is cancelled.
   */
  <Q, R> Incoming<R> serverStream(Method<Q, R> method, Q request, CallOptions options);

  /**
   * Calls a method that streams its requests, and waits for its answer.
   *
   * @param requests are sent as they come, by a thread of their own, which is interrupted if it
   *     waits for one when the call is over; closed in any case: at the latest when the call's end
   *     was read, or it was closed
   * @throws RpcException if the call ends in anything but OK
   */
  <Q, R> R clientStream(Method<Q, R> method, Incoming<Q> requests, CallOptions options);

  /**
   * Calls a method that streams its requests; the future holds its answer, and cancels the call
   * when it is cancelled.
   *
   * @param requests as for {@link #clientStream}
   */
  <Q, R> CompletableFuture<R> clientStreamAsync(
      Method<Q, R> method, Incoming<Q> requests, CallOptions options);

  /**
   * Calls a method that streams both ways. To be closed: what has not ended by then is cancelled.
   *
   * @param requests as for {@link #clientStream}
   */
  <Q, R> Incoming<R> bidirectional(Method<Q, R> method, Incoming<Q> requests, CallOptions options);
}
