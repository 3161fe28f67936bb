package erpc.call;

/**
 * A method of a service: its name, the types of its messages, and what may be assumed of it.
 * Immutable and thread-safe.
 *
 * @param <Q> what a caller sends
 * @param <R> what a handler answers
 */
public final class Method<Q, R> {
  /** Stands for "the limit of the client or server that handles the call". */
  public static final int DEFAULT_LIMIT = 0;

  private final String name;
  private final String service;
  private final Class<Q> requestType;
  private final Class<R> responseType;
  private final boolean idempotent;
  private final int maxMessageBytes;

  private Method(
      String name,
      Class<Q> requestType,
      Class<R> responseType,
      boolean idempotent,
      int maxMessageBytes) {
    this.name = name;
    this.service = name.substring(0, name.lastIndexOf('.'));
    this.requestType = requestType;
    this.responseType = responseType;
    this.idempotent = idempotent;
    this.maxMessageBytes = maxMessageBytes;
  }

  /**
   * A method with one request and one reply.
   *
   * @param name {@code service.method} over {@code [A-Za-z0-9._-]}, at most 255 characters; the
   *     last dot splits
   * @throws IllegalArgumentException if the name breaks the grammar
   */
  public static <Q, R> Method<Q, R> unary(
      String name, Class<Q> requestType, Class<R> responseType) {
    return new Method<>(Names.checkMethod(name), requestType, responseType, false, DEFAULT_LIMIT);
  }

  /**
   * This method, marked as safe to run more than once: it may then be tried again after it may have
   * started.
   */
  public Method<Q, R> idempotent() {
    return new Method<>(name, requestType, responseType, true, maxMessageBytes);
  }

  /**
   * This method with its own limit for one message either way, in bytes.
   *
   * @throws IllegalArgumentException if the limit is not positive
   */
  public Method<Q, R> maxMessageBytes(int limit) {
    if (limit <= 0) {
      throw new IllegalArgumentException("maxMessageBytes must be positive, not " + limit);
    }
    return new Method<>(name, requestType, responseType, idempotent, limit);
  }

  /** The full name, {@code demo.hello}. */
  public String name() {
    return name;
  }

  /** The service part of the name, {@code demo} of {@code demo.hello}. */
  public String service() {
    return service;
  }

  public Class<Q> requestType() {
    return requestType;
  }

  public Class<R> responseType() {
    return responseType;
  }

  public boolean isIdempotent() {
    return idempotent;
  }

  /** The limit for one message in bytes, or {@link #DEFAULT_LIMIT}. */
  public int maxMessageBytes() {
    return maxMessageBytes;
  }

  @Override
  public String toString() {
    return name;
  }
}
