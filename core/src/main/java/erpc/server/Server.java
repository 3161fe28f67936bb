package erpc.server;

import erpc.call.Filter;
import erpc.call.Method;
import erpc.call.Status;
import erpc.call.Thrown;
import erpc.call.Ticker;
import erpc.codec.Codecs;
import erpc.trace.CallObserver;
import erpc.transport.ConnectionLimit;
import erpc.transport.Listening;
import erpc.transport.Reactor;
import erpc.transport.Tls;
import erpc.transport.TlsSettings;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
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
  private static final long DRAIN_POLL_MILLIS = 10;

  /** How long the answers to calls that were given up may take to be read. */
  private static final long LAST_WORDS_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final MethodTable methods = new MethodTable();
  private final Health health;
  private final Admission admission;
  private final ServerStack stack;
  private final ServerSettings settings;
  private final Reactor reactor;
  private final boolean borrowed;
  private final Ticker ticker;
  private final Announcement announcement;
  private final @Nullable Tls tls;
  private final CountDownLatch closed = new CountDownLatch(1);
  private final ConnectionLimit connections;
  private final List<Listening> listenings = new ArrayList<>(); // guarded by this
  private final Watchdog.Handlers handlers = this::showHandlers;
  private final ExitHook onExit = new ExitHook(this::close, "erpc-shutdown");
  private boolean closing; // guarded by this
  private boolean hurried; // of the thread that closes

  private Server(Builder builder) {
    settings = builder.settings();
    ticker = builder.ticker;
    connections = new ConnectionLimit(settings.maxConnections());
    announcement = builder.announcement;
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
    Describe.addTo(methods, builder.codecs);
    health = Health.addTo(methods);
    stack = new ServerStack(methods, health, admission, reactor.memory(), builder);
  }

  public static Builder builder() {
    return new Builder();
  }

  /**
   * Answers a method, each call on a virtual thread of its own.
   *
   * @throws IllegalArgumentException if the method has a handler already
   */
  public <Q, R> Server handle(Method<Q, R> method, Handler<Q, R> handler) {
    return handle(method, handler, Execution.virtual());
  }

  /**
   * Answers a method. May be called while the server listens.
   *
   * @throws IllegalArgumentException if the method has a handler already, or no codec takes its
   *     types, naming the part of them that would not come back as it was sent
   */
  public <Q, R> Server handle(Method<Q, R> method, Handler<Q, R> handler, Execution execution) {
    stack.codecs.requireTaken(method.name(), method.requestType(), method.responseType());
    methods.add(method, handler, execution);
    announcement.methods(methodNames());
    return this;
  }

  /**
   * Answers a method later, without a thread that waits for it; the handler itself runs on a
   * virtual thread.
   *
   * @throws IllegalArgumentException as {@link #handle(Method, Handler, Execution)}
   */
  public <Q, R> Server handleAsync(Method<Q, R> method, AsyncHandler<Q, R> handler) {
    return handleAsync(method, handler, Execution.virtual());
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
    stack.codecs.requireTaken(method.name(), method.requestType(), method.responseType());
    methods.addAsync(method, handler, execution);
    announcement.methods(methodNames());
    return this;
  }

  /**
   * Answers a method with messages both ways, each call on a virtual thread of its own. Other kinds
   * of streams may be answered like this too.
   *
   * @throws IllegalArgumentException if the method has a handler already, or is unary
   */
  public <Q, R> Server handleStream(Method<Q, R> method, StreamHandler<Q, R> handler) {
    return handleStream(method, handler, Execution.virtual());
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
    stack.codecs.requireTaken(method.name(), method.requestType(), method.responseType());
    methods.add(method, handler, execution);
    announcement.methods(methodNames());
    return this;
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
   * Begins to listen; returns once the port is open. May be called for several addresses.
   *
   * @param address {@code :8877} for every address of this machine, {@code 127.0.0.1:0} for a free
   *     port, {@code [::1]:8877}, {@code unix:/run/demo.sock}
   * @throws IOException if it cannot be listened on, naming the address
   * @throws IllegalArgumentException if the address is malformed
   */
  public synchronized Server listen(String address) throws IOException {
    if (closing) {
      throw new IllegalStateException("the server was closed");
    }
    Listening listening =
        Listening.open(reactor, address, settings.connection(), ticker, stack, tls, connections);
    if (listenings.isEmpty()) {
      keepAlive();
      Watchdog.ofProcess().watch(reactor.all(), handlers);
    }
    listenings.add(listening);
    LOG.info("listening on {}", listening.address());
    announcement.listening(listening.address(), methodNames());
    return this;
  }

  private void showHandlers(Consumer<@Nullable Thread> to) {
    List<Listening> open;
    synchronized (this) {
      open = List.copyOf(listenings);
    }
    open.forEach(each -> each.forEachCall(call -> to.accept(call.thread())));
    stack.loneCalls().forEach(call -> to.accept(call.thread()));
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
  public synchronized String address() {
    if (listenings.isEmpty()) {
      throw new IllegalStateException("the server doesn't listen yet");
    }
    return listenings.get(0).address();
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
  public synchronized int connectionCount() {
    return listenings.stream().mapToInt(Listening::connectionCount).sum();
  }

  /** Waits until the server has been closed. */
  public void awaitClosed() throws InterruptedException {
    closed.await();
  }

  /**
   * Stops without losing a call: tells the center and keeps serving until callers have heard of it,
   * takes no new calls, lets those in flight finish, closes. Returns once all that is done, at the
   * latest after the drain notice, the grace and a little. Closing again waits for the first to be
   * done.
   */
  @Override
  public void close() {
    List<Listening> open;
    synchronized (this) {
      open = closing ? null : List.copyOf(listenings);
      closing = true;
    }
    if (open == null) {
      awaitUninterruptibly();
      return;
    }
    try {
      health.drain();
      if (isWithdrawn()) {
        pause(settings.drainNotice().toMillis());
      }
      drain(open);
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
      if (hurried) {
        Thread.currentThread().interrupt();
      }
    }
    if (!open.isEmpty()) {
      LOG.info("closed");
    }
  }

  private boolean isWithdrawn() {
    try {
      return announcement.withdraw();
    } catch (Throwable e) {
      Thrown.warn(LOG, "taking back the registration failed; the server closes all the same", e);
      return false;
    }
  }

  private void drain(List<Listening> open) {
    admission.drain();
    open.forEach(Listening::stopAccepting);
    long begun = ticker.nanos();
    long deadline = begun + settings.drainGrace().toNanos();
    while (!hurried && ticker.nanos() - deadline < 0 && hasWork(open)) {
      // Again and again: a connection may just have said what it speaks.
      open.forEach(each -> each.drain("the server is shutting down"));
      pause(DRAIN_POLL_MILLIS);
    }
    int left = admission.inFlight();
    if (left > 0 && hasWork(open)) { // Else they are handlers that go on though nobody waits.
      LOG.warn(
          "{} calls have not finished within {} ms and are cancelled",
          left,
          TimeUnit.NANOSECONDS.toMillis(ticker.nanos() - begun));
    }
    Status why =
        Status.of(
            Status.Code.UNAVAILABLE,
            "the server is draining and has not waited longer for this call (drainGrace)");
    open.forEach(each -> each.endCalls(why));
    stack.loneCalls().end(why);
    long end = ticker.nanos() + LAST_WORDS_NANOS;
    while (!hurried
        && ticker.nanos() - end < 0
        && open.stream().anyMatch(each -> each.connectionCount() > 0)) {
      pause(DRAIN_POLL_MILLIS);
    }
    open.forEach(each -> each.closeConnections(why));
  }

  private boolean hasWork(List<Listening> open) {
    return stack.loneCalls().count() > 0
        || open.stream().anyMatch(each -> each.connectionCount() > 0);
  }

  /** Waits, unless somebody has interrupted the shutdown: who does wants it quicker, not undone. */
  private void pause(long millis) {
    if (!hurried) {
      try {
        TimeUnit.MILLISECONDS.sleep(millis);
      } catch (InterruptedException e) {
        hurried = true;
      }
    }
  }

  /** Has the process's end, SIGTERM included, close this server first. */
  public Server closeOnExit() {
    onExit.set();
    return this;
  }

  /** What a server is built with. Not thread-safe. */
  public static final class Builder {
    private @Nullable ServerSettings settings;
    Codecs codecs = Codecs.standard();
    Ticker ticker = Ticker.system();
    private Announcement announcement = Announcement.NONE;
    final List<Filter> filters = new ArrayList<>();
    final List<CallObserver> observers = new ArrayList<>();
    private @Nullable Reactor reactor;
    private @Nullable TlsSettings tls;
    @Nullable Authenticator authenticator;
    @Nullable Authorizer authorizer;

    private Builder() {}

    /** What was set, else what the process's settings say. */
    ServerSettings settings() {
      ServerSettings known = settings == null ? ServerSettings.ofProcess() : settings;
      settings = known;
      return known;
    }

    /** All that may be set; else {@link ServerSettings#ofProcess()}. */
    public Builder settings(ServerSettings value) {
      settings = value;
      return this;
    }

    public Builder codecs(Codecs value) {
      codecs = value;
      return this;
    }

    /** Puts a function around every call; the first one added is the outermost. */
    public Builder filter(Filter filter) {
      filters.add(filter);
      return this;
    }

    public Builder observer(CallObserver observer) {
      observers.add(observer);
      return this;
    }

    /** Speaks TLS, and nothing else unless the settings say so. */
    public Builder tls(TlsSettings value) {
      tls = value;
      return this;
    }

    /** Serves only whom it knows; everybody else gets UNAUTHENTICATED, whatever they call. */
    public Builder authenticator(Authenticator value) {
      authenticator = value;
      return this;
    }

    /** Serves only what it allows; all else is PERMISSION_DENIED. Needs an authenticator. */
    public Builder authorizer(Authorizer value) {
      authorizer = value;
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

    /** Tells somebody, normally the center, where the server listens. */
    public Builder announce(Announcement value) {
      announcement = value;
      return this;
    }

    /**
     * The server, which doesn't listen yet.
     *
     * @throws IllegalArgumentException if a file for TLS is missing or bad, naming it, or there is
     *     an authorizer and no authenticator
     * @throws erpc.settings.SettingsException naming settings of the process that cannot be used
     */
    public Server build() {
      return new Server(this);
    }
  }

  /** The longest a {@link #close()} takes with these settings, for those who plan a shutdown. */
  public Duration longestClose() {
    return settings.drainNotice().plus(settings.drainGrace()).plusSeconds(2);
  }
}
