package erpc.call;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

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

  /** How many messages go each way. */
  public enum Kind {
    /** One request, one reply. */
    UNARY,
    /** Many requests, one reply. */
    CLIENT_STREAMING,
    /** One request, many replies. */
    SERVER_STREAMING,
    /** Many requests and many replies, in any order. */
    BIDIRECTIONAL;

    /** Whether the caller sends any number of messages. */
    public boolean streamsRequests() {
      return this == CLIENT_STREAMING || this == BIDIRECTIONAL;
    }

    /** Whether the handler answers any number of messages. */
    public boolean streamsReplies() {
      return this == SERVER_STREAMING || this == BIDIRECTIONAL;
    }
  }

  private final String name;
  private final Kind kind;
  private final String service;
  private final Class<Q> requestType;
  private final Class<R> responseType;
  private final boolean idempotent;
  private final int maxMessageBytes;
  private final @Nullable Duration progressTimeout;

  private Method(
      String name,
      Kind kind,
      Class<Q> requestType,
      Class<R> responseType,
      boolean idempotent,
      int maxMessageBytes,
      @Nullable Duration progressTimeout) {
    this.name = name;
    this.kind = kind;
    this.service = name.substring(0, name.lastIndexOf('.'));
    this.requestType = requestType;
    this.responseType = responseType;
    this.idempotent = idempotent;
    this.maxMessageBytes = maxMessageBytes;
    this.progressTimeout = progressTimeout;
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
    return of(name, Kind.UNARY, requestType, responseType);
  }

  /**
   * A method to which a caller sends any number of messages, and which answers one. For the name
   * see {@link #unary}.
   */
  public static <Q, R> Method<Q, R> clientStreaming(
      String name, Class<Q> requestType, Class<R> responseType) {
    return of(name, Kind.CLIENT_STREAMING, requestType, responseType);
  }

  /**
   * A method that answers one request with any number of messages. For the name see {@link #unary}.
   */
  public static <Q, R> Method<Q, R> serverStreaming(
      String name, Class<Q> requestType, Class<R> responseType) {
    return of(name, Kind.SERVER_STREAMING, requestType, responseType);
  }

  /** A method with any number of messages both ways. For the name see {@link #unary}. */
  public static <Q, R> Method<Q, R> bidirectional(
      String name, Class<Q> requestType, Class<R> responseType) {
    return of(name, Kind.BIDIRECTIONAL, requestType, responseType);
  }

  private static <Q, R> Method<Q, R> of(
      String name, Kind kind, Class<Q> requestType, Class<R> responseType) {
    return new Method<>(
        Names.checkMethod(name), kind, requestType, responseType, false, DEFAULT_LIMIT, null);
  }

  /**
   * This method, marked as safe to run more than once: it may then be tried again after it may have
   * started.
   */
  public Method<Q, R> idempotent() {
    return new Method<>(
        name, kind, requestType, responseType, true, maxMessageBytes, progressTimeout);
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
    return new Method<>(name, kind, requestType, responseType, idempotent, limit, progressTimeout);
  }

  /**
   * This method with its own limit for how long a stream may wait for a message or for room; for
   * methods whose messages are rare by nature.
   *
   * @throws IllegalArgumentException if it is not positive
   */
  public Method<Q, R> progressTimeout(Duration limit) {
    if (limit.isNegative() || limit.isZero()) {
      throw new IllegalArgumentException("progressTimeout must be positive, not " + limit);
    }
    return new Method<>(name, kind, requestType, responseType, idempotent, maxMessageBytes, limit);
  }

  /** The full name, {@code demo.hello}. */
  public String name() {
    return name;
  }

  public Kind kind() {
    return kind;
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

  /** How long a stream may make no progress, or null for what the connection's settings say. */
  public @Nullable Duration progressTimeout() {
    return progressTimeout;
  }

  @Override
  public String toString() {
    return name;
  }
}
