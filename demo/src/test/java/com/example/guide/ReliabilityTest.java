package com.example.guide;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.example.guide.Orders.Order;
import com.example.guide.Orders.OrderKey;
import erpc.call.CallOptions;
import erpc.call.FailureMode;
import erpc.call.Request;
import erpc.call.RpcException;
import erpc.call.Status;
import erpc.client.Client;
import erpc.server.Server;
import erpc.server.ServerSettings;
import erpc.settings.Mode;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ReliabilityTest {
  private static final Order USUAL = new Order("0", "tea", 1);

  private final AtomicInteger runs = new AtomicInteger();
  private final AtomicInteger placed = new AtomicInteger();
  private Server server;

  @BeforeEach
  void start() throws Exception {
    server =
        Server.builder()
            .build()
            .handle(
                Orders.GET,
                (context, key) -> {
                  runs.incrementAndGet();
                  throw new RpcException(Status.Code.NOT_FOUND, "no such order");
                })
            .handle(
                Orders.PLACE,
                (context, order) -> {
                  placed.incrementAndGet();
                  throw new RpcException(Status.Code.UNAVAILABLE, "not yet");
                })
            .listen("127.0.0.1:0");
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void optionsSayWhatBecomesOfACall() {
    String place = "ip://" + server.address();
    // guide: modes
    Client client =
        Client.builder()
            .target("shop.Orders", place)
            .options("shop.Orders", CallOptions.NONE.withHedging(0.02))
            .options("shop.Orders.place", CallOptions.NONE.withFailureMode(FailureMode.FAILFAST))
            .fallback(Orders.GET, (key, status) -> USUAL)
            .build();
    // guide end
    try (client) {
      assertThat(client.call(Orders.GET, new OrderKey("7"))).isEqualTo(USUAL);
      assertThat(runs).hasValue(1);
      assertThatThrownBy(() -> client.call(Orders.PLACE, USUAL))
          .hasMessageStartingWith("UNAVAILABLE: not yet");
      assertThat(placed).hasValue(1);
    }
  }

  @Test
  void aClientExplainsWhereACallWouldGo() {
    Request<OrderKey, Order> request = Request.of(Orders.GET, new OrderKey("7"));
    try (Client client = Guide.clientOf(server)) {
      // guide: explain
      System.out.println(client.explain(request));
      // guide end
      assertThat(client.explain(request).toString()).contains(server.address());
    }
  }

  @Test
  void aServerTakesLimitsAndOtherModesWhileItRuns() {
    ServerSettings settings = ServerSettings.DEFAULTS;
    // guide: limit
    server.limit("shop.Orders.get", 100, 5_000); // at a time, and per second
    // guide end
    // guide: protect
    server.protect(settings.withShedding(Mode.DRY_RUN));
    // guide end
    try (Client client = Guide.clientOf(server)) {
      assertThatThrownBy(() -> client.call(Orders.GET, new OrderKey("7")))
          .hasMessageStartingWith("NOT_FOUND: no such order");
    }
  }
}
