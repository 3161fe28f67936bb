package com.example.guide;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.example.guide.Orders.Order;
import com.example.guide.Orders.OrderKey;
import erpc.call.RpcException;
import erpc.call.Status;
import erpc.client.Client;
import erpc.server.Server;
import erpc.server.ServerSettings;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ErrorsTest {
  // guide: caller
  static Optional<Order> find(Client client, String id) {
    try {
      return Optional.of(client.call(Orders.GET, new OrderKey(id)));
    } catch (RpcException e) {
      if (e.code() == Status.Code.NOT_FOUND) {
        return Optional.empty();
      }
      throw e;
    }
  }

  // guide end

  // guide: handler
  static OrderKey place(Order order) {
    if (order.count() > 9) {
      throw Status.of(Status.Code.FAILED_PRECONDITION, "only 9 of " + order.item() + " are left")
          .withDetails("left=9".getBytes(StandardCharsets.UTF_8)) // for programs
          .withRetryAfter(Duration.ofMinutes(5)) // when it may be of use to ask again
          .toException();
    }
    return new OrderKey(order.id());
  }

  // guide end

  @Test
  void aStatusOfTheHandlersChoiceReachesTheCaller() throws Exception {
    try (Server server =
            Server.builder()
                .build()
                .handle(Orders.PLACE, (context, order) -> place(order))
                .handle(Orders.GET, (context, key) -> new OrdersServer().find(key))
                .listen("127.0.0.1:0");
        Client client = Guide.clientOf(server)) {
      assertThat(find(client, "8")).isEmpty();
      RpcException e =
          catchThrowableOfType(
              RpcException.class, () -> client.call(Orders.PLACE, new Order("7", "tea", 10)));
      // guide: status
      Status status = e.status();
      assertThat(status.code()).isEqualTo(Status.Code.FAILED_PRECONDITION);
      assertThat(status.message()).isEqualTo("only 9 of tea are left");
      assertThat(new String(status.details(), StandardCharsets.UTF_8)).isEqualTo("left=9");
      assertThat(status.retryAfter()).isEqualTo(Duration.ofMinutes(5));
      assertThat(status.isRemote()).isTrue(); // The server decided it, and not this client.
      assertThat(status.endpoint()).isEqualTo(server.address());
      assertThat(status.started()).isEqualTo(Status.Started.YES); // The handler has run.
      // guide end

      CompletableFuture<OrderKey> later = client.callAsync(Orders.PLACE, new Order("7", "tea", 10));
      Status.Code code = null;
      // guide: async
      try {
        later.get();
      } catch (ExecutionException failed) {
        code = ((RpcException) failed.getCause()).code();
      }
      // guide end
      assertThat(code).isEqualTo(Status.Code.FAILED_PRECONDITION);
    }
  }

  @Test
  void callersLearnWhatHandlersThrowOnlyIfTheServerSaysSo() throws Exception {
    // guide: tell
    Server server =
        Server.builder().settings(ServerSettings.ofProcess().withTellErrors(true)).build();
    // guide end
    server.handle(
        Orders.GET,
        (context, key) -> {
          throw new IllegalStateException("no database");
        });
    server.listen("127.0.0.1:0");
    try (server;
        Client client = Guide.clientOf(server)) {
      assertThat(catchThrowable(() -> client.call(Orders.GET, new OrderKey("7"))))
          .hasMessageContaining("IllegalStateException")
          .hasMessageContaining("no database");
    }
  }

  @Test
  void aStatusThatAHandlerLetsThroughLosesItsDetails() throws Exception {
    try (Server back =
            Server.builder()
                .build()
                .handle(Orders.PLACE, (context, order) -> place(order))
                .listen("127.0.0.1:0");
        Client inner = Guide.clientOf(back);
        Server front =
            Server.builder()
                .build()
                .handle(Orders.PLACE, (context, order) -> inner.call(Orders.PLACE, order))
                .listen("127.0.0.1:0");
        Client client = Guide.clientOf(front)) {
      Status status =
          catchThrowableOfType(
                  RpcException.class, () -> client.call(Orders.PLACE, new Order("7", "tea", 10)))
              .status();
      assertThat(status.code()).isEqualTo(Status.Code.FAILED_PRECONDITION);
      assertThat(status.message()).isEqualTo("only 9 of tea are left");
      assertThat(status.details()).isEmpty();
      assertThat(status.retryAfter()).isNull();
      assertThat(status.isPassedOn()).isTrue();
      assertThat(status.endpoint()).isEqualTo(front.address());
    }
  }
}
