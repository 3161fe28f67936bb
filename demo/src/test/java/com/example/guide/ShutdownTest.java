package com.example.guide;

import static org.assertj.core.api.Assertions.assertThat;

import com.example.guide.Orders.Order;
import com.example.guide.Orders.OrderKey;
import erpc.client.Client;
import erpc.server.Health;
import erpc.server.Server;
import erpc.server.ServerSettings;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ShutdownTest {
  private static final Order TEA = new Order("7", "tea", 2);

  @Test
  void closingLetsCallsFinish() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch hold = new CountDownLatch(1);
    // guide: drain
    Server server =
        Server.builder()
            .settings(
                ServerSettings.ofProcess()
                    .withDrainNotice(Duration.ofMillis(500)) // still taking calls
                    .withDrainGrace(Duration.ofSeconds(20))) // finishing those it has
            .build();
    server.closeOnExit(); // SIGTERM and System.exit close it first.
    Duration most = server.longestClose(); // 24.5 s: more than that before SIGKILL
    // guide end
    assertThat(most).isEqualTo(Duration.ofMillis(24_500));
    server.handle(
        Orders.GET,
        (context, key) -> {
          begun.countDown();
          hold.await();
          return TEA;
        });
    server.listen("127.0.0.1:0");
    try (Client client = Guide.clientOf(server)) {
      CompletableFuture<Order> later =
          client.callAsync(Orders.GET.timeout(Duration.ofSeconds(20)), new OrderKey("7"));
      assertThat(begun.await(20, TimeUnit.SECONDS)).isTrue();
      Thread closing = Thread.startVirtualThread(server::close);
      hold.countDown();
      assertThat(later.get(20, TimeUnit.SECONDS)).isEqualTo(TEA);
      closing.join();
      assertThat(server.isClosed()).isTrue();
    }
  }

  @Test
  void aServerSaysThatItWantsNoCalls() throws Exception {
    try (Server server = new OrdersServer().listen("127.0.0.1:0")) {
      // guide: health
      server.health().set("shop.Orders", Health.State.NOT_SERVING); // while its database is away
      // guide end
      assertThat(server.health().state("shop.Orders")).isEqualTo(Health.State.NOT_SERVING);
      assertThat(server.health().state("")).isEqualTo(Health.State.SERVING);
    }
  }
}
