package erpc.client;

import erpc.breaker.Hedging;
import erpc.breaker.MethodLatency;
import erpc.call.CallOptions;
import erpc.call.Method;
import erpc.call.RpcException;
import erpc.call.Target;
import erpc.discovery.Resolver;
import erpc.discovery.Resolvers;
import erpc.protocol.RouteName;
import erpc.transport.EndpointPool;
import erpc.transport.Security;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * What a client calls: knows the {@link Destination} of each address and target that was called
 * before, and makes those of new ones, with the place, its endpoints and their connections.
 * Thread-safe.
 */
final class Destinations {
  private static final int MAX_REMEMBERED_ROUTES = 4_096;

  private final ClientStack stack;
  private final Resolvers resolvers;
  private final ServicePolicies policies;
  private final Defaults defaults;
  private final Targets targets;
  private final Places places;
  private final Map<String, Target> byAddress = new ConcurrentHashMap<>();
  private final Map<Target, Destination> byTarget = new ConcurrentHashMap<>();
  private final Map<String, RouteName> routes = new ConcurrentHashMap<>();
  private final AtomicInteger routeSlots = new AtomicInteger();

  Destinations(
      ClientStack stack,
      Resolvers resolvers,
      ServicePolicies policies,
      Defaults defaults,
      Targets targets) {
    this.stack = stack;
    this.resolvers = resolvers;
    this.policies = policies;
    this.defaults = defaults;
    this.targets = targets;
    this.places =
        new Places(
            stack.reactor,
            stack.settings.maxDestinations(),
            stack.settings.connection().idleTimeout(),
            this::watched,
            this::forgotten);
  }

  /**
   * What an address stands for.
   *
   * @throws IllegalArgumentException if it is malformed
   */
  Target target(String address) {
    Target known =
        byAddress.get(
            Objects.requireNonNull(
                address,
                "a call needs an address, not null: demo.hello, ip://127.0.0.1:8877/demo.hello"));
    if (known == null) {
      known = Target.parse(address);
      if (byAddress.size() < stack.settings.maxDestinations()) {
        byAddress.put(address, known);
      }
    }
    return known;
  }

  /**
   * Where calls of a target go.
   *
   * @throws RpcException if the client was closed, or all places there may be are in use
   * @throws IllegalArgumentException if the place is malformed
   */
  Destination of(Target target) {
    Destination known = byTarget.get(target);
    return known != null && !known.cluster().isForgotten() ? known : made(target);
  }

  /** What calls of a method say that don't say it themselves, wherever they go. */
  CallOptions defaults(Method<?, ?> method) {
    return defaults.of(method.name()).of(method);
  }

  private Destination made(Target target) {
    ServicePolicy policy = policies.of(target);
    Destination made =
        new Destination(
            stack,
            target,
            policy,
            places.of(targets.of(target), policy),
            route(target.method()),
            defaults.of(target.method()),
            new KnownCodec(),
            new MethodLatency(stack.ticker.nanos()),
            new Hedging(),
            this::made);
    if (byTarget.size() < stack.settings.maxDestinations()) {
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
            stack,
            address -> link(address, place.policy().security(), serverName, refused));
    made.set(cluster);
    return new Places.Watched(cluster, resolver);
  }

  private EndpointPool link(
      String address, Security security, @Nullable String serverName, Runnable refused) {
    return new EndpointPool(
        stack.reactor,
        address,
        stack.settings.pool(),
        stack.settings.connection(),
        stack.settings.connectTimeout(),
        new EndpointPool.Context(
            stack.ticker, stack.random, stack.protocol, security, serverName, refused));
  }

  /** Calls that come find their way anew. */
  private void forgotten(Set<Cluster> clusters) {
    byTarget.values().removeIf(each -> clusters.contains(each.cluster()));
  }

  /** Makes no more; the places there were, for the client to close. */
  List<Places.Watched> close() {
    List<Places.Watched> last = places.close();
    byAddress.clear();
    byTarget.clear();
    return last;
  }
}
