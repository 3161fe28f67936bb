package erpc.server;

import erpc.call.Method;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A method with what answers it: a handler, or, if it streams, a stream handler.
 *
 * @param number what clients may call it by on the wire, or 0
 */
record Route<Q, R>(
    Method<Q, R> method,
    @Nullable Handler<Q, R> unary,
    @Nullable StreamHandler<Q, R> streaming,
    Execution execution,
    int number) {
  /** What answers a unary method. */
  Handler<Q, R> handler() {
    return Objects.requireNonNull(unary);
  }

  /** What answers a method that streams. */
  StreamHandler<Q, R> streamHandler() {
    return Objects.requireNonNull(streaming);
  }
}
