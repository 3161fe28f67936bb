package erpc.server;

import erpc.call.Method;
import erpc.call.RpcException;
import erpc.codec.Codecs;
import java.util.Objects;
import java.util.concurrent.ThreadFactory;
import org.jspecify.annotations.Nullable;

/** A method with what answers it: a handler, or, if it streams, a stream handler. Thread-safe. */
final class Route<Q, R> {
  private final Method<Q, R> method;
  private final @Nullable Handler<Q, R> unary;
  private final @Nullable AsyncHandler<Q, R> async;
  private final @Nullable StreamHandler<Q, R> streaming;
  private final Execution execution;
  private final int number;

  /** Made once, name and all: a call pays for its thread alone. */
  private final ThreadFactory threads;

  /**
   * The last one: calls of a method nearly always come alike. Written by any thread that met
   * another; it publishes what never changes, and whichever comes last is right.
   */
  private volatile @Nullable Packing packing;

  /** What limits its calls, if anything does. Written by whoever has the method table's lock. */
  private volatile @Nullable MethodLimit limit;

  private final boolean guarded;

  /**
   * A route.
   *
   * @param unary if it doesn't stream
   * @param async what answers it without waiting, if anything does
   * @param number the server's own for it, greater than 0
   */
  Route(
      Method<Q, R> method,
      @Nullable Handler<Q, R> unary,
      @Nullable AsyncHandler<Q, R> async,
      @Nullable StreamHandler<Q, R> streaming,
      Execution execution,
      int number) {
    this.method = method;
    this.unary = unary;
    this.async = async;
    this.streaming = streaming;
    this.execution = execution;
    this.number = number;
    this.guarded =
        method.kind() == Method.Kind.UNARY
            && execution == Execution.virtual()
            && !method.name().startsWith("erpc.")
            && !method.name().startsWith("center.");
    this.threads = Thread.ofVirtual().name("erpc " + method.name()).factory();
  }

  /** A virtual thread that runs this, named after the method, so that log lines tell it. */
  Thread newThread(Runnable handler) {
    return threads.newThread(handler);
  }

  Method<Q, R> method() {
    return method;
  }

  /** What answers a unary method; it may wait where {@link #async} doesn't. */
  Handler<Q, R> handler() {
    return Objects.requireNonNull(unary);
  }

  /** What answers a unary method without waiting, or null if its handler blocks. */
  @Nullable AsyncHandler<Q, R> async() {
    return async;
  }

  /** What answers a method that streams. */
  StreamHandler<Q, R> streamHandler() {
    return Objects.requireNonNull(streaming);
  }

  Execution execution() {
    return execution;
  }

  /**
   * Whether calls that are packed like this run on the event loop: a compressed message may be a
   * thousand times as long as what has come, which other connections are not to wait for.
   */
  boolean runsInline(Packing packing) {
    return execution.isInline() && packing.compression() == null;
  }

  /**
   * Whether its calls may be refused because there is too much to do. What runs on an event loop
   * never waits for a processor, an executor has a bound of its own, and a stream is work for as
   * long as it likes. Health and the center stand above all.
   */
  boolean isGuarded() {
    return guarded;
  }

  @Nullable MethodLimit limit() {
    return limit;
  }

  void limit(MethodLimit value) {
    limit = value;
  }

  int number() {
    return number;
  }

  /**
   * What an encoding on the wire stands for.
   *
   * @throws RpcException UNIMPLEMENTED, if it is not understood here or the method doesn't take it
   */
  Packing packing(int encoding, Codecs codecs) {
    Packing known = packing;
    if (known == null || known.encoding() != encoding) {
      known = Packing.of(encoding, codecs, method);
      packing = known;
    }
    return known;
  }
}
