package erpc.calls;

import static erpc.calls.Rig.failure;
import static erpc.calls.Rig.reply;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import erpc.call.Status.Code;
import erpc.client.Client;
import erpc.server.Server;
import erpc.transport.TransportKind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Many calls at once over one connection. */
@Timeout(120)
class ManyCallsTest {
  private static final int MANY = 10_000;

  @Test
  void tenThousandBlockingCallsShareOneConnection() throws Exception {
    try (Rig rig = new Rig(TransportKind.AUTO)) {
      CountDownLatch arrived = new CountDownLatch(MANY);
      Server server =
          rig.serve((context, request) -> {
            arrived.countDown();
            arrived.await();
            return reply(request.getMsg());
          });
      Client client = rig.client();
      List<CompletableFuture<String>> answers = new ArrayList<>();
      long start = System.nanoTime();
      for (int i = 0; i < MANY; i++) {
        String msg = Integer.toString(i);
        CompletableFuture<String> answer = new CompletableFuture<>();
        answers.add(answer);
        Thread.startVirtualThread(() -> {
          try {
            answer.complete(
                client
                    .send(
                        Rig.to(server)
                            .withBody(Rig.request(msg))
                            .withTimeout(Duration.ofSeconds(60)))
                    .body()
                    .getMsg());
          } catch (RuntimeException e) {
            answer.completeExceptionally(e);
          }
        });
      }
      for (int i = 0; i < MANY; i++) {
        assertThat(answers.get(i).get(70, TimeUnit.SECONDS)).isEqualTo(Integer.toString(i));
      }
      System.out.printf(
          "FIGURE %d concurrent blocking calls over %d connection: all answered within %.0f ms%n",
          MANY, server.connectionCount(), (System.nanoTime() - start) / 1e6);
      assertThat(server.connectionCount()).isEqualTo(1);
    }
  }

  @Test
  void handlersThatBlockForEverHarmNobodyElse() throws Exception {
    CountDownLatch never = new CountDownLatch(1);
    try (Rig rig = new Rig(TransportKind.AUTO)) {
      Server server =
          rig.serve((context, request) -> {
            if (request.getMsg().equals("block")) {
              never.await();
            }
            return reply(request.getMsg());
          });
      Client client = rig.client();
      List<CompletableFuture<?>> blocked = new ArrayList<>();
      for (int i = 0; i < 1_000; i++) {
        blocked.add(
            client.sendAsync(
                Rig.to(server).withBody(Rig.request("block")).withTimeout(Duration.ofMillis(500))));
      }
      for (int i = 0; i < 100; i++) {
        assertThat(client.send(Rig.to(server)).body().getMsg()).isEqualTo("hi");
      }
      for (CompletableFuture<?> call : blocked) {
        assertThat(failure(call).code()).isEqualTo(Code.DEADLINE_EXCEEDED);
      }
      assertThat(server.inFlight()).isEqualTo(1_000);
      never.countDown();
      await().until(() -> server.inFlight() == 0);
    }
  }

  @Test
  void clientsThatLeaveWhileTheyConnectLeaveNothingBehind() throws Exception {
    try (Rig rig = new Rig(TransportKind.NIO)) {
      Server server = rig.serve(Rig::echo);
      for (int i = 0; i < 200; i++) {
        Client client = rig.client();
        var unused = client.sendAsync(Rig.to(server));
        client.close();
      }
      await()
          .atMost(Duration.ofSeconds(5))
          .untilAsserted(() -> assertThat(server.connectionCount()).isZero());
      assertThat(rig.client().send(Rig.to(server)).body().getMsg()).isEqualTo("hi");
    }
  }
}
