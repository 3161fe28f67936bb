package erpc.server;

import erpc.call.Context;
import java.util.concurrent.CompletionStage;

/**
 * User code behind a unary method that answers later, without a thread that waits for it: one that
 * makes calls itself, as a gateway does, may so run inline. One instance serves many calls at once.
 *
 * @param <Q> what callers send
 * @param <R> what is answered
 */
@FunctionalInterface
public interface AsyncHandler<Q, R> {
  /**
   * Begins to answer one call.
   *
   * <p>If the call ends before it was answered (cancelled, late), its stage is cancelled, as far as
   * {@link CompletionStage#toCompletableFuture} leads to what can be cancelled. The call is in
   * flight until the stage has completed, whatever becomes of its caller.
   *
   * @return what completes with the answer, which is not null; with an {@link
   *     erpc.call.RpcException}, or anything around one, to answer a status of the handler's
   *     choice. Whatever else it completes with is logged here and INTERNAL to the caller
   * @throws Exception as if the stage had completed with it
   */
  CompletionStage<R> handle(Context context, Q request) throws Exception;
}
