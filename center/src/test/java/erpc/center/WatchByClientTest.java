package erpc.center;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import erpc.call.RpcException;
import erpc.call.Status;
import erpc.client.Client;
import erpc.client.ClientSettings;
import erpc.discovery.CenterMethods;
import erpc.discovery.wire.Instance;
import erpc.discovery.wire.RegisterRequest;
import erpc.discovery.wire.WatchReply;
import erpc.discovery.wire.WatchRequest;
import erpc.protocol.ConnectionSettings;
import erpc.server.Server;
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
        .handleServerStream(CenterMethods.WATCH, center::watch)
        .listen("127.0.0.1:0");
  }

  @AfterEach
  void close() {
    center.close();
    server.close();
    engine.close();
  }

  private Client.Builder client() {
    return Client.builder().center(server.address());
  }

  private static void register(Client client) {
    Instance a = Instance.newBuilder().setId("a").setService("demo").setAddress(":1").build();
    client.callCenter(
        CenterMethods.REGISTER.name(),
        RegisterRequest.newBuilder().addInstances(a).build(),
        erpc.discovery.wire.RegisterReply.class,
        Duration.ofSeconds(20));
  }

  @Test
  void registrationReachesAnOpenWatchAndItsLossToo() {
    try (Client client = client().build();
        var watch = client.streamCenter(CenterMethods.WATCH.name(), DEMO, WatchReply.class)) {
      assertThat(watch.next()).isNotNull();
      try (Client registering = client().build()) {
        register(registering);
        assertThat(nextChange(watch).getInstancesCount()).isEqualTo(1);
      }
      WatchReply lost = nextChange(watch);
      assertThat(lost.getInstancesCount()).isZero();
      assertThat(lost.getEmptiedExplicitly()).isFalse();
    }
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
        var watch = client.streamCenter(CenterMethods.WATCH.name(), DEMO, WatchReply.class)) {
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
        var watch = client.streamCenter(CenterMethods.WATCH.name(), DEMO, WatchReply.class)) {
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
        var watch = client.streamCenter(CenterMethods.WATCH.name(), DEMO, WatchReply.class)) {
      long start = System.nanoTime();
      assertThatThrownBy(watch::next)
          .isInstanceOfSatisfying(
              RpcException.class, e -> assertThat(e.code()).isEqualTo(Status.Code.UNAVAILABLE));
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
    }
  }
}
