package com.example.guide;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.example.guide.Orders.Order;
import com.example.guide.Orders.OrderKey;
import erpc.call.Request;
import erpc.call.RpcException;
import erpc.call.Status;
import erpc.client.Client;
import erpc.server.Server;
import erpc.testing.SimulatedCluster;
import erpc.testing.SimulatedServer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class TestingTest {
  // guide: sockets
  @Test
  void anOrderThatWasPlacedIsFound() throws Exception {
    try (Server server = new OrdersServer().listen("127.0.0.1:0");
        Client client = Client.builder().target("ip://" + server.address()).build()) {
      OrderKey key = client.call(Orders.PLACE, new Order("7", "tea", 2));
      assertThat(client.call(Orders.GET, key).item()).isEqualTo("tea");
    }
  }

  // guide end

  // guide: clock
  @Test
  void aServiceThatHangsIsGivenUpAfterAMinute() {
    try (SimulatedCluster cluster = SimulatedCluster.open(7)) {
      SimulatedServer server = cluster.server("orders", new OrdersServer()::addTo);
      server.faults().hang();
      Client client = cluster.client("shop");
      CompletableFuture<?> call =
          client.sendAsync(
              Request.of(Orders.GET, new OrderKey("7")).withTimeout(Duration.ofMinutes(1)));

      cluster.advance(Duration.ofSeconds(59));
      assertThat(call).isNotDone();
      cluster.advance(Duration.ofSeconds(2));
      assertThatThrownBy(() -> cluster.await(call))
          .isInstanceOf(RpcException.class)
          .hasMessageContaining(Status.Code.DEADLINE_EXCEEDED.name());
    }
  }
  // guide end
}
