package erpc.client;

import erpc.balance.Balancer;
import erpc.discovery.Endpoint;
import erpc.protocol.ConnectionSettings;
import erpc.transport.EndpointPool;
import erpc.transport.PoolSettings;
import erpc.transport.Protocols;
import erpc.transport.Reactor;
import erpc.transport.Security;
import erpc.transport.TransportKind;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** Taking over a list in which one endpoint is another one than before. */
@State(Scope.Thread)
public class ListBenchmark {
  /** How many endpoints there are. */
  @Param({"10", "1000", "10000"})
  public int endpoints = 10;

  private final Reactor reactor = Reactor.open(TransportKind.MEMORY, 1);
  private List<Endpoint> some = List.of();
  private List<Endpoint> others = List.of();
  private @Nullable Cluster cluster;

  @Setup
  public void list() {
    some = IntStream.rangeClosed(1, endpoints).mapToObj(ListBenchmark::endpoint).toList();
    others = IntStream.rangeClosed(2, endpoints + 1).mapToObj(ListBenchmark::endpoint).toList();
    ClientBuilder client = Client.builder();
    Cluster made =
        new Cluster(
            "bench",
            new Cluster.Balancing(() -> Balancer.named("p2c"), false, "", client.random),
            new ClientStack(client, reactor),
            address -> link(reactor, address, client.random));
    boolean unused = made.wasCalled(); // So that nothing is dialled: nobody listens there.
    cluster = made;
    made.endpoints(some);
  }

  private static Endpoint endpoint(int number) {
    return Endpoint.of("10.0." + number / 250 + "." + number % 250 + ":7000");
  }

  static EndpointPool link(Reactor reactor, String address, RandomGenerator random) {
    return new EndpointPool(
        reactor,
        address,
        PoolSettings.DEFAULTS,
        ConnectionSettings.DEFAULTS,
        Duration.ofSeconds(20),
        new EndpointPool.Context(
            System::nanoTime, random, Protocols.erpc(), new Security(null, null)));
  }

  @TearDown
  public void close() {
    reactor.close();
  }

  /** One list after the other. */
  @Benchmark
  public Object update() {
    Cluster taking = Objects.requireNonNull(cluster);
    List<Endpoint> next = others;
    others = some;
    some = next;
    taking.endpoints(next);
    return taking;
  }
}
