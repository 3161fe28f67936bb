package erpc.client;

import com.google.protobuf.Message;
import erpc.balance.Balancer;
import erpc.call.CallOptions;
import erpc.call.Context;
import erpc.call.Empty;
import erpc.call.Filter;
import erpc.call.Incoming;
import erpc.call.Method;
import erpc.call.Names;
import erpc.call.Reply;
import erpc.call.Request;
import erpc.call.RpcException;
import erpc.call.Status;
import erpc.call.Target;
import erpc.call.Ticker;
import erpc.codec.Codecs;
import erpc.discovery.CenterCalls;
import erpc.discovery.CenterLine;
import erpc.discovery.CenterMethods;
import erpc.discovery.CenterResolver;
import erpc.discovery.DiscoverySettings;
import erpc.discovery.Endpoint;
import erpc.discovery.Resolver;
import erpc.discovery.Resolvers;
import erpc.protocol.DialledConnection;
import erpc.protocol.Protocol;
import erpc.protocol.RouteName;
import erpc.security.Credentials;
import erpc.security.TlsSettings;
import erpc.trace.CallObserver;
import erpc.transport.EndpointPool;
import erpc.transport.Protocols;
import erpc.transport.Reactor;
import erpc.transport.Security;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

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

  private static final int MAX_REMEMBERED_ROUTES = 4_096;

  private final ClientStack stack;
  private final ClientSettings settings;
  private final Resolvers resolvers;
  private final Reactor reactor;
  private final boolean borrowed;
  private final ServicePolicies policies;
  private final String center;
  private final Map<String, Target> byAddress = new ConcurrentHashMap<>();
  private final Map<Target, Destination> byTarget = new ConcurrentHashMap<>();
  private final Defaults defaults;
  private final Targets targets;
  private final Places places;
  private final Map<String, RouteName> routes = new ConcurrentHashMap<>();
  private final AtomicInteger routeSlots = new AtomicInteger();
  private final Set<OwnLine<?, ?>> lines = ConcurrentHashMap.newKeySet();
  private final AtomicBoolean closed = new AtomicBoolean();

  private Client(Builder builder) {
    settings = builder.settings();
    center =
        builder.center == null
            ? DiscoverySettings.ofProcess().center()
            : DiscoverySettings.checkCenter(builder.center);
    policies = builder.policies.made(settings, center, builder.random, builder.attemptFilters);
    // After all that may throw, since it is given back by close.
    reactor = builder.reactor == null ? Reactor.borrowShared() : builder.reactor;
    borrowed = builder.reactor == null;
    resolvers = builder.resolvers.with(new CenterResolver(centerCalls()));
    stack = new ClientStack(builder, reactor);
    defaults = new Defaults(builder.options, builder.optionsByName);
    targets = new Targets(builder.target, builder.targetsByService);
    places =
        new Places(
            reactor,
            settings.maxDestinations(),
            settings.connection().idleTimeout(),
            this::watched,
            this::forgotten);
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
    return body(request(address, request, replyType));
  }

  /**
   * Calls a method by address and waits for its answer at most so long.
   *
   * @throws RpcException if the call ends in anything but OK
   * @throws IllegalArgumentException if the address is malformed
   */
  public <R> R call(String address, Object request, Class<R> replyType, Duration timeout) {
    return body(request(address, request, replyType).withTimeout(timeout));
  }

  /**
   * Calls a method and waits for its answer.
   *
   * @throws RpcException if the call ends in anything but OK
   */
  public <Q, R> R call(Method<Q, R> method, Q request) {
    return body(Request.of(method, request));
  }

  /**
   * Makes a call with everything its request says, and waits for its answer.
   *
   * @throws RpcException if the call ends in anything but OK
   */
  public <Q, R> Reply<R> send(Request<Q, R> request) {
    if (!stack.callFilters.isEmpty()) {
      return filtered(request);
    }
    return blocking(request, false).reply();
  }

  /**
   * Calls a method; the future holds its answer, or the {@link RpcException} it ended in.
   * Cancelling it cancels the call.
   *
   * @throws IllegalArgumentException if the method is not unary
   */
  public <Q, R> CompletableFuture<R> callAsync(Method<Q, R> method, Q request) {
    return new ReplyBody<>(sendAsync(Request.of(method, request)));
  }

  /**
   * Calls a method by address; the future holds its answer, or the {@link RpcException} it ended
   * in. Cancelling it cancels the call.
   *
   * @throws IllegalArgumentException if the address is malformed
   */
  public <R> CompletableFuture<R> callAsync(String address, Object request, Class<R> replyType) {
    return new ReplyBody<>(sendAsync(request(address, request, replyType)));
  }

  /**
   * Makes a call with everything its request says. Cancelling the future cancels the call. It
   * completes on a virtual thread, which may complete others before and after it, unless the client
   * was built with {@link Builder#inlineCallbacks()}. Whatever depends on it may block. What the
   * call ends in, after {@link #close()} too, is told by the future alone.
   *
   * @throws IllegalArgumentException if the method is not unary, or the place is malformed
   */
  public <Q, R> CompletableFuture<Reply<R>> sendAsync(Request<Q, R> request) {
    requireUnary(request.method());
    if (!stack.callFilters.isEmpty()) {
      return filteredAsync(request);
    }
    try {
      return new AsyncCall<>(destination(request.target()), request).launch();
    } catch (RpcException e) {
      return CompletableFuture.failedFuture(e);
    }
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
    if (stack.callFilters.isEmpty()) {
      blocking(request, true).noReply();
    } else {
      Reply<?> unused = new FilteredCall(stack.callFilters, changed -> sent(changed)).run(request);
    }
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
    Method<Q, R> method = request.method();
    if (method.kind() == Method.Kind.UNARY
        || method.kind().streamsRequests() == request.hasBody()) {
      throw new IllegalArgumentException(
          "method "
              + method
              + " is "
              + method.kind()
              + ": use open(method, request) for SERVER_STREAMING, open(method) for those that stream"
              + " requests, call or send for UNARY");
    }
    refuseOnEventLoop(method);
    if (stack.callFilters.isEmpty()) {
      return opened(request);
    }
    return new StreamOpening<Q, R>(stack.callFilters, this::opened).through(request);
  }

  private <Q, R> Exchange<Q, R> opened(Request<Q, R> request) {
    StreamCall<Q, R> call = new StreamCall<>(destination(request.target()), request);
    call.start();
    return new Exchange<>(call);
  }

  private static void refuseOnEventLoop(Method<?, ?> method) {
    if (Reactor.isEventLoop()) {
      throw Status.of(
              Status.Code.FAILED_PRECONDITION,
              "a blocking call of "
                  + method
                  + " on an event loop would stall every connection on it: use callAsync, or don't"
                  + " run the handler inline")
          .toException();
    }
  }

  private static void requireUnary(Method<?, ?> method) {
    if (method.kind() != Method.Kind.UNARY) {
      throw new IllegalArgumentException(
          "method " + method + " is " + method.kind() + ": use open");
    }
  }

  private <Q, R> R body(Request<Q, R> request) {
    return stack.callFilters.isEmpty() ? blocking(request, false).body() : filtered(request).body();
  }

  private <Q, R> BlockingCall<Q, R> blocking(Request<Q, R> request, boolean oneway) {
    requireUnary(request.method());
    refuseOnEventLoop(request.method());
    return new BlockingCall<>(destination(request.target()), request, oneway);
  }

  /** A request to an address: what stands in the way of the call is for the call itself to say. */
  private <R> Request<Object, R> request(String address, Object body, Class<R> replyType) {
    Target known = byAddress.get(address);
    if (known == null) {
      known = Target.parse(address);
      if (byAddress.size() < settings.maxDestinations()) {
        byAddress.put(address, known);
      }
    }
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

  // ---- filters per call

  private <Q, R> Reply<R> filtered(Request<Q, R> request) {
    Reply<?> reply =
        new FilteredCall(stack.callFilters, changed -> blocking(changed, false).reply())
            .run(request);
    if (!request.method().responseType().isInstance(reply.body())) {
      throw Status.of(
              Status.Code.INTERNAL,
              "a filter answered with something else than a reply of " + request.method())
          .withStarted(Status.Started.MAYBE)
          .toException();
    }
    R body = request.method().responseType().cast(reply.body());
    return new Reply<>(body, reply.headers(), reply.trailers(), reply.endpoint());
  }

  private Reply<?> sent(Request<?, ?> request) {
    blocking(request, true).noReply();
    return Reply.of(AwaitedOutcome.NO_ANSWER);
  }

  /** Filters wait for the reply, so they need a thread. */
  private <Q, R> CompletableFuture<Reply<R>> filteredAsync(Request<Q, R> request) {
    CompletableFuture<Reply<R>> future = new CompletableFuture<>();
    Context outer = Context.current();
    Runnable task =
        () -> {
          try {
            future.complete(filtered(request));
          } catch (Throwable e) {
            future.completeExceptionally(e);
          }
        };
    Thread thread;
    try {
      thread = stack.threads.apply(outer == null ? task : outer.wrap(task));
    } catch (Throwable e) {
      // As when there is no memory.
      future.completeExceptionally(Coding.callBroke(e).toException(e));
      return future;
    }
    future.whenComplete((reply, thrown) -> {
      if (future.isCancelled()) {
        thread.interrupt();
      }
    });
    return future;
  }

  // ---- places

  private Destination destination(Target target) {
    Destination known = byTarget.get(target);
    return known != null && !known.cluster().isForgotten() ? known : newDestination(target);
  }

  private Destination newDestination(Target target) {
    ServicePolicy policy = policies.of(target);
    Destination made =
        new Destination(
            stack,
            target,
            policy,
            places.of(targets.of(target), policy),
            route(target.method()),
            defaults.of(target.method()),
            this::newDestination);
    if (byTarget.size() < settings.maxDestinations()) {
      byTarget.put(target, made);
    }
    return made;
  }

  private RouteName route(String method) {
    RouteName known = routes.get(method);
    if (known != null) {
      return known;
    }
    if (routes.size() >= MAX_REMEMBERED_ROUTES) {
      return new RouteName(method, -1);
    }
    return routes.computeIfAbsent(
        method, name -> new RouteName(name, routeSlots.getAndIncrement()));
  }

  private Places.Watched watched(Places.Place place) {
    Resolver resolver = resolvers.resolver(place.scheme());
    String serverName = resolver.serverName(place.where());
    AtomicReference<@Nullable Cluster> made = new AtomicReference<>();
    Runnable refused =
        () -> {
          Cluster cluster = made.get();
          if (cluster != null) {
            cluster.refused();
          }
        };
    Cluster cluster =
        new Cluster(
            place.toString(),
            place.policy().balancing(),
            address -> link(address, place.policy().security(), serverName, refused),
            settings.maxWaiting());
    made.set(cluster);
    return new Places.Watched(cluster, resolver);
  }

  /** Calls that come find their way anew. */
  private void forgotten(Set<Cluster> clusters) {
    byTarget.values().removeIf(each -> clusters.contains(each.cluster()));
  }

  private EndpointPool link(
      String address, Security security, @Nullable String serverName, Runnable refused) {
    return new EndpointPool(
        reactor,
        address,
        settings.pool(),
        settings.connection(),
        settings.connectTimeout(),
        new EndpointPool.Context(
            stack.ticker, stack.random, stack.protocol, security, serverName, refused));
  }

  // ---- the center

  /** The way to this client's center, for those who register there. Ends with the client. */
  public CenterCalls centerCalls() {
    return new CenterCalls() {
      @Override
      public <Q extends Message, R extends Message> R call(
          String method, Q request, Class<R> replyType, Duration timeout) {
        return callCenter(method, request, replyType, timeout);
      }

      @Override
      public <Q extends Message, R extends Message> Incoming<R> stream(
          String method, Q request, Class<R> replyType) {
        return streamCenter(method, request, replyType);
      }

      @Override
      public String reachedAt(Incoming<?> replies) {
        return Client.reachedAt(replies);
      }

      @Override
      public <Q extends Message, R extends Message> CenterLine<Q, R> line(Method<Q, R> method) {
        return lineToCenter(method);
      }
    };
  }

  /**
   * Calls a method of the center, for those who register with it.
   *
   * @throws RpcException if the call ends in anything but OK; UNAVAILABLE at once while no center
   *     can be reached
   */
  public <Q extends Message, R extends Message> R callCenter(
      String method, Q request, Class<R> replyType, Duration timeout) {
    Target target = new Target("list", center, method);
    @SuppressWarnings("unchecked") // The request's own class.
    Method<Q, R> known =
        Method.unary(method, (Class<Q>) request.getClass(), replyType)
            .maxMessageBytes(CenterMethods.MAX_LIST_BYTES);
    return blocking(Request.of(known, request).withTarget(target).withTimeout(timeout), false)
        .body();
  }

  /**
   * Opens a stream of replies from the center. To be closed. What the call ends in is told by the
   * messages, as {@link #callCenter} throws it.
   */
  public <Q extends Message, R extends Message> Incoming<R> streamCenter(
      String method, Q request, Class<R> replyType) {
    @SuppressWarnings("unchecked") // The request's own class.
    Method<Q, R> known =
        Method.serverStreaming(method, (Class<Q>) request.getClass(), replyType)
            .maxMessageBytes(CenterMethods.MAX_LIST_BYTES);
    refuseOnEventLoop(known);
    return opened(Request.of(known, request).withTarget(new Target("list", center, method)));
  }

  /**
   * Opens a stream both ways to the center, on a connection of its own; see {@link
   * CenterCalls#line}. To be closed; closing the client does so too.
   */
  public <Q extends Message, R extends Message> CenterLine<Q, R> lineToCenter(Method<Q, R> method) {
    refuseOnEventLoop(method);
    Target target = new Target("list", center, method.name());
    OwnLine<Q, R> line =
        new OwnLine<>(
            stack,
            policies.of(target),
            resolvers.resolver(target.scheme()),
            target,
            method,
            lines::remove);
    lines.add(line);
    if (closed.get()) {
      line.close();
    }
    return line;
  }

  /**
   * The host at which a stream of {@link #streamCenter} has reached the center, once a reply has
   * come.
   */
  public static String reachedAt(Incoming<?> replies) {
    String address = replies instanceof Exchange<?, ?> exchange ? exchange.reachedAt() : null;
    return address == null || address.startsWith("unix:")
        ? "127.0.0.1"
        : Endpoint.of(address).host();
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
    List<Places.Watched> all = places.close();
    byAddress.clear();
    byTarget.clear();
    policies.close();
    Status why = Status.of(Status.Code.CANCELLED, "the client was closed");
    long graceEnds = System.nanoTime() + DialledConnection.ONEWAY_GRACE.toNanos();
    boolean waits = !Reactor.isEventLoop();
    if (waits) {
      stack.oneways.awaitSent(graceEnds);
    }
    // All of them first: a watch may read over the connections of another place.
    all.forEach(Places.Watched::close);
    lines.forEach(OwnLine::close);
    all.forEach(each -> each.cluster.close(why));
    if (waits) {
      stack.oneways.awaitTaken(graceEnds);
    }
    if (first && borrowed) {
      Reactor.giveBack(reactor);
    }
  }

  /** What a client is built with. Not thread-safe. */
  public static final class Builder {
    private @Nullable ClientSettings settings;
    Codecs codecs = Codecs.standard();
    private Resolvers resolvers = Resolvers.standard();
    Ticker ticker = Ticker.system();
    RandomGenerator random = new SharedRandom();
    boolean inlineCallbacks;
    Protocol protocol = Protocols.erpc();

    /** Starts threads for the user's code that may block; not Java's own in tests only. */
    Function<Runnable, Thread> threads = Thread::startVirtualThread;

    final List<Filter> filters = new ArrayList<>();
    final List<Filter> attemptFilters = new ArrayList<>();
    final List<CallObserver> observers = new ArrayList<>();
    final ServicePolicies.Maker policies = new ServicePolicies.Maker();
    private @Nullable Reactor reactor;
    private @Nullable String center;
    private CallOptions options = CallOptions.NONE;
    private final Map<String, CallOptions> optionsByName = new HashMap<>();
    private Targets.@Nullable Where target;
    private final Map<String, Targets.Where> targetsByService = new HashMap<>();

    private Builder() {}

    /**
     * All that may be set; else {@link ClientSettings#ofProcess()}, which is also where to start
     * from to change some of it: {@code ClientSettings.ofProcess().withMaxAttempts(1)}.
     */
    public Builder settings(ClientSettings value) {
      settings = value;
      return this;
    }

    ClientSettings settings() {
      ClientSettings known = settings == null ? ClientSettings.ofProcess() : settings;
      settings = known;
      return known;
    }

    public Builder codecs(Codecs value) {
      codecs = value;
      return this;
    }

    /** How places are resolved; bare names always by the center. */
    public Builder resolvers(Resolvers value) {
      resolvers = value;
      return this;
    }

    /**
     * Where the center is, {@code host:port}, several separated by commas; else where {@link
     * DiscoverySettings#ofProcess()} says, which is {@value Client#DEFAULT_CENTER} by default.
     */
    public Builder center(String addresses) {
      center = addresses;
      return this;
    }

    /**
     * What calls say that don't say it themselves. A timeout is meant for unary calls, as {@link
     * ClientSettings#timeout} is, which it counts before; a stream may last unless its request, its
     * {@link Method} or the options of its method say otherwise. Calls to the center are left
     * alone.
     */
    public Builder options(CallOptions value) {
      options = Objects.requireNonNull(value, "options");
      return this;
    }

    /**
     * What calls of one service or one method say that don't say it themselves; a method's count
     * before its service's, and these before those of all calls.
     *
     * @param name of a service, {@code shop.Orders}, or of a method, {@code shop.Orders.get}
     * @throws IllegalArgumentException if the name breaks the grammar of names
     */
    public Builder options(String name, CallOptions value) {
      optionsByName.put(Names.checkService(name), Objects.requireNonNull(value, "options"));
      return this;
    }

    /**
     * Where calls go whose address is a bare name, in place of asking the center: {@code
     * dns://orders:9443}, {@code list://a:1,b:2} and the like.
     *
     * @throws IllegalArgumentException if it is no such place
     */
    public Builder target(String place) {
      target = Targets.Where.parse(place);
      return this;
    }

    /**
     * Where calls of one service go, in place of where the others do.
     *
     * @param service its name, {@code shop.Orders}
     * @param place {@code dns://orders:9443}, {@code list://a:1,b:2} and the like
     * @throws IllegalArgumentException if the name breaks the grammar of names, or the place is
     *     none
     */
    public Builder target(String service, String place) {
      targetsByService.put(Names.checkService(service), Targets.Where.parse(place));
      return this;
    }

    /**
     * Puts a function around every call, whatever its tries; the first one added is the outermost.
     */
    public Builder filter(Filter filter) {
      filters.add(filter);
      return this;
    }

    /**
     * Where this client runs, for balancers; else where the settings of the process say ({@code
     * erpc.zone}). Empty if that is not known.
     */
    public Builder zone(String value) {
      policies.zone(value);
      return this;
    }

    /**
     * Spreads the calls of each place over its endpoints; else the one that the settings name. The
     * supplier is asked once for each place that is called, for a balancer of its own.
     */
    public Builder balancer(Supplier<? extends Balancer> maker) {
      policies.balancer(maker);
      return this;
    }

    /**
     * The same for calls of one service, {@code shop.Orders}, wherever they go. Such a service
     * shares its connections with no other.
     *
     * @throws IllegalArgumentException if that is no name of a service
     */
    public Builder balancer(String service, Supplier<? extends Balancer> maker) {
      policies.balancer(service, maker);
      return this;
    }

    /** Puts a function around every try of a call; the first one added is the outermost. */
    public Builder attemptFilter(Filter filter) {
      attemptFilters.add(filter);
      return this;
    }

    public Builder observer(CallObserver observer) {
      observers.add(observer);
      return this;
    }

    /** Completes futures on the event loop, which their callbacks must then never block. */
    public Builder inlineCallbacks() {
      inlineCallbacks = true;
      return this;
    }

    /** What it speaks with servers, and with the center; else erpc's own protocol. */
    public Builder protocol(Protocol value) {
      protocol = value;
      return this;
    }

    /**
     * Speaks TLS on all connections but those that something else is said of; never falls back to
     * plain text. The center's too, unless {@link #centerTls} or {@link #centerPlainText} are set.
     */
    public Builder tls(TlsSettings value) {
      policies.tls(value);
      return this;
    }

    /**
     * Speaks TLS with these files and names on connections for calls of one service, {@code
     * shop.Orders}. They are that service's own, and none of them shows the {@linkplain
     * #credentials(Credentials) usual credentials}: who trusts others here may be somebody else.
     *
     * @throws IllegalArgumentException if that is no name of a service
     */
    public Builder tls(String service, TlsSettings value) {
      policies.tls(service, value);
      return this;
    }

    /**
     * Speaks plain text on connections for calls of one service, which are that service's own and
     * show no usual credentials.
     *
     * @throws IllegalArgumentException if that is no name of a service
     */
    public Builder plainText(String service) {
      policies.plainText(service);
      return this;
    }

    /** Speaks TLS with these files and names to the center, and shows it no usual credentials. */
    public Builder centerTls(TlsSettings value) {
      policies.centerTls(value);
      return this;
    }

    /** Speaks plain text to the center, and shows it no usual credentials. */
    public Builder centerPlainText() {
      policies.centerPlainText();
      return this;
    }

    /**
     * Shows a token on its connections or calls; only under TLS, or to this machine. Whoever has
     * TLS, plain text or credentials of its own set is shown none of this.
     */
    public Builder credentials(Credentials value) {
      policies.credentials(value);
      return this;
    }

    /**
     * Shows a token for calls of one service, {@code shop.Orders}, and to no other.
     *
     * @throws IllegalArgumentException if that is no name of a service
     */
    public Builder credentials(String service, Credentials value) {
      policies.credentials(service, value);
      return this;
    }

    /** Shows a token to the center, and to no other. */
    public Builder centerCredentials(Credentials value) {
      policies.centerCredentials(value);
      return this;
    }

    /** Event loops of the caller's; else the process's own. */
    public Builder reactor(Reactor value) {
      reactor = value;
      return this;
    }

    public Builder ticker(Ticker value) {
      ticker = value;
      return this;
    }

    /** Where chance comes from; must be thread-safe. */
    public Builder random(RandomGenerator value) {
      random = value;
      return this;
    }

    /**
     * The client.
     *
     * @throws IllegalArgumentException if a file for TLS is missing or bad, or the center's address
     *     is none, naming it
     * @throws erpc.settings.SettingsException naming settings of the process that cannot be used
     */
    public Client build() {
      return new Client(this);
    }
  }

  /** The calling thread's own generator. */
  private static final class SharedRandom implements RandomGenerator {
    @Override
    public long nextLong() {
      return ThreadLocalRandom.current().nextLong();
    }
  }
}
