package erpc.client;

import com.google.protobuf.Message;
import erpc.call.Incoming;
import erpc.call.Method;
import erpc.call.Request;
import erpc.call.Target;
import erpc.discovery.CenterCalls;
import erpc.discovery.CenterLine;
import erpc.discovery.CenterMethods;
import erpc.discovery.Endpoint;
import erpc.discovery.Resolver;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

/** A client's calls of its center, which go past the client's filters per call. Thread-safe. */
final class CallsToCenter implements CenterCalls {
  private static final String SCHEME = "list";

  private final ClientStack stack;
  private final Supplier<Calls> calls;
  private final ServicePolicies policies;
  private final Resolver resolver;
  private final String center;
  private final Set<OwnLine<?, ?>> lines = ConcurrentHashMap.newKeySet();
  private final AtomicBoolean closed = new AtomicBoolean();

  /**
   * Calls of a center.
   *
   * @param calls not asked before the first call: a client's calls find their places by this
   * @param resolver that of {@code list} addresses
   * @param center {@code host:port}, several separated by commas
   */
  CallsToCenter(
      ClientStack stack,
      Supplier<Calls> calls,
      ServicePolicies policies,
      Resolver resolver,
      String center) {
    this.stack = stack;
    this.calls = calls;
    this.policies = policies;
    this.resolver = resolver;
    this.center = center;
  }

  @Override
  public <Q extends Message, R extends Message> R call(
      String method, Q request, Class<R> replyType, Duration timeout) {
    @SuppressWarnings("unchecked") // The request's own class.
    Method<Q, R> known =
        Method.unary(method, (Class<Q>) request.getClass(), replyType)
            .maxMessageBytes(CenterMethods.MAX_LIST_BYTES);
    return calls
        .get()
        .blocking(Request.of(known, request).withTarget(target(method)).withTimeout(timeout), false)
        .body();
  }

  @Override
  public <Q extends Message, R extends Message> Incoming<R> stream(
      String method, Q request, Class<R> replyType) {
    @SuppressWarnings("unchecked") // The request's own class.
    Method<Q, R> known =
        Method.serverStreaming(method, (Class<Q>) request.getClass(), replyType)
            .maxMessageBytes(CenterMethods.MAX_LIST_BYTES);
    Calls.refuseOnEventLoop(known);
    return calls.get().opened(Request.of(known, request).withTarget(target(method)));
  }

  @Override
  public <Q extends Message, R extends Message> CenterLine<Q, R> line(Method<Q, R> method) {
    Calls.refuseOnEventLoop(method);
    Target to = target(method.name());
    OwnLine<Q, R> line = new OwnLine<>(stack, policies.of(to), resolver, to, method, lines::remove);
    lines.add(line);
    if (closed.get()) {
      line.close();
    }
    return line;
  }

  @Override
  public String reachedAt(Incoming<?> replies) {
    String address = replies instanceof Exchange<?, ?> exchange ? exchange.reachedAt() : null;
    return address == null || address.startsWith("unix:")
        ? "127.0.0.1"
        : Endpoint.of(address).host();
  }

  private Target target(String method) {
    return new Target(SCHEME, center, method);
  }

  /** Closes the lines that are open, and those that are opened from now on. */
  void close() {
    closed.set(true);
    lines.forEach(OwnLine::close);
  }
}
