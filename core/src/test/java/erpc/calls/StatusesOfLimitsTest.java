package erpc.calls;

import static erpc.calls.Rig.ECHO;
import static erpc.calls.Rig.LONG;
import static erpc.calls.Rig.failure;
import static erpc.calls.Rig.reply;
import static erpc.calls.Rig.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import erpc.call.Request;
import erpc.call.Status;
import erpc.call.Status.Code;
import erpc.call.Status.Started;
import erpc.client.Client;
import erpc.client.ClientSettings;
import erpc.fixture.EchoReply;
import erpc.fixture.EchoRequest;
import erpc.protocol.ConnectionSettings;
import erpc.server.Server;
import erpc.transport.TransportKind;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The status of each limit that a call may meet: which limit, whose, and what started. */
@Timeout(60)
class StatusesOfLimitsTest extends StatusesFixture {
  @Test
  void callOverTheGlobalBoundIsRefusedUnstarted() throws Exception {
    Server server =
        rig.serve(Rig.servers().settings(Rig.quickToClose().withMaxInFlight(1)), this::hold);
    Client client = rig.clientOfOneTry();
    var first = client.sendAsync(Rig.to(server));
    assertThat(running.await(10, TimeUnit.SECONDS)).isTrue();
    Status status = failure(() -> client.send(Rig.to(server)));
    assertRemote(status, Code.RESOURCE_EXHAUSTED, Started.NO, server);
    assertThat(status.message()).contains("maxInFlight");
    hold.countDown();
    first.get(10, TimeUnit.SECONDS);
    assertThat(runs).hasValue(1);
    assertThat(client.send(Rig.to(server)).body().getMsg()).isEqualTo("hi");
  }

  @Test
  void callsWaitingForANameAreBounded() {
    Client client =
        rig.client(
            Client.builder()
                .resolvers(resolving(null))
                .settings(ClientSettings.DEFAULTS.withMaxWaiting(1)));
    var waiting = client.sendAsync(nowhere());
    assertLocal(failure(() -> client.send(nowhere())), Code.RESOURCE_EXHAUSTED, Started.NO, "");
    assertThat(waiting).isNotDone();
  }

  @Test
  void bytesWaitingToBeSentAreBounded() throws Exception {
    ConnectionSettings small =
        ConnectionSettings.DEFAULTS
            .withMaxStreams(1000)
            .withMaxBacklogBytes(1 << 20)
            .withKeepalive(LONG, LONG)
            .withWriteTimeout(LONG)
            .withProgressTimeout(LONG)
            .withHandshakeTimeout(LONG);
    try (Rig sockets = new Rig(TransportKind.NIO);
        ServerSocket deaf = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Client client =
          sockets.client(
              Client.builder()
                  .settings(ClientSettings.DEFAULTS.withMaxAttempts(1).withConnection(small)));
      Request<EchoRequest, EchoReply> large =
          Request.of(ECHO, request("x".repeat(1 << 20)))
              .at("ip://127.0.0.1:" + deaf.getLocalPort())
              .withTimeout(LONG);
      // Several in a row: one may be refused while the socket's own buffers still grow.
      AtomicInteger refusedInARow = new AtomicInteger();
      AtomicReference<CompletableFuture<?>> last = new AtomicReference<>();
      await()
          .pollInterval(Duration.ofMillis(50))
          .atMost(Duration.ofSeconds(20))
          .until(() -> {
            CompletableFuture<?> call = client.sendAsync(large);
            last.set(call);
            boolean refused =
                CompletableFuture.anyOf(
                        call.handle((reply, thrown) -> thrown != null),
                        CompletableFuture.supplyAsync(
                            () -> false,
                            CompletableFuture.delayedExecutor(20, TimeUnit.MILLISECONDS)))
                    .get()
                    .equals(true);
            refusedInARow.set(refused ? refusedInARow.get() + 1 : 0);
            return refusedInARow.get() == 5;
          });
      Status status = failure(last.get());
      assertLocal(status, Code.RESOURCE_EXHAUSTED, Started.NO, "127.0.0.1:" + deaf.getLocalPort());
      assertThat(status.message()).contains("maxBacklogBytes");
      // A blocking caller waits for room instead: to its deadline, or until it is interrupted.
      assertLocal(
          failure(() -> client.send(large.withTimeout(Duration.ofMillis(100)))),
          Code.DEADLINE_EXCEEDED,
          Started.NO,
          "127.0.0.1:" + deaf.getLocalPort());
      assertTryWaitsNoLonger(client, large);
      CompletableFuture<Status> interrupted = new CompletableFuture<>();
      Thread caller =
          Thread.startVirtualThread(() -> interrupted.complete(failure(() -> client.send(large))));
      caller.interrupt();
      assertThat(interrupted.get(10, TimeUnit.SECONDS).code()).isEqualTo(Code.CANCELLED);
    }
  }

  /** Than to the end of its own time, since there may be room elsewhere. */
  private static void assertTryWaitsNoLonger(Client client, Request<EchoRequest, EchoReply> large) {
    Request<EchoRequest, EchoReply> limited =
        large.withOptions(large.options().withTryTimeout(Duration.ofMillis(100)));
    long begun = System.nanoTime();
    Status tryOver = failure(() -> client.send(limited));
    assertThat(System.nanoTime() - begun).isLessThan(LONG.dividedBy(2).toNanos());
    assertThat(tryOver.message()).contains("tryTimeout").contains("maxBacklogBytes");
  }

  @Test
  void requestOverTheCallersLimitIsNotSent() throws Exception {
    Server server = rig.serve(this::count);
    Status status =
        failure(() -> rig.client().send(Rig.to(server).withBody(request("x".repeat(5 << 20)))));
    assertLocal(status, Code.RESOURCE_EXHAUSTED, Started.NO, server.address());
    assertThat(runs).hasValue(0);
  }

  @ParameterizedTest
  @ValueSource(ints = {2_000, 200_000})
  void requestOverTheServersLimitIsRefused(int size) throws Exception {
    Server server =
        rig.serve(
            Rig.servers()
                .settings(
                    Rig.quickToClose()
                        .withConnection(ConnectionSettings.DEFAULTS.withMaxMessageBytes(1_000))),
            this::count);
    Status status =
        failure(
            () -> rig.clientOfOneTry().send(Rig.to(server).withBody(request("x".repeat(size)))));
    assertRemote(status, Code.RESOURCE_EXHAUSTED, Started.NO, server);
    assertThat(runs).hasValue(0);
  }

  @ParameterizedTest
  @ValueSource(ints = {2_000, 200_000})
  void replyOverTheCallersLimitIsRefused(int size) throws Exception {
    Server server = rig.serve((context, request) -> reply("x".repeat(size)));
    Client client =
        rig.client(
            Client.builder()
                .settings(
                    ClientSettings.DEFAULTS.withConnection(
                        ConnectionSettings.DEFAULTS.withMaxMessageBytes(1_000))));
    assertLocal(
        failure(() -> client.send(Rig.to(server))),
        Code.RESOURCE_EXHAUSTED,
        Started.YES,
        server.address());
  }

  @Test
  void replyOverTheServersLimitIsNotSent() throws Exception {
    Server server = rig.serve((context, request) -> reply("x".repeat(5 << 20)));
    assertRemote(
        failure(() -> rig.client().send(Rig.to(server))),
        Code.RESOURCE_EXHAUSTED,
        Started.YES,
        server);
  }
}
