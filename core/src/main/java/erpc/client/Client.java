package erpc.client;

import com.google.protobuf.Message;
import erpc.call.CallOptions;
import erpc.call.Context;
import erpc.call.Empty;
import erpc.call.Incoming;
import erpc.call.Method;
import erpc.call.Reply;
import erpc.call.Request;
import erpc.call.RpcException;
import erpc.call.Service;
import erpc.call.Status;
import erpc.call.Target;
import erpc.discovery.CenterCalls;
import erpc.discovery.CenterResolver;
import erpc.discovery.DiscoverySettings;
import erpc.discovery.Resolvers;
import erpc.protocol.DialledConnection;
import erpc.transport.Reactor;
import erpc.transport.StartLine;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes calls. Built with what it needs, used from any thread, closed when nobody calls any more;
 * several may live in one process.
 *
 * <p>Blocking calls may be made from any thread but an event loop, virtual threads being the main
 * way. Every call has a deadline: its own timeout, else the client's (1 s), and never more than is
 * left to the call being handled.
 */
public final class Client implements AutoCloseable {
  /** Where the center is unless it is said otherwise. */
  public static final String DEFAULT_CENTER = "127.0.0.1:8081";

  private static final Logger LOG = LoggerFactory.getLogger("erpc.client");

  private final ClientStack stack;
  private final Destinations destinations;
  private final Calls calls;
  private final CallsToCenter toCenter;
  private final Reactor reactor;
  private final boolean borrowed;
  private final ServicePolicies policies;
  private final String center;
  private final AtomicBoolean closed = new AtomicBoolean();

  Client(ClientBuilder builder) {
    ClientSettings settings = builder.settings();
    center =
        builder.center == null
            ? DiscoverySettings.ofProcess().center()
            : DiscoverySettings.checkCenter(builder.center);
    Defaults defaults = new Defaults(builder.options, builder.optionsByName);
    defaults.requireUsable(builder.codecs);
    builder.codecs.requireUsable(null, settings.compression());
    policies = builder.policies.made(settings, center, builder.random, builder.attemptFilters);
    // After all that may throw, since it is given back by close.
    reactor = builder.reactor == null ? Reactor.borrowShared() : builder.reactor;
    borrowed = builder.reactor == null;
    stack = new ClientStack(builder, reactor);
    Resolvers given = builder.resolvers;
    toCenter = new CallsToCenter(stack, this::calls, policies, given.resolver("list"), center);
    Resolvers resolvers = given.with(new CenterResolver(toCenter));
    destinations =
        new Destinations(
            stack,
            resolvers,
            policies,
            defaults,
            new Targets(builder.target, builder.targetsByService));
    calls = new Calls(stack, destinations);
    if (LOG.isDebugEnabled()) {
      LOG.debug("a client ({}); its center is {}", StartLine.of(reactor), center);
    }
  }

  Calls calls() {
    return calls;
  }

  public static ClientBuilder builder() {
    return new ClientBuilder();
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
    return calls.body(request(address, request, replyType));
  }

  /**
   * Calls a method by address and waits for its answer at most so long.
   *
   * @throws RpcException if the call ends in anything but OK
   * @throws IllegalArgumentException if the address is malformed
   */
  public <R> R call(String address, Object request, Class<R> replyType, Duration timeout) {
    return calls.body(request(address, request, replyType).withTimeout(timeout));
  }

  /**
   * Calls a method and waits for its answer.
   *
   * @throws RpcException if the call ends in anything but OK
   */
  public <Q, R> R call(Method<Q, R> method, Q request) {
    return calls.body(Request.of(method, request));
  }

  /**
   * Makes a call with everything its request says, and waits for its answer.
   *
   * @throws RpcException if the call ends in anything but OK
   */
  public <Q, R> Reply<R> send(Request<Q, R> request) {
    return calls.reply(request);
  }

  /** Calls a method; the future holds its answer. Never throws; see {@link #sendAsync}. */
  public <Q, R> CompletableFuture<R> callAsync(Method<Q, R> method, Q request) {
    Request<Q, R> made;
    try {
      made = Request.of(method, request);
    } catch (RuntimeException e) {
      return CallFuture.failed(e);
    }
    return calls.bodyAsync(made);
  }

  /**
   * Calls a method by address; the future holds its answer. Never throws; see {@link #sendAsync}.
   */
  public <R> CompletableFuture<R> callAsync(String address, Object request, Class<R> replyType) {
    Request<Object, R> made;
    try {
      made = request(address, request, replyType);
    } catch (RuntimeException e) {
      return CallFuture.failed(e);
    }
    return calls.bodyAsync(made);
  }

  /**
   * Makes a call with everything its request says; the future holds its reply.
   *
   * <p>Never throws: whatever goes wrong, arguments that are none and a closed client too, is the
   * {@link RpcException} that the future fails with. {@code get} throws it as the cause of an
   * {@link java.util.concurrent.ExecutionException}, {@code join} as that of a {@link
   * java.util.concurrent.CompletionException}. Cancelling the future cancels the call.
   *
   * <p>The future completes on a virtual thread, which may complete others before and after it,
   * unless the client was built with {@link ClientBuilder#inlineCallbacks()}. Whatever depends on
   * it may block, and runs in the {@link Context} in which the call was made.
   */
  public <Q, R> CompletableFuture<Reply<R>> sendAsync(Request<Q, R> request) {
    return calls.replyAsync(request);
  }

  /**
   * Sends a request that nobody answers; returns once it has been handed to the socket. What
   * becomes of it then is not known, but it runs at most once, and neither this client's nor the
   * server's end loses it within their grace.
   *
   * @throws RpcException if it could not be sent
   */
  public void oneway(String address, Object request) {
    oneway(request(address, request, Empty.class));
  }

  /**
   * Sends a request that nobody answers; returns once it has been handed to the socket. What
   * becomes of it then is not known.
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
    calls.oneway(request);
  }

  /**
   * Sends a request that nobody answers to an address; the future completes with null once it has
   * been sent. Never throws; see {@link #onewayAsync(Request)}.
   */
  public CompletableFuture<Void> onewayAsync(String address, Object request) {
    Request<Object, Empty> made;
    try {
      made = request(address, request, Empty.class);
    } catch (RuntimeException e) {
      return CallFuture.failed(e);
    }
    return calls.onewayAsync(made);
  }

  /**
   * Sends a request that nobody answers; the future completes with null once it has been sent.
   * Never throws; see {@link #onewayAsync(Request)}.
   */
  public <Q, R> CompletableFuture<Void> onewayAsync(Method<Q, R> method, Q request) {
    Request<Q, R> made;
    try {
      made = Request.of(method, request);
    } catch (RuntimeException e) {
      return CallFuture.failed(e);
    }
    return calls.onewayAsync(made);
  }

  /**
   * Sends a request that nobody answers, with everything it says, and doesn't wait until it has
   * been handed to the socket: then the future completes with null. For the rest it is what {@link
   * #oneway(Request)} is.
   *
   * <p>Never throws; fails, and completes where {@link #sendAsync} does. Cancelling the future
   * before the request has been sent keeps it from being sent. It waits for no room: a connection
   * that has too many bytes to send ends it with RESOURCE_EXHAUSTED.
   */
  public <Q, R> CompletableFuture<Void> onewayAsync(Request<Q, R> request) {
    return calls.onewayAsync(request);
  }

  // ---- explaining

  /**
   * Says where a call with this request would go now, without making it: which endpoints there are,
   * which of them are left out by what and why, and with which chance each of the others is picked.
   * What filters around the call change is not in it.
   *
   * <p>It waits for the place's first list as the call would, up to its timeout. As the call would,
   * it connects to endpoints that nobody has connected to yet, and waits for that up to 500 ms, so
   * that their states are known. It counts as a call for nothing: no budget changes, and nothing
   * that erpc's balancers keep. One of yours is asked as by calls, unless it overrides {@link
   * erpc.balance.Balancer.Picker#preview}. But it does what is due, as the next call would:
   * endpoints may be compared, and a verdict may change by that. Takes time in proportion to the
   * number of endpoints, up to some hundred milliseconds where there are thousands.
   *
   * @throws RpcException if the call could not be made because its place has no list yet, the
   *     client was closed or the calling thread is an event loop's or was interrupted; the status
   *     is what the call would end in
   * @throws IllegalArgumentException if the place is malformed
   */
  public Explanation explain(Request<?, ?> request) {
    return new Explaining(stack, destinations).of(request);
  }

  // ---- services

  /**
   * A client of a service that is found by its name: by the client's targets, or the center. Its
   * methods make calls of this client, which stays open. To be made once and kept.
   */
  public <T> T of(Service<T> service) {
    return ServiceCalls.of(this, calls, service, null, CallOptions.NONE);
  }

  /** The same, with options that count where a call says nothing. */
  public <T> T of(Service<T> service, CallOptions options) {
    return ServiceCalls.of(this, calls, service, null, options);
  }

  /**
   * A client of a service at a place, {@code ip://127.0.0.1:8877}.
   *
   * @throws IllegalArgumentException if the place is malformed
   */
  public <T> T of(Service<T> service, String place) {
    return of(service, place, CallOptions.NONE);
  }

  /**
   * The same, with options that count where a call says nothing.
   *
   * @throws IllegalArgumentException if the place is malformed
   */
  public <T> T of(Service<T> service, String place, CallOptions options) {
    return ServiceCalls.of(this, calls, service, Objects.requireNonNull(place, "place"), options);
  }

  // ---- streams

  /**
   * Calls a method that streams its replies. The call is under way when this returns; what it ends
   * in is told by the messages.
   *
   * @throws IllegalArgumentException if the method takes more than one request
   */
  public <Q, R> Exchange<Q, R> open(Method<Q, R> method, Q request) {
    return open(Request.of(method, request));
  }

  /**
   * Opens a call of a method that streams its requests; the messages are sent by what is returned.
   *
   * @throws IllegalArgumentException if the method takes one request
   */
  public <Q, R> Exchange<Q, R> open(Method<Q, R> method) {
    return open(Request.opening(method));
  }

  /**
   * Opens a stream with everything its request says. A timeout limits the whole stream; without one
   * it may last as long as it makes progress. Filters per call are around the opening only.
   *
   * @throws IllegalArgumentException if the method is unary, or takes one request and there is
   *     none, or the other way round
   */
  public <Q, R> Exchange<Q, R> open(Request<Q, R> request) {
    return calls.open(request);
  }

  /** A request to an address: what stands in the way of the call is for the call itself to say. */
  private <R> Request<Object, R> request(String address, Object body, Class<R> replyType) {
    Target known = destinations.target(address);
    return body == null
        ? Request.of(address, body, replyType) // Refuses it, saying what to write instead.
        : request(known, body, replyType);
  }

  @SuppressWarnings(
      "unchecked") // A body's own class is the type it was declared with, as far as codecs care.
  private static <R> Request<Object, R> request(Target target, Object body, Class<R> replyType) {
    Method<Object, R> method =
        Method.unary(target.method(), (Class<Object>) body.getClass(), replyType);
    return Request.of(method, body).withTarget(target);
  }

  // ---- the center

  /**
   * How to call the center, for those who register with it or read its lists. Calls go past this
   * client's filters per call; what it opens is closed with the client at the latest.
   */
  public CenterCalls centerCalls() {
    return toCenter;
  }

  /**
   * Calls a method of the center.
   *
   * @throws RpcException if the call ends in anything but OK
   */
  public <Q extends Message, R extends Message> R callCenter(
      String method, Q request, Class<R> replyType, Duration timeout) {
    return toCenter.call(method, request, replyType, timeout);
  }

  /**
   * Opens a stream of replies from the center; what the call ends in is told by the messages. To be
   * closed.
   */
  public <Q extends Message, R extends Message> Incoming<R> streamCenter(
      String method, Q request, Class<R> replyType) {
    return toCenter.stream(method, request, replyType);
  }

  /**
   * Has other mechanisms act from now on, in place of those that the client was built with. What
   * they have found until now stays known: one that is switched on again may act at once.
   */
  public void protect(ProtectionSettings value) {
    stack.protect(value.protection());
  }

  /** Where this client looks for the center: {@code host:port}, several separated by commas. */
  public String center() {
    return center;
  }

  /**
   * Ends what is under way with CANCELLED and closes all connections; one-way calls are first sent,
   * and what was sent of them read by their servers, for 10 s at most. An interrupt ends that
   * waiting; on an event loop there is none.
   */
  @Override
  public void close() {
    boolean first = closed.compareAndSet(false, true);
    List<Places.Watched> all = destinations.close();
    policies.close();
    Status why = Status.of(Status.Code.CANCELLED, "the client was closed");
    long graceEnds = System.nanoTime() + DialledConnection.ONEWAY_GRACE.toNanos();
    boolean waits = !Reactor.isEventLoop();
    if (waits) {
      stack.oneways.awaitSent(graceEnds);
    }
    // All of them first: a watch may read over the connections of another place.
    all.forEach(Places.Watched::close);
    toCenter.close();
    all.forEach(each -> each.cluster.close(why));
    stack.limits.close(why);
    if (waits) {
      stack.oneways.awaitTaken(graceEnds);
    }
    if (first && borrowed) {
      Reactor.giveBack(reactor);
    }
  }
}
