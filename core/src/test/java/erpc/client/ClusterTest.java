package erpc.client;

import static org.assertj.core.api.Assertions.assertThat;

import erpc.SameMoment;
import erpc.balance.Balancer;
import erpc.breaker.MethodLatency;
import erpc.breaker.TryEnd;
import erpc.call.Method;
import erpc.call.Request;
import erpc.call.Status;
import erpc.discovery.Endpoint;
import erpc.endpoints.Accounting;
import erpc.endpoints.EndpointRecord;
import erpc.fixture.EchoReply;
import erpc.fixture.EchoRequest;
import erpc.protocol.ConnectionSettings;
import erpc.transport.EndpointPool;
import erpc.transport.PoolSettings;
import erpc.transport.Protocols;
import erpc.transport.Reactor;
import erpc.transport.Security;
import erpc.transport.TransportKind;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ClusterTest {
  private static final Request<EchoRequest, EchoReply> REQUEST =
      Request.of(
          Method.unary("demo.echo", EchoRequest.class, EchoReply.class),
          EchoRequest.getDefaultInstance());

  private final Reactor reactor = Reactor.open(TransportKind.MEMORY, 1);
  private final Random random = new Random(7);
  private final ClientStack stack = new ClientStack(Client.builder(), reactor);

  @AfterEach
  void stop() {
    reactor.close();
  }

  private Cluster cluster() {
    return new Cluster(
        "demo",
        new Cluster.Balancing(() -> Balancer.named("random"), false, "", random),
        stack,
        this::link);
  }

  private EndpointPool link(String address) {
    return new EndpointPool(
        reactor,
        address,
        PoolSettings.DEFAULTS,
        ConnectionSettings.DEFAULTS,
        Duration.ofSeconds(20),
        new EndpointPool.Context(
            System::nanoTime, random, Protocols.erpc(), new Security(null, null)));
  }

  /** Whether it has been called since it was asked first. */
  private static boolean askedTwice(Cluster cluster) {
    boolean before = cluster.wasCalled();
    return before && cluster.wasCalled();
  }

  private static Endpoint endpoint(int port, int weight, String method) {
    return new Endpoint("127.0.0.1:" + port, weight, "", Set.of(method), Map.of());
  }

  @Test
  void onlyEndpointsThatHaveTheMethodAndTakeCallsCountAsOthersToTry() {
    Cluster cluster = cluster();
    String method = REQUEST.method().name();
    Endpoint has = endpoint(1, 100, method);
    Endpoint lacks = endpoint(2, 100, "demo.other");
    Endpoint drained = endpoint(3, 0, method);
    cluster.endpoints(List.of(has, lacks, drained));
    Member only = Objects.requireNonNull(cluster.pick(REQUEST, null, List.of(), 0));
    assertThat(only.address()).isEqualTo(has.address());
    assertThat(cluster.hasOther(method, List.of(only), false)).isFalse();
    cluster.endpoints(List.of(has, lacks, endpoint(3, 100, method)));
    assertThat(cluster.hasOther(method, List.of(only, only, only), false)).isTrue();
  }

  @Test
  void placeThatLosesVeryManyEndpointsSaysSoInAFewLines() {
    Cluster cluster = cluster();
    cluster.endpoints(
        IntStream.rangeClosed(1, 100).mapToObj(i -> endpoint(i, 100, "demo.echo")).toList());
    Status fault = Status.of(Status.Code.INTERNAL, "").asRemote().withStarted(Status.Started.YES);
    MethodLatency latency = new MethodLatency(0);
    ByteArrayOutputStream log = new ByteArrayOutputStream();
    PrintStream stderr = System.err;
    System.setErr(new PrintStream(log, true, StandardCharsets.UTF_8));
    try {
      for (int i = 1; i <= 100; i++) {
        EndpointRecord record = cluster.accounting.record("127.0.0.1:" + i, 0);
        for (int times = 0; times < 5; times++) {
          cluster.accounting.ended(
              record, latency, fault, TryEnd.PLAIN, Accounting.Kind.UNARY, 0, 0);
        }
      }
    } finally {
      System.setErr(stderr);
    }
    List<String> lines =
        log.toString(StandardCharsets.UTF_8)
            .lines()
            .filter(line -> line.contains("demo: 127.0.0.1:"))
            .toList();
    assertThat(lines).hasSize(20).allMatch(line -> line.contains("is avoided"));
  }

  @Test
  void callIsSeenThoughSomebodyAsksAtTheSameMoment() throws Exception {
    SameMoment.again(() ->
        new SameMoment.Round() {
          private final Cluster cluster = cluster();
          private boolean seen = askedTwice(cluster);

          @Override
          public void one() {
            seen = cluster.wasCalled();
          }

          @Override
          public void other() {
            var unused = cluster.pick(REQUEST, null, List.of(), 0);
          }

          @Override
          public void check() {
            assertThat(seen || cluster.wasCalled()).isTrue();
          }
        });
  }

  @Test
  void placeThatIsGivenUpStaysForgottenThoughItIsInUseWhenSomebodyLooks() throws Exception {
    SameMoment.again(() ->
        new SameMoment.Round() {
          private final Cluster cluster = cluster();

          {
            cluster.endpoints(List.of(Endpoint.of("127.0.0.1:1")));
            Objects.requireNonNull(cluster.pick(REQUEST, null, List.of(), 0)).enter();
          }

          @Override
          public void one() {
            boolean unused = cluster.forget(true);
          }

          @Override
          public void other() {
            cluster.giveUp(Status.of(Status.Code.UNAVAILABLE, "cannot be watched"));
          }

          @Override
          public void check() {
            assertThat(cluster.isForgotten()).isTrue();
          }
        });
  }
}
