package com.example.guide;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.example.guide.Orders.Order;
import com.example.guide.Orders.OrderKey;
import erpc.call.CallOptions;
import erpc.call.Context;
import erpc.call.Criticality;
import erpc.call.Metadata;
import erpc.call.Reply;
import erpc.call.Request;
import erpc.call.RpcException;
import erpc.call.Status;
import erpc.client.Client;
import erpc.server.Server;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class OptionsTest {
  private final AtomicReference<Context> last = new AtomicReference<>();
  private Server server;

  @BeforeEach
  void start() throws Exception {
    server =
        Server.builder()
            .build()
            .handle(
                Orders.GET,
                (context, key) -> {
                  last.set(context);
                  return new Order(key.id(), "tea", 2);
                })
            .handle(Orders.PLACE, (context, order) -> new OrderKey(order.id()))
            .listen("127.0.0.1:0");
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void aClientSaysWhatCallsDoNotSay() {
    // guide: defaults
    CallOptions all = CallOptions.NONE.withMetadata("app", "till");
    CallOptions orders = CallOptions.NONE.withTimeout(Duration.ofSeconds(20));
    CallOptions get = orders.withCompression("gzip").withCriticality(Criticality.CRITICAL);
    Client client =
        Client.builder()
            .target("shop.Orders", "ip://" + server.address())
            .options(all) // of all calls
            .options("shop.Orders", orders) // of one service
            .options("shop.Orders.get", get) // of one method
            .build();
    // guide end
    try (client) {
      assertThat(client.call(Orders.GET, new OrderKey("7")).item()).isEqualTo("tea");
      Context seen = last.get();
      assertThat(seen.metadata().text("app")).isEqualTo("till");
      assertThat(seen.criticality()).isEqualTo(Criticality.CRITICAL);
      assertThat(seen.deadline().remaining()).isGreaterThan(Duration.ofSeconds(1));
      // guide: request-options
      Request<OrderKey, Order> request =
          Request.of(Orders.GET, new OrderKey("7")).withOptions(orders.withTag("screen", "basket"));
      // guide end
      assertThat(client.send(request).body().item()).isEqualTo("tea");
    }
  }

  @Test
  void namesOfCodecsAndCompressionsAreChecked() {
    try (Client client = Guide.clientOf(server)) {
      RpcException e =
          catchThrowableOfType(
              RpcException.class,
              () -> client.send(Request.of(Orders.GET, new OrderKey("7")).withCompression("zip")));
      assertThat(e.code()).isEqualTo(Status.Code.UNIMPLEMENTED);
      assertThat(e.status().message()).contains("known are gzip, zstd, lz4");
    }
  }

  @Test
  void metadataTravelsBothWays() throws Exception {
    try (Server own =
            Server.builder()
                .build()
                .handle(
                    Orders.GET,
                    // guide: read-metadata
                    (context, key) -> {
                      String tenant = context.metadata().text("tenant"); // Null if there is none.
                      context.addHeader("shop", tenant + "-1"); // before the reply
                      context.addTrailer("cost", "3"); // with the status
                      return new Order(key.id(), "tea", 2);
                    }
                    // guide end
                    )
                .listen("127.0.0.1:0");
        Client client = Guide.clientOf(own)) {
      // guide: write-metadata
      Request<OrderKey, Order> request =
          Request.of(Orders.GET, new OrderKey("7")).withMetadata("tenant", "blue");
      Reply<Order> reply = client.send(request);
      String shop = reply.headers().text("shop");
      String cost = reply.trailers().text("cost");
      // guide end
      assertThat(shop).isEqualTo("blue-1");
      assertThat(cost).isEqualTo("3");
    }
  }

  @Test
  void metadataHoldsBytesUnderKeysThatSaySo() {
    // guide: bytes
    Metadata metadata = Metadata.of("tenant", "blue").with("token-bin", new byte[] {1, 2});
    byte[] token = metadata.bytes("token-bin");
    // guide end
    assertThat(token).containsExactly(1, 2);
    assertThatThrownBy(() -> Metadata.of("Tenant", "blue"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Metadata.of("tenant", "blue\n"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Metadata.of("tenant", "x".repeat(9_000)))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
