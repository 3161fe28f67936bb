package erpc.client;

import erpc.breaker.Hedging;
import erpc.breaker.MethodLatency;
import erpc.call.RpcException;
import erpc.call.Target;
import erpc.protocol.RouteName;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A method at a place: what calls to it share. */
record Destination(
    ClientStack stack,
    Target target,
    ServicePolicy policy,
    Cluster cluster,
    RouteName route,
    Defaults.OfMethod defaults,
    KnownCodec codec,
    MethodLatency latency,
    Hedging hedging,
    @Nullable Function<Target, Destination> maker) {

  /** One that is never let go, whose calls say all that there is to say. */
  Destination(
      ClientStack stack, Target target, ServicePolicy policy, Cluster cluster, RouteName route) {
    this(
        stack,
        target,
        policy,
        cluster,
        route,
        Defaults.OfMethod.NONE,
        new KnownCodec(),
        new MethodLatency(stack.ticker.nanos()),
        new Hedging(),
        null);
  }

  /** The same where calls of it go now, since the place was let go. */
  Destination again() {
    try {
      return maker == null ? this : maker.apply(target);
    } catch (RpcException | IllegalArgumentException e) {
      return this; // There is no way for it now; this one says so.
    }
  }
}
