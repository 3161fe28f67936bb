package erpc.testing;

import static erpc.testing.Echo.ECHO;
import static erpc.testing.Echo.request;
import static erpc.testing.Echo.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.StringValue;
import erpc.call.Status.Code;
import erpc.client.Client;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class SimulatedClusterTest {
  private static final Duration MILLI = Duration.ofMillis(1);

  @Test
  void callsAreAnsweredWithoutAnyTime() {
    try (SimulatedCluster cluster = SimulatedCluster.open(1)) {
      cluster.server("a", Echo::addTo);
      Client client = cluster.client("c");
      assertThat(cluster.await(client.callAsync(ECHO, text("one"))).getValue()).isEqualTo("one");
      assertThat(cluster.run(() -> client.call(ECHO, text("two"))).getValue()).isEqualTo("two");
      assertThat(cluster.now()).isZero();
    }
  }

  @Test
  void nothingHappensUntilTheTestSaysSo() throws Exception {
    try (SimulatedCluster cluster = SimulatedCluster.open(1)) {
      CountDownLatch called = new CountDownLatch(1);
      cluster.server(
          "a",
          server ->
              server.handle(
                  ECHO,
                  (context, text) -> {
                    called.countDown();
                    return text;
                  }));
      CompletableFuture<StringValue> call = cluster.client("c").callAsync(ECHO, text("hi"));
      assertThat(called.await(20, java.util.concurrent.TimeUnit.MILLISECONDS)).isFalse();
      assertThat(call).isNotDone();
      cluster.advance(Duration.ZERO);
      assertThat(call).isDone();
    }
  }

  @Test
  void anHourPassesInAMoment() {
    try (SimulatedCluster cluster = SimulatedCluster.open(1)) {
      cluster.server("a", Echo::addTo);
      Client client = cluster.client("c");
      cluster.await(client.callAsync(ECHO, text("before")));
      cluster.advance(Duration.ofHours(1));
      assertThat(cluster.now()).isEqualTo(Duration.ofHours(1));
      cluster.await(client.callAsync(ECHO, text("after")));
    }
  }

  @Test
  void handlersSleepOnTheClock() {
    try (SimulatedCluster cluster = SimulatedCluster.open(1)) {
      cluster.server(
          "a",
          server ->
              server.handle(
                  ECHO,
                  (context, text) -> {
                    cluster.sleep(Duration.ofMillis(300));
                    return text;
                  }));
      cluster.await(cluster.client("c").callAsync(ECHO, text("hi")));
      assertThat(cluster.now()).isEqualTo(Duration.ofMillis(300));
    }
  }

  @Test
  void handlersMayCallOtherServers() {
    try (SimulatedCluster cluster = SimulatedCluster.open(1)) {
      SimulatedServer inner = cluster.server("inner", Echo::addTo);
      inner.link().delay(Duration.ofMillis(10));
      Client between = cluster.client("between");
      cluster.server(
          "outer",
          server ->
              server.handle(
                  ECHO, (context, text) -> between.send(request().at(inner.place())).body()));
      CompletableFuture<?> call = cluster.client("c").sendAsync(request().at("cluster://outer"));
      cluster.await(call);
      // Settings and the call go out together.
      assertThat(cluster.now()).isEqualTo(Duration.ofMillis(20));
    }
  }

  /** Three servers, each with its faults, and fifty calls. */
  private static List<String> scenario(long seed) {
    try (SimulatedCluster cluster = SimulatedCluster.open(seed)) {
      SimulatedServer a = cluster.server("a", Echo::addTo);
      SimulatedServer b = cluster.server("b", Echo::addTo);
      SimulatedServer c = cluster.server("c", Echo::addTo);
      a.faults().fail(Code.UNAVAILABLE, 0.3).slow(MILLI, Duration.ofMillis(20));
      b.link().delay(MILLI, Duration.ofMillis(30)).bandwidth(20_000);
      c.faults().burn(Duration.ofMillis(7));
      Client one = cluster.client("one");
      Client two = cluster.client("two");
      for (int i = 0; i < 50; i++) {
        Client client = i % 2 == 0 ? one : two;
        CompletableFuture<?> unused =
            client.sendAsync(request(Duration.ofMillis(80)).withMethod(ECHO.idempotent()));
        cluster.advance(MILLI);
        if (i == 20) {
          c.kill();
        }
        if (i == 35) {
          c.restart();
        }
      }
      cluster.runUntilIdle();
      return cluster.trace();
    }
  }

  @Test
  void theSameSeedGivesTheSameEvents() {
    List<String> first = scenario(42);
    assertThat(first).hasSizeGreaterThan(200);
    assertThat(scenario(42)).isEqualTo(first);
    assertThat(scenario(43)).isNotEqualTo(first);
  }

  @Test
  void simulationsSideBySideDoNotSeeEachOther() throws Exception {
    List<String> alone = scenario(5);
    List<CompletableFuture<List<String>>> beside = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      CompletableFuture<List<String>> events = new CompletableFuture<>();
      Thread.ofPlatform().start(() -> events.complete(scenario(5)));
      beside.add(events);
    }
    for (CompletableFuture<List<String>> each : beside) {
      assertThat(each.get()).isEqualTo(alone);
    }
  }

  @Test
  void waitingForWhatNeverComesNamesWhatIsPending() {
    try (SimulatedCluster cluster = SimulatedCluster.open(9)) {
      SimulatedServer a = cluster.server("a", Echo::addTo);
      a.faults().hang();
      Client client = cluster.client("shop");
      CompletableFuture<?> call = client.sendAsync(request(Duration.ofHours(1)));
      assertThatThrownBy(() -> cluster.await(call, Duration.ofSeconds(3)))
          .isInstanceOf(AssertionError.class)
          .hasMessageContaining("seed 9")
          .hasMessageContaining("shop #1 demo.echo, try 1 at a:1")
          .hasMessageContaining("waits at erpc.testing.Faults")
          .hasMessageContaining("a gets demo.echo")
          .hasMessageContaining("faults().none()");
      a.faults().none();
      cluster.await(call);
    }
  }

  @Test
  void aBlockingCallOnTheTestsThreadIsRefusedWithAdvice() {
    try (SimulatedCluster cluster = SimulatedCluster.open(1)) {
      cluster.server("a", Echo::addTo);
      Client client = cluster.client("c");
      assertThatThrownBy(() -> client.call(ECHO, text("hi")))
          .hasMessageContaining("cluster.run(() -> client.call(");
    }
  }

  @Test
  void timeIsMovedByTheTestAlone() {
    try (SimulatedCluster cluster = SimulatedCluster.open(1)) {
      assertThatThrownBy(() -> cluster.advance(MILLI.negated()))
          .isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> cluster.sleep(MILLI))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("advance");
      assertThatThrownBy(() ->
              cluster.run(() -> {
                cluster.advance(MILLI);
                return null;
              }))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("sleep");
    }
  }

  @Test
  void clientsFollowTheServersThatAreListed() {
    try (SimulatedCluster cluster = SimulatedCluster.open(1)) {
      Client client = cluster.client("c");
      CompletableFuture<StringValue> early = client.callAsync(ECHO, text("early"));
      cluster.advance(Duration.ofMillis(200));
      SimulatedServer a = cluster.server("a", Echo::addTo);
      cluster.await(early);
      SimulatedServer b = cluster.server("b", Echo::addTo);
      cluster.unlist(a);
      a.kill();
      cluster.await(client.callAsync(ECHO, text("to b")));
      cluster.list(a);
      cluster.unlist(b);
      a.restart();
      cluster.await(client.callAsync(ECHO, text("to a")));
    }
  }

  @Test
  void filtersOfClientsRunInTheSimulation() {
    try (SimulatedCluster cluster = SimulatedCluster.open(1)) {
      cluster.server("a", Echo::addTo);
      Client client =
          cluster.client(
              "c",
              Client.builder()
                  .filter((request, next) -> {
                    cluster.sleep(Duration.ofMillis(5));
                    return next.call(request);
                  }));
      cluster.await(client.callAsync(ECHO, text("hi")));
      assertThat(cluster.now()).isEqualTo(Duration.ofMillis(5));
    }
  }

  @Test
  void namesOfServersAreCheckedAndTaken() {
    try (SimulatedCluster cluster = SimulatedCluster.open(1)) {
      cluster.server("a", Echo::addTo);
      for (String name : List.of("a", "A", "all", "")) {
        assertThatThrownBy(() -> cluster.server(name, Echo::addTo))
            .isInstanceOf(IllegalArgumentException.class);
      }
    }
  }

  @Test
  void closingEndsWhatHangs() {
    SimulatedCluster cluster = SimulatedCluster.open(1);
    CountDownLatch never = new CountDownLatch(1);
    cluster.server(
        "a",
        server ->
            server.handle(
                ECHO,
                (context, text) -> {
                  never.await();
                  return text;
                }));
    CompletableFuture<?> call = cluster.client("c").sendAsync(request(Duration.ofHours(1)));
    cluster.advance(MILLI);
    cluster.close();
    assertThat(call).isCompletedExceptionally();
  }
}
