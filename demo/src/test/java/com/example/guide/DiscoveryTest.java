package com.example.guide;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.example.guide.Orders.Order;
import com.example.guide.Orders.OrderKey;
import erpc.balance.Balancer;
import erpc.call.Request;
import erpc.call.RpcException;
import erpc.call.Status;
import erpc.center.Center;
import erpc.center.CenterSettings;
import erpc.client.Client;
import erpc.discovery.DiscoverySettings;
import erpc.server.Server;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class DiscoveryTest {
  private static final Order TEA = new Order("7", "tea", 2);

  /** Long enough for a registration to arrive, whatever else the machine does. */
  private static final Request<OrderKey, Order> GET =
      Request.of(Orders.GET, new OrderKey("7")).withTimeout(Duration.ofSeconds(20));

  @TempDir Path folder;

  private Center center;
  private String where;

  @BeforeEach
  void startCenter() throws Exception {
    Path journal = folder.resolve("center.journal");
    // guide: center
    Center center = Center.listen("127.0.0.1:0", journal, CenterSettings.ofProcess());
    // guide end
    this.center = center;
    where = center.address();
  }

  @AfterEach
  void stopCenter() {
    center.close();
  }

  @Test
  void aServerRegistersAndClientsFindIt() throws Exception {
    // guide: register
    Client client = Client.builder().center(where).build();
    Server server =
        Server.builder()
            .register(client.centerCalls())
            .build()
            .handle(Orders.GET, (context, key) -> TEA)
            .listen(":0");
    // guide end
    try (client;
        server) {
      assertThat(client.send(GET).body()).isEqualTo(TEA);
      server.close();
      assertThatThrownBy(() -> client.call(Orders.GET, new OrderKey("7")))
          .isInstanceOf(RpcException.class)
          .extracting(thrown -> ((RpcException) thrown).code())
          .isEqualTo(Status.Code.UNAVAILABLE);
    }
  }

  @Test
  void clientsGoOnWhileTheCenterIsAway() throws Exception {
    try (Client client = Client.builder().center(where).build();
        Server server =
            Server.builder()
                .register(client.centerCalls())
                .build()
                .handle(Orders.GET, (context, key) -> TEA)
                .listen("127.0.0.1:0")) {
      assertThat(client.send(GET).endpoint()).isEqualTo(server.address());
      center.close();
      assertThat(client.send(GET).endpoint()).isEqualTo(server.address());
    }
  }

  // guide: zone-balancer
  /** Prefers endpoints of the client's own zone. */
  static final class OwnZone implements Balancer {
    private final Balancer all = Balancer.named("least_request");

    @Override
    public Picker picker(Candidates candidates) {
      Picker others = all.picker(candidates);
      return pick -> {
        for (int i = 0; i < 3; i++) { // A few draws: a pick must be quick.
          int drawn = pick.draw();
          if (drawn != NONE && candidates.zone(drawn).equals(candidates.clientZone())) {
            return drawn;
          }
        }
        return others.pick(pick);
      };
    }
  }

  // guide end

  @Test
  void zonesAndWeightsReachBalancers() throws Exception {
    try (Client caller = Client.builder().center(where).build()) {
      // guide: zone-server
      DiscoverySettings as = DiscoverySettings.ofProcess().withZone("a").withWeight(300);
      Server server = Server.builder().register(caller.centerCalls(), as).build();
      // guide end
      // guide: zone-client
      Client client =
          Client.builder().center(where).zone("a").balancer("shop.Orders", OwnZone::new).build();
      // guide end
      try (server;
          client;
          Server other =
              Server.builder().register(caller.centerCalls(), as.withZone("b")).build()) {
        server.handle(Orders.GET, (context, key) -> TEA).listen("127.0.0.1:0");
        other.handle(Orders.GET, (context, key) -> TEA).listen("127.0.0.1:0");
        Set<String> reached = new HashSet<>();
        for (int i = 0; i < 200; i++) {
          reached.add(client.send(GET).endpoint());
        }
        assertThat(reached).contains(server.address());
      }
    }
  }
}
