package com.example.guide;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.example.guide.Orders.Order;
import com.example.guide.Orders.OrderKey;
import erpc.call.Method;
import erpc.call.Request;
import erpc.call.RpcException;
import erpc.call.Status;
import erpc.client.Client;
import erpc.client.ClientSettings;
import erpc.server.Server;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class RetriesTest {
  private final AtomicInteger runs = new AtomicInteger();
  private Server server;

  @BeforeEach
  void start() throws Exception {
    server =
        Server.builder()
            .build()
            .handle(
                Orders.GET,
                (context, key) -> {
                  if (runs.incrementAndGet() == 1) {
                    throw new RpcException(Status.Code.UNAVAILABLE, "not yet");
                  }
                  return new Order(key.id(), "tea", 2);
                })
            .listen("127.0.0.1:0");
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void anIdempotentCallIsTriedAgain() {
    try (Client client = Guide.clientOf(server)) {
      // guide: idempotent
      Method<OrderKey, Order> get =
          Method.unary("shop.Orders.get", OrderKey.class, Order.class).idempotent();
      // guide end
      assertThat(client.call(get, new OrderKey("7")).item()).isEqualTo("tea");
      assertThat(runs).hasValue(2);
    }
  }

  @Test
  void anyOtherCallIsNotOnceItMayHaveStarted() {
    Method<OrderKey, Order> get = Method.unary("shop.Orders.get", OrderKey.class, Order.class);
    try (Client client = Guide.clientOf(server)) {
      assertThatThrownBy(() -> client.call(get, new OrderKey("7")))
          .isInstanceOf(RpcException.class)
          .hasMessageStartingWith("UNAVAILABLE: not yet");
      assertThat(runs).hasValue(1);
    }
  }

  @Test
  void whatIsNotStartedGoesElsewhereWhateverItDoes() {
    Method<OrderKey, Order> get = Method.unary("shop.Orders.get", OrderKey.class, Order.class);
    runs.set(1);
    try (Client client = Client.builder().build()) {
      for (int i = 0; i < 10; i++) {
        Request<OrderKey, Order> request =
            Request.of(get, new OrderKey("7"))
                .at("list://127.0.0.1:9," + server.address())
                .withTimeout(Duration.ofSeconds(20));
        assertThat(client.send(request).endpoint()).isEqualTo(server.address());
      }
    }
  }

  @Test
  void aClientMayTryOnlyOnce() {
    // guide: once
    Client client =
        Client.builder()
            .target("shop.Orders", "ip://" + server.address())
            .settings(ClientSettings.ofProcess().withMaxAttempts(1))
            .build();
    // guide end
    try (client) {
      assertThatThrownBy(() -> client.call(Orders.GET, new OrderKey("7")))
          .hasMessageStartingWith("UNAVAILABLE: not yet");
      assertThat(runs).hasValue(1);
    }
  }

  @Test
  void aHandlerSeesThatACallIsARetry() throws Exception {
    AtomicInteger seen = new AtomicInteger();
    try (Server own =
            Server.builder()
                .build()
                .handle(
                    Orders.GET,
                    (context, key) -> {
                      if (!context.isRetried()) {
                        throw new RpcException(Status.Code.UNAVAILABLE, "not yet");
                      }
                      seen.incrementAndGet();
                      return new Order(key.id(), "tea", 2);
                    })
                .listen("127.0.0.1:0");
        Client client = Guide.clientOf(own)) {
      assertThat(client.call(Orders.GET, new OrderKey("7")).item()).isEqualTo("tea");
      assertThat(seen).hasValue(1);
    }
  }
}
