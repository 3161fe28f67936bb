package erpc.client;

import erpc.balance.Balancer;
import erpc.call.Filter;
import erpc.call.Names;
import erpc.call.Target;
import erpc.discovery.DiscoverySettings;
import erpc.transport.Credentials;
import erpc.transport.Security;
import erpc.transport.TlsSettings;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Which policy holds for which service. Closed by its client. */
final class ServicePolicies implements AutoCloseable {
  /** What the names of a center's methods begin with. */
  private static final String CENTER = "center.";

  /** Balancers that may take a second for a long list. */
  private static final Set<String> BUILD_TABLES = Set.of("ring_hash", "maglev");

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

  /** Looks at files and asks for tokens no more. */
  @Override
  public void close() {
    others.security().close();
    center.security().close();
    own.values().forEach(each -> each.security().close());
  }

  /** What was said of one destination. */
  private static final class Said {
    @Nullable Supplier<? extends Balancer> balancer;
    @Nullable TlsSettings tls;
    boolean plainText;
    @Nullable Credentials credentials;

    void tls(TlsSettings value) {
      tls = Objects.requireNonNull(value);
      plainText = false;
    }

    void plainText() {
      tls = null;
      plainText = true;
    }

    /** Whether something is said of TLS, so that nothing is taken over from others. */
    boolean saysTls() {
      return tls != null || plainText;
    }
  }

  /** What a client's builder was told. Not thread-safe. */
  static final class Maker {
    private final Said usual = new Said();
    private final Said center = new Said();
    private final Map<String, Said> own = new HashMap<>();
    private @Nullable String zone;

    void zone(String value) {
      zone = Objects.requireNonNull(value);
    }

    void balancer(Supplier<? extends Balancer> maker) {
      usual.balancer = Objects.requireNonNull(maker);
    }

    void balancer(String service, Supplier<? extends Balancer> maker) {
      of(service).balancer = Objects.requireNonNull(maker);
    }

    void tls(TlsSettings value) {
      usual.tls(value);
    }

    void tls(String service, TlsSettings value) {
      of(service).tls(value);
    }

    void plainText(String service) {
      of(service).plainText();
    }

    void credentials(Credentials value) {
      usual.credentials = Objects.requireNonNull(value);
    }

    void credentials(String service, Credentials value) {
      of(service).credentials = Objects.requireNonNull(value);
    }

    void centerTls(TlsSettings value) {
      center.tls(value);
    }

    void centerPlainText() {
      center.plainText();
    }

    void centerCredentials(Credentials value) {
      center.credentials = Objects.requireNonNull(value);
    }

    private Said of(String service) {
      return own.computeIfAbsent(Names.checkService(service), name -> new Said());
    }

    /**
     * As it was told, and for all else as the settings say.
     *
     * @param centerPlace where calls of the center go
     * @param filters around each try of all calls
     * @throws IllegalArgumentException if a file for TLS is missing or bad, naming it
     */
    ServicePolicies made(
        ClientSettings settings, String centerPlace, RandomGenerator random, List<Filter> filters) {
      return new Making(settings, random, filters).made(centerPlace);
    }

    private final class Making {
      private final ClientSettings settings;
      private final RandomGenerator random;
      private final List<Filter> filters;
      private final List<Security> made = new ArrayList<>();
      private final @Nullable TlsSettings usualTls;
      private final String clientZone;

      Making(ClientSettings settings, RandomGenerator random, List<Filter> filters) {
        this.settings = settings;
        this.random = random;
        this.filters = filters;
        this.usualTls = usual.tls == null ? settings.tls() : usual.tls;
        this.clientZone = zone == null ? DiscoverySettings.ofProcess().zone() : zone;
      }

      ServicePolicies made(String centerPlace) {
        try {
          Map<String, ServicePolicy> all = new HashMap<>();
          own.forEach((service, said) -> all.put(service, policy(said)));
          return new ServicePolicies(policy(usual), centerPolicy(), centerPlace, all);
        } catch (Throwable e) {
          made.forEach(Security::close); // Nobody else will.
          throw e;
        }
      }

      private ServicePolicy policy(Said said) {
        Supplier<? extends Balancer> maker = said.balancer == null ? usual.balancer : said.balancer;
        Credentials credentials = credentials(said);
        boolean perCall = credentials != null && credentials.perCall();
        return new ServicePolicy(
            maker == null ? named() : new Cluster.Balancing(maker, true, clientZone, random),
            security(said, credentials),
            perCall ? credentials : null,
            filters);
      }

      /** The center's own calls carry no token that was meant for each call of a service. */
      private ServicePolicy centerPolicy() {
        Said said = saidOfCenter();
        Credentials credentials = credentials(said);
        boolean perCall = center.credentials != null && center.credentials.perCall();
        boolean forOthers = !perCall && credentials != null && credentials.perCall();
        return new ServicePolicy(
            named(),
            security(said, forOthers ? null : credentials),
            perCall ? credentials : null,
            filters);
      }

      /** What the builder was told, and for TLS else what the settings say. */
      private Said saidOfCenter() {
        if (center.saysTls()) {
          return center;
        }
        Said said = new Said();
        said.credentials = center.credentials;
        said.plainText = settings.center().plainText();
        said.tls = settings.center().tls();
        return said;
      }

      private Cluster.Balancing named() {
        String name = settings.balancer();
        return new Cluster.Balancing(
            () -> Balancer.named(name), BUILD_TABLES.contains(name), clientZone, random);
      }

      /** The usual ones are for those that are reached in the usual way, and for nobody else. */
      private @Nullable Credentials credentials(Said said) {
        return said.credentials == null && !said.saysTls() ? usual.credentials : said.credentials;
      }

      private Security security(Said said, @Nullable Credentials credentials) {
        Security security = new Security(said.saysTls() ? said.tls : usualTls, credentials);
        made.add(security);
        return security;
      }
    }
  }
}
