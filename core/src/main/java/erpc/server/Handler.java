package erpc.server;

import erpc.call.Context;

/**
 * User code behind a method. One instance serves many calls at once.
 *
 * @param <Q> what callers send
 * @param <R> what is answered
 */
@FunctionalInterface
public interface Handler<Q, R> {
  /**
   * Answers one call; never null.
   *
   * @throws erpc.call.RpcException to answer a status of the handler's choice
   * @throws Exception anything else is logged here and INTERNAL to the caller
   */
  R handle(Context context, Q request) throws Exception;
}
