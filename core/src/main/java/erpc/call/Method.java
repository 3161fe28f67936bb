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

  /** What may be assumed of a method beside its messages. */
  private record Traits(
      boolean idempotent,
      int maxMessageBytes,
      @Nullable Duration progressTimeout,
      CallOptions options,
      String description) {
    static final Traits NONE = new Traits(false, DEFAULT_LIMIT, null, CallOptions.NONE, "");
  }

  private final String name;
  private final Kind kind;
  private final String service;
  private final BodyType<Q> requestType;
  private final BodyType<R> responseType;
  private final Traits traits;

  /** Where it is called unless it is said otherwise; whoever needs it makes it, all alike. */
  private @Nullable Target target;

  private Method(
      String name, Kind kind, BodyType<Q> requestType, BodyType<R> responseType, Traits traits) {
    this.name = name;
    this.kind = kind;
    this.service = name.substring(0, name.lastIndexOf('.'));
    this.requestType = requestType;
    this.responseType = responseType;
    this.traits = traits;
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
    return unary(name, BodyType.of(requestType), BodyType.of(responseType));
  }

  /**
   * A method with one request and one reply, whose types may be generic or empty. For the name see
   * {@link #unary(String, Class, Class)}.
   */
  public static <Q, R> Method<Q, R> unary(
      String name, BodyType<Q> requestType, BodyType<R> responseType) {
    return of(name, Kind.UNARY, requestType, responseType);
  }

  /**
   * A method to which a caller sends any number of messages, and which answers one. For the name
   * see {@link #unary(String, Class, Class)}.
   */
  public static <Q, R> Method<Q, R> clientStreaming(
      String name, Class<Q> requestType, Class<R> responseType) {
    return clientStreaming(name, BodyType.of(requestType), BodyType.of(responseType));
  }

  /**
   * A method to which a caller sends any number of messages, and which answers one. For the name
   * see {@link #unary(String, Class, Class)}.
   */
  public static <Q, R> Method<Q, R> clientStreaming(
      String name, BodyType<Q> requestType, BodyType<R> responseType) {
    return of(name, Kind.CLIENT_STREAMING, requestType, responseType);
  }

  /**
   * A method that answers one request with any number of messages. For the name see {@link
   * #unary(String, Class, Class)}.
   */
  public static <Q, R> Method<Q, R> serverStreaming(
      String name, Class<Q> requestType, Class<R> responseType) {
    return serverStreaming(name, BodyType.of(requestType), BodyType.of(responseType));
  }

  /**
   * A method that answers one request with any number of messages. For the name see {@link
   * #unary(String, Class, Class)}.
   */
  public static <Q, R> Method<Q, R> serverStreaming(
      String name, BodyType<Q> requestType, BodyType<R> responseType) {
    return of(name, Kind.SERVER_STREAMING, requestType, responseType);
  }

  /**
   * A method with any number of messages both ways. For the name see {@link #unary(String, Class,
   * Class)}.
   */
  public static <Q, R> Method<Q, R> bidirectional(
      String name, Class<Q> requestType, Class<R> responseType) {
    return bidirectional(name, BodyType.of(requestType), BodyType.of(responseType));
  }

  /**
   * A method with any number of messages both ways. For the name see {@link #unary(String, Class,
   * Class)}.
   */
  public static <Q, R> Method<Q, R> bidirectional(
      String name, BodyType<Q> requestType, BodyType<R> responseType) {
    return of(name, Kind.BIDIRECTIONAL, requestType, responseType);
  }

  private static <Q, R> Method<Q, R> of(
      String name, Kind kind, BodyType<Q> requestType, BodyType<R> responseType) {
    return new Method<>(Names.checkMethod(name), kind, requestType, responseType, Traits.NONE);
  }

  private Method<Q, R> with(Traits changed) {
    return new Method<>(name, kind, requestType, responseType, changed);
  }

  /**
   * This method, marked as safe to run more than once: it may then be tried again after it may have
   * started.
   */
  public Method<Q, R> idempotent() {
    return with(
        new Traits(
            true,
            traits.maxMessageBytes,
            traits.progressTimeout,
            traits.options,
            traits.description));
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
    return with(
        new Traits(
            traits.idempotent, limit, traits.progressTimeout, traits.options, traits.description));
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
    return with(
        new Traits(
            traits.idempotent, traits.maxMessageBytes, limit, traits.options, traits.description));
  }

  /**
   * This method with a timeout of its own, for calls whose request doesn't say one: {@code
   * client.call(HELLO.timeout(ofMillis(200)), request)}. It counts before what the client was built
   * with. Zero or negative fails a call at once with DEADLINE_EXCEEDED. Of a method that streams it
   * limits the whole call. It is for callers; a server takes no notice of it.
   */
  public Method<Q, R> timeout(Duration limit) {
    CallOptions options = traits.options.withTimeout(limit);
    return with(
        new Traits(
            traits.idempotent,
            traits.maxMessageBytes,
            traits.progressTimeout,
            options,
            traits.description));
  }

  /**
   * This method with a text for people who want to call it: what it does, as the comment above it
   * in its {@code .proto} file says. Servers tell it by {@code erpc.describe}, which {@code ./erpc
   * describe} prints. Lines end with {@code \n}.
   */
  public Method<Q, R> describedAs(String text) {
    return with(
        new Traits(
            traits.idempotent,
            traits.maxMessageBytes,
            traits.progressTimeout,
            traits.options,
            text));
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

  public BodyType<Q> requestType() {
    return requestType;
  }

  public BodyType<R> responseType() {
    return responseType;
  }

  public boolean isIdempotent() {
    return traits.idempotent;
  }

  /** The limit for one message in bytes, or {@link #DEFAULT_LIMIT}. */
  public int maxMessageBytes() {
    return traits.maxMessageBytes;
  }

  /** How long a stream may make no progress, or null for what the connection's settings say. */
  public @Nullable Duration progressTimeout() {
    return traits.progressTimeout;
  }

  /** What a call may take at most unless its request says otherwise, or null. */
  public @Nullable Duration timeout() {
    return traits.options.timeout();
  }

  /** What it does, for people; empty if nobody has said it. */
  public String description() {
    return traits.description;
  }

  /** What its requests say unless they are told otherwise. */
  CallOptions options() {
    return traits.options;
  }

  /** Its service, as the center or the client's own targets know it. */
  Target target() {
    Target known = target;
    if (known == null) {
      known = new Target(Target.CENTER, service, name);
      target = known;
    }
    return known;
  }

  @Override
  public String toString() {
    return name;
  }
}
