package erpc.client;

import erpc.balance.Balancer;
import erpc.call.Names;
import erpc.call.Target;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Which policy holds for which service. Immutable. */
final class ServicePolicies {
  /** What the names of a center's methods begin with. */
  private static final String CENTER = "center.";

  private final ServicePolicy others;
  private final ServicePolicy center;
  private final String centerPlace;
  private final Map<String, ServicePolicy> own;

  private ServicePolicies(
      ServicePolicy others,
      ServicePolicy center,
      String centerPlace,
      Map<String, ServicePolicy> own) {
    this.others = others;
    this.center = center;
    this.centerPlace = centerPlace;
    this.own = own;
  }

  /** What holds for calls of this target: the center's, its service's, or the usual. */
  ServicePolicy of(Target target) {
    if (target.method().startsWith(CENTER) && target.where().equals(centerPlace)) {
      return center;
    }
    return own.isEmpty() ? others : own.getOrDefault(service(target), others);
  }

  private static String service(Target target) {
    String method = target.method();
    return method.substring(0, method.lastIndexOf('.'));
  }

  /** What holds for what the client itself calls of the center. */
  ServicePolicy center() {
    return center;
  }

  /** What a client's builder was told. Not thread-safe. */
  static final class Maker {
    private @Nullable Supplier<? extends Balancer> balancer;
    private final Map<String, Supplier<? extends Balancer>> balancers = new HashMap<>();

    void balancer(Supplier<? extends Balancer> maker) {
      balancer = Objects.requireNonNull(maker);
    }

    void balancer(String service, Supplier<? extends Balancer> maker) {
      balancers.put(Names.checkService(service), Objects.requireNonNull(maker));
    }

    /**
     * As it was told, and for all else as the settings say.
     *
     * @param centerPlace where calls of the center go
     */
    ServicePolicies made(ClientSettings settings, String centerPlace, RandomGenerator random) {
      Cluster.Balancing named = balancing(() -> Balancer.named(settings.balancer()), false, random);
      Cluster.Balancing usual = balancer == null ? named : balancing(balancer, true, random);
      Map<String, ServicePolicy> own = new HashMap<>();
      balancers.forEach((service, maker) ->
          own.put(service, new ServicePolicy(balancing(maker, true, random))));
      return new ServicePolicies(new ServicePolicy(usual), new ServicePolicy(named), centerPlace, own);
    }

    private static Cluster.Balancing balancing(
        Supplier<? extends Balancer> maker, boolean isUsers, RandomGenerator random) {
      return new Cluster.Balancing(maker, isUsers, "", random);
    }
  }
}
