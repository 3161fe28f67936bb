package erpc.client;

import erpc.breaker.Tries;
import erpc.call.Filter;
import erpc.call.Method;
import erpc.call.Ticker;
import erpc.codec.Codecs;
import erpc.endpoints.Protection;
import erpc.protocol.MemoryBudget;
import erpc.protocol.Protocol;
import erpc.trace.Observers;
import erpc.transport.Reactor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The way of a call through a client, outermost first. Built once per client. {@link ClientCall}
 * drives calls through it.
 */
final class ClientStack {
  final ClientSettings settings;
  final Codecs codecs;
  final Ticker ticker;
  final RandomGenerator random;
  final Reactor reactor;
  final MemoryBudget memory;
  final Protocol protocol;
  final boolean inlineCallbacks;
  final Function<Runnable, Thread> threads;
  final OnewayCalls oneways = new OnewayCalls();
  final Limit.All limits = new Limit.All();

  final Observers observers;

  /** Set by the client, when it is built and while calls go on; whoever decides reads it anew. */
  private volatile Protection protection;

  /** Entered once per call. */
  final CallStage[] callStages;

  /** Around the whole call, above its stages; without fallbacks. */
  final List<Filter> callFilters;

  /** Those around calls of methods that have a fallback, with that outermost, by method's name. */
  private final Map<String, List<Filter>> withFallback = new HashMap<>();

  /** Functions around a whole call that may fall back, the first one outermost. */
  List<Filter> filters(Method<?, ?> method) {
    return withFallback.isEmpty()
        ? callFilters
        : withFallback.getOrDefault(method.name(), callFilters);
  }

  /**
   * Decides whether there is another try. Above balance, so that the new try may pick another
   * endpoint.
   */
  Tries tries(Tries.Plan plan, long deadlineNanos, int made) {
    return new Tries(plan, random, deadlineNanos, made);
  }

  /** From now on these mechanisms act. */
  void protect(Protection value) {
    protection = value;
  }

  /** Which mechanisms protect calls from endpoints that fail, as it is set now. */
  Protection protection() {
    return protection;
  }

  /** Entered once per try. */
  final Stage[] attemptStages;

  ClientStack(ClientBuilder builder, Reactor reactor) {
    this.settings = builder.settings();
    this.protection = settings.protection().protection();
    this.codecs = builder.codecs;
    this.ticker = builder.ticker == null ? reactor.ticker() : builder.ticker;
    this.random = builder.random;
    this.reactor = reactor;
    this.memory = reactor.memory();
    this.protocol = builder.protocol;
    this.inlineCallbacks = builder.inlineCallbacks;
    this.threads = builder.threads;
    this.observers = new Observers(builder.observers);
    List<@Nullable CallStage> all =
        Arrays.asList(
            // First: one call is seen, however many tries it takes and wherever it ends.
            observers.isEmpty() ? null : new Observe(),
            // Above the tries: fixed once and shared by all of them.
            new InTime());
    this.callStages = all.stream().filter(Objects::nonNull).toArray(CallStage[]::new);
    this.callFilters = List.copyOf(builder.filters);
    builder.fallbacks.forEach((method, fallback) -> {
      List<Filter> around = new ArrayList<>(callFilters);
      around.addFirst(fallback);
      withFallback.put(method, List.copyOf(around));
    });
    this.attemptStages =
        new Stage[] {
          // Picks one endpoint and counts what is under way on it. A breaker's accounting comes
          // right below, so that it is fed by the status of this try on this endpoint; encoding,
          // which fails for local reasons, stands below both and never counts against an endpoint.
          new Balance(),
        };
    // Below: the filters around each try, which see where it goes; they are the destination's,
    // since some destinations are shown a token (ServicePolicy). Then encode (once per call;
    // another
    // try sends the same bytes), then the connection.
  }
}
