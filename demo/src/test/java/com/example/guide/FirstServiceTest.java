package com.example.guide;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.example.guide.Orders.Order;
import com.example.guide.Orders.OrderKey;
import erpc.Erpc;
import erpc.call.Method;
import erpc.call.RpcException;
import erpc.call.Status;
import erpc.client.Client;
import erpc.demo.HelloRequest;
import erpc.demo.HelloResponse;
import erpc.server.Server;
import java.util.Calendar;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class FirstServiceTest {
  @Test
  void recordsTravel() throws Exception {
    try (Server server = new OrdersServer().listen("127.0.0.1:0");
        Client client = Guide.clientOf(server)) {
      assertThat(OrdersClient.buy(client)).isEqualTo(new Order("7", "tea", 2));
    }
  }

  @Test
  void protobufTravels() throws Exception {
    // guide: protobuf
    Method<HelloRequest, HelloResponse> hello =
        Method.unary("demo.hello", HelloRequest.class, HelloResponse.class);
    // guide end
    try (Server server = Server.builder().build();
        Client client = Client.builder().build()) {
      server.handle(hello, (context, request) -> HelloResponse.newBuilder().setMsg("hi").build());
      server.listen("127.0.0.1:0");
      String address = "ip://" + server.address() + "/demo.hello";
      HelloRequest request = HelloRequest.getDefaultInstance();
      assertThat(client.call(address, request, HelloResponse.class).getMsg()).isEqualTo("hi");
    }
  }

  @Test
  void serverThatIsNotThereIsUnavailableAndTheCallNotStarted() {
    try (Client client = Client.builder().target("shop.Orders", "ip://127.0.0.1:9").build()) {
      assertThatThrownBy(() -> client.call(Orders.GET, new OrderKey("7")))
          .isInstanceOf(RpcException.class)
          .hasMessageStartingWith("UNAVAILABLE")
          .hasMessageEndingWith("(local, 127.0.0.1:9, not started)");
    }
  }

  private record Broken(Calendar when) {}

  @Test
  void whatGoesWrongSaysWhat() throws Exception {
    Method<OrderKey, Order> missing =
        Method.unary("shop.Orders.missing", OrderKey.class, Order.class);
    Method<OrderKey, Order> throwing =
        Method.unary("shop.Orders.throwing", OrderKey.class, Order.class);
    Method<Broken, OrderKey> broken =
        Method.unary("shop.Orders.broken", Broken.class, OrderKey.class);
    try (Server server = new OrdersServer().listen("127.0.0.1:0");
        Client client = Guide.clientOf(server)) {
      server.handle(
          throwing,
          (context, key) -> {
            throw new IllegalStateException("a test");
          });
      assertThatThrownBy(() -> client.call(Orders.GET, new OrderKey("8")))
          .hasMessageStartingWith("NOT_FOUND: no order 8 (remote, ")
          .hasMessageEndingWith(", started)");
      assertThatThrownBy(() -> client.call(missing, new OrderKey("8")))
          .hasMessageStartingWith("UNIMPLEMENTED");
      assertThatThrownBy(() -> client.call(throwing, new OrderKey("8")))
          .hasMessageStartingWith("INTERNAL")
          .hasMessageContaining("the server's log has the reason as number")
          .hasMessageNotContaining("a test");
      assertThatThrownBy(() -> server.handle(broken, (context, request) -> new OrderKey("")))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("when (java.util.Calendar)");
      assertThatThrownBy(() -> client.call(broken, new Broken(null)))
          .extracting(thrown -> ((RpcException) thrown).code())
          .isEqualTo(Status.Code.UNIMPLEMENTED);
    }
  }

  @Test
  void facadeHasOneClientAndOneSetOfHandlers() throws Exception {
    // guide: facade
    Erpc.handle(Orders.GET, (context, key) -> new Order(key.id(), "tea", 2));
    Server server = Erpc.listen("127.0.0.1:0");
    Order order =
        Erpc.call("ip://" + server.address() + "/shop.Orders.get", new OrderKey("7"), Order.class);
    // guide end
    server.close();
    assertThat(order).isEqualTo(new Order("7", "tea", 2));
  }
}
