package erpc.call;

import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.Stream;
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
   * These messages.
   *
   * @param messages asked once; closing asks them for no more
   */
  static <T> Incoming<T> of(Iterable<? extends T> messages) {
    return new Given<>(messages.iterator(), () -> {});
  }

  /** These messages, made as they are asked for; closing closes the stream of them. */
  static <T> Incoming<T> of(Stream<? extends T> messages) {
    return new Given<>(messages.iterator(), messages::close);
  }

  /**
   * Messages that a function writes: what a server answers with, or what a caller sends.
   *
   * <pre>{@code
   * return Incoming.written(replies -> {
   *   for (int i = 1; i <= request.getN(); i++) {
   *     replies.send(number(i));
   *   }
   * });
   * }</pre>
   *
   * @param writer run at most once: by the thread that sends its messages on, or, where they are
   *     read, by a virtual thread. What it sends to throws once the messages are wanted no more
   */
  static <T> Incoming<T> written(Consumer<? super Outgoing<T>> writer) {
    return new Written<>(Objects.requireNonNull(writer, "writer"));
  }

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

  /**
   * Sends all messages on, up to the end.
   *
   * @throws RpcException if these end otherwise than in OK, or those that go out do
   */
  default void forwardTo(Outgoing<? super T> to) {
    for (T message = next(); message != null; message = next()) {
      to.send(message);
    }
  }

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
