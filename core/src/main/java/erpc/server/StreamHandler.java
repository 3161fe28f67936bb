package erpc.server;

import erpc.call.Context;
import erpc.call.Incoming;
import erpc.call.Outgoing;

/**
 * User code behind a method that streams. One instance serves many calls at once, each on a thread
 * of its own; the call ends in OK when it returns.
 *
 * @param <Q> what callers send
 * @param <R> what is answered
 */
@FunctionalInterface
public interface StreamHandler<Q, R> {
  /**
   * Answers one call.
   *
   * @param requests the caller's messages, which another thread may read
   * @param replies takes the answers; neither may be used once the handler has returned
   * @throws erpc.call.RpcException to end with a status of the handler's choice
   * @throws Exception anything else is logged here and INTERNAL to the caller
   */
  void handle(Context context, Incoming<Q> requests, Outgoing<R> replies) throws Exception;

  /**
   * User code that answers one request with any number of messages.
   *
   * @param <Q> what callers send
   * @param <R> what is answered
   */
  @FunctionalInterface
  interface OneToMany<Q, R> {
    /** Answers one call, as {@link StreamHandler#handle}. */
    void handle(Context context, Q request, Outgoing<R> replies) throws Exception;
  }

  /**
   * User code that answers any number of requests with one message.
   *
   * @param <Q> what callers send
   * @param <R> what is answered
   */
  @FunctionalInterface
  interface ManyToOne<Q, R> {
    /** Answers one call, as {@link StreamHandler#handle}; never null. */
    R handle(Context context, Incoming<Q> requests) throws Exception;
  }
}
