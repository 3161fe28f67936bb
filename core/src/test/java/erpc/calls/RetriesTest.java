package erpc.calls;

import static erpc.calls.Rig.ECHO;
import static erpc.calls.Rig.LONG;
import static erpc.calls.Rig.failure;
import static erpc.calls.Rig.reply;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import erpc.call.Request;
import erpc.call.Status;
import erpc.call.Status.Code;
import erpc.client.Client;
import erpc.client.ClientSettings;
import erpc.fixture.EchoReply;
import erpc.fixture.EchoRequest;
import erpc.server.Handler;
import erpc.server.Server;
import erpc.transport.TransportKind;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** When a failed try is followed by another, told by how often handlers run. */
@Timeout(60)
class RetriesTest {
  private final Rig rig = new Rig();
  private final AtomicInteger runs = new AtomicInteger();
  private final CountDownLatch hold = new CountDownLatch(1);

  @AfterEach
  void stop() throws Exception {
    hold.countDown();
    rig.close();
  }

  private Handler<EchoRequest, EchoReply> failing(Code code) {
    return (context, request) -> {
      runs.incrementAndGet();
      throw Status.of(code, "not now").toException();
    };
  }

  private static Request<EchoRequest, EchoReply> idempotent(Request<EchoRequest, EchoReply> of) {
    return of.withMethod(ECHO.idempotent());
  }

  @Test
  void callThatNobodyStartedIsTriedElsewhereWhateverItDoes() throws Exception {
    Server server =
        rig.serve((context, request) -> {
          runs.incrementAndGet();
          return reply("there");
        });
    Client client = rig.client();
    for (int i = 0; i < 20; i++) {
      Request<EchoRequest, EchoReply> request =
          Request.of(ECHO, Rig.request("hi"))
              .at("list://127.0.0.1:9," + server.address())
              .withTimeout(LONG);
      assertThat(client.send(request).body().getMsg()).isEqualTo("there");
    }
    assertThat(runs).hasValue(20);
  }

  @Test
  void callIsTriedAtMostAHundredTimes() {
    assertThat(ClientSettings.DEFAULTS.withMaxAttempts(100).maxAttempts()).isEqualTo(100);
    assertThatThrownBy(() -> ClientSettings.DEFAULTS.withMaxAttempts(101))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("maxAttempts must be at most 100, not 101");
  }

  @Test
  void callThatMayHaveStartedIsNeverSentTwice() throws Exception {
    Server server = rig.serve(failing(Code.UNAVAILABLE));
    Server other = rig.serve(failing(Code.UNAVAILABLE));
    Client client = rig.client();
    assertThat(failure(() -> client.send(Rig.to(server, other))).code())
        .isEqualTo(Code.UNAVAILABLE);
    assertThat(failure(client.sendAsync(Rig.to(server, other))).code()).isEqualTo(Code.UNAVAILABLE);
    assertThat(runs).hasValue(2);
  }

  @Test
  void idempotentCallIsTriedThreeTimesAtMost() throws Exception {
    Server server = rig.serve(failing(Code.UNAVAILABLE));
    Client client = rig.client();
    assertThat(failure(() -> client.send(idempotent(Rig.to(server)))).code())
        .isEqualTo(Code.UNAVAILABLE);
    assertThat(runs).hasValue(3);
    assertThat(failure(client.sendAsync(idempotent(Rig.to(server)))).code())
        .isEqualTo(Code.UNAVAILABLE);
    assertThat(runs).hasValue(6);
  }

  @Test
  void idempotentCallPrefersAnEndpointThatHasNotFailedIt() throws Exception {
    Server bad = rig.serve(failing(Code.UNAVAILABLE));
    Server good = rig.serve(Rig::echo);
    Client client = rig.client();
    for (int i = 0; i < 10; i++) {
      assertThat(client.send(idempotent(Rig.to(bad, good))).endpoint()).isEqualTo(good.address());
    }
    assertThat(runs.get()).isBetween(1, 10);
  }

  @Test
  void otherFailuresAreFinal() throws Exception {
    for (Code code : Code.values()) {
      if (code != Code.OK && code != Code.UNAVAILABLE) {
        runs.set(0);
        Server server = rig.serve(failing(code));
        Client client = rig.client();
        Status status = failure(() -> client.send(idempotent(Rig.to(server))));
        assertThat(status.code()).as(status.toString()).isEqualTo(code);
        assertThat(runs).as(code.name()).hasValue(1);
      }
    }
  }

  @Test
  void refusalForLoadIsTriedAgainWhateverTheCallDoes() throws Exception {
    CountDownLatch running = new CountDownLatch(1);
    Server server =
        rig.serve(
            Rig.servers().settings(Rig.quickToClose().withMaxInFlight(1)),
            (context, request) -> {
              runs.incrementAndGet();
              running.countDown();
              hold.await();
              return reply("done");
            });
    AtomicInteger tries = new AtomicInteger();
    Client client =
        rig.client(
            Client.builder()
                .attemptFilter((request, next) -> {
                  tries.incrementAndGet();
                  return next.call(request);
                }));
    var first = client.sendAsync(Rig.to(server));
    assertThat(running.await(10, TimeUnit.SECONDS)).as(first.toString()).isTrue();
    assertThat(failure(() -> client.send(Rig.to(server))).code())
        .isEqualTo(Code.RESOURCE_EXHAUSTED);
    assertThat(tries).hasValue(4);
    assertThat(runs).hasValue(1);
    hold.countDown();
    first.get(10, TimeUnit.SECONDS);
  }

  @Test
  void triesEndWithTheDeadline() throws Exception {
    Server server =
        rig.serve((context, request) -> {
          runs.incrementAndGet();
          hold.await();
          return reply("late");
        });
    Client client = rig.client();
    long start = System.nanoTime();
    Status status =
        failure(() -> client.send(idempotent(Rig.to(server)).withTimeout(Duration.ofMillis(100))));
    assertThat(status.code()).isEqualTo(Code.DEADLINE_EXCEEDED);
    assertThat(Duration.ofNanos(System.nanoTime() - start))
        .isBetween(Duration.ofMillis(100), Duration.ofSeconds(5));
    assertThat(runs).hasValue(1);
  }

  @Test
  void settingSaysHowManyTries() throws Exception {
    Server server = rig.serve(failing(Code.UNAVAILABLE));
    Client client =
        rig.client(Client.builder().settings(ClientSettings.DEFAULTS.withMaxAttempts(5)));
    failure(() -> client.send(idempotent(Rig.to(server))));
    assertThat(runs).hasValue(5);
  }

  @Test
  void brokenConnectionSendsOnlyIdempotentCallsElsewhere() throws Exception {
    try (Rig sockets = new Rig(TransportKind.NIO);
        ServerSocket deaf = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      AtomicInteger accepted = new AtomicInteger();
      Thread.startVirtualThread(() -> hangUp(deaf, accepted));
      Client client =
          sockets.client(Client.builder().settings(ClientSettings.DEFAULTS.withMaxAttempts(8)));
      Request<EchoRequest, EchoReply> request =
          Request.of(ECHO, Rig.request("hello"))
              .at("ip://127.0.0.1:" + deaf.getLocalPort())
              .withTimeout(LONG);
      assertThat(failure(() -> client.send(request)).started()).isEqualTo(Status.Started.MAYBE);
      int once = accepted.get();
      assertThat(once).isEqualTo(1);
      Status status = failure(() -> client.send(idempotent(request)));
      assertThat(accepted.get()).as(status.toString()).isGreaterThan(once + 1);
      // Whatever the last try says: one of them may have got through.
      assertThat(status.started()).isEqualTo(Status.Started.MAYBE);
    }
  }

  /** Counts requests, and closes instead of answering. */
  private static void hangUp(ServerSocket from, AtomicInteger requests) {
    while (!from.isClosed()) {
      try (Socket socket = from.accept()) {
        int found = 0;
        for (int b = socket.getInputStream().read(); b >= 0; b = socket.getInputStream().read()) {
          found = b == "hello".charAt(found) ? found + 1 : 0;
          if (found == 5) {
            requests.incrementAndGet();
            break;
          }
        }
      } catch (IOException e) {
        // The test is over, or the client has left first.
      }
    }
  }
}
