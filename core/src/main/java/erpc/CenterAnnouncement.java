package erpc;

import erpc.client.Client;
import erpc.discovery.CenterCalls;
import erpc.discovery.DiscoverySettings;
import erpc.discovery.Registrar;
import erpc.discovery.wire.Instance;
import erpc.server.Announcement;
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
 * that it sees, or {@link #CenterAnnouncement the advertised one} is used. If a port is advertised
 * as well, all that is listened on is one address.
 */
final class CenterAnnouncement implements Announcement {
  private final CenterCalls calls;
  private final @Nullable String advertise;
  private final String run = UUID.randomUUID().toString();

  // Guarded by this.
  private final List<String> addresses = new ArrayList<>();
  private List<String> methods = List.of();
  private @Nullable Registrar registrar;
  private boolean withdrawn;

  /** Registers by this client's center, as {@link DiscoverySettings#advertise()} says. */
  CenterAnnouncement(CenterCalls calls, @Nullable String advertise) {
    this.calls = calls;
    this.advertise = advertise;
  }

  static CenterCalls callsOf(Client client) {
    return new CenterCalls() {
      @Override
      public <Q extends com.google.protobuf.Message, R extends com.google.protobuf.Message> R call(
          String method, Q request, Class<R> replyType, java.time.Duration timeout) {
        return client.callCenter(method, request, replyType, timeout);
      }

      @Override
      public <Q extends com.google.protobuf.Message, R extends com.google.protobuf.Message>
          erpc.call.Incoming<R> stream(String method, Q request, Class<R> replyType) {
        return client.streamCenter(method, request, replyType);
      }

      @Override
      public String reachedAt(erpc.call.Incoming<?> replies) {
        return Client.reachedAt(replies);
      }

      @Override
      public <Q extends com.google.protobuf.Message, R extends com.google.protobuf.Message>
          erpc.discovery.CenterLine<Q, R> line(erpc.call.Method<Q, R> method) {
        return client.lineToCenter(method);
      }
    };
  }

  @Override
  public synchronized void listening(String address, List<String> names) {
    String advertised = advertised(address);
    if (!addresses.contains(advertised)) {
      addresses.add(advertised);
    }
    methods(names);
  }

  @Override
  public synchronized void methods(List<String> names) {
    methods = List.copyOf(names);
    List<Instance> instances = instances();
    if (withdrawn || instances.isEmpty()) {
      return;
    }
    if (registrar == null) {
      registrar = Registrar.start(calls, instances);
    } else {
      registrar.update(instances);
    }
  }

  @Override
  public boolean withdraw() {
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

  private List<Instance> instances() {
    Map<String, List<String>> byService = new LinkedHashMap<>();
    for (String method : methods) {
      String service = method.substring(0, method.lastIndexOf('.'));
      byService.computeIfAbsent(service, name -> new ArrayList<>()).add(method);
    }
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
    if (advertise != null) {
      return DiscoverySettings.advertised(advertise, port);
    }
    String host = bound.substring(0, colon);
    boolean everywhere =
        host.equals("0.0.0.0") || host.equals("[::]") || host.equals("[0:0:0:0:0:0:0:0]");
    return everywhere ? ":" + port : bound;
  }
}
