package com.example.guide;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.example.guide.Orders.Order;
import com.example.guide.Orders.OrderKey;
import erpc.call.Attribute;
import erpc.call.Context;
import erpc.call.Filter;
import erpc.call.MessageFilter;
import erpc.call.Reply;
import erpc.call.Request;
import erpc.call.RpcException;
import erpc.call.Status;
import erpc.client.Client;
import erpc.client.Exchange;
import erpc.server.Handler;
import erpc.server.Server;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class FiltersTest {
  // guide: stamp
  static final Filter STAMP = (request, next) -> next.call(request.withMetadata("app", "till"));
  // guide end

  // guide: tenant
  static final Attribute<String> TENANT = Attribute.named("tenant");

  static final Filter REQUIRE_TENANT =
      (request, next) -> {
        String tenant = request.metadata().text("tenant");
        if (tenant == null) {
          throw new RpcException(Status.Code.INVALID_ARGUMENT, "metadata tenant is missing");
        }
        return Context.current().with(TENANT, tenant).call(() -> next.call(request));
      };

  // guide end

  // guide: validate
  static final class Validate implements Filter {
    @Override
    public boolean wantsMessages() {
      return true; // request.body() is the decoded message, and not its bytes.
    }

    @Override
    public Reply<?> call(Request<?, ?> request, Next next) throws Exception {
      if (request.hasBody() && request.body() instanceof Order order && order.count() < 1) {
        throw new RpcException(Status.Code.INVALID_ARGUMENT, "count must be at least 1");
      }
      return next.call(request);
    }
  }

  // guide end

  // guide: count
  static final class CountReplies implements Filter {
    final LongAdder replies = new LongAdder();

    @Override
    public Reply<?> call(Request<?, ?> request, Next next) throws Exception {
      return next.call(request);
    }

    @Override
    public MessageFilter messages(Request<?, ?> request) {
      return new MessageFilter() {
        @Override
        public Object reply(Object message) {
          replies.increment();
          return message;
        }
      };
    }
  }

  // guide end

  @Test
  void aServersFilterRefusesOrLeavesWhatHandlersNeed() throws Exception {
    // guide: handler
    Handler<OrderKey, Order> handler =
        (context, key) -> new Order(key.id(), "tea for " + context.get(TENANT), 2);
    // guide end
    // guide: server
    Server server = Server.builder().filter(REQUIRE_TENANT).filter(new Validate()).build();
    // guide end
    try (server;
        Client client = Client.builder().build()) {
      server
          .handle(Orders.GET, handler)
          .handle(Orders.PLACE, (context, order) -> new OrderKey(order.id()))
          .listen("127.0.0.1:0");
      Request<OrderKey, Order> get =
          Request.of(Orders.GET, new OrderKey("7")).at("ip://" + server.address());
      assertThatThrownBy(() -> client.send(get))
          .hasMessageStartingWith("INVALID_ARGUMENT: metadata tenant is missing");
      assertThat(client.send(get.withMetadata("tenant", "blue")).body().item())
          .isEqualTo("tea for blue");
      Request<Order, OrderKey> place =
          Request.of(Orders.PLACE, new Order("7", "tea", 0))
              .at("ip://" + server.address())
              .withMetadata("tenant", "blue");
      assertThatThrownBy(() -> client.send(place))
          .hasMessageStartingWith("INVALID_ARGUMENT: count must be at least 1");
    }
  }

  @Test
  void aClientsFiltersStandAroundCallsOrTries() throws Exception {
    List<String> tries = new CopyOnWriteArrayList<>();
    try (Server server =
        Server.builder()
            .build()
            .handle(
                Orders.GET,
                (context, key) -> {
                  if (!context.isRetried()) {
                    throw new RpcException(Status.Code.UNAVAILABLE, "not yet");
                  }
                  return new Order(key.id(), context.metadata().text("app"), 2);
                })
            .listen("127.0.0.1:0")) {
      // guide: client
      Client client =
          Client.builder()
              .target("shop.Orders", "ip://" + server.address())
              .filter(STAMP) // around each call
              .attemptFilter((request, next) -> { // around each try of it
                tries.add(request.method().name());
                return next.call(request);
              })
              .build();
      // guide end
      try (client) {
        assertThat(client.call(Orders.GET, new OrderKey("7")).item()).isEqualTo("till");
      }
      assertThat(tries).containsExactly("shop.Orders.get", "shop.Orders.get");
    }
  }

  @Test
  void messagesOfStreamsAreSeenByMessageFilters() throws Exception {
    CountReplies count = new CountReplies();
    try (Server server = Server.builder().filter(count).build();
        Client client = Client.builder().build()) {
      server
          .handleServerStream(
              StreamsTest.HISTORY,
              (context, key, replies) -> {
                replies.send(new Order(key.id(), "tea", 1));
                replies.send(new Order(key.id(), "tea", 2));
              })
          .listen("127.0.0.1:0");
      Request<OrderKey, Order> request =
          Request.of(StreamsTest.HISTORY, new OrderKey("7")).at("ip://" + server.address());
      try (Exchange<OrderKey, Order> replies = client.open(request)) {
        assertThat(replies).hasSize(2);
      }
      await().until(() -> count.replies.sum() == 2);
    }
  }

  @Test
  void whatAFilterThrowsEndsTheCall() throws Exception {
    try (Server server = new OrdersServer().listen("127.0.0.1:0");
        Client client =
            Client.builder()
                .target("ip://" + server.address())
                .filter((request, next) -> {
                  throw new IllegalStateException("a test");
                })
                .build()) {
      assertThatThrownBy(() -> client.call(Orders.GET, new OrderKey("7")))
          .isInstanceOf(RpcException.class)
          .hasMessageStartingWith("INTERNAL");
    }
  }
}
