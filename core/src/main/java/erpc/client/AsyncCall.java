package erpc.client;

import erpc.call.Metadata;
import erpc.call.Reply;
import erpc.call.Request;
import erpc.call.RpcException;
import erpc.call.Status;
import erpc.protocol.Scratch;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * A call that nobody waits for. Its future completes on a virtual thread, or, if the client was
 * built so, on the event loop. Cancelling the future cancels the call.
 */
final class AsyncCall<Q, R> extends ClientCall<Q, R> {
  private final Future<R> future = new Future<>(this);

  AsyncCall(Destination destination, Request<Q, R> request) {
    super(destination, request);
  }

  CompletableFuture<Reply<R>> launch() {
    start();
    return future;
  }

  @Override
  void attemptAgain() {
    attempt();
  }

  @Override
  Executor worker() {
    return task -> {
      Thread unused = stack().threads.apply(task);
    };
  }

  @Override
  boolean mayWaitHere() {
    return false;
  }

  @Override
  void answered(
      Metadata headers, Metadata trailers, int encoding, @Nullable ByteBuf in, int length) {
    ByteBuf source = Objects.requireNonNull(in);
    if (stack().inlineCallbacks) {
      complete(headers, trailers, encoding, Scratch.copy(source, length));
    } else {
      ByteBuffer kept = Scratch.keep(source, length);
      Relay.ofProcess().execute(() -> complete(headers, trailers, encoding, kept));
    }
  }

  private void complete(Metadata headers, Metadata trailers, int encoding, ByteBuffer source) {
    Reply<R> reply;
    try {
      reply = decoded(headers, trailers, encoding, source);
    } catch (Throwable e) {
      // Whatever it is: a future that never completes is worse.
      future.completeExceptionally(e);
      return;
    }
    future.complete(reply);
  }

  @Override
  void answered(Reply<R> reply) {
    future.complete(reply);
  }

  @Override
  void failed(Status status) {
    if (stack().inlineCallbacks) {
      future.completeExceptionally(new RpcException(status, null));
    } else {
      Relay.ofProcess().execute(() -> future.completeExceptionally(new RpcException(status, null)));
    }
  }

  private static final class Future<R> extends CompletableFuture<Reply<R>> {
    private final AsyncCall<?, R> call;

    Future(AsyncCall<?, R> call) {
      this.call = call;
    }

    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
      boolean cancelled = super.cancel(mayInterruptIfRunning);
      if (cancelled) {
        call.cancel(Status.of(Status.Code.CANCELLED, "the caller cancelled"));
      }
      return cancelled;
    }
  }
}
