package erpc.call;

/**
 * What came back from a call that ended in OK. Immutable.
 *
 * @param <R> what was answered
 * @param body the answer
 * @param headers metadata sent before the answer
 * @param trailers metadata sent with the status
 * @param endpoint who answered, {@code host:port}; empty on the server's side of a filter
 */
public record Reply<R>(R body, Metadata headers, Metadata trailers, String endpoint) {
  /** An answer without metadata. */
  public static <R> Reply<R> of(R body) {
    return new Reply<>(body, Metadata.EMPTY, Metadata.EMPTY, "");
  }
}
