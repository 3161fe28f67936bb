package erpc.server;

import erpc.call.Method;
import erpc.call.Service;
import erpc.call.Thrown;
import erpc.discovery.DiscoverySettings;
import erpc.discovery.Registrar;
import erpc.transport.Reactor;
import erpc.transport.Tls;
import erpc.transport.TlsSettings;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers calls. Built with what it needs, given handlers, then listening until it is closed;
 * several may live in one process. Thread-safe.
 *
 * <p>While it listens it keeps the process alive.
 */
public final class Server implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger("erpc.server");

  private final MethodTable methods;
  private final Health health;
  private final Admission admission;
  private final ServerStack stack;
  private final ServerSettings settings;
  private final Execution execution;
  private final Reactor reactor;
  private final boolean borrowed;
  private final Listeners listeners;
  private final @Nullable CenterAnnouncement announcement;
  private final @Nullable Tls tls;
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Watchdog.Handlers handlers =
      new Watchdog.Handlers() {
        @Override
        public void show(Consumer<@Nullable Thread> to) {
          showHandlers(to);
        }

        @Override
        public long begun() {
          return stack.overload.begun();
        }
      };
  private final ExitHook onExit = new ExitHook(this::close, "erpc-shutdown");
  private boolean closing; // guarded by this

  Server(ServerBuilder builder) {
    settings = builder.settings();
    execution = builder.execution;
    announcement =
        builder.center == null
            ? null
            : new CenterAnnouncement(
                builder.center,
                builder.known == null ? DiscoverySettings.ofProcess() : builder.known);
    if (builder.authorizer != null && builder.authenticator == null) {
      throw new IllegalArgumentException(
          "an authorizer needs an authenticator to tell it who calls");
    }
    TlsSettings secure = builder.tls == null ? settings.tls() : builder.tls;
    tls = secure == null ? null : Tls.server(secure);
    // After all that may throw, since it is given back by close.
    reactor = builder.reactor == null ? Reactor.borrowShared() : builder.reactor;
    borrowed = builder.reactor == null;
    admission = new Admission(settings.maxInFlight(), reactor.memory());
    methods = new MethodTable(builder.ticker());
    Describe.addTo(methods, builder.codecs);
    health = Health.addTo(methods);
    stack = new ServerStack(methods, health, admission, reactor.memory(), builder);
    listeners = new Listeners(reactor, stack, builder.protocols, tls);
  }

  public static ServerBuilder builder() {
    return new ServerBuilder();
  }

  /**
   * Answers a method, each call on a virtual thread of its own unless the builder was told another
   * {@link ServerBuilder#execution}.
   *
   * @throws IllegalArgumentException if the method has a handler already
   */
  public <Q, R> Server handle(Method<Q, R> method, Handler<Q, R> handler) {
    return handle(method, handler, execution);
  }

  /**
   * Answers a method. May be called while the server listens.
   *
   * @throws IllegalArgumentException if the method has a handler already, or no codec takes its
   *     types, naming the part of them that would not come back as it was sent
   * @throws erpc.codec.MissingLibraryException naming the library, if its messages are JSON and the
   *     library that writes them is missing
   */
  public <Q, R> Server handle(Method<Q, R> method, Handler<Q, R> handler, Execution execution) {
    stack.codecs.requireTaken(method);
    methods.add(method, handler, execution);
    return announced();
  }

  /**
   * Answers a method later, without a thread that waits for it; the handler itself runs on a
   * virtual thread.
   *
   * @throws IllegalArgumentException as {@link #handle(Method, Handler, Execution)}
   */
  public <Q, R> Server handleAsync(Method<Q, R> method, AsyncHandler<Q, R> handler) {
    return handleAsync(method, handler, execution);
  }

  /**
   * Answers a method later, without a thread that waits for it. May be called while the server
   * listens.
   *
   * @param execution where the handler begins. Filters around it wait for what it answers, so with
   *     any filter one that is to run inline takes a virtual thread
   * @throws IllegalArgumentException as {@link #handle(Method, Handler, Execution)}
   */
  public <Q, R> Server handleAsync(
      Method<Q, R> method, AsyncHandler<Q, R> handler, Execution execution) {
    stack.codecs.requireTaken(method);
    methods.addAsync(method, handler, execution);
    return announced();
  }

  /**
   * Answers a method with messages both ways, each call on a virtual thread of its own. Other kinds
   * of streams may be answered like this too.
   *
   * @throws IllegalArgumentException if the method has a handler already, or is unary
   */
  public <Q, R> Server handleStream(Method<Q, R> method, StreamHandler<Q, R> handler) {
    return handleStream(method, handler, execution);
  }

  /**
   * Answers a method that streams. May be called while the server listens.
   *
   * @param execution anything but inline
   * @throws IllegalArgumentException if the method has a handler already, is unary, or is to run
   *     inline
   */
  public <Q, R> Server handleStream(
      Method<Q, R> method, StreamHandler<Q, R> handler, Execution execution) {
    require(method, method.kind() != Method.Kind.UNARY);
    stack.codecs.requireTaken(method);
    methods.add(method, handler, execution);
    return announced();
  }

  /**
   * Answers a method that streams its replies, each call on a virtual thread of its own.
   *
   * @throws IllegalArgumentException if the method has a handler already, or is of another kind
   */
  public <Q, R> Server handleServerStream(
      Method<Q, R> method, StreamHandler.OneToMany<Q, R> handler) {
    require(method, method.kind() == Method.Kind.SERVER_STREAMING);
    Objects.requireNonNull(handler, "handler");
    return handleStream(
        method, (context, requests, replies) -> handler.handle(context, requests.one(), replies));
  }

  /**
   * Answers a method that streams its requests, each call on a virtual thread of its own.
   *
   * @throws IllegalArgumentException if the method has a handler already, or is of another kind
   */
  public <Q, R> Server handleClientStream(
      Method<Q, R> method, StreamHandler.ManyToOne<Q, R> handler) {
    require(method, method.kind() == Method.Kind.CLIENT_STREAMING);
    Objects.requireNonNull(handler, "handler");
    return handleStream(
        method, (context, requests, replies) -> replies.send(handler.handle(context, requests)));
  }

  /**
   * Answers all methods of a service, each call on a virtual thread of its own unless the builder
   * was told another {@link ServerBuilder#execution}.
   *
   * @throws IllegalArgumentException if one of its methods has a handler already; those before it
   *     stay
   */
  public <T> Server handle(Service<T> service, T implementation) {
    return handle(service, implementation, method -> execution);
  }

  /**
   * Answers all methods of a service. May be called while the server listens.
   *
   * @param executions where each method's handler runs; anything but inline for one that streams
   * @throws IllegalArgumentException as {@link #handle(Method, Handler, Execution)}; those before
   *     it stay
   */
  public <T> Server handle(
      Service<T> service, T implementation, Function<Method<?, ?>, Execution> executions) {
    Objects.requireNonNull(implementation, "implementation");
    ServiceHandlers.bind(service, implementation, methods, stack.codecs, executions);
    return announced();
  }

  /**
   * Limits one method's calls, whoever makes them; others are refused with RESOURCE_EXHAUSTED, not
   * started. May be called while the server listens, again and again.
   *
   * @param method the name of a method that has a handler
   * @param maxInFlight at the same time; {@link Integer#MAX_VALUE} for any number
   * @param perSecond evenly, but for a tenth of them at once; {@link Integer#MAX_VALUE} for any
   *     number
   * @throws IllegalArgumentException if the method has no handler, or a limit is not positive
   */
  public Server limit(String method, int maxInFlight, int perSecond) {
    methods.limit(method, maxInFlight, perSecond);
    return this;
  }

  /**
   * Takes over how this server protects itself from too many calls: {@link
   * ServerSettings#shedding()}, {@link ServerSettings#concurrencyLimit()} and {@link
   * ServerSettings#trustCriticality()}. Nothing else of it changes. May be called while the server
   * listens.
   */
  public void protect(ServerSettings value) {
    stack.overload.protect(value);
  }

  private Server announced() {
    if (announcement != null) {
      announcement.methods(methodNames());
    }
    return this;
  }

  private static void require(Method<?, ?> method, boolean fits) {
    if (!fits) {
      throw new IllegalArgumentException(
          "method " + method + " is " + method.kind() + " and takes a handler of that kind");
    }
  }

  /** Full names of the methods it answers, erpc's own left out. */
  public List<String> methodNames() {
    return methods.all().stream()
        .map(route -> route.method().name())
        .filter(name -> !name.startsWith("erpc."))
        .toList();
  }

  /**
   * Begins to listen, on all of these addresses or on none; returns once the ports are open. May be
   * called again for further ones.
   *
   * @param address {@code :8877} for every address of this machine, {@code 127.0.0.1:0} for a free
   *     port, {@code [::1]:8877}, {@code unix:/run/demo.sock}
   * @throws IOException if one cannot be listened on, naming it
   * @throws IllegalArgumentException if an address is malformed
   */
  public synchronized Server listen(String address, String... more) throws IOException {
    if (closing) {
      throw new IllegalStateException("the server was closed");
    }
    List<String> all = new ArrayList<>(List.of(more));
    all.add(0, address);
    boolean first = listeners.isEmpty();
    List<String> bound = listeners.open(all);
    if (first) {
      keepAlive();
      Watchdog.ofProcess().watch(reactor.all(), handlers);
    }
    if (announcement != null) {
      announcement.listening(bound, methodNames());
    }
    return this;
  }

  private void showHandlers(Consumer<@Nullable Thread> to) {
    listeners.forEachCall(call -> to.accept(call.thread()));
  }

  /** Event loops are daemons; this thread is what a listening server lives by. */
  private void keepAlive() {
    Thread.ofPlatform().name("erpc-server").daemon(false).start(this::awaitUninterruptibly);
  }

  private void awaitUninterruptibly() {
    while (true) {
      try {
        closed.await();
        return;
      } catch (InterruptedException e) {
        // Nobody has a reason to interrupt this thread; the server lives on.
      }
    }
  }

  /**
   * The first address it listens on, with the port that was picked: {@code 127.0.0.1:8877}.
   *
   * @throws IllegalStateException if it doesn't listen
   */
  public String address() {
    List<String> all = addresses();
    if (all.isEmpty()) {
      throw new IllegalStateException("the server doesn't listen yet");
    }
    return all.get(0);
  }

  /** All that it listens on, in the order in which it was asked to; empty if it doesn't yet. */
  public List<String> addresses() {
    return listeners.addresses();
  }

  /** What this server says of its health, as {@code erpc.health}. */
  public Health health() {
    return health;
  }

  /** Calls that have been let in and whose handlers have not finished. */
  public int inFlight() {
    return admission.inFlight();
  }

  /** Connections that are open. */
  public int connectionCount() {
    return listeners.connectionCount();
  }

  /** Waits until the server has been closed. */
  public void awaitClosed() throws InterruptedException {
    closed.await();
  }

  /**
   * Stops without losing a call: tells the center and keeps serving until callers have heard of it,
   * takes no new calls, lets those in flight finish, closes. Returns once all that is done, at the
   * latest after {@link #longestClose()}. Closing again waits for the first to be done.
   */
  @Override
  public void close() {
    if (!beginClosing()) {
      awaitUninterruptibly();
      return;
    }
    Patience patience = new Patience();
    try {
      health.drain();
      if (isWithdrawn()) {
        patience.pause(settings.drainNotice().toMillis());
      }
      listeners.drain(patience);
    } finally {
      if (tls != null) {
        tls.close();
      }
      Watchdog.ofProcess().forget(handlers);
      onExit.forget();
      if (borrowed) {
        Reactor.giveBack(reactor);
      }
      closed.countDown();
      patience.restoreInterrupt();
    }
    if (!listeners.isEmpty()) {
      LOG.info("closed");
    }
  }

  /**
   * The longest a {@link #close()} takes, for those who plan a shutdown: drain notice and grace, 2
   * s to tell a center that is slow or gone, 1 s for callers to read their last answers, and 1 s to
   * spare.
   */
  public Duration longestClose() {
    return settings
        .drainNotice()
        .plus(settings.drainGrace())
        .plus(Registrar.CLOSE_WITHIN)
        .plus(Listeners.LAST_WORDS)
        .plusSeconds(1);
  }

  private synchronized boolean beginClosing() {
    boolean first = !closing;
    closing = true;
    return first;
  }

  /** Whether it has been closed, and whatever it still did is done. */
  public boolean isClosed() {
    return closed.getCount() == 0;
  }

  private boolean isWithdrawn() {
    try {
      return announcement != null && announcement.withdraw();
    } catch (Throwable e) {
      Thrown.warn(LOG, "taking back the registration failed; the server closes all the same", e);
      return false;
    }
  }

  /** Has the process's end, SIGTERM included, close this server first. */
  public Server closeOnExit() {
    onExit.set();
    return this;
  }
}
