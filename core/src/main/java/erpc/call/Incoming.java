package erpc.call;

import java.util.Iterator;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * Messages that come from the other side, one after another. Reading blocks, which is what slows
 * the sender down: no more is taken from the network than the reader has room for.
 *
 * <pre>{@code
 * try (Incoming<Quote> quotes = client.open(QUOTES, symbols)) {
 *   for (Quote quote : quotes) { … }
 * }
 * }</pre>
 *
 * <p>One thread reads at a time; another may close. Not to be read on an event loop.
 *
 * @param <T> the messages
 */
public interface Incoming<T> extends Iterable<T>, AutoCloseable {
  /**
   * Waits for the next message.
   *
   * @return null once the other side has said that there are no more; a caller then also knows that
   *     the call has ended in OK
   * @throws RpcException if the call has ended otherwise; messages that came before the end are
   *     returned first
   */
  @Nullable T next();

  /**
   * Waits for the only message.
   *
   * @throws RpcException if the call ended otherwise, or if there is none or more than one
   */
  T one();

  /** Messages up to the end. All iterators read from the same stream. */
  @Override
  default Iterator<T> iterator() {
    return new Iterator<>() {
      private @Nullable T ahead;

      @Override
      public boolean hasNext() {
        if (ahead == null) {
          ahead = Incoming.this.next();
        }
        return ahead != null;
      }

      @Override
      public T next() {
        if (!hasNext() || ahead == null) {
          throw new NoSuchElementException("there are no more messages");
        }
        T message = ahead;
        ahead = null;
        return message;
      }
    };
  }

  /**
   * Wants no more. At a caller this cancels the call unless it has ended; a handler's call goes on,
   * and what still comes is thrown away. Closing again does nothing. Any thread.
   */
  @Override
  void close();
}
