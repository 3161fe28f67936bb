package erpc.discovery;

import erpc.call.Method;
import erpc.discovery.wire.DeregisterReply;
import erpc.discovery.wire.DeregisterRequest;
import erpc.discovery.wire.DiscoveryReply;
import erpc.discovery.wire.DiscoveryRequest;
import erpc.discovery.wire.HeartbeatReply;
import erpc.discovery.wire.HeartbeatRequest;
import erpc.discovery.wire.Instance;
import erpc.discovery.wire.ListReply;
import erpc.discovery.wire.ListRequest;
import erpc.discovery.wire.RegisterReply;
import erpc.discovery.wire.RegisterRequest;
import erpc.discovery.wire.WatchReply;
import erpc.discovery.wire.WatchRequest;
import java.util.List;

/**
 * The center's methods, for both sides. All are idempotent: registering again goes on with the same
 * lease, and stopping again answers NOT_FOUND and changes nothing.
 */
public final class CenterMethods {
  /** The service they belong to. */
  public static final String SERVICE = "center";

  /** The limit for lists of instances, in bytes: about 100,000 of them. */
  public static final int MAX_LIST_BYTES = 32 * 1024 * 1024;

  /** The largest weight of an instance. */
  public static final int MAX_WEIGHT = 10_000;

  public static final Method<RegisterRequest, RegisterReply> REGISTER =
      Method.unary("center.register", RegisterRequest.class, RegisterReply.class).idempotent();

  public static final Method<DeregisterRequest, DeregisterReply> DEREGISTER =
      Method.unary("center.deregister", DeregisterRequest.class, DeregisterReply.class)
          .idempotent();

  public static final Method<HeartbeatRequest, HeartbeatReply> HEARTBEAT =
      Method.unary("center.heartbeat", HeartbeatRequest.class, HeartbeatReply.class).idempotent();

  /** The same as {@link #HEARTBEAT}, as the original spelled it. */
  public static final Method<HeartbeatRequest, HeartbeatReply> HEATEAT =
      Method.unary("center.heateat", HeartbeatRequest.class, HeartbeatReply.class).idempotent();

  /**
   * A lease's own stream: each request is a beat. Its two sides tell a quiet one from a dead one by
   * the lease's TTL.
   */
  public static final Method<HeartbeatRequest, HeartbeatReply> HOLD =
      Method.bidirectional("center.hold", HeartbeatRequest.class, HeartbeatReply.class)
          .idempotent();

  public static final Method<DiscoveryRequest, DiscoveryReply> DISCOVERY =
      Method.unary("center.discovery", DiscoveryRequest.class, DiscoveryReply.class).idempotent();

  public static final Method<ListRequest, ListReply> LIST =
      Method.unary("center.list", ListRequest.class, ListReply.class)
          .idempotent()
          .maxMessageBytes(MAX_LIST_BYTES);

  public static final Method<WatchRequest, WatchReply> WATCH =
      Method.serverStreaming("center.watch", WatchRequest.class, WatchReply.class)
          .idempotent()
          .maxMessageBytes(MAX_LIST_BYTES);

  /** All of them. */
  public static final List<Method<?, ?>> ALL =
      List.of(REGISTER, DEREGISTER, HEARTBEAT, HEATEAT, HOLD, DISCOVERY, LIST, WATCH);

  /**
   * Where an instance of a list is called. One that registered on the center's own machine is
   * listed without a host: that is what the caller knows the center by.
   *
   * @param centerHost the host at which the caller reached the center, a name or an address
   */
  public static String address(Instance instance, String centerHost) {
    String address = instance.getAddress();
    if (!address.startsWith(":")) {
      return address;
    }
    boolean v6 = centerHost.indexOf(':') >= 0 && !centerHost.startsWith("[");
    return (v6 ? "[" + centerHost + "]" : centerHost) + address;
  }

  private CenterMethods() {}
}
