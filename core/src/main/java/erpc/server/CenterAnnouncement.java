package erpc.server;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import erpc.discovery.CenterCalls;
import erpc.discovery.DiscoverySettings;
import erpc.discovery.Endpoint;
import erpc.discovery.Registrar;
import erpc.discovery.wire.Instance;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Registers a server with the center: one instance for each of its services and addresses.
 * Thread-safe.
 *
 * <p>Of an address that stands for all of a machine's ({@code :8877}) the center fills in the host
 * that it sees, or {@linkplain DiscoverySettings#advertise() the advertised one} is used. If a port
 * is advertised as well, all that is listened on is one address.
 */
final class CenterAnnouncement {
  private final CenterCalls center;
  private final DiscoverySettings as;
  private final String run = UUID.randomUUID().toString();

  @GuardedBy("this")
  private final List<String> addresses = new ArrayList<>();

  @GuardedBy("this")
  private List<String> methods = List.of();

  @GuardedBy("this")
  private @Nullable Registrar registrar;

  @GuardedBy("this")
  private boolean withdrawn;

  /** Registers at this center, with address, zone and weight as these settings say. */
  CenterAnnouncement(CenterCalls center, DiscoverySettings as) {
    this.center = center;
    this.as = as;
  }

  /** The server listens on these too, and answers these methods. */
  synchronized void listening(List<String> bound, List<String> names) {
    for (String each : bound) {
      String advertised = advertised(each);
      if (!addresses.contains(advertised)) {
        addresses.add(advertised);
      }
    }
    methods(names);
  }

  /** The server answers these methods from now on. */
  synchronized void methods(List<String> names) {
    methods = List.copyOf(names);
    List<Instance> instances = instances();
    if (withdrawn || instances.isEmpty()) {
      return;
    }
    if (registrar == null) {
      registrar = Registrar.start(center, instances);
    } else {
      registrar.update(instances);
    }
  }

  /**
   * The server is about to stop. Returns once callers have been told, or soon all the same if they
   * cannot be.
   *
   * @return true if there was anybody to tell
   */
  boolean withdraw() {
    Registrar leaving;
    synchronized (this) {
      withdrawn = true;
      leaving = registrar;
      registrar = null;
    }
    if (leaving == null) {
      return false;
    }
    boolean known = leaving.isRegistered();
    leaving.close();
    return known;
  }

  @GuardedBy("this")
  private List<Instance> instances() {
    Map<String, List<String>> byService = new LinkedHashMap<>();
    for (String method : methods) {
      String service = method.substring(0, method.lastIndexOf('.'));
      byService.computeIfAbsent(service, name -> new ArrayList<>()).add(method);
    }
    Map<String, String> tags =
        as.partition().isEmpty() ? Map.of() : Map.of(Endpoint.PARTITION, as.partition());
    List<Instance> instances = new ArrayList<>();
    for (int i = 0; i < addresses.size(); i++) {
      String id = run + "-" + i;
      String address = addresses.get(i);
      byService.forEach((service, own) ->
          instances.add(
              Instance.newBuilder()
                  .setId(id + "-" + service)
                  .setService(service)
                  .setAddress(address)
                  .setWeight(as.weight())
                  .setZone(as.zone())
                  .putAllTags(tags)
                  .addAllMethods(own)
                  .build()));
    }
    return instances;
  }

  /** The bound address, with what was set in its place or that of "all addresses". */
  private String advertised(String bound) {
    int colon = bound.lastIndexOf(':');
    String port = bound.substring(colon + 1);
    if (bound.startsWith("unix:")) {
      return bound;
    }
    String advertise = as.advertise();
    if (advertise != null) {
      return DiscoverySettings.advertised(advertise, port);
    }
    String host = bound.substring(0, colon);
    boolean everywhere =
        host.equals("0.0.0.0") || host.equals("[::]") || host.equals("[0:0:0:0:0:0:0:0]");
    return everywhere ? ":" + port : bound;
  }
}
