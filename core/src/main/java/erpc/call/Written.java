package erpc.call;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Messages that a function writes. Where they are sent on, the function writes straight to where
 * they go. Where they are read, it runs on a virtual thread of its own, one message ahead.
 */
final class Written<T> implements Incoming<T>, Outgoing<T> {
  private final Consumer<? super Outgoing<T>> writer;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  @GuardedBy("lock")
  private boolean begun;

  /** Whether they are read by nobody, since they go straight on. */
  @GuardedBy("lock")
  private boolean forwarded;

  @GuardedBy("lock")
  private boolean ended;

  @GuardedBy("lock")
  private boolean closed;

  @GuardedBy("lock")
  private @Nullable T ahead;

  @GuardedBy("lock")
  private @Nullable Throwable failure;

  Written(Consumer<? super Outgoing<T>> writer) {
    this.writer = writer;
  }

  @Override
  public void forwardTo(Outgoing<? super T> to) {
    if (!begin(true)) {
      Incoming.super.forwardTo(to);
      return;
    }
    try {
      writer.accept((Outgoing<T>) to::send);
    } finally {
      end(null);
    }
  }

  /** Whether it is the caller who runs the function, or has it run. */
  private boolean begin(boolean forwards) {
    lock.lock();
    try {
      if (forwarded && !ended) {
        throw new IllegalStateException("these messages are being sent on already");
      }
      boolean first = !begun && !closed;
      begun = true;
      forwarded |= first && forwards;
      return first;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public @Nullable T next() {
    if (begin(false)) {
      Context of = Context.current();
      Thread.ofVirtual().name("erpc-writer").start(of == null ? this::write : of.wrap(this::write));
    }
    lock.lock();
    try {
      while (ahead == null && !ended && !closed) {
        await();
      }
      T message = ahead;
      ahead = null;
      changed.signalAll();
      if (message == null) {
        throwFailure();
      }
      return message;
    } finally {
      lock.unlock();
    }
  }

  @GuardedBy("lock")
  private void throwFailure() {
    switch (failure) {
      case null -> {}
      case Error e -> throw e;
      case RuntimeException e -> throw e;
      default -> throw new IllegalStateException("the writer of a stream failed", failure);
    }
  }

  private void write() {
    Throwable why = null;
    try {
      writer.accept(this);
    } catch (Throwable e) {
      why = e; // Thrown to whoever reads.
    }
    end(why);
  }

  private void end(@Nullable Throwable why) {
    lock.lock();
    try {
      ended = true;
      failure = closed ? null : why;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void send(T message) {
    if (message == null) {
      throw new NullPointerException("a message of a stream must not be null");
    }
    lock.lock();
    try {
      while (ahead != null && !closed) {
        await();
      }
      if (closed) {
        throw new RpcException(Status.Code.CANCELLED, "nobody reads this stream any more");
      }
      ahead = message;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  @GuardedBy("lock")
  @SuppressWarnings("WaitNotInLoop") // The callers loop.
  private void await() {
    try {
      changed.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RpcException(Status.Code.CANCELLED, "interrupted while a stream was waited for");
    }
  }

  @Override
  public T one() {
    return Given.only(this);
  }

  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      ahead = null;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
