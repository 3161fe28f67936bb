package erpc.discovery;

import erpc.call.Method;
import erpc.discovery.wire.DeregisterReply;
import erpc.discovery.wire.DeregisterRequest;
import erpc.discovery.wire.DiscoveryReply;
import erpc.discovery.wire.DiscoveryRequest;
import erpc.discovery.wire.HeartbeatReply;
import erpc.discovery.wire.HeartbeatRequest;
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
  /** The limit for lists of instances, in bytes: about 100,000 of them. */
  public static final int MAX_LIST_BYTES = 32 * 1024 * 1024;

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
      List.of(REGISTER, DEREGISTER, HEARTBEAT, HEATEAT, DISCOVERY, LIST, WATCH);

  private CenterMethods() {}
}
