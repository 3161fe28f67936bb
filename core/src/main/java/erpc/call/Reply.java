package erpc.call;

import java.util.Objects;

/**
 * What came back from a call that ended in OK. Immutable; nothing of it is null.
 *
 * @param <R> what was answered
 * @param body the answer
 * @param headers metadata sent before the answer
 * @param trailers metadata sent with the status
 * @param endpoint who answered, {@code host:port}; empty on the server's side of a filter
 */
public record Reply<R>(R body, Metadata headers, Metadata trailers, String endpoint) {
  /**
   * An answer.
   *
   * @throws NullPointerException if a part is missing
   */
  public Reply {
    Objects.requireNonNull(
        body, "a reply needs a message, not null: an empty one if there is nothing to say");
    Objects.requireNonNull(headers, "headers: Metadata.EMPTY if there are none");
    Objects.requireNonNull(trailers, "trailers: Metadata.EMPTY if there are none");
    Objects.requireNonNull(endpoint, "endpoint: empty if there is none");
  }

  /** An answer without metadata. */
  public static <R> Reply<R> of(R body) {
    return new Reply<>(body, Metadata.EMPTY, Metadata.EMPTY, "");
  }
}
