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

  // Written before "done", read after it.
  private @Nullable Status failure;
  private @Nullable Reply<R> reply;
  private Metadata headers = Metadata.EMPTY;
  private Metadata trailers = Metadata.EMPTY;
  private int encoding;
  private @Nullable ByteBuffer bytes;

  /** Set by whoever ends the call, for good; publishes how. */
  private volatile boolean done;

  /** Written by whoever works on the call and hands it on; taken out by the caller, who goes on. */
  private volatile @Nullable Runnable task;

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
    this.headers = headers;
    this.trailers = trailers;
    this.encoding = encoding;
    if (in != null) {
      bytes = Scratch.keep(in, length);
    }
    finish();
  }

  @Override
  @SuppressWarnings("unchecked") // It is of the method's type.
  void answered(Reply<?> given) {
    reply = (Reply<R>) given;
    finish();
  }

  @Override
  void failed(Status status) {
    failure = status;
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
    Status status = failure;
    if (status != null) {
      throw new RpcException(status, null);
    }
  }

  /**
   * Makes the call.
   *
   * @throws RpcException if it ends in anything but OK
   */
  Reply<R> reply() {
    await();
    Reply<R> given = reply;
    return given != null
        ? given
        : Coding.decode(this, headers, trailers, encoding, Objects.requireNonNull(bytes));
  }

  /** Makes the call and returns its reply's body alone. */
  R body() {
    await();
    Reply<R> given = reply;
    return given != null
        ? given.body()
        : Coding.decode(this, encoding, Objects.requireNonNull(bytes));
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
