package erpc.call;

import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A call about to be made: where it goes, its message, and {@linkplain CallOptions what else} its
 * caller says about it. Immutable; the {@code with…} methods return changed copies.
 *
 * @param <Q> what is sent
 * @param <R> what is expected back
 */
public final class Request<Q, R> {
  private final Target target;
  private final Method<Q, R> method;
  private final @Nullable Q body;
  private final CallOptions options;

  private Request(Target target, Method<Q, R> method, @Nullable Q body, CallOptions options) {
    this.target = target;
    this.method = method;
    this.body = body;
    this.options = options;
  }

  /**
   * A call of a method at its service, which the client's own targets or the center know.
   *
   * @throws NullPointerException if there is no message, saying what to write instead
   */
  public static <Q, R> Request<Q, R> of(Method<Q, R> method, Q body) {
    return new Request<>(method.target(), method, message(method, body), method.options());
  }

  /**
   * A call whose messages are sent once it is open: one of a method that streams its requests, at
   * its service.
   */
  public static <Q, R> Request<Q, R> opening(Method<Q, R> method) {
    return new Request<>(method.target(), method, null, method.options());
  }

  /**
   * A call of an address, {@code demo.hello} or {@code ip://127.0.0.1:8877/demo.hello}.
   *
   * @throws IllegalArgumentException if the address is malformed
   * @throws NullPointerException if there is no message, saying what to write instead
   */
  @SuppressWarnings(
      "unchecked") // A body's own class is the type it was declared with, as far as codecs care.
  public static <Q, R> Request<Q, R> of(String address, Q body, Class<R> responseType) {
    Target target = Target.parse(address);
    Class<Q> type = (Class<Q>) message(target.method(), body).getClass();
    Method<Q, R> method = Method.unary(target.method(), type, responseType);
    return new Request<>(target, method, body, CallOptions.NONE);
  }

  private static <Q> Q message(Object method, @Nullable Q body) {
    if (body == null) {
      throw new NullPointerException(
          "a call of "
              + method
              + " needs a message, not null: an empty one if there is nothing to say, as"
              + " X.getDefaultInstance() or new byte[0]; Request.opening(method) if the method"
              + " streams its requests");
    }
    return body;
  }

  /**
   * This request to another place, {@code ip://127.0.0.1:8877} or a whole address; the method
   * stays.
   *
   * @throws IllegalArgumentException if the place is malformed or names another method
   */
  public Request<Q, R> at(String place) {
    boolean whole = place.endsWith("/" + method.name());
    return withTarget(Target.parse(whole ? place : place + "/" + method.name()));
  }

  public Request<Q, R> withTarget(Target value) {
    return new Request<>(Objects.requireNonNull(value, "target"), method, body, options);
  }

  /**
   * This request for the same method described otherwise, as one marked idempotent. What the other
   * says about its calls counts where this request says nothing.
   */
  public Request<Q, R> withMethod(Method<Q, R> value) {
    return new Request<>(target, value, body, options.over(value.options()));
  }

  /**
   * This request with another message.
   *
   * @throws NullPointerException if there is none
   */
  public Request<Q, R> withBody(Q value) {
    return new Request<>(target, method, message(method, value), options);
  }

  /** This request with these options in place of all that was said. */
  public Request<Q, R> withOptions(CallOptions value) {
    return new Request<>(target, method, body, Objects.requireNonNull(value, "options"));
  }

  /** This request with this metadata in place of what there was. */
  public Request<Q, R> withMetadata(Metadata value) {
    return withOptions(options.withMetadata(value));
  }

  /** This request with one more text entry of metadata. */
  public Request<Q, R> withMetadata(String key, String value) {
    return withOptions(options.withMetadata(key, value));
  }

  /** This request encoded by the codec of this name ({@code pb}, {@code json}, {@code binary}). */
  public Request<Q, R> withCodec(String name) {
    return withOptions(options.withCodec(name));
  }

  /**
   * This request compressed by the compression of this name ({@code gzip}, {@code zstd}, {@code
   * lz4}).
   */
  public Request<Q, R> withCompression(String name) {
    return withOptions(options.withCompression(name));
  }

  /** This request with its own timeout; zero or negative fails at once with DEADLINE_EXCEEDED. */
  public Request<Q, R> withTimeout(Duration value) {
    return withOptions(options.withTimeout(value));
  }

  /**
   * This request in this trace and under this span, in place of what the call being handled is in.
   * What an observer of the client sets counts before it, and what a filter around a try says
   * counts before both. It is for callers: filters of a server use {@link Context#withTrace}.
   */
  public Request<Q, R> withTrace(TraceContext value) {
    return withOptions(options.withTrace(value));
  }

  public Target target() {
    return target;
  }

  public Method<Q, R> method() {
    return method;
  }

  /**
   * What is sent.
   *
   * @throws IllegalStateException if the call sends its messages once it is open
   */
  public Q body() {
    if (body == null) {
      throw new IllegalStateException(
          "a call of " + method + " streams its requests and has no body of its own");
    }
    return body;
  }

  /** Whether it has a body; one that {@linkplain #opening opens} a stream of requests has none. */
  public boolean hasBody() {
    return body != null;
  }

  /** What else is said about the call. */
  public CallOptions options() {
    return options;
  }

  public Metadata metadata() {
    return options.metadata();
  }

  /** The codec asked for, or null for the one that fits the message's type. */
  public @Nullable String codec() {
    return options.codec();
  }

  /** The compression asked for, or null for the client's default. */
  public @Nullable String compression() {
    return options.compression();
  }

  /** The timeout asked for, or null for the client's default. */
  public @Nullable Duration timeout() {
    return options.timeout();
  }

  /**
   * The trace and the span that the call is to be under, or null for those of the call being
   * handled.
   */
  public @Nullable TraceContext trace() {
    return options.trace();
  }

  @Override
  public String toString() {
    return "Request[" + target + "]";
  }
}
