package com.example.guide;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.example.guide.Orders.Order;
import com.example.guide.Orders.OrderKey;
import erpc.call.Reply;
import erpc.call.Request;
import erpc.call.RpcException;
import erpc.call.Status;
import erpc.client.Client;
import erpc.server.Server;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class AddressesTest {
  private static final Order TEA = new Order("7", "tea", 2);

  private final OrdersServer orders = new OrdersServer();
  private Server server;

  @BeforeEach
  void start() throws Exception {
    orders.place(TEA);
    server = orders.listen("127.0.0.1:0");
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void bareNamesGoToTargets() {
    String place = "list://" + server.address();
    // guide: targets
    Client client =
        Client.builder()
            .target("shop.Orders", place) // Calls of this service go here,
            .target("dns://gateway.example:9443") // calls of all others there.
            .build();
    // guide end
    try (client) {
      assertThat(client.call(Orders.GET, new OrderKey("7"))).isEqualTo(TEA);
    }
  }

  @Test
  void aRequestMaySayWhereItGoes() {
    String place = "ip://" + server.address();
    try (Client client = Client.builder().build()) {
      // guide: at
      Reply<Order> reply = client.send(Request.of(Orders.GET, new OrderKey("7")).at(place));
      // guide end
      assertThat(reply.body()).isEqualTo(TEA);
      assertThat(reply.endpoint()).isEqualTo(server.address());
    }
  }

  @Test
  void everyVerbReachesTheServer() throws Exception {
    CountDownLatch placed = new CountDownLatch(2);
    try (Server own =
            Server.builder()
                .build()
                .handle(Orders.GET, (context, key) -> TEA)
                .handle(
                    Orders.PLACE,
                    (context, order) -> {
                      placed.countDown();
                      return new OrderKey(order.id());
                    })
                .listen("127.0.0.1:0");
        Client client = Guide.clientOf(own)) {
      // guide: verbs
      Order order = client.call(Orders.GET, new OrderKey("7"));
      Reply<Order> reply = client.send(Request.of(Orders.GET, new OrderKey("7")));
      CompletableFuture<Order> later = client.callAsync(Orders.GET, new OrderKey("7"));
      client.oneway(Orders.PLACE, order);
      CompletableFuture<Void> sent = client.onewayAsync(Orders.PLACE, order);
      // guide end
      assertThat(reply.body()).isEqualTo(order).isEqualTo(later.get(20, TimeUnit.SECONDS));
      assertThat(sent).succeedsWithin(Duration.ofSeconds(20));
      assertThat(placed.await(20, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void wrongAddressesAreToldAtOnce() {
    try (Client client = Client.builder().build()) {
      assertThatThrownBy(() -> client.call("127.0.0.1:8877", new OrderKey("7"), Order.class))
          .isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(
              () -> client.call("nowhere://a/shop.Orders.get", new OrderKey("7"), Order.class))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("nowhere");
      assertThat(client.callAsync("127.0.0.1:8877", new OrderKey("7"), Order.class))
          .isCompletedExceptionally();
    }
  }

  @Test
  void namesThatNobodyResolvesWaitForTheDeadline() {
    try (Client client = Client.builder().center("127.0.0.1:9").build()) {
      Request<OrderKey, Order> request =
          Request.of(Orders.GET, new OrderKey("7")).withTimeout(Duration.ofMillis(100));
      assertThatThrownBy(() -> client.send(request))
          .isInstanceOf(RpcException.class)
          .extracting(thrown -> ((RpcException) thrown).status())
          .satisfies(status -> {
            assertThat(status.code()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
            assertThat(status.started()).isEqualTo(Status.Started.NO);
            assertThat(status.message()).contains("has not been resolved within the deadline");
          });
    }
  }

  @Test
  void aListInAFileIsFollowed(@TempDir Path folder) throws Exception {
    String shown = Files.readString(Path.of("src/test/resources/guide/orders.list"));
    Path list = folder.resolve("orders.list");
    try (Server other = orders.listen("127.0.0.1:0");
        Client client = Client.builder().target("file://" + list).build()) {
      Files.writeString(
          list,
          shown
              .replace("10.0.0.1:8877", server.address())
              .replace("10.0.0.2:8877", other.address()));
      Request<OrderKey, Order> request =
          Request.of(Orders.GET, new OrderKey("7")).withTimeout(Duration.ofSeconds(20));
      Set<String> reached = new HashSet<>();
      for (int i = 0; i < 20; i++) {
        reached.add(client.send(request).endpoint());
      }
      assertThat(reached).containsExactlyInAnyOrder(server.address(), other.address());
    }
  }
}
