package erpc.testing;

import static erpc.testing.Echo.ECHO;
import static erpc.testing.Echo.request;
import static erpc.testing.Echo.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.StringValue;
import erpc.call.Request;
import erpc.call.RpcException;
import erpc.call.Status;
import erpc.call.Status.Code;
import erpc.client.Client;
import erpc.client.ClientSettings;
import erpc.protocol.ConnectionSettings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What erpc promises when things go wrong, on a clock that the test moves. */
@Timeout(60)
class ScenariosTest {
  private static final Duration MILLI = Duration.ofMillis(1);
  private static final Duration HOUR = Duration.ofHours(1);

  private final SimulatedCluster cluster = SimulatedCluster.open(11);

  @AfterEach
  void close() {
    cluster.close();
  }

  private SimulatedServer server(String name) {
    return cluster.server(name, Echo::addTo);
  }

  private Client clientOfOneTry() {
    return cluster.client(
        "once", Client.builder().settings(ClientSettings.DEFAULTS.withMaxAttempts(1)));
  }

  private Status failure(Future<?> call) {
    return catchThrowableOfType(RpcException.class, () -> cluster.await(call)).status();
  }

  private static Request<StringValue, StringValue> idempotent() {
    return request().withMethod(ECHO.idempotent());
  }

  // ---- tries

  @Test
  void idempotentCallsGoElsewhereWhenTheirServerIsUnavailable() {
    SimulatedServer bad = server("bad");
    SimulatedServer good = server("good");
    bad.faults().fail(Code.UNAVAILABLE);
    Client client = cluster.client("c");
    for (int i = 0; i < 10; i++) {
      assertThat(cluster.await(client.sendAsync(idempotent())).endpoint())
          .isEqualTo(good.address());
    }
    assertThat(cluster.trace()).anyMatch(line -> line.contains("bad answers demo.echo with UNAV"));
  }

  @Test
  void callsThatMayHaveRunAreNotSentAgain() {
    server("bad").faults().fail(Code.UNAVAILABLE);
    CompletableFuture<?> call = cluster.client("c").sendAsync(request());
    assertThat(failure(call).code()).isEqualTo(Code.UNAVAILABLE);
    assertThat(cluster.trace()).filteredOn(line -> line.contains("bad gets")).hasSize(1);
  }

  @Test
  void callsOfAServerThatWasKilledGoElsewhere() {
    SimulatedServer one = server("one");
    SimulatedServer other = server("other");
    Client client = cluster.client("c");
    cluster.await(client.callAsync(ECHO, text("connects to both")));
    one.kill();
    cluster.advance(Duration.ZERO); // Else a call may be on its way to it already.
    for (int i = 0; i < 10; i++) {
      assertThat(cluster.await(client.sendAsync(request())).endpoint()).isEqualTo(other.address());
    }
  }

  @Test
  void theNextTryWaitsForItsBackOff() {
    SimulatedServer only = server("only");
    only.faults().fail(Code.UNAVAILABLE);
    CompletableFuture<?> call = cluster.client("c").sendAsync(idempotent());
    assertThat(failure(call).code()).isEqualTo(Code.UNAVAILABLE);
    assertThat(cluster.trace()).filteredOn(line -> line.contains("only gets")).hasSize(3);
    // Anything up to 50 ms, and then anything up to 100 ms.
    assertThat(cluster.now()).isBetween(MILLI, Duration.ofMillis(151));
  }

  // ---- deadlines

  @Test
  void callsOfAServerThatHangsEndAtTheirDeadlineAndNotBefore() {
    server("a").faults().hang();
    CompletableFuture<?> call = cluster.client("c").sendAsync(request(Duration.ofSeconds(10)));
    cluster.advance(Duration.ofSeconds(10).minus(MILLI));
    assertThat(call).isNotDone();
    cluster.advance(Duration.ofMillis(50));
    assertThat(call).isDone();
    assertThat(failure(call).code()).isEqualTo(Code.DEADLINE_EXCEEDED);
  }

  @Test
  void nestedCallsHaveTheTimeThatIsLeft() {
    SimulatedServer inner = server("inner");
    inner.faults().hang();
    Client between = cluster.client("between");
    cluster.server(
        "outer",
        server ->
            server.handle(
                ECHO,
                (context, text) -> {
                  cluster.sleep(Duration.ofMillis(300));
                  return between.send(request(HOUR).at(inner.place())).body();
                }));
    CompletableFuture<?> call =
        cluster.client("c").sendAsync(request(Duration.ofSeconds(1)).at("cluster://outer"));
    assertThat(failure(call).code()).isEqualTo(Code.DEADLINE_EXCEEDED);
    assertThat(cluster.now()).isBetween(Duration.ofSeconds(1), Duration.ofMillis(1_050));
    cluster.advance(Duration.ofMillis(50));
    assertThat(inner.server().inFlight()).isZero();
  }

  // ---- peers that fall silent

  private static Duration foundAfter() {
    ConnectionSettings settings = ConnectionSettings.DEFAULTS;
    return settings.keepaliveInterval().plus(settings.keepaliveTimeout());
  }

  @Test
  void aHalfOpenConnectionIsFoundByTheHeartbeat() {
    SimulatedServer a = server("a");
    Client client = clientOfOneTry();
    cluster.await(client.callAsync(ECHO, text("connects")));
    a.link().drop();
    CompletableFuture<?> call = client.sendAsync(request(HOUR));
    cluster.advance(foundAfter().minus(MILLI));
    assertThat(call).isNotDone();
    Status status = failure(call);
    assertThat(status.code()).isEqualTo(Code.UNAVAILABLE);
    assertThat(status.message()).contains("silent for 15000 ms (keepalive)");
    // The request was written, so nobody knows what became of it.
    assertThat(status.started()).isEqualTo(Status.Started.MAYBE);
    assertThat(cluster.now()).isEqualTo(foundAfter());
  }

  @Test
  void callsGoOnOnceAHalfOpenConnectionWasFound() {
    SimulatedServer a = server("a");
    Client client = cluster.client("c");
    cluster.await(client.callAsync(ECHO, text("connects")));
    a.link().drop();
    cluster.advance(Duration.ZERO);
    a.link().restore();
    CompletableFuture<?> call = client.sendAsync(idempotent().withTimeout(Duration.ofSeconds(30)));
    cluster.await(call);
    assertThat(cluster.now()).isBetween(foundAfter(), foundAfter().plusSeconds(1));
  }

  @Test
  void aServerThatNeverSpeaksIsGivenUp() {
    server("a").link().blackHole();
    CompletableFuture<?> call = clientOfOneTry().sendAsync(request(HOUR));
    cluster.advance(Duration.ofSeconds(9));
    assertThat(call).isNotDone();
    Status status = failure(call);
    assertThat(status.code()).isEqualTo(Code.UNAVAILABLE);
    assertThat(status.message()).contains("no erpc preface within 10000 ms");
  }

  @Test
  void aServerThatStopsForAWhileLosesNoCallThatCanWait() {
    SimulatedServer a = server("a");
    Client client = clientOfOneTry();
    cluster.await(client.callAsync(ECHO, text("connects")));
    a.stop();
    List<CompletableFuture<?>> calls = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      calls.add(client.sendAsync(request(Duration.ofSeconds(20))));
      cluster.advance(Duration.ofMillis(80));
    }
    a.resume();
    calls.forEach(cluster::await);
  }

  // ---- many

  @Test
  void aRollingRestartFailsNoCall() {
    List<SimulatedServer> all = List.of(server("a"), server("b"), server("c"));
    all.forEach(each -> each.link().delay(MILLI, Duration.ofMillis(3)));
    Client client = cluster.client("c");
    List<CompletableFuture<?>> calls = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      if (i % 100 == 10) {
        all.get(i / 100).kill();
      }
      if (i % 100 == 60) {
        all.get(i / 100).restart();
      }
      calls.add(client.sendAsync(idempotent()));
      cluster.advance(Duration.ofMillis(5));
    }
    calls.forEach(cluster::await);
  }
}
