package erpc.call;

import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/** Messages that are there already, or are made as they are asked for. */
final class Given<T> implements Incoming<T> {
  private final Iterator<? extends T> messages;
  private final Runnable atEnd;

  /** Written by the thread that closes. */
  private volatile boolean closed;

  /**
   * Messages of an iterator.
   *
   * @param atEnd run once they are wanted no more
   */
  Given(Iterator<? extends T> messages, Runnable atEnd) {
    this.messages = messages;
    this.atEnd = atEnd;
  }

  @Override
  public @Nullable T next() {
    if (closed || !messages.hasNext()) {
      return null;
    }
    T message = messages.next();
    if (message == null) {
      throw new NullPointerException("a message of a stream must not be null");
    }
    return message;
  }

  @Override
  public T one() {
    return only(this);
  }

  /** The only message of a stream. */
  static <T> T only(Incoming<T> of) {
    T first = of.next();
    if (first == null) {
      throw new RpcException(Status.Code.INTERNAL, "one message was wanted, and there is none");
    }
    if (of.next() != null) {
      throw new RpcException(Status.Code.INTERNAL, "one message was wanted, and there are more");
    }
    return first;
  }

  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      atEnd.run();
    }
  }
}
