package erpc.calls;

import static erpc.calls.Rig.ECHO;
import static erpc.calls.Rig.LONG;
import static erpc.calls.Rig.failure;
import static erpc.calls.Rig.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import erpc.call.Request;
import erpc.call.RpcException;
import erpc.call.Status;
import erpc.call.Status.Code;
import erpc.call.Status.Started;
import erpc.client.Client;
import erpc.fixture.EchoReply;
import erpc.fixture.EchoRequest;
import erpc.server.Execution;
import erpc.server.Server;
import erpc.server.ServerSettings;
import erpc.transport.TransportKind;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every status that the library itself makes: its code, who made it, where, and what started. */
@Timeout(60)
class StatusesTest extends StatusesFixture {
  // ---- cancelled

  @Test
  void callerThatIsInterruptedGetsCancelled() throws Exception {
    Server server = rig.serve(this::hold);
    Client client = rig.client();
    CompletableFuture<Status> status = new CompletableFuture<>();
    Thread caller =
        Thread.startVirtualThread(
            () -> status.complete(failure(() -> client.send(Rig.to(server)))));
    assertThat(running.await(10, TimeUnit.SECONDS)).isTrue();
    caller.interrupt();
    assertLocal(status.get(10, TimeUnit.SECONDS), Code.CANCELLED, Started.MAYBE, server.address());
  }

  @Test
  void callsOfAClientThatClosesGetCancelled() throws Exception {
    Server server = rig.serve(this::hold);
    Client client = rig.client();
    var call = client.sendAsync(Rig.to(server));
    assertThat(running.await(10, TimeUnit.SECONDS)).isTrue();
    client.close();
    assertLocal(failure(call), Code.CANCELLED, Started.MAYBE, server.address());
  }

  // ---- deadlines

  @Test
  void deadlineOfACallOnItsWayIsKnownAsMaybeStarted() throws Exception {
    Server server = rig.serve(this::hold);
    Client client = rig.client();
    Status status = failure(() -> client.send(Rig.to(server).withTimeout(Duration.ofMillis(100))));
    assertThat(status.code()).isEqualTo(Code.DEADLINE_EXCEEDED);
    // This side's wheel and the server's race; only the server knows that it started.
    assertThat(status.started()).isIn(Started.MAYBE, Started.YES);
    assertThat(status.endpoint()).isEqualTo(server.address());
  }

  @ParameterizedTest
  @ValueSource(longs = {0, -1, -1_000_000_000, Long.MIN_VALUE})
  void timeoutOfNothingSendsNothing(long seconds) throws Exception {
    Server server = rig.serve(this::count);
    Client client = rig.client();
    Request<EchoRequest, EchoReply> late = Rig.to(server).withTimeout(Duration.ofSeconds(seconds));
    assertLocal(failure(() -> client.send(late)), Code.DEADLINE_EXCEEDED, Started.NO, "");
    assertLocal(failure(client.sendAsync(late)), Code.DEADLINE_EXCEEDED, Started.NO, "");
    assertLocal(failure(() -> client.oneway(late)), Code.DEADLINE_EXCEEDED, Started.NO, "");
    assertThat(server.connectionCount()).isZero();
    assertThat(runs).hasValue(0);
  }

  @Test
  void hugeTimeoutsSaturate() throws Exception {
    Server server = rig.serve(this::count);
    Client client = rig.client();
    for (Duration huge :
        List.of(
            Duration.ofSeconds(Long.MAX_VALUE, 999_999_999),
            Duration.ofNanos(Long.MAX_VALUE),
            Duration.ofDays(365_000))) {
      assertThat(client.send(Rig.to(server).withTimeout(huge)).body().getMsg()).isEqualTo("hi");
    }
  }

  @Test
  void nameThatNeverResolvesWaitsForItsDeadline() {
    Client client = rig.client(Client.builder().resolvers(resolving(null)));
    long start = System.nanoTime();
    Status status = failure(() -> client.send(nowhere().withTimeout(Duration.ofMillis(150))));
    assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(150_000_000);
    assertLocal(status, Code.DEADLINE_EXCEEDED, Started.NO, "");
    assertThat(status.message()).contains("test://nowhere");
  }

  // ---- nowhere to go

  @Test
  void serviceWithoutEndpointsFailsAtOnce() {
    Client client = rig.client(Client.builder().resolvers(resolving(List.of())));
    Status status = failure(() -> client.send(nowhere()));
    assertLocal(status, Code.UNAVAILABLE, Started.NO, "");
    assertThat(status.message()).contains("test://nowhere");
  }

  @Test
  void methodThatIsNotThereIsUnimplemented() throws Exception {
    Server server = rig.serve(this::count);
    Client client = rig.client();
    for (int i = 0; i < 3; i++) {
      Status status =
          failure(() ->
              client.call(
                  "ip://" + server.address() + "/other.echo", request(""), EchoReply.class));
      assertRemote(status, Code.UNIMPLEMENTED, Started.NO, server);
      assertThat(status.message()).contains("other.echo");
    }
  }

  @Test
  void nobodyListeningIsUnavailable() throws Exception {
    Status status =
        failure(() ->
            rig.clientOfOneTry().call("ip://127.0.0.1:9/demo.echo", request(""), EchoReply.class));
    assertLocal(status, Code.UNAVAILABLE, Started.NO, "127.0.0.1:9");
  }

  @Test
  void drainingServerTakesNoMoreCallsAndFinishesThoseItHas() throws Exception {
    Server server =
        rig.serve(
            Rig.servers().settings(ServerSettings.DEFAULTS.withDrain(Duration.ZERO, LONG)),
            this::hold);
    Client client = rig.clientOfOneTry();
    var before = client.sendAsync(Rig.to(server));
    assertThat(running.await(10, TimeUnit.SECONDS)).isTrue();
    Thread closing = Thread.startVirtualThread(server::close);
    List<Status> seen = new ArrayList<>();
    await()
        .atMost(Duration.ofSeconds(10))
        .until(() -> {
          var call = client.sendAsync(Rig.to(server).withTimeout(Duration.ofMillis(20)));
          seen.add(failure(call));
          return seen.getLast().code() == Code.UNAVAILABLE;
        });
    assertThat(seen.getLast().started()).isEqualTo(Started.NO);
    assertThat(seen.getLast().endpoint()).isEqualTo(server.address());
    hold.countDown();
    assertThat(before.get(10, TimeUnit.SECONDS).body().getMsg()).isEqualTo("hi");
    assertThat(closing.join(Duration.ofSeconds(10))).isTrue();
  }

  // ---- what handlers do

  @Test
  void handlerThatThrowsIsInternalWithoutItsStack() throws Exception {
    Server server =
        rig.serve((context, request) -> {
          throw new IllegalStateException("disk full");
        });
    Status status = failure(() -> rig.client().send(Rig.to(server)));
    assertRemote(status, Code.INTERNAL, Started.YES, server);
    assertThat(status.message())
        .matches(
            "the handler of demo.echo failed; the server's log has the reason as number [0-9a-f]{8}");
  }

  @Test
  void handlerThatThrowsSaysWhyIfTheServerIsToldTo() throws Exception {
    Server server =
        rig.serve(
            Rig.servers().settings(Rig.quickToClose().withTellErrors(true)),
            (context, request) -> {
              throw new IllegalStateException("disk full");
            });
    Status status = failure(() -> rig.client().send(Rig.to(server)));
    assertRemote(status, Code.INTERNAL, Started.YES, server);
    assertThat(status.message())
        .contains("IllegalStateException", "disk full")
        .doesNotContain("StatusesTest", "\n", "at erpc");
  }

  @Test
  void statusOfANestedCallIsPassedOnWithCodeAndTextOnly() throws Exception {
    Server inner =
        rig.serve((context, request) -> {
          throw Status.of(Code.NOT_FOUND, "no such thing")
              .withDetails(new byte[] {1})
              .toException();
        });
    Client nested = rig.client();
    Server outer = rig.serve((context, request) -> nested.send(Rig.to(inner)).body());
    Status status = failure(() -> rig.client().send(Rig.to(outer)));
    assertRemote(status, Code.NOT_FOUND, Started.YES, outer);
    assertThat(status.message()).isEqualTo("no such thing");
    assertThat(status.details()).isEmpty();
    // What the nested call was not, this one was.
    inner.close();
    Status unavailable = failure(() -> rig.clientOfOneTry().send(Rig.to(outer)));
    assertRemote(unavailable, Code.UNAVAILABLE, Started.YES, outer);
  }

  @Test
  void handlerThatAnswersNothingIsInternal() throws Exception {
    Server server = rig.serve((context, request) -> null);
    assertRemote(
        failure(() -> rig.client().send(Rig.to(server))), Code.INTERNAL, Started.YES, server);
  }

  @Test
  void handlerAnswersAnyCodeWithDetails() throws Exception {
    Server server =
        rig.serve((context, request) -> {
          Code code = Code.valueOf(request.getMsg());
          throw Status.of(code, "because").withDetails(new byte[] {0, -1, 7}).toException();
        });
    Client client = rig.clientOfOneTry();
    for (Code code : Code.values()) {
      if (code != Code.OK) {
        Status status = failure(() -> client.send(Rig.to(server).withBody(request(code.name()))));
        assertRemote(status, code, Started.YES, server);
        assertThat(status.message()).isEqualTo("because");
        assertThat(status.details()).containsExactly(0, -1, 7);
      }
    }
  }

  @Test
  void executorThatRejectsOrBreaksRefusesTheCall() throws Exception {
    Server full =
        rig.serve(
            Rig.servers(),
            this::count,
            Execution.on(task -> {
              throw new RejectedExecutionException("full");
            }));
    Server broken =
        rig.serve(
            Rig.servers(),
            this::count,
            Execution.on(task -> {
              throw new OutOfMemoryError("unable to create native thread (a test)");
            }));
    Client client = rig.clientOfOneTry();
    assertRemote(
        failure(() -> client.send(Rig.to(full))), Code.RESOURCE_EXHAUSTED, Started.NO, full);
    assertRemote(
        failure(() -> client.send(Rig.to(broken))), Code.RESOURCE_EXHAUSTED, Started.NO, broken);
    assertThat(runs).hasValue(0);
    await().until(() -> full.inFlight() + broken.inFlight() == 0);
  }

  // ---- the connection

  @Test
  void connectionThatBreaksAfterSendingIsUnavailableAndMaybeStarted() throws Exception {
    try (Rig sockets = new Rig(TransportKind.NIO);
        ServerSocket deaf = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Thread.startVirtualThread(() -> readAndHangUp(deaf));
      Client client = sockets.client();
      String address = "127.0.0.1:" + deaf.getLocalPort();
      Status status =
          failure(() ->
              client.send(
                  Request.of(ECHO, request("hello")).at("ip://" + address).withTimeout(LONG)));
      assertLocal(status, Code.UNAVAILABLE, Started.MAYBE, address);
    }
  }

  /** Reads until a request must have been among it. */
  private static void readAndHangUp(ServerSocket from) {
    try (Socket socket = from.accept()) {
      byte[] request = "hello".getBytes(java.nio.charset.StandardCharsets.US_ASCII);
      int found = 0;
      while (found < request.length) {
        int b = socket.getInputStream().read();
        found = b == request[found] ? found + 1 : 0;
      }
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  // ---- either kind of call

  @Test
  void statusIsOnTheExceptionOfBothKindsOfCall() throws Exception {
    Server server =
        rig.serve((context, request) -> {
          throw new RpcException(Code.NOT_FOUND, "no such thing");
        });
    Client client = rig.client();
    assertRemote(failure(() -> client.send(Rig.to(server))), Code.NOT_FOUND, Started.YES, server);
    assertRemote(failure(client.sendAsync(Rig.to(server))), Code.NOT_FOUND, Started.YES, server);
  }
}
