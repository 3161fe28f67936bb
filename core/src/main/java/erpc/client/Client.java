package erpc.client;

import com.google.protobuf.Message;
import erpc.balance.Balancer;
import erpc.call.Filter;
import erpc.call.Method;
import erpc.call.Reply;
import erpc.call.Request;
import erpc.call.RpcException;
import erpc.call.Status;
import erpc.call.Target;
import erpc.call.Ticker;
import erpc.codec.Codecs;
import erpc.discovery.CenterCalls;
import erpc.discovery.CenterResolver;
import erpc.discovery.Resolver;
import erpc.discovery.Resolvers;
import erpc.protocol.RouteName;
import erpc.trace.CallObserver;
import erpc.transport.EndpointConnection;
import erpc.transport.Reactor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Makes calls. Built with what it needs, used from any thread, closed when nobody calls any more; several may live in one
 * process.
 *
 * <p>Blocking calls may be made from any thread but an event loop, virtual threads being the main way. Every call has a
 * deadline: its own timeout, else the client's (1 s), and never more than is left to the call being handled.
 */
public final class Client implements AutoCloseable {
  /** Where the center is unless it is said otherwise. */
  public static final String DEFAULT_CENTER = "127.0.0.1:8081";

  private static final int MAX_REMEMBERED_ROUTES = 4_096;

  private final ClientStack stack;
  private final ClientSettings settings;
  private final Resolvers resolvers;
  private final Reactor reactor;
  private final String center;
  private final Map<String, Destination> byAddress = new ConcurrentHashMap<>();
  private final Map<Place, Watched> places = new ConcurrentHashMap<>();
  private final Map<String, RouteName> routes = new ConcurrentHashMap<>();
  private final AtomicInteger routeSlots = new AtomicInteger();
  private volatile boolean closed;

  private Client(Builder builder) {
    settings = builder.settings;
    center = builder.center == null ? centerOfProcess() : builder.center;
    reactor = builder.reactor == null ? Reactor.shared() : builder.reactor;
    resolvers = builder.resolvers.with(new CenterResolver(centerCalls()));
    stack =
        new ClientStack(
            settings,
            builder.codecs,
            builder.ticker,
            builder.random,
            reactor,
            builder.inlineCallbacks,
            builder.observers,
            builder.filters,
            builder.attemptFilters);
  }

  public static Builder builder() {
    return new Builder();
  }

  // ---- calls

  /**
   * Calls a method by address and waits for its answer.
   *
   * @param address {@code demo.hello}, or {@code ip://127.0.0.1:8877/demo.hello} and the like
   * @throws RpcException if the call ends in anything but OK
   * @throws IllegalArgumentException if the address is malformed
   */
  public <R> R call(String address, Object request, Class<R> replyType) {
    return call(address, request, replyType, settings.timeout());
  }

  /**
   * Calls a method by address and waits for its answer at most so long.
   *
   * @throws RpcException if the call ends in anything but OK
   * @throws IllegalArgumentException if the address is malformed
   */
  public <R> R call(String address, Object request, Class<R> replyType, Duration timeout) {
    return blocking(request(address, request, replyType).withTimeout(timeout), false).body();
  }

  /**
   * Calls a method and waits for its answer.
   *
   * @throws RpcException if the call ends in anything but OK
   */
  public <Q, R> R call(Method<Q, R> method, Q request) {
    return blocking(Request.of(method, request), false).body();
  }

  /**
   * Makes a call with everything its request says, and waits for its answer.
   *
   * @throws RpcException if the call ends in anything but OK
   */
  public <Q, R> Reply<R> send(Request<Q, R> request) {
    if (!stack.callFilters.isEmpty()) {
      return filtered(0, request);
    }
    return blocking(request, false).reply();
  }

  /** Calls a method; the future holds its answer, or the {@link RpcException} it ended in. */
  public <Q, R> CompletableFuture<R> callAsync(Method<Q, R> method, Q request) {
    return sendAsync(Request.of(method, request)).thenApply(Reply::body);
  }

  /** Calls a method by address; the future holds its answer, or the {@link RpcException} it ended in. */
  public <R> CompletableFuture<R> callAsync(String address, Object request, Class<R> replyType) {
    return sendAsync(request(address, request, replyType)).thenApply(Reply::body);
  }

  /**
   * Makes a call with everything its request says. Cancelling the future cancels the call. It completes on a virtual thread
   * unless the client was built with {@link Builder#inlineCallbacks()}.
   */
  public <Q, R> CompletableFuture<Reply<R>> sendAsync(Request<Q, R> request) {
    if (!stack.callFilters.isEmpty()) {
      return filteredAsync(request);
    }
    return new AsyncCall<>(stack, destination(request.target()), request).launch();
  }

  /**
   * Sends a request that nobody answers; returns once it has been handed to the socket. What becomes of it then is not known.
   *
   * @throws RpcException if it could not be sent
   */
  public void oneway(String address, Object request) {
    oneway(request(address, request, byte[].class));
  }

  /**
   * Sends a request that nobody answers; returns once it has been handed to the socket. What becomes of it then is not known.
   *
   * @throws RpcException if it could not be sent
   */
  public <Q, R> void oneway(Method<Q, R> method, Q request) {
    oneway(Request.of(method, request));
  }

  /**
   * Sends a request that nobody answers, with everything it says.
   *
   * @throws RpcException if it could not be sent
   */
  public <Q, R> void oneway(Request<Q, R> request) {
    blocking(request, true).noReply();
  }
}
