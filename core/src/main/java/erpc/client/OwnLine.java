package erpc.client;

import erpc.call.Method;
import erpc.call.Request;
import erpc.call.Status;
import erpc.call.Target;
import erpc.discovery.CenterLine;
import erpc.discovery.Resolver;
import erpc.protocol.ConnectionSettings;
import erpc.protocol.RouteName;
import erpc.transport.EndpointPool;
import erpc.transport.PoolSettings;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A stream to a center on a connection that it shares with nothing, whatever the client's pool mode
 * and however old its other connections become. Thread-safe as {@link CenterLine} says.
 */
final class OwnLine<Q, R> implements CenterLine<Q, R> {
  private static final Status CLOSED = Status.of(Status.Code.CANCELLED, "the line was closed");

  private final ClientStack stack;
  private final ServicePolicy policy;
  private final Cluster cluster;
  private final Resolver.Watch watch;
  private final Exchange<Q, R> exchange;
  private final Consumer<OwnLine<?, ?>> onClose;

  /**
   * Dials and opens the stream.
   *
   * @param to whom it is called at
   * @param onClose told once it is closed
   */
  OwnLine(
      ClientStack stack,
      ServicePolicy policy,
      Resolver resolver,
      Target to,
      Method<Q, R> method,
      Consumer<OwnLine<?, ?>> onClose) {
    this.stack = stack;
    this.policy = policy;
    this.onClose = onClose;
    cluster = new Cluster(to.scheme() + "://" + to.where(), policy.balancing(), stack, this::link);
    watch = resolver.watch(to.where(), cluster);
    Destination destination =
        new Destination(stack, to, policy, cluster, new RouteName(method.name(), -1));
    StreamCall<Q, R> call =
        new StreamCall<>(destination, Request.opening(method).withTarget(to), null);
    exchange = new Exchange<>(call);
    call.start();
  }

  private EndpointPool link(String address) {
    ConnectionSettings connection =
        stack.settings.connection().withLifetime(Duration.ZERO, Duration.ZERO);
    return new EndpointPool(
        stack.reactor,
        address,
        PoolSettings.DEFAULTS.withMaxConnections(1),
        connection,
        stack.settings.connectTimeout(),
        new EndpointPool.Context(stack.ticker, stack.random, stack.protocol, policy.security()));
  }

  @Override
  public void send(Q message) {
    exchange.send(message);
  }

  @Override
  public @Nullable R next() {
    return exchange.next();
  }

  @Override
  public R one() {
    return exchange.one();
  }

  /** Says goodbye: first of the stream, then of the connection. */
  @Override
  public void close() {
    exchange.close();
    watch.close();
    cluster.endpoints(List.of());
    cluster.close(CLOSED);
    onClose.accept(this);
  }
}
