package erpc.center.processes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import erpc.call.Request;
import erpc.call.RpcException;
import erpc.call.Status;
import erpc.client.Client;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Handlers that keep the processor for themselves, in a server of two carriers. */
@Tag("processes")
@Timeout(120)
class SpinningTest {
  private static final byte[] BODY = {1};
  private static final int CARRIERS = 2;

  private Program server;
  private Client client;

  @BeforeEach
  void start() throws Exception {
    server =
        Program.start(
            SpinningProgram.class,
            "",
            List.of("-Djdk.virtualThreadScheduler.parallelism=" + CARRIERS),
            "127.0.0.1:0");
    client = Client.builder().center("127.0.0.1:1").build();
    assertThat(good(Duration.ofSeconds(20))).isTrue();
  }

  @AfterEach
  void stop() throws Exception {
    client.close();
    server.close();
  }

  private Request<byte[], byte[]> to(erpc.call.Method<byte[], byte[]> method, Duration timeout)
      throws Exception {
    return Request.of(method, BODY).at("ip://" + server.address()).withTimeout(timeout);
  }

  private boolean good(Duration timeout) throws Exception {
    try {
      return client.send(to(SpinningProgram.GOOD, timeout)).body().length == 1;
    } catch (RpcException e) {
      assertThat(e.code()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
      return false;
    }
  }

  private boolean logged(String... words) {
    String log = String.join("\n", server.lines());
    for (String word : words) {
      if (!log.contains(word)) {
        return false;
      }
    }
    return true;
  }

  @Test
  void handlersThatSpinOnEveryCarrierDelayOthersForLessThanASecond() throws Exception {
    List<CompletableFuture<Status>> spinning = new ArrayList<>();
    for (int i = 0; i < CARRIERS; i++) {
      spinning.add(
          client
              .sendAsync(to(SpinningProgram.SPIN, Duration.ofMillis(500)))
              .handle((reply, thrown) -> statusOf(thrown)));
    }
    long start = System.nanoTime();
    await()
        .pollInterval(Duration.ofMillis(10))
        .atMost(Duration.ofSeconds(20))
        .until(() -> good(Duration.ofMillis(300)) && logged("occupy all carriers"));
    long took = System.nanoTime() - start;
    for (CompletableFuture<Status> each : spinning) {
      assertThat(each.get(10, TimeUnit.SECONDS).code()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
    }
    for (int i = 0; i < 100; i++) {
      assertThat(good(Duration.ofSeconds(5))).isTrue();
    }
    assertThat(logged("SpinningProgram.spinForEver")).isTrue();
    System.out.printf(
        "FIGURE handlers spin on all %d carriers: others served, and the culprit named, after %.0f ms%n",
        CARRIERS, took / 1e6);
    assertThat(took).isLessThan(Duration.ofSeconds(2).toNanos());
  }

  @Test
  void aHandlerThatSpinsOnAfterItsCallHasEndedIsNamedToo() throws Exception {
    for (int i = 0; i < CARRIERS; i++) {
      Status ended =
          client
              .sendAsync(to(SpinningProgram.SPIN, Duration.ofMillis(500)))
              .handle((reply, thrown) -> statusOf(thrown))
              .get(10, TimeUnit.SECONDS);
      assertThat(ended.code()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
    }
    await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> occurrences("SpinningProgram.spinForEver") == CARRIERS);
  }

  private long occurrences(String word) {
    return server.lines().stream().filter(line -> line.contains(word)).count();
  }

  private static Status statusOf(Throwable thrown) {
    Throwable cause = thrown instanceof CompletionException ? thrown.getCause() : thrown;
    return ((RpcException) cause).status();
  }

  @Test
  void anInlineHandlerThatBlocksItsLoopIsNamed() throws Exception {
    client.send(to(SpinningProgram.BLOCK, Duration.ofSeconds(10)));
    await()
        .atMost(Duration.ofSeconds(10))
        .until(() -> logged("has been blocked for", "must not block", "SpinningProgram"));
    assertThat(good(Duration.ofSeconds(5))).isTrue();
  }
}
