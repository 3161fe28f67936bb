package erpc.client;

import erpc.call.Metadata;
import erpc.call.Reply;
import erpc.call.Request;
import erpc.call.RpcException;
import erpc.call.Status;
import erpc.protocol.DialledConnection;
import erpc.protocol.Scratch;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A call whose caller waits for it. The caller's thread parks without a time of its own, for the
 * event loop's wheel ends the call at its deadline; parked, it also runs what of the call may
 * block.
 */
final class BlockingCall<Q, R> extends ClientCall<Q, R> implements Executor {
  private final Thread caller = Thread.currentThread();
  private final boolean oneway;

  /**
   * What it has ended in: a status if it has failed, a reply that a filter gave, or the bytes of
   * one, {@link Encoded} if more came with them; null if it has none. One field, since there may be
   * very many calls. Written before "done", read after it.
   */
  private @Nullable Object result;

  private byte encoding; // as the result

  /** Set by whoever ends the call, for good; publishes how. */
  private volatile boolean done;

  /** Written by whoever works on the call and hands it on; taken out by the caller, who goes on. */
  private volatile @Nullable Runnable task;

  /** The bytes of a reply, and what came with them. */
  private record Encoded(ByteBuffer bytes, Metadata headers, Metadata trailers) {}

  BlockingCall(Destination destination, Request<Q, R> request, boolean oneway) {
    super(destination, request);
    this.oneway = oneway;
  }

  @Override
  boolean isOneway() {
    return oneway;
  }

  @Override
  void attemptAgain() {
    // On the caller's thread, which may wait for room where an event loop may not.
    execute(this::attempt);
  }

  @Override
  void again(ClientCall<?, ?> copy) {
    execute(copy::attempt);
  }

  @Override
  Executor worker() {
    return this;
  }

  @Override
  boolean isInterrupted() {
    return caller.isInterrupted();
  }

  @Override
  boolean mayWaitHere() {
    return Thread.currentThread() == caller;
  }

  @Override
  public void execute(Runnable command) {
    if (Thread.currentThread() == caller) {
      command.run();
    } else {
      task = command;
      LockSupport.unpark(caller);
    }
  }

  @Override
  void answered(
      Metadata headers, Metadata trailers, int encoding, @Nullable ByteBuf in, int length) {
    this.encoding = (byte) encoding;
    if (in != null) {
      ByteBuffer bytes = Scratch.keep(in, length);
      boolean bare = headers.isEmpty() && trailers.isEmpty();
      result = bare ? bytes : new Encoded(bytes, headers, trailers);
    }
    finish();
  }

  @Override
  void answered(Reply<?> given) {
    result = given;
    finish();
  }

  @Override
  void failed(Status status) {
    result = status;
    finish();
  }

  private void finish() {
    done = true;
    if (Thread.currentThread() != caller) {
      LockSupport.unpark(caller);
    }
  }

  /** Makes the call and waits for its end. */
  private void await() {
    start();
    boolean interrupted = false;
    while (!done) {
      Runnable next = task;
      if (next != null) {
        task = null;
        next.run();
        continue;
      }
      LockSupport.park(this);
      if (!interrupted && Thread.interrupted()) {
        interrupted = true;
        cancel(Status.of(Status.Code.CANCELLED, "the calling thread was interrupted"));
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    if (result instanceof Status failure) {
      throw new RpcException(failure, null);
    }
  }

  /**
   * Makes the call.
   *
   * @throws RpcException if it ends in anything but OK
   */
  Reply<R> reply() {
    await();
    Reply<R> given = given();
    if (given != null) {
      return given;
    }
    Metadata headers = Metadata.EMPTY;
    Metadata trailers = Metadata.EMPTY;
    if (result instanceof Encoded more) {
      headers = more.headers;
      trailers = more.trailers;
    }
    return Coding.decode(this, headers, trailers, encoding & 0xff, bytes());
  }

  /** What a filter gave, or null. */
  @SuppressWarnings("unchecked") // It is of the method's type.
  private @Nullable Reply<R> given() {
    return result instanceof Reply<?> reply ? (Reply<R>) reply : null;
  }

  private ByteBuffer bytes() {
    return result instanceof Encoded more
        ? more.bytes
        : (ByteBuffer) Objects.requireNonNull(result);
  }

  /** Makes the call and returns its reply's body alone. */
  R body() {
    await();
    Reply<R> given = given();
    return given != null ? given.body() : Coding.decode(this, encoding & 0xff, bytes());
  }

  /** Makes a call that has no reply. */
  void noReply() {
    OnewayCalls all = stack().oneways;
    all.begins();
    @Nullable DialledConnection on = null;
    try {
      await();
      on = sentOn();
    } finally {
      all.ended(on);
    }
  }
}
