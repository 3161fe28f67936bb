package erpc.client;

import erpc.call.Context;
import erpc.call.Metadata;
import erpc.call.Reply;
import erpc.call.Request;
import erpc.call.RpcException;
import erpc.call.Status;
import erpc.protocol.Scratch;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * A call that nobody waits for. Its future completes on a virtual thread, or, if the client was
 * built so, on the event loop; in the context that the call was made in.
 */
final class AsyncCall<Q, R, T> extends ClientCall<Q, R> implements CallFuture.Call {
  private final boolean bodyOnly;
  private final boolean oneway;
  private final CallFuture<T> future = new CallFuture<>(this);

  private AsyncCall(
      Destination destination, Request<Q, R> request, boolean bodyOnly, boolean oneway) {
    super(destination, request);
    this.bodyOnly = bodyOnly;
    this.oneway = oneway;
  }

  /** Makes a call; its future holds the reply. */
  static <Q, R> CallFuture<Reply<R>> reply(Destination destination, Request<Q, R> request) {
    return new AsyncCall<Q, R, Reply<R>>(destination, request, false, false).launch();
  }

  /** Makes a call whose tries go where this says; its future holds the reply. */
  static <Q, R> CallFuture<Reply<R>> reply(
      Destination destination, Request<Q, R> request, Aim aim) {
    AsyncCall<Q, R, Reply<R>> call = new AsyncCall<>(destination, request, false, false);
    call.aimsAt(aim);
    return call.launch();
  }

  /** Makes a call; its future holds the body of its reply. */
  static <Q, R> CallFuture<R> body(Destination destination, Request<Q, R> request) {
    return new AsyncCall<Q, R, R>(destination, request, true, false).launch();
  }

  /** Makes a call that nobody answers; its future completes with null once it has been sent. */
  static <Q, R> CallFuture<Void> oneway(Destination destination, Request<Q, R> request) {
    destination.stack().oneways.begins();
    return new AsyncCall<Q, R, Void>(destination, request, true, true).launch();
  }

  private CallFuture<T> launch() {
    start();
    return future;
  }

  @Override
  public void futureCancelled() {
    cancel(Status.of(Status.Code.CANCELLED, "the caller cancelled"));
  }

  @Override
  boolean isOneway() {
    return oneway;
  }

  @Override
  void attemptAgain() {
    attempt();
  }

  @Override
  void again(ClientCall<?, ?> copy) {
    copy.attempt();
  }

  @Override
  Executor worker() {
    return this::onThread;
  }

  @Override
  boolean mayWaitHere() {
    return false;
  }

  @Override
  void answered(
      Metadata headers, Metadata trailers, int encoding, @Nullable ByteBuf in, int length) {
    if (oneway) {
      try {
        stack().oneways.ended(sentOn());
      } finally {
        told(null);
      }
      return;
    }
    ByteBuf source = Objects.requireNonNull(in);
    if (stack().inlineCallbacks) {
      decode(headers, trailers, encoding, Scratch.copy(source, length));
    } else {
      ByteBuffer kept = Scratch.keep(source, length);
      Relay.ofProcess().execute(() -> decode(headers, trailers, encoding, kept));
    }
  }

  private void decode(Metadata headers, Metadata trailers, int encoding, ByteBuffer source) {
    Object value;
    try {
      value =
          bodyOnly
              ? Coding.decode(this, encoding, source)
              : Coding.decode(this, headers, trailers, encoding, source);
    } catch (Throwable e) {
      // Whatever it is: a future that never completes is worse.
      complete(null, e);
      return;
    }
    complete(value, null);
  }

  @Override
  void answered(Reply<?> given) {
    complete(bodyOnly ? given.body() : given, null);
  }

  @Override
  void failed(Status status) {
    if (oneway) {
      stack().oneways.ended(null);
    }
    told(status);
  }

  /** Completes with null, or with what it has failed with, where its client wants it. */
  private void told(@Nullable Status failure) {
    if (stack().inlineCallbacks) {
      complete(failure);
    } else {
      Relay.ofProcess().execute(() -> complete(failure));
    }
  }

  private void complete(@Nullable Status failure) {
    complete(null, failure == null ? null : new RpcException(failure, null));
  }

  /** What depends on the future runs in here. */
  private void complete(@Nullable Object value, @Nullable Throwable thrown) {
    Context madeIn = parent();
    if (madeIn == null) {
      completeHere(value, thrown);
      return;
    }
    Context before = madeIn.enter();
    try {
      completeHere(value, thrown);
    } finally {
      Context.exit(before);
    }
  }

  @SuppressWarnings("unchecked") // T is R, Reply<R> or Void.
  private void completeHere(@Nullable Object value, @Nullable Throwable thrown) {
    if (thrown == null) {
      boolean unused = future.complete((T) value);
    } else {
      future.fail(thrown);
    }
  }
}
