package com.example.guide;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.example.guide.Orders.Order;
import com.example.guide.Orders.OrderKey;
import erpc.call.RpcException;
import erpc.call.Status;
import erpc.client.Client;
import erpc.server.Execution;
import erpc.server.Server;
import erpc.transport.Reactor;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class HandlersTest {
  private static final Order TEA = new Order("7", "tea", 2);

  private Server server;

  @BeforeEach
  void start() throws Exception {
    server = Server.builder().build().listen("127.0.0.1:0");
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private Order get() {
    try (Client client = Guide.clientOf(server)) {
      return client.call(Orders.GET, new OrderKey("7"));
    }
  }

  @Test
  void aHandlerRunsOnAVirtualThread() {
    server.handle(
        Orders.GET,
        (context, key) -> new Order(key.id(), "" + Thread.currentThread().isVirtual(), 2));
    assertThat(get().item()).isEqualTo("true");
  }

  @Test
  void anInlineHandlerRunsOnTheEventLoop() {
    // guide: inline
    server.handle(Orders.GET, (context, key) -> TEA, Execution.inline()); // Must never block.
    // guide end
    assertThat(get()).isEqualTo(TEA);
  }

  @Test
  void anInlineHandlerMustNotCallAndWait() throws Exception {
    try (Server back = Server.builder().build();
        Client inner = Client.builder().build()) {
      back.handle(Orders.GET, (context, key) -> TEA).listen("127.0.0.1:0");
      String address = "ip://" + back.address() + "/shop.Orders.get";
      server.handle(
          Orders.GET,
          (context, key) -> {
            assertThat(Reactor.isEventLoop()).isTrue();
            return inner.call(address, key, Order.class);
          },
          Execution.inline());
      assertThatThrownBy(this::get).isInstanceOf(RpcException.class);
    }
  }

  @Test
  void anExecutorBoundsHandlersThatWorkHard() throws Exception {
    // guide: executor
    ExecutorService pool =
        new ThreadPoolExecutor(8, 8, 0, TimeUnit.SECONDS, new ArrayBlockingQueue<>(100));
    server.handle(Orders.GET, (context, key) -> TEA, Execution.on(pool));
    // guide end
    try (pool) {
      assertThat(get()).isEqualTo(TEA);
    }
    assertThatThrownBy(this::get) // The pool rejects what comes now.
        .isInstanceOf(RpcException.class)
        .extracting(thrown -> ((RpcException) thrown).code())
        .isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
  }

  @Test
  void anAsynchronousHandlerNeedsNoThread() throws Exception {
    try (Server stock = Server.builder().build();
        Client client = Client.builder().build()) {
      stock.handle(Orders.GET, (context, key) -> TEA).listen("127.0.0.1:0");
      String get = "ip://" + stock.address() + "/shop.Orders.get";
      // guide: async
      server.handleAsync(
          Orders.GET,
          (context, key) -> client.callAsync(get, key, Order.class),
          Execution.inline());
      // guide end
      assertThat(get()).isEqualTo(TEA);
    }
  }
}
