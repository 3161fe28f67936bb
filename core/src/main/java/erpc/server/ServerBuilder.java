package erpc.server;

import erpc.call.Filter;
import erpc.call.Ticker;
import erpc.codec.Codecs;
import erpc.discovery.CenterCalls;
import erpc.discovery.DiscoverySettings;
import erpc.protocol.Protocol;
import erpc.trace.CallObserver;
import erpc.transport.Protocols;
import erpc.transport.Reactor;
import erpc.transport.TlsSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What a server is built with; made by {@link Server#builder()}. Not thread-safe. */
public final class ServerBuilder {
  private @Nullable ServerSettings settings;
  Codecs codecs = Codecs.standard();
  @Nullable Ticker ticker;
  @Nullable CenterCalls center;
  @Nullable DiscoverySettings known;
  final List<Filter> filters = new ArrayList<>();
  final List<CallObserver> observers = new ArrayList<>();
  @Nullable Reactor reactor;
  @Nullable TlsSettings tls;
  @Nullable Authenticator authenticator;
  @Nullable Authorizer authorizer;
  List<Protocol> protocols = Protocols.all();
  Execution execution = Execution.virtual();

  ServerBuilder() {}

  /** Another clock than the event loops' timers have: for tests of one that breaks. */
  public ServerBuilder ticker(Ticker value) {
    ticker = value;
    return this;
  }

  /** The clock that was set, else that of the event loops. */
  Ticker ticker() {
    Ticker own = ticker;
    Reactor given = reactor;
    return own != null ? own : given != null ? given.ticker() : Ticker.system();
  }

  /** What was set, else what the process's settings say. */
  ServerSettings settings() {
    ServerSettings known = settings == null ? ServerSettings.ofProcess() : settings;
    settings = known;
    return known;
  }

  /** All that may be set; else {@link ServerSettings#ofProcess()}. */
  public ServerBuilder settings(ServerSettings value) {
    settings = value;
    return this;
  }

  public ServerBuilder codecs(Codecs value) {
    codecs = value;
    return this;
  }

  /** Puts a function around every call; the first one added is the outermost. */
  public ServerBuilder filter(Filter filter) {
    filters.add(filter);
    return this;
  }

  public ServerBuilder observer(CallObserver observer) {
    observers.add(observer);
    return this;
  }

  /**
   * What is spoken on its ports, instead of erpc's own protocol alone: the first one that knows a
   * connection's first bytes serves it.
   */
  public ServerBuilder protocols(Protocol... spoken) {
    protocols = List.of(spoken);
    return this;
  }

  /**
   * Where handlers run that are not told where when they are added; else on virtual threads.
   *
   * @param value anything but inline, which each handler has to ask for itself
   * @throws IllegalArgumentException if it is inline
   */
  public ServerBuilder execution(Execution value) {
    if (value.isInline()) {
      throw new IllegalArgumentException(
          "a handler that must not block says so itself: handle(method, handler, Execution.inline())");
    }
    execution = value;
    return this;
  }

  /** Speaks TLS, and nothing else unless the settings say so. */
  public ServerBuilder tls(TlsSettings value) {
    tls = value;
    return this;
  }

  /** Serves only whom it knows; everybody else gets UNAUTHENTICATED, whatever they call. */
  public ServerBuilder authenticator(Authenticator value) {
    authenticator = value;
    return this;
  }

  /** Serves only what it allows; all else is PERMISSION_DENIED. Needs an authenticator. */
  public ServerBuilder authorizer(Authorizer value) {
    authorizer = value;
    return this;
  }

  /** Event loops of the caller's; else the process's own. */
  public ServerBuilder reactor(Reactor value) {
    reactor = value;
    return this;
  }

  /**
   * Has the server known at a center while it listens: one entry for each of its services and
   * addresses, as soon as there is a center. Closing takes that back before anything else. Where
   * callers find it, its zone and its weight are what the settings of the process say.
   *
   * @param value the way to the center, which a client has: {@code client.centerCalls()}
   */
  public ServerBuilder register(CenterCalls value) {
    center = Objects.requireNonNull(value, "center");
    return this;
  }

  /**
   * Has the server known at a center, as {@link #register(CenterCalls)}, with advertised address,
   * zone and weight of these settings.
   */
  public ServerBuilder register(CenterCalls value, DiscoverySettings as) {
    known = Objects.requireNonNull(as, "as");
    return register(value);
  }

  /**
   * The server, which doesn't listen yet.
   *
   * @throws IllegalArgumentException if a file for TLS is missing or bad, naming it, or there is an
   *     authorizer and no authenticator
   * @throws erpc.settings.SettingsException naming settings of the process that cannot be used
   */
  public Server build() {
    return new Server(this);
  }
}
