package erpc.client;

import erpc.balance.Balancer;
import erpc.breaker.MethodLatency;
import erpc.call.Method;
import erpc.call.Request;
import erpc.discovery.Endpoint;
import erpc.server.Server;
import erpc.transport.EndpointState;
import erpc.transport.Reactor;
import erpc.transport.TransportKind;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Threads;

/**
 * What choosing among three endpoints and keeping the books on them costs a unary call that
 * succeeds. Beside it the same without the books, with the balancer that there was before them.
 */
@State(Scope.Benchmark)
public class ProtectionBenchmark {
  private static final int ENDPOINTS = 3;
  private static final long CONNECTED_NANOS = TimeUnit.SECONDS.toNanos(10);
  private static final Method<byte[], byte[]> METHOD =
      Method.unary("bench.echo", byte[].class, byte[].class);

  private final Request<byte[], byte[]> request = Request.of(METHOD, new byte[0]);
  private final Reactor reactor = Reactor.open(TransportKind.MEMORY, 1);
  private final List<Server> servers = new ArrayList<>();
  private final MethodLatency latency = new MethodLatency(System.nanoTime());
  private @Nullable Cluster guarded;
  private @Nullable Cluster bare;

  /** The calls of one thread. Its clock goes on by a microsecond with each. */
  @State(Scope.Thread)
  public static class Calls {
    private long nowNanos = System.nanoTime();
    private int turn;

    private long begin() {
      nowNanos += 1_000;
      turn++;
      return nowNanos;
    }

    /** They take from 100 to 200 µs. */
    private long tookNanos() {
      return 100_000 + (turn & 63) * 1_600L;
    }
  }

  @Setup
  public void connect() throws IOException {
    List<Endpoint> endpoints = new ArrayList<>();
    for (int i = 0; i < ENDPOINTS; i++) {
      Server server = Server.builder().reactor(reactor).build();
      servers.add(server);
      server.listen("127.0.0.1:0");
      endpoints.add(Endpoint.of(server.address()));
    }
    guarded = connected("p2c", endpoints);
    bare = connected("round_robin", endpoints);
  }

  private Cluster connected(String balancer, List<Endpoint> endpoints) {
    ClientBuilder client = Client.builder();
    ClientStack stack = new ClientStack(client, reactor);
    RandomGenerator random = client.random;
    Cluster cluster =
        new Cluster(
            "bench",
            new Cluster.Balancing(() -> Balancer.named(balancer), false, "", random),
            stack,
            address -> ListBenchmark.link(reactor, address, random));
    cluster.endpoints(endpoints);
    long began = System.nanoTime();
    int ready = 0;
    while (ready < 100 * ENDPOINTS) {
      Member to = Objects.requireNonNull(cluster.pick(request, null, List.of(), began));
      ready = to.state() == EndpointState.READY ? ready + 1 : 0;
      if (ready == 0) {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
      }
      if (System.nanoTime() - began > CONNECTED_NANOS) {
        throw new IllegalStateException(to.address() + " is " + to.state());
      }
    }
    return cluster;
  }

  @TearDown
  public void close() {
    servers.forEach(Server::close);
    reactor.close();
  }

  private Member guarded(Calls calls) {
    Cluster cluster = Objects.requireNonNull(guarded);
    long begun = calls.begin();
    Member to = Objects.requireNonNull(cluster.pick(request, null, List.of(), begun));
    to.enter();
    cluster.accounting.succeeded(to.record(), latency, begun, begun + calls.tookNanos());
    to.leave();
    return to;
  }

  private Member bare(Calls calls) {
    Cluster cluster = Objects.requireNonNull(bare);
    Member to = Objects.requireNonNull(cluster.pick(request, null, List.of(), calls.begin()));
    to.enter();
    to.leave();
    return to;
  }

  /** A call, by one thread. */
  @Benchmark
  public Object call(Calls calls) {
    return guarded(calls);
  }

  /** Calls to the same endpoints by two threads, the time is that of one call. */
  @Benchmark
  @Threads(2)
  public Object callOfTwo(Calls calls) {
    return guarded(calls);
  }

  /** Round robin, and no books. */
  @Benchmark
  public Object bareCall(Calls calls) {
    return bare(calls);
  }

  /** The same by two threads. */
  @Benchmark
  @Threads(2)
  public Object bareCallOfTwo(Calls calls) {
    return bare(calls);
  }
}
