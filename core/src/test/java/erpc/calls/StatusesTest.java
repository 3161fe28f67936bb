package erpc.calls;

import static erpc.calls.Rig.ECHO;
import static erpc.calls.Rig.LONG;
import static erpc.calls.Rig.failure;
import static erpc.calls.Rig.reply;
import static erpc.calls.Rig.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import erpc.call.Request;
import erpc.call.RpcException;
import erpc.call.Status;
import erpc.call.Status.Code;
import erpc.call.Status.Started;
import erpc.client.Client;
import erpc.client.ClientSettings;
import erpc.discovery.Resolver;
import erpc.discovery.Resolvers;
import erpc.fixture.EchoReply;
import erpc.fixture.EchoRequest;
import erpc.protocol.ConnectionSettings;
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
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every status that the library itself makes: its code, who made it, where, and what started. */
@Timeout(60)
class StatusesTest {
  private final Rig rig = new Rig();
  private final AtomicInteger runs = new AtomicInteger();
  private final CountDownLatch running = new CountDownLatch(1);
  private final CountDownLatch hold = new CountDownLatch(1);

  @AfterEach
  void stop() throws Exception {
    hold.countDown();
    rig.close();
  }

  private EchoReply count(Object context, EchoRequest request) {
    runs.incrementAndGet();
    return reply(request.getMsg());
  }

  private EchoReply hold(Object context, EchoRequest request) throws InterruptedException {
    runs.incrementAndGet();
    running.countDown();
    hold.await();
    return reply(request.getMsg());
  }

  private static void assertLocal(Status status, Code code, Started started, String endpoint) {
    assertStatus(status, code, started, false, endpoint);
  }

  private static void assertRemote(Status status, Code code, Started started, Server server) {
    assertStatus(status, code, started, true, server.address());
  }

  private static void assertStatus(
      Status status, Code code, Started started, boolean remote, String endpoint) {
    assertThat(status.code()).as(status.toString()).isEqualTo(code);
    assertThat(status.started()).as(status.toString()).isEqualTo(started);
    assertThat(status.isRemote()).as(status.toString()).isEqualTo(remote);
    assertThat(status.endpoint()).as(status.toString()).isEqualTo(endpoint);
    assertThat(status.message()).as(status.toString()).isNotEmpty();
  }

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

  private static Request<EchoRequest, EchoReply> nowhere() {
    return Request.of(ECHO, request("hi")).at("test://nowhere").withTimeout(LONG);
  }

  private static Resolvers resolving(List<erpc.discovery.Endpoint> endpoints) {
    return Resolvers.standard()
        .with(
            new Resolver() {
              @Override
              public String scheme() {
                return "test";
              }

              @Override
              public Watch watch(String where, Listener listener) {
                if (endpoints != null) {
                  listener.endpoints(endpoints);
                }
                return () -> {};
              }
            });
  }

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

  // ---- limits

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
      CompletableFuture<Status> interrupted = new CompletableFuture<>();
      Thread caller =
          Thread.startVirtualThread(() -> interrupted.complete(failure(() -> client.send(large))));
      caller.interrupt();
      assertThat(interrupted.get(10, TimeUnit.SECONDS).code()).isEqualTo(Code.CANCELLED);
    }
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

  // ---- codecs

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
