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
import erpc.client.Exchange;
import erpc.server.Server;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class StreamsTest {
  // guide: methods
  record Total(int orders, int pieces) {}

  static final Method<OrderKey, Order> HISTORY = // one request, many replies
      Method.serverStreaming("shop.Orders.history", OrderKey.class, Order.class);

  static final Method<Order, Total> IMPORT = // many requests, one reply
      Method.clientStreaming("shop.Orders.import", Order.class, Total.class);

  static final Method<OrderKey, Order> LOOKUP = // many both ways
      Method.bidirectional("shop.Orders.lookup", OrderKey.class, Order.class);
  // guide end

  private final OrdersServer orders = new OrdersServer();
  private Server server;
  private Client client;

  @BeforeEach
  void start() throws Exception {
    server = orders.listen("127.0.0.1:0");
    client = Guide.clientOf(server);
  }

  @AfterEach
  void stop() {
    client.close();
    server.close();
  }

  private List<Order> history(String id) {
    return List.of(new Order(id, "tea", 1), new Order(id, "tea", 2));
  }

  @Test
  void repliesStream() {
    // guide: history
    server.handleServerStream(
        HISTORY,
        (context, key, replies) -> {
          for (Order each : history(key.id())) {
            replies.send(each); // Waits while the caller is slower.
          }
        });
    // guide end
    // guide: read
    List<Order> seen = new ArrayList<>();
    try (Exchange<OrderKey, Order> replies = client.open(HISTORY, new OrderKey("7"))) {
      for (Order each : replies) {
        seen.add(each);
      }
    }
    // guide end
    assertThat(seen).isEqualTo(history("7"));
  }

  @Test
  void requestsStream() {
    // guide: import
    server.handleClientStream(
        IMPORT,
        (context, requests) -> {
          int count = 0;
          int pieces = 0;
          for (Order each : requests) {
            count++;
            pieces += each.count();
          }
          return new Total(count, pieces);
        });
    // guide end
    // guide: send
    Total total;
    try (Exchange<Order, Total> exchange = client.open(IMPORT)) {
      exchange.send(new Order("7", "tea", 2)); // Waits while the server is slower.
      exchange.send(new Order("8", "rice", 1));
      total = exchange.reply(); // Says that there are no more, and waits for the reply.
    }
    // guide end
    assertThat(total).isEqualTo(new Total(2, 3));
  }

  @Test
  void bothStream() {
    orders.place(new Order("7", "tea", 2));
    // guide: lookup
    server.handleStream(
        LOOKUP,
        (context, requests, replies) -> {
          for (OrderKey each : requests) {
            replies.send(orders.find(each));
          }
        });
    // guide end
    // guide: both
    try (Exchange<OrderKey, Order> exchange = client.open(LOOKUP)) {
      exchange.send(new OrderKey("7"));
      assertThat(exchange.next()).isEqualTo(new Order("7", "tea", 2));
      exchange.finish(); // No more requests. Replies may still come.
      assertThat(exchange.next()).isNull(); // None came, and the call has ended in OK.
    }
    // guide end
  }

  @Test
  void whatCameBeforeAFailureIsReadFirst() {
    orders.place(new Order("7", "tea", 2));
    server.handleStream(
        LOOKUP,
        (context, requests, replies) -> {
          for (OrderKey each : requests) {
            replies.send(orders.find(each));
          }
        });
    try (Exchange<OrderKey, Order> exchange = client.open(LOOKUP)) {
      exchange.send(new OrderKey("7"));
      exchange.send(new OrderKey("8"));
      assertThat(exchange.next()).isNotNull();
      assertThatThrownBy(exchange::next)
          .isInstanceOf(RpcException.class)
          .hasMessageStartingWith("NOT_FOUND: no order 8");
      assertThatThrownBy(() -> exchange.send(new OrderKey("7")))
          .hasMessageStartingWith("NOT_FOUND");
    }
  }

  @Test
  void leavingAStreamEarlyCancelsItAtTheServer() throws Exception {
    CountDownLatch cancelled = new CountDownLatch(1);
    server.handleServerStream(
        HISTORY,
        (context, key, replies) -> {
          context.onCancel(cancelled::countDown);
          while (!context.isCancelled()) {
            replies.send(new Order(key.id(), "tea", 1));
          }
        });
    try (Exchange<OrderKey, Order> replies = client.open(HISTORY, new OrderKey("7"))) {
      for (Order each : replies) {
        assertThat(each.item()).isEqualTo("tea");
        break;
      }
    }
    assertThat(cancelled.await(20, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void aStreamThatStandsStillEnds() {
    server.handleServerStream(
        HISTORY, (context, key, replies) -> new CountDownLatch(1).await(20, TimeUnit.SECONDS));
    // guide: patience
    Method<OrderKey, Order> rare = HISTORY.progressTimeout(Duration.ofMinutes(10));
    // guide end
    assertThat(rare.progressTimeout()).isEqualTo(Duration.ofMinutes(10));
    Method<OrderKey, Order> impatient = rare.progressTimeout(Duration.ofMillis(100));
    try (Exchange<OrderKey, Order> replies = client.open(impatient, new OrderKey("7"))) {
      assertThatThrownBy(replies::next)
          .extracting(thrown -> ((RpcException) thrown).code())
          .isEqualTo(Status.Code.DEADLINE_EXCEEDED);
    }
  }

  @Test
  void aTimeoutLimitsTheWholeStream() {
    server.handleServerStream(
        HISTORY, (context, key, replies) -> new CountDownLatch(1).await(20, TimeUnit.SECONDS));
    Request<OrderKey, Order> request =
        Request.of(HISTORY, new OrderKey("7")).withTimeout(Duration.ofMillis(100));
    try (Exchange<OrderKey, Order> replies = client.open(request)) {
      assertThatThrownBy(replies::next)
          .extracting(thrown -> ((RpcException) thrown).code())
          .isEqualTo(Status.Code.DEADLINE_EXCEEDED);
    }
  }
}
