package erpc.center;

import erpc.call.Names;
import erpc.call.Peer;
import erpc.call.Printable;
import erpc.call.RpcException;
import erpc.call.Status;
import erpc.discovery.CenterMethods;
import erpc.discovery.Endpoint;
import erpc.discovery.wire.Instance;
import erpc.discovery.wire.RegisterRequest;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;

/** What a registration must look like. Every refusal is INVALID_ARGUMENT and names the field. */
final class RegistrationRules {
  /** The longest id of an instance or an owner, in characters. */
  static final int MAX_ID_LENGTH = 128;

  /** The longest zone, tag key and address, and the longest tag value, in characters. */
  static final int MAX_ZONE_LENGTH = 64;

  static final int MAX_TAG_KEY_LENGTH = 64;
  static final int MAX_TAG_VALUE_LENGTH = 256;
  static final int MAX_ADDRESS_LENGTH = 263;
  static final int MAX_TAGS = 64;

  /** What an instance may take as a whole, in bytes on the wire. */
  static final int MAX_INSTANCE_BYTES = 64 * 1024;

  private static final List<String> EVERY_ADDRESS = List.of("", "0.0.0.0", "[::]");
  private static final String LOOPBACK = "127.0.0.1";

  private final CenterSettings settings;

  RegistrationRules(CenterSettings settings) {
    this.settings = settings;
  }

  /** The caller's host as the center sees it; empty if it has none that others could dial. */
  static String observedHost(Peer peer) {
    if (peer.isSameMachine()) {
      return LOOPBACK;
    }
    InetAddress address =
        peer.address() instanceof InetSocketAddress socket ? socket.getAddress() : null;
    if (address == null) {
      return "";
    }
    String host = address.getHostAddress();
    int scope = host.indexOf('%');
    return scope < 0 ? host : host.substring(0, scope);
  }

  /** The owner of a registration whose instances are checked. */
  static String owner(RegisterRequest request) {
    return request.getOwner().isEmpty() ? request.getInstances(0).getId() : request.getOwner();
  }

  /** Whether the name that stands for the owner is one that lists show. */
  static boolean isGuessable(RegisterRequest request) {
    String owner = owner(request);
    return request.getInstancesList().stream().anyMatch(each -> each.getId().equals(owner));
  }

  /** The instances, their addresses completed with the caller's host where that is of use. */
  List<Instance> check(RegisterRequest request, Peer peer) {
    int count = request.getInstancesCount();
    if (count == 0 || count > settings.maxInstancesPerLease()) {
      throw invalid(
          "instances", "must be 1 to " + settings.maxInstancesPerLease() + ", not " + count);
    }
    if (!request.getOwner().isEmpty()) {
      checkId("owner", request.getOwner());
    }
    if (request.getEpoch() < 0) {
      throw invalid("epoch", "must be less than 2^63");
    }
    if (request.getSerializedSize() > Engine.MAX_BATCH_BYTES / 2) {
      throw invalid(
          "instances",
          "take more than the "
              + Engine.MAX_BATCH_BYTES / 2
              + " bytes of one batch; register them in several calls");
    }
    List<Instance> checked = new ArrayList<>(count);
    Set<String> keys = new HashSet<>();
    for (int i = 0; i < count; i++) {
      String field = "instances[" + i + "]";
      Instance instance = check(field, request.getInstances(i), peer);
      if (!keys.add(Keys.instance(instance.getService(), instance.getId()))) {
        throw invalid(field + ".id", "stands twice in one registration");
      }
      checked.add(instance);
    }
    return checked;
  }

  private Instance check(String field, Instance instance, Peer peer) {
    checkId(field + ".id", instance.getId());
    checkName(field + ".service", instance.getService(), Names::checkService);
    if (instance.getMethodsCount() > settings.maxMethodsPerInstance()) {
      throw invalid(field + ".methods", "passes the limit of " + settings.maxMethodsPerInstance());
    }
    for (int i = 0; i < instance.getMethodsCount(); i++) {
      checkMethod(field + ".methods[" + i + "]", instance.getMethods(i), instance.getService());
    }
    if (instance.getWeight() < 0 || instance.getWeight() > CenterMethods.MAX_WEIGHT) {
      throw invalid(field + ".weight", "must be 0 (default) to " + CenterMethods.MAX_WEIGHT);
    }
    checkText(field + ".zone", instance.getZone(), MAX_ZONE_LENGTH);
    checkTags(field + ".tags", instance);
    if (instance.getSerializedSize() > MAX_INSTANCE_BYTES) {
      throw invalid(field, "takes more than " + MAX_INSTANCE_BYTES + " bytes");
    }
    String address = complete(field + ".address", instance.getAddress(), peer);
    return address.equals(instance.getAddress())
        ? instance
        : instance.toBuilder().setAddress(address).build();
  }

  private static void checkMethod(String field, String method, String service) {
    checkName(field, method, Names::checkMethod);
    if (method.lastIndexOf('.') != service.length() || !method.startsWith(service)) {
      throw invalid(field, "'" + method + "' is no method of service '" + service + "'");
    }
  }

  private static void checkTags(String field, Instance instance) {
    if (instance.getTagsCount() > MAX_TAGS) {
      throw invalid(field, "passes the limit of " + MAX_TAGS);
    }
    instance
        .getTagsMap()
        .forEach((key, value) -> {
          if (key.isEmpty()) {
            throw invalid(field, "has an empty key");
          }
          checkText(field, key, MAX_TAG_KEY_LENGTH);
          checkText(field + "['" + key + "']", value, MAX_TAG_VALUE_LENGTH);
        });
  }

  private static String complete(String field, String address, Peer peer) {
    if (address.length() > MAX_ADDRESS_LENGTH) {
      throw invalid(field, "passes the limit of " + MAX_ADDRESS_LENGTH + " characters");
    }
    int colon = address.lastIndexOf(':');
    if (colon < 0 || !EVERY_ADDRESS.contains(address.substring(0, colon))) {
      return checkAddress(field, address);
    }
    String port = address.substring(colon);
    String host = observedHost(peer);
    if (host.isEmpty()) {
      throw invalid(
          field,
          "'"
              + Printable.of(address)
              + "' names no host, and the center sees none: send a whole address");
    }
    String whole = checkAddress(field, (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + port);
    // What this machine is called depends on who asks: each client knows it by the host at which it
    // reached the center.
    return peer.isSameMachine() ? port : whole;
  }

  private static String checkAddress(String field, String address) {
    try {
      // What clients make of it, so that the center lists nothing that they would leave out.
      return new Endpoint(address, Endpoint.DEFAULT_WEIGHT, "", Set.of(), Map.of()).address();
    } catch (IllegalArgumentException e) {
      throw Status.of(Status.Code.INVALID_ARGUMENT, field + ": " + e.getMessage()).toException(e);
    }
  }

  private static void checkId(String field, String id) {
    if (id.isEmpty() || id.length() > MAX_ID_LENGTH) {
      throw invalid(
          field, "must have 1 to " + MAX_ID_LENGTH + " characters, it has " + id.length());
    }
    for (int i = 0; i < id.length(); i++) {
      char c = id.charAt(i);
      if (c <= ' ' || c > '~' || c == '/') {
        throw invalid(field, "'" + Printable.of(id) + "' must be visible ASCII without '/'");
      }
    }
  }

  private static void checkText(String field, String text, int maxLength) {
    if (text.length() > maxLength || !Printable.of(text).equals(text)) {
      throw invalid(
          Printable.of(field),
          "must have at most " + maxLength + " characters, none of them a control character");
    }
  }

  /** The name, or INVALID_ARGUMENT with what the grammar says. */
  static void checkName(String field, String name, UnaryOperator<String> grammar) {
    try {
      var unused = grammar.apply(name);
    } catch (IllegalArgumentException e) {
      throw Status.of(Status.Code.INVALID_ARGUMENT, field + ": " + e.getMessage()).toException(e);
    }
  }

  private static RpcException invalid(String field, String what) {
    return new RpcException(Status.Code.INVALID_ARGUMENT, field + " " + what);
  }
}
