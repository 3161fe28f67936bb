package erpc.client;

import erpc.call.RpcException;
import erpc.call.Status;
import erpc.call.Thrown;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * What a call comes to that nobody waits for: a value, or an {@link RpcException} and nothing else.
 * Cancelling it cancels the call.
 */
final class CallFuture<T> extends CompletableFuture<T> {
  private final @Nullable Call call;

  /** What is under way behind a future. */
  @FunctionalInterface
  interface Call {
    /** Nobody wants it any more. Any thread, once. */
    void futureCancelled();
  }

  CallFuture(@Nullable Call call) {
    this.call = call;
  }

  /** The future of a call that could not be made. */
  static <T> CallFuture<T> failed(Throwable thrown) {
    CallFuture<T> future = new CallFuture<>(null);
    future.fail(thrown);
    return future;
  }

  /** Completes with what has been thrown, as the exception that all calls end in. */
  void fail(Throwable thrown) {
    boolean unused = completeExceptionally(asRpcException(thrown));
  }

  /** What has been thrown, as the exception that all calls end in. */
  static RpcException asRpcException(Throwable thrown) {
    if (thrown instanceof RpcException e) {
      return e;
    }
    // What a blocking call throws as such.
    if (thrown instanceof IllegalArgumentException || thrown instanceof NullPointerException) {
      return Status.of(Status.Code.INVALID_ARGUMENT, Thrown.message(thrown)).toException(thrown);
    }
    return Coding.callBroke(thrown).toException(thrown);
  }

  @Override
  public boolean cancel(boolean mayInterruptIfRunning) {
    boolean cancelled = super.cancel(mayInterruptIfRunning);
    Call underWay = call;
    if (cancelled && underWay != null) {
      underWay.futureCancelled();
    }
    return cancelled;
  }
}
