package erpc.center;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import erpc.call.RpcException;
import erpc.call.Status;
import erpc.client.Client;
import erpc.client.ClientBuilder;
import erpc.client.ClientSettings;
import erpc.discovery.CenterLine;
import erpc.discovery.CenterMethods;
import erpc.discovery.wire.HeartbeatReply;
import erpc.discovery.wire.HeartbeatRequest;
import erpc.discovery.wire.Instance;
import erpc.discovery.wire.RegisterReply;
import erpc.discovery.wire.RegisterRequest;
import erpc.discovery.wire.WatchReply;
import erpc.discovery.wire.WatchRequest;
import erpc.protocol.ConnectionSettings;
import erpc.server.Server;
import erpc.transport.PoolSettings;
import erpc.transport.Reactor;
import erpc.transport.TransportKind;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Watches over real sockets. */
@Timeout(60)
class WatchByClientTest {
  private static final WatchRequest DEMO = WatchRequest.newBuilder().setService("demo").build();

  private final Engine engine = MemoryEngine.open();
  private final CenterService center =
      new CenterService(engine, CenterSettings.DEFAULT.withProgress(Duration.ofMillis(50)));
  private final Server server = Server.builder().build();

  @BeforeEach
  void listen() throws Exception {
    server
        .handle(CenterMethods.REGISTER, center::register)
        .handleStream(CenterMethods.HOLD, center::hold)
        .handleServerStream(CenterMethods.WATCH, center::watch)
        .listen("127.0.0.1:0");
  }

  @AfterEach
  void close() {
    center.close();
    server.close();
    engine.close();
  }

  private ClientBuilder client() {
    return Client.builder().center(server.address());
  }

  private static long register(Client client) {
    Instance a = Instance.newBuilder().setId("a").setService("demo").setAddress(":1").build();
    return client
        .centerCalls()
        .call(
            CenterMethods.REGISTER.name(),
            RegisterRequest.newBuilder().addInstances(a).build(),
            RegisterReply.class,
            Duration.ofSeconds(20))
        .getLease();
  }

  @Test
  void registrationReachesAnOpenWatchAndItsLossToo() throws Exception {
    try (Client client = client().build();
        var watch =
            client.centerCalls().stream(CenterMethods.WATCH.name(), DEMO, WatchReply.class)) {
      assertThat(watch.next()).isNotNull();
      Reactor dying = Reactor.open(TransportKind.NIO, 1);
      try (Client registering = client().reactor(dying).build()) {
        long lease = register(registering);
        assertThat(nextChange(watch).getInstancesCount()).isEqualTo(1);
        hold(registering, lease);
        dying.close(); // Closes its sockets without a word, as the kernel does for a dead process.
        WatchReply lost = nextChange(watch);
        assertThat(lost.getInstancesCount()).isZero();
        assertThat(lost.getEmptiedExplicitly()).isFalse();
      }
    }
  }

  @Test
  void aCallOfAServiceThatNobodyRegisteredIsToldWhereToLook() {
    try (Client client = client().build()) {
      assertThatThrownBy(
              () -> client.call("nobody.echo", new byte[0], byte[].class, Duration.ofMillis(300)))
          .isInstanceOfSatisfying(
              RpcException.class,
              e -> assertThat(e.code()).isEqualTo(Status.Code.DEADLINE_EXCEEDED))
          .hasMessageContaining(
              "nobody has not been resolved within the deadline: no list of its endpoints has come;"
                  + " ./erpc list");
    }
  }

  @Test
  void connectionsThatComeAndGoLoseNothing() throws Exception {
    ClientSettings passing =
        ClientSettings.DEFAULTS
            .withPool(PoolSettings.shortLived(2))
            .withConnection(
                ConnectionSettings.DEFAULTS.withLifetime(Duration.ofMillis(50), Duration.ZERO));
    try (Client client = client().settings(passing).build()) {
      long lease = register(client);
      try (var line = hold(client, lease)) {
        await()
            .during(Lease.RESUME_WITHIN.plusMillis(200))
            .atMost(Duration.ofSeconds(20))
            .until(() -> center.instances() == 1);
        line.send(beat(lease));
        assertThat(line.next()).isNotNull();
      }
      // A goodbye of the stream is none of the server.
      await()
          .during(Lease.RESUME_WITHIN.plusMillis(200))
          .atMost(Duration.ofSeconds(20))
          .until(() -> center.instances() == 1);
    }
  }

  private static HeartbeatRequest beat(long lease) {
    return HeartbeatRequest.newBuilder().setLease(lease).build();
  }

  private static CenterLine<HeartbeatRequest, HeartbeatReply> hold(Client client, long lease) {
    var line = client.centerCalls().line(CenterMethods.HOLD);
    line.send(beat(lease));
    assertThat(line.next()).isNotNull();
    return line;
  }

  private static WatchReply nextChange(Iterable<WatchReply> watch) {
    for (WatchReply reply : watch) {
      if (reply.getChanged()) {
        return reply;
      }
    }
    throw new AssertionError("the watch ended");
  }

  @Test
  void quietWatchOutlivesTheProgressTimeout() {
    ConnectionSettings impatient =
        ConnectionSettings.DEFAULTS.withProgressTimeout(Duration.ofSeconds(1));
    try (Client client =
            client().settings(ClientSettings.DEFAULTS.withConnection(impatient)).build();
        var watch =
            client.centerCalls().stream(CenterMethods.WATCH.name(), DEMO, WatchReply.class)) {
      long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(2_500);
      while (System.nanoTime() < end) {
        assertThat(watch.next()).isNotNull();
      }
    }
  }

  @Test
  void closingAClientEndsItsWatchAtOnce() {
    Client client = client().build();
    CompletableFuture<Object> waiting =
        CompletableFuture.supplyAsync(
            () -> client.call("demo.a", DEMO, WatchReply.class, Duration.ofSeconds(30)));
    await().until(() -> center.openWatches() == 1);
    client.close();
    await().atMost(Duration.ofSeconds(2)).until(() -> center.openWatches() == 0);
    assertThatThrownBy(() -> waiting.get(20, TimeUnit.SECONDS)).cause().isNotNull();
  }

  @Test
  void closingTheCenterEndsAWatchWithUnavailable() {
    try (Client client = client().build();
        var watch =
            client.centerCalls().stream(CenterMethods.WATCH.name(), DEMO, WatchReply.class)) {
      assertThat(watch.next()).isNotNull();
      center.close();
      assertThatThrownBy(() -> watch.forEach(reply -> {}))
          .isInstanceOfSatisfying(
              RpcException.class, e -> assertThat(e.code()).isEqualTo(Status.Code.UNAVAILABLE));
    }
  }

  @Test
  void watchFailsAtOnceWhileNoCenterIsThere() {
    try (Client client = Client.builder().center("127.0.0.1:1").build();
        var watch =
            client.centerCalls().stream(CenterMethods.WATCH.name(), DEMO, WatchReply.class)) {
      long start = System.nanoTime();
      assertThatThrownBy(watch::next)
          .isInstanceOfSatisfying(
              RpcException.class, e -> assertThat(e.code()).isEqualTo(Status.Code.UNAVAILABLE));
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
    }
  }
}
