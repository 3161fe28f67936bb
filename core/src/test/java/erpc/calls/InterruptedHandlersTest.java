package erpc.calls;

import static erpc.calls.Rig.reply;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import erpc.client.Client;
import erpc.client.ClientSettings;
import erpc.server.Execution;
import erpc.server.Server;
import erpc.transport.Reactor;
import erpc.transport.TransportKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Handlers that leave their thread interrupted, as code does that has caught the exception. */
@Timeout(60)
class InterruptedHandlersTest {
  private static final int CALLS = 40;
  private static final String LARGE = "x".repeat(1 << 20);
  private static final Set<Thread.State> RESTING =
      Set.of(Thread.State.WAITING, Thread.State.TIMED_WAITING, Thread.State.TERMINATED);

  private final Rig rig = new Rig(TransportKind.NIO);
  private final Reactor callers = Reactor.open(TransportKind.NIO, 1);
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final Set<Thread> ran = ConcurrentHashMap.newKeySet();
  private final CountDownLatch answer = new CountDownLatch(1);
  private final CountDownLatch read = new CountDownLatch(1);

  @AfterEach
  void stop() throws Exception {
    answer.countDown();
    read.countDown();
    rig.close();
    callers.close();
    threads.shutdownNow();
  }

  @Test
  void waitForACallerThatDoesNotReadWithoutAProcessor() throws Exception {
    AtomicInteger answered = new AtomicInteger();
    Server server =
        rig.serve(
            Rig.servers(),
            (context, request) -> {
              if (request.getMsg().isEmpty()) {
                return reply("");
              }
              ran.add(Thread.currentThread());
              answer.await();
              Thread.currentThread().interrupt();
              answered.incrementAndGet();
              return reply(LARGE);
            },
            Execution.on(threads));
    CountDownLatch deaf = new CountDownLatch(1);
    List<CompletableFuture<?>> calls = new ArrayList<>();
    try (Client client =
        Client.builder()
            .settings(ClientSettings.DEFAULTS.withMaxAttempts(1))
            .reactor(callers)
            .inlineCallbacks()
            .build()) {
      for (int i = 0; i < CALLS; i++) {
        calls.add(client.sendAsync(Rig.to(server)));
      }
      await().until(() -> ran.size() == CALLS);
      // Its only event loop reads nothing from here on.
      var unused =
          client
              .sendAsync(Rig.to(server).withBody(Rig.request("")))
              .whenComplete((reply, thrown) -> {
                deaf.countDown();
                hold(read);
              });
      assertThat(deaf.await(20, TimeUnit.SECONDS)).isTrue();
      answer.countDown();
      await().until(() -> answered.get() == CALLS);
      await().until(() -> ran.stream().allMatch(each -> RESTING.contains(each.getState())));
      read.countDown();
      for (CompletableFuture<?> call : calls) {
        var ended = call.handle((reply, thrown) -> "ended").get(20, TimeUnit.SECONDS);
        assertThat(ended).isEqualTo("ended");
      }
    }
  }

  private static void hold(CountDownLatch latch) {
    try {
      assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
