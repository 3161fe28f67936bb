package com.example.guide;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.example.guide.Orders.Order;
import com.example.guide.Orders.OrderKey;
import erpc.call.Request;
import erpc.call.RpcException;
import erpc.call.Status.Code;
import erpc.center.Center;
import erpc.client.Client;
import erpc.client.ClientSettings;
import erpc.server.Server;
import erpc.testing.ErpcExtension;
import erpc.testing.Faults;
import erpc.testing.FaultyProxy;
import erpc.testing.SimulatedCluster;
import erpc.testing.SimulatedServer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

@Timeout(60)
class TestKitTest {
  private static final OrderKey KEY = new OrderKey("7");
  private static final Order TEA = new Order("7", "tea", 2);

  private static OrdersServer stocked() {
    OrdersServer orders = new OrdersServer();
    OrderKey unused = orders.place(TEA);
    return orders;
  }

  @Nested
  class WithACenter {
    // guide: center
    @RegisterExtension
    final ErpcExtension erpc =
        ErpcExtension.serving(stocked()::addTo)
            .withCenter()
            .withClient(builder -> builder.settings(ClientSettings.DEFAULTS.withMaxAttempts(1)));

    @Test
    void ordersAreFoundByName(Client client, Center center) {
      assertThat(client.call(Orders.GET, KEY)).isEqualTo(TEA);
      assertThat(center.instances()).isEqualTo(1);
    }
    // guide end
  }

  // guide: faults
  @Test
  void anOrderIsReadFromAnotherServerWhenOneFails() {
    try (SimulatedCluster cluster = SimulatedCluster.open(7)) {
      SimulatedServer bad = cluster.server("bad", stocked()::addTo);
      cluster.server("good", stocked()::addTo);
      bad.faults().fail(Code.UNAVAILABLE, 0.5).slow(Duration.ofMillis(20));
      Client client = cluster.client("shop");
      for (int i = 0; i < 100; i++) {
        assertThat(cluster.await(client.callAsync(Orders.GET, KEY))).isEqualTo(TEA);
      }
    }
  }

  // guide end

  // guide: sockets-faults
  @Test
  void aServerThatHangsCostsItsCallerNoMoreThanTheTimeout() throws Exception {
    Faults faults = new Faults().hang();
    try (Server server = Server.builder().filter(faults).build();
        Client client = Client.builder().build()) {
      stocked().addTo(server);
      String orders = "ip://" + server.listen("127.0.0.1:0").address();
      Request<OrderKey, Order> request =
          Request.of(Orders.GET, KEY).at(orders).withTimeout(Duration.ofMillis(100));
      assertThatThrownBy(() -> client.send(request)).isInstanceOf(RpcException.class);
      faults.none();
      assertThat(client.send(request.withTimeout(Duration.ofSeconds(10))).body()).isEqualTo(TEA);
    }
  }

  // guide end

  // guide: network
  @Test
  void ordersAreReadOverABadNetwork() {
    try (SimulatedCluster cluster = SimulatedCluster.open(7)) {
      SimulatedServer near = cluster.server("near", stocked()::addTo);
      SimulatedServer far = cluster.server("far", stocked()::addTo);
      near.link().drop();
      far.link().delay(Duration.ofMillis(20), Duration.ofMillis(60)).bandwidth(64_000);
      Client client = cluster.client("shop");
      Order order =
          cluster.run(() ->
              client.send(Request.of(Orders.GET, KEY).withTimeout(Duration.ofSeconds(30))).body());
      assertThat(order).isEqualTo(TEA);
      // A connection without a word is given up after 10 s; the call then goes elsewhere.
      assertThat(cluster.now()).isLessThan(Duration.ofSeconds(12));
    }
  }

  // guide end

  // guide: seed
  private static List<String> morning(long seed) {
    try (SimulatedCluster cluster = SimulatedCluster.open(seed)) {
      List<SimulatedServer> servers =
          List.of(
              cluster.server("a", stocked()::addTo),
              cluster.server("b", stocked()::addTo),
              cluster.server("c", stocked()::addTo));
      servers.forEach(each -> each.faults().fail(Code.UNAVAILABLE, 0.2));
      Client client = cluster.client("shop");
      for (int i = 0; i < 30; i++) {
        CompletableFuture<Order> unused = client.callAsync(Orders.GET, KEY);
        cluster.advance(Duration.ofMillis(7));
      }
      cluster.runUntilIdle();
      return cluster.trace();
    }
  }

  @Test
  void theSameSeedIsTheSameMorning() {
    assertThat(morning(7)).isEqualTo(morning(7)).isNotEqualTo(morning(8));
  }

  // guide end

  // guide: proxy
  @Test
  void aCallSurvivesAServerThatIsStoppedForAMoment() throws Exception {
    try (Server server = Server.builder().build();
        FaultyProxy proxy =
            FaultyProxy.before(stocked().addTo(server).listen("127.0.0.1:0").address());
        Client client = Client.builder().target("ip://" + proxy.address()).build()) {
      assertThat(client.call(Orders.GET, KEY)).isEqualTo(TEA);
      proxy.link().stop();
      var call = client.sendAsync(Request.of(Orders.GET, KEY).withTimeout(Duration.ofSeconds(20)));
      proxy.link().resume();
      assertThat(call.join().body()).isEqualTo(TEA);
    }
  }
  // guide end
}
