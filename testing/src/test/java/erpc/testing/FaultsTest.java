package erpc.testing;

import static erpc.testing.Echo.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import erpc.call.Status.Code;
import erpc.client.Client;
import erpc.client.ClientSettings;
import erpc.server.Server;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class FaultsTest {
  private static final Duration LONG = Duration.ofSeconds(30);

  private final SimulatedCluster cluster = SimulatedCluster.open(3);
  private final SimulatedServer server = cluster.server("a", Echo::addTo);
  private final Client client =
      cluster.client("c", Client.builder().settings(ClientSettings.DEFAULTS.withMaxAttempts(1)));

  @AfterEach
  void close() {
    cluster.close();
  }

  private Code outcome() throws Exception {
    return outcome(LONG);
  }

  private Code outcome(Duration timeout) throws Exception {
    return Echo.code(() -> cluster.await(client.sendAsync(request(timeout))));
  }

  @Test
  void slowServersTakeLonger() throws Exception {
    server.faults().slow(Duration.ofMillis(70));
    assertThat(outcome()).isEqualTo(Code.OK);
    assertThat(cluster.now()).isEqualTo(Duration.ofMillis(70));
  }

  @Test
  void slowServersMayDrawHowMuchLonger() throws Exception {
    server.faults().slow(Duration.ofMillis(10), Duration.ofMillis(20));
    for (int i = 0; i < 10; i++) {
      Duration begun = cluster.now();
      assertThat(outcome()).isEqualTo(Code.OK);
      assertThat(cluster.now().minus(begun))
          .isBetween(Duration.ofMillis(10), Duration.ofMillis(20));
    }
  }

  @Test
  void failingServersAnswerTheirCode() throws Exception {
    server.faults().fail(Code.FAILED_PRECONDITION);
    assertThat(outcome()).isEqualTo(Code.FAILED_PRECONDITION);
    server.faults().none();
    assertThat(outcome()).isEqualTo(Code.OK);
  }

  @Test
  void aShareOfCallsFails() throws Exception {
    server.faults().fail(Code.INTERNAL, 0.25);
    int failed = 0;
    for (int i = 0; i < 400; i++) {
      failed += outcome() == Code.OK ? 0 : 1;
    }
    assertThat(failed).isBetween(70, 130);
  }

  @Test
  void hangingServersNeverAnswer() throws Exception {
    server.faults().hang();
    assertThat(outcome(Duration.ofSeconds(3))).isEqualTo(Code.DEADLINE_EXCEEDED);
    assertThat(cluster.now()).isBetween(Duration.ofSeconds(3), Duration.ofMillis(3_050));
    // Its thread is not left behind.
    assertThat(server.server().inFlight()).isZero();
  }

  @Test
  void hangingCallsGoOnOnceTheFaultIsEnded() throws Exception {
    server.faults().hang();
    CompletableFuture<?> call = client.sendAsync(request(LONG));
    cluster.advance(Duration.ofSeconds(1));
    assertThat(call).isNotDone();
    server.faults().none();
    cluster.await(call);
    assertThat(cluster.now()).isEqualTo(Duration.ofSeconds(1));
  }

  @Test
  void overloadedServersRefuseAtOnce() throws Exception {
    server.faults().overload();
    assertThat(outcome()).isEqualTo(Code.RESOURCE_EXHAUSTED);
    assertThat(cluster.now()).isZero();
  }

  @Test
  void callsShareTheProcessorOfTheirServer() {
    server.faults().burn(Duration.ofMillis(10));
    List<CompletableFuture<?>> calls = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      calls.add(client.sendAsync(request(LONG)));
    }
    calls.forEach(cluster::await);
    assertThat(cluster.now()).isEqualTo(Duration.ofMillis(50));
  }

  @Test
  void flappingServersAreGoodAndBadInTurn() throws Exception {
    server.faults().flap(Duration.ofSeconds(2), Duration.ofSeconds(1));
    List<Code> codes = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      codes.add(outcome());
      cluster.advance(Duration.ofSeconds(1));
    }
    assertThat(codes)
        .containsExactly(Code.OK, Code.OK, Code.UNAVAILABLE, Code.OK, Code.OK, Code.UNAVAILABLE);
  }

  @Test
  void faultsAddUp() throws Exception {
    server.faults().slow(Duration.ofMillis(5)).burn(Duration.ofMillis(3));
    assertThat(outcome()).isEqualTo(Code.OK);
    assertThat(cluster.now()).isEqualTo(Duration.ofMillis(8));
  }

  @Test
  void whatMakesNoSenseIsRefused() {
    Faults faults = server.faults();
    assertThatThrownBy(() -> faults.fail(Code.OK)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> faults.fail(Code.INTERNAL, 1.5)).hasMessageContaining("1.5");
    assertThatThrownBy(() -> faults.slow(Duration.ofMillis(2), Duration.ofMillis(1)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> faults.burn(Duration.ofMillis(-1)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> faults.flap(Duration.ZERO, Duration.ofMillis(1)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void serversOnSocketsHaveTheSameFaults() throws Exception {
    Faults faults = new Faults().slow(Duration.ofMillis(20)).burn(Duration.ofMillis(1));
    try (Server real = Server.builder().filter(faults).build();
        Client caller =
            Client.builder().settings(ClientSettings.DEFAULTS.withMaxAttempts(1)).build()) {
      Echo.addTo(real);
      String at = "ip://" + real.listen("127.0.0.1:0").address();
      long begun = System.nanoTime();
      caller.send(request(LONG).at(at));
      assertThat(Duration.ofNanos(System.nanoTime() - begun)).isGreaterThan(Duration.ofMillis(20));
      faults.hang();
      assertThat(Echo.code(() -> caller.send(request(Duration.ofMillis(100)).at(at))))
          .isEqualTo(Code.DEADLINE_EXCEEDED);
      faults.none();
      caller.send(request(LONG).at(at));
    }
  }
}
