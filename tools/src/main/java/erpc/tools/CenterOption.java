package erpc.tools;

import erpc.call.Reply;
import erpc.call.Request;
import erpc.call.RpcException;
import erpc.call.Status;
import erpc.call.Target;
import erpc.client.Client;
import erpc.client.ClientBuilder;
import erpc.discovery.CenterMethods;
import erpc.discovery.DiscoverySettings;
import erpc.discovery.Endpoint;
import erpc.discovery.wire.Instance;
import erpc.discovery.wire.InstanceLease;
import erpc.discovery.wire.ListReply;
import erpc.discovery.wire.ListRequest;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Which center is asked, and asking it. */
@SuppressWarnings("NullAway.Init") // picocli sets the spec
final class CenterOption {
  private static final Duration TIMEOUT = Duration.ofSeconds(5);

  @Option(
      names = "--center",
      paramLabel = "HOST:PORT",
      description =
          "where the center is, several separated by commas; else what the environment's ERPC_CENTER"
              + " says, else "
              + Client.DEFAULT_CENTER)
  private @Nullable String center;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  /**
   * What a center has answered.
   *
   * @param leases how the instances are held, by service and id; empty if the center doesn't say
   * @param centerHost where the one of several that has answered was reached, which is where what
   *     runs beside it is called
   */
  record Listed(List<Instance> instances, Map<String, InstanceLease> leases, String centerHost) {
    boolean isEmpty() {
      return instances.isEmpty();
    }

    /** How an instance is held, as far as the center says. */
    InstanceLease lease(Instance instance) {
      return leases.getOrDefault(key(instance), InstanceLease.getDefaultInstance());
    }

    private static String key(Instance instance) {
      return instance.getService() + "/" + instance.getId();
    }

    /** Where an instance of it is called. */
    String address(Instance instance) {
      return CenterMethods.address(instance, centerHost);
    }
  }

  /**
   * A client that looks for the center there.
   *
   * @param more what else it is built with
   * @throws CallFailure if a certificate, the event loops or the like cannot be had
   */
  Client client(UnaryOperator<ClientBuilder> more) throws CallFailure {
    if (center != null) {
      try {
        String unused = DiscoverySettings.checkCenter(center);
      } catch (IllegalArgumentException e) {
        throw new ParameterException(command.commandLine(), "the center: " + e.getMessage(), e);
      }
    }
    ClientBuilder builder = center == null ? Client.builder() : Client.builder().center(center);
    try {
      return more.apply(builder).build();
    } catch (IllegalArgumentException | IllegalStateException e) {
      throw new CallFailure(
          e.getMessage()
              + "; what is set is among ERPC_… in the environment, in erpc.properties, or"
              + " a -Derpc.… in ERPC_JAVA_OPTS");
    }
  }

  /**
   * The instances of a service, or of all for an empty name, by service and address.
   *
   * @throws CallFailure if the center cannot be asked
   */
  Listed instances(Client client, String service) throws CallFailure {
    Target center = new Target("list", client.center(), CenterMethods.LIST.name());
    ListRequest list = ListRequest.newBuilder().setService(service).setWithLeases(true).build();
    try {
      Reply<ListReply> reply =
          client.send(Request.of(CenterMethods.LIST, list).withTarget(center).withTimeout(TIMEOUT));
      List<Instance> sorted =
          reply.body().getInstancesList().stream()
              .sorted(
                  Comparator.comparing(Instance::getService).thenComparing(Instance::getAddress))
              .toList();
      return new Listed(sorted, leases(reply.body()), host(reply.endpoint()));
    } catch (RpcException e) {
      throw unreachable(client.center(), e.status());
    } catch (IllegalArgumentException e) {
      throw new ParameterException(command.commandLine(), "the center: " + e.getMessage(), e);
    }
  }

  private static Map<String, InstanceLease> leases(ListReply reply) {
    Map<String, InstanceLease> leases = new HashMap<>();
    for (int i = 0; i < reply.getLeasesCount() && i < reply.getInstancesCount(); i++) {
      leases.put(Listed.key(reply.getInstances(i)), reply.getLeases(i));
    }
    return leases;
  }

  private static String host(String endpoint) {
    return endpoint.startsWith("unix:") ? "127.0.0.1" : Endpoint.of(endpoint).host();
  }

  private static CallFailure unreachable(String center, Status status) {
    return new CallFailure(
        "no answer from a center at "
            + center
            + ": "
            + status
            + ". ./erpc center starts one; --center or ERPC_CENTER point elsewhere");
  }
}
