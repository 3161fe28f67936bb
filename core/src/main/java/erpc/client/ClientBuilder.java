package erpc.client;

import erpc.balance.Balancer;
import erpc.call.CallOptions;
import erpc.call.Filter;
import erpc.call.Method;
import erpc.call.Names;
import erpc.call.Status;
import erpc.call.Ticker;
import erpc.codec.Codecs;
import erpc.discovery.DiscoverySettings;
import erpc.discovery.Resolvers;
import erpc.protocol.Protocol;
import erpc.trace.CallObserver;
import erpc.transport.Credentials;
import erpc.transport.Protocols;
import erpc.transport.Reactor;
import erpc.transport.TlsSettings;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** What a client is built with; made by {@link Client#builder()}. Not thread-safe. */
public final class ClientBuilder {
  private @Nullable ClientSettings settings;
  Codecs codecs = Codecs.standard();
  Resolvers resolvers = Resolvers.standard();
  @Nullable Ticker ticker;
  RandomGenerator random = new SharedRandom();
  boolean inlineCallbacks;
  Protocol protocol = Protocols.erpc();

  Function<Runnable, Thread> threads = Thread::startVirtualThread;

  final List<Filter> filters = new ArrayList<>();
  final List<Filter> attemptFilters = new ArrayList<>();
  final Map<String, Fallback> fallbacks = new HashMap<>();
  final List<CallObserver> observers = new ArrayList<>();
  final ServicePolicies.Maker policies = new ServicePolicies.Maker();
  @Nullable Reactor reactor;
  @Nullable String center;
  CallOptions options = CallOptions.NONE;
  final Map<String, CallOptions> optionsByName = new HashMap<>();
  Targets.@Nullable Where target;
  final Map<String, Targets.Where> targetsByService = new HashMap<>();

  ClientBuilder() {}

  /**
   * All that may be set; else {@link ClientSettings#ofProcess()}, which is also where to start from
   * to change some of it: {@code ClientSettings.ofProcess().withMaxAttempts(1)}.
   */
  public ClientBuilder settings(ClientSettings value) {
    settings = value;
    return this;
  }

  ClientSettings settings() {
    ClientSettings known = settings == null ? ClientSettings.ofProcess() : settings;
    settings = known;
    return known;
  }

  public ClientBuilder codecs(Codecs value) {
    codecs = value;
    return this;
  }

  /** How places are resolved; bare names always by the center. */
  public ClientBuilder resolvers(Resolvers value) {
    resolvers = value;
    return this;
  }

  /**
   * Where the center is, {@code host:port}, several separated by commas; else where {@link
   * DiscoverySettings#ofProcess()} says, which is {@value Client#DEFAULT_CENTER} by default.
   */
  public ClientBuilder center(String addresses) {
    center = addresses;
    return this;
  }

  /**
   * What calls say that don't say it themselves. A timeout is meant for unary calls, as {@link
   * ClientSettings#timeout} is, which it counts before; a stream may last unless its request, its
   * {@link Method} or the options of its method say otherwise. Calls to the center are left alone.
   */
  public ClientBuilder options(CallOptions value) {
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
  public ClientBuilder options(String name, CallOptions value) {
    optionsByName.put(Names.checkService(name), Objects.requireNonNull(value, "options"));
    return this;
  }

  /**
   * Where calls go whose address is a bare name, in place of asking the center: {@code
   * dns://orders:9443}, {@code list://a:1,b:2} and the like.
   *
   * @throws IllegalArgumentException if it is no such place
   */
  public ClientBuilder target(String place) {
    target = Targets.Where.parse(place);
    return this;
  }

  /**
   * Where calls of one service go, in place of where the others do.
   *
   * @param service its name, {@code shop.Orders}
   * @param place {@code dns://orders:9443}, {@code list://a:1,b:2} and the like
   * @throws IllegalArgumentException if the name breaks the grammar of names, or the place is none
   */
  public ClientBuilder target(String service, String place) {
    targetsByService.put(Names.checkService(service), Targets.Where.parse(place));
    return this;
  }

  /**
   * Puts a function around every call, whatever its tries; the first one added is the outermost.
   */
  public ClientBuilder filter(Filter filter) {
    filters.add(filter);
    return this;
  }

  /**
   * Answers calls of a method that fail, whatever has been tried: with something that is known, or
   * good enough. Outside all filters; observers see that the call has failed. The function is given
   * the request and the status, on the caller's thread or a virtual one, and may throw an {@link
   * erpc.call.RpcException} if it knows nothing either. Not asked if the caller has cancelled, nor
   * for streams and one-way calls. Replaces an earlier one of the method.
   */
  public <Q, R> ClientBuilder fallback(
      Method<Q, R> method, BiFunction<? super Q, ? super Status, ? extends R> function) {
    fallbacks.put(method.name(), Fallback.of(Objects.requireNonNull(function, "function")));
    return this;
  }

  /**
   * Where this client runs, for balancers; else where the settings of the process say ({@code
   * erpc.zone}). Empty if that is not known.
   */
  public ClientBuilder zone(String value) {
    policies.zone(value);
    return this;
  }

  /**
   * Spreads the calls of each place over its endpoints; else the one that the settings name. The
   * supplier is asked once for each place that is called, for a balancer of its own.
   */
  public ClientBuilder balancer(Supplier<? extends Balancer> maker) {
    policies.balancer(maker);
    return this;
  }

  /**
   * The same for calls of one service, {@code shop.Orders}, wherever they go. Such a service shares
   * its connections with no other.
   *
   * @throws IllegalArgumentException if that is no name of a service
   */
  public ClientBuilder balancer(String service, Supplier<? extends Balancer> maker) {
    policies.balancer(service, maker);
    return this;
  }

  /**
   * Puts a function around every try of a call; the first one added is the outermost. Around a
   * stream it runs on a thread of its own, while messages may pass already.
   */
  public ClientBuilder attemptFilter(Filter filter) {
    attemptFilters.add(filter);
    return this;
  }

  public ClientBuilder observer(CallObserver observer) {
    observers.add(observer);
    return this;
  }

  /** Completes futures on the event loop, which their callbacks must then never block. */
  public ClientBuilder inlineCallbacks() {
    inlineCallbacks = true;
    return this;
  }

  /** What it speaks with servers, and with the center; else erpc's own protocol. */
  public ClientBuilder protocol(Protocol value) {
    protocol = value;
    return this;
  }

  /**
   * Speaks TLS on all connections but those that something else is said of; never falls back to
   * plain text. The center's too, unless {@link #centerTls} or {@link #centerPlainText} are set.
   */
  public ClientBuilder tls(TlsSettings value) {
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
  public ClientBuilder tls(String service, TlsSettings value) {
    policies.tls(service, value);
    return this;
  }

  /**
   * Speaks plain text on connections for calls of one service, which are that service's own and
   * show no usual credentials.
   *
   * @throws IllegalArgumentException if that is no name of a service
   */
  public ClientBuilder plainText(String service) {
    policies.plainText(service);
    return this;
  }

  /** Speaks TLS with these files and names to the center, and shows it no usual credentials. */
  public ClientBuilder centerTls(TlsSettings value) {
    policies.centerTls(value);
    return this;
  }

  /** Speaks plain text to the center, and shows it no usual credentials. */
  public ClientBuilder centerPlainText() {
    policies.centerPlainText();
    return this;
  }

  /**
   * Shows a token on its connections or calls; only under TLS, or to this machine. Whoever has TLS,
   * plain text or credentials of its own set is shown none of this.
   */
  public ClientBuilder credentials(Credentials value) {
    policies.credentials(value);
    return this;
  }

  /**
   * Shows a token for calls of one service, {@code shop.Orders}, and to no other.
   *
   * @throws IllegalArgumentException if that is no name of a service
   */
  public ClientBuilder credentials(String service, Credentials value) {
    policies.credentials(service, value);
    return this;
  }

  /** Shows a token to the center, and to no other. */
  public ClientBuilder centerCredentials(Credentials value) {
    policies.centerCredentials(value);
    return this;
  }

  /** Event loops of the caller's; else the process's own. */
  public ClientBuilder reactor(Reactor value) {
    reactor = value;
    return this;
  }

  /**
   * Starts the threads on which filters of asynchronous calls run, and whatever else of them may
   * block; else {@link Thread#startVirtualThread}. For tests and simulations.
   *
   * @param value starts a thread with the task and returns it, or throws if there is none
   */
  public ClientBuilder threads(Function<Runnable, Thread> value) {
    threads = Objects.requireNonNull(value, "threads");
    return this;
  }

  /** Another clock than the event loops' timers have: for tests of one that breaks. */
  public ClientBuilder ticker(Ticker value) {
    ticker = value;
    return this;
  }

  /** Where chance comes from; must be thread-safe. */
  public ClientBuilder random(RandomGenerator value) {
    random = value;
    return this;
  }

  /**
   * The client.
   *
   * @throws IllegalArgumentException if a file for TLS is missing or bad, or the center's address
   *     is none, or a codec or compression that options or settings name is not known, naming it
   * @throws erpc.codec.MissingLibraryException naming the library that such a compression needs
   * @throws erpc.settings.SettingsException naming settings of the process that cannot be used
   */
  public Client build() {
    return new Client(this);
  }

  /** The calling thread's own generator. */
  private static final class SharedRandom implements RandomGenerator {
    @Override
    public long nextLong() {
      return ThreadLocalRandom.current().nextLong();
    }

    /**
     * Without a division, which would cost more than all else of a draw (Lemire, "Fast Random
     * Integer Generation in an Interval", 2019). Some values are more likely by the bound's part of
     * 2^64.
     */
    @Override
    public long nextLong(long bound) {
      if (bound <= 0) {
        throw new IllegalArgumentException("the bound must be positive, not " + bound);
      }
      return Math.unsignedMultiplyHigh(nextLong(), bound);
    }
  }
}
