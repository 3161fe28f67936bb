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
import erpc.transport.ManualClock;
import erpc.transport.Reactor;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
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
  void aSlowServiceIsGivenUpAfterAnHour() throws Exception {
    ManualClock clock = new ManualClock();
    CountDownLatch running = new CountDownLatch(1);
    CountDownLatch hold = new CountDownLatch(1);
    try (Reactor reactor = Reactor.inMemory(clock);
        Server server = Server.builder().reactor(reactor).build();
        Client client = Client.builder().reactor(reactor).build()) {
      server.handle(
          Orders.GET,
          (context, key) -> {
            running.countDown();
            hold.await();
            return new Order(key.id(), "tea", 2);
          });
      server.listen("127.0.0.1:0"); // No socket: it is known within the reactor alone.
      CompletableFuture<?> call =
          client.sendAsync(
              Request.of(Orders.GET, new OrderKey("7"))
                  .at("ip://" + server.address())
                  .withTimeout(Duration.ofHours(1)));

      assertThat(running.await(10, TimeUnit.SECONDS)).isTrue();
      clock.advance(Duration.ofMinutes(59));
      assertThat(call).isNotDone();
      clock.advance(Duration.ofMinutes(2));
      assertThatThrownBy(() -> call.get(10, TimeUnit.SECONDS))
          .hasCauseInstanceOf(RpcException.class)
          .hasMessageContaining(Status.Code.DEADLINE_EXCEEDED.name());
      hold.countDown();
    }
  }
  // guide end
}
