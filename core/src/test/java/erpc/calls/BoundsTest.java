package erpc.calls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import erpc.call.Method;
import erpc.call.Request;
import erpc.call.Status;
import erpc.client.Client;
import erpc.codec.Codecs;
import erpc.codec.Compression;
import erpc.server.Authenticator;
import erpc.server.Server;
import erpc.server.ServerBuilder;
import erpc.server.ServerSettings;
import erpc.server.wire.HealthReply;
import erpc.server.wire.HealthRequest;
import erpc.transport.Reactor;
import erpc.transport.ReactorSettings;
import erpc.transport.TransportKind;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What one connection may hold of what a server has, so that others are served. */
@Timeout(60)
class BoundsTest {
  private static final int MIB = 1 << 20;
  private static final Method<byte[], byte[]> HOLD =
      Method.unary("bounds.hold", byte[].class, byte[].class);
  private static final Method<byte[], byte[]> ECHO =
      Method.unary("bounds.echo", byte[].class, byte[].class);

  private final List<AutoCloseable> rigs = new ArrayList<>();
  private final CountDownLatch go = new CountDownLatch(1);

  private Rig rig(TransportKind kind, int maxBufferedBytes) {
    Rig made =
        new Rig(
            Reactor.open(
                ReactorSettings.DEFAULTS
                    .withTransport(kind)
                    .withLoops(2)
                    .withMaxBufferedBytes(maxBufferedBytes)));
    rigs.add(made);
    return made;
  }

  private Rig rig() {
    return rig(TransportKind.NIO, 0);
  }

  @AfterEach
  void close() throws Exception {
    go.countDown();
    for (AutoCloseable each : rigs.reversed()) {
      each.close();
    }
  }

  private Server serve(Rig rig, ServerSettings settings) throws IOException {
    return serve(rig, Server.builder().settings(settings));
  }

  private Server serve(Rig rig, ServerBuilder builder) throws IOException {
    Server server = rig.serve(builder, Rig::echo);
    server.handle(
        HOLD,
        (context, request) -> {
          go.await();
          return request;
        });
    return server.handle(ECHO, (context, request) -> request);
  }

  private static Request<byte[], byte[]> to(Server server, Method<byte[], byte[]> method) {
    return to(server, method, new byte[1]);
  }

  private static Request<byte[], byte[]> to(
      Server server, Method<byte[], byte[]> method, byte[] body) {
    return Request.of(method, body).at("ip://" + server.address()).withTimeout(Rig.LONG);
  }

  private static List<CompletableFuture<?>> send(
      Client client, Request<byte[], byte[]> request, int count) {
    List<CompletableFuture<?>> replies = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      replies.add(client.sendAsync(request));
    }
    return replies;
  }

  private static List<Status> failures(List<CompletableFuture<?>> replies) {
    return replies.stream()
        .filter(CompletableFuture::isCompletedExceptionally)
        .map(Rig::failure)
        .toList();
  }

  @Test
  void oneConnectionAloneGetsHalfOfTheCallsInFlightAndTwoAThirdEach() throws Exception {
    Server server = serve(rig(), Rig.quickToClose().withMaxInFlight(90));
    List<CompletableFuture<?>> first = send(rig().clientOfOneTry(), to(server, HOLD), 90);
    await().until(() -> failures(first).size() == 45);
    assertThat(failures(first))
        .allMatch(status -> status.code() == Status.Code.RESOURCE_EXHAUSTED)
        .allMatch(status -> status.started() == Status.Started.NO)
        .allMatch(status -> status.message().contains("connectionShare"));
    List<CompletableFuture<?>> second = send(rig().clientOfOneTry(), to(server, HOLD), 90);
    await().until(() -> failures(second).size() == 90 - 23);
    assertThat(rig().clientOfOneTry().send(to(server, ECHO)).body()).hasSize(1);
    go.countDown();
    await().until(() -> server.inFlight() == 0);
  }

  /** Whoever cancels leaves handlers behind, which count for the connection still. */
  @Test
  void cancelledCallsCountUntilTheirHandlersAreDone() throws Exception {
    AtomicInteger begun = new AtomicInteger();
    Server server =
        rig().serve(Rig.servers().settings(Rig.quickToClose().withMaxInFlight(20)), Rig::echo);
    server.handle(
        HOLD,
        (context, request) -> {
          begun.incrementAndGet();
          while (go.getCount() > 0) {
            try {
              go.await();
            } catch (InterruptedException e) {
              // It doesn't care.
            }
          }
          return request;
        });
    Client client = rig().clientOfOneTry();
    List<CompletableFuture<?>> some = send(client, to(server, HOLD), 10);
    await().until(() -> begun.get() == 10);
    some.forEach(each -> each.cancel(true));
    List<CompletableFuture<?>> more = send(client, to(server, HOLD), 1);
    await().until(() -> failures(more).size() == 1);
    go.countDown();
    await().until(() -> server.inFlight() == 0);
    assertThat(client.send(to(server, HOLD)).body()).hasSize(1);
  }

  @Test
  void callsThatWaitForAnAuthenticatorAreCallsInFlight() throws Exception {
    AtomicInteger asked = new AtomicInteger();
    Authenticator slow =
        claim -> {
          asked.incrementAndGet();
          go.await();
          return () -> "alice";
        };
    Server server =
        serve(
            rig(),
            Server.builder().settings(Rig.quickToClose().withMaxInFlight(100)).authenticator(slow));
    List<CompletableFuture<?>> replies = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      // With a token of its own each call is judged by itself.
      replies.addAll(
          send(
              rig().clientOfOneTry(),
              to(server, ECHO).withMetadata("authorization", "Bearer " + i),
              100));
    }
    await().until(() -> failures(replies).size() >= 300);
    assertThat(server.inFlight()).isLessThanOrEqualTo(100);
    assertThat(asked.get()).isLessThanOrEqualTo(100);
    assertThat(failures(replies))
        .allMatch(status -> status.code() == Status.Code.RESOURCE_EXHAUSTED)
        .allMatch(status -> status.message().contains("maxInFlight"));
    go.countDown();
    await().until(() -> replies.stream().allMatch(CompletableFuture::isDone));
    assertThat(replies.size() - failures(replies).size()).isBetween(70, 100);
    await().until(() -> server.inFlight() == 0);
  }

  /** Cancelling them must not make room for more: a thread is busy with each. */
  @Test
  void cancelledCallsThatWaitForAnAuthenticatorCountUntilItHasDecided() throws Exception {
    AtomicInteger asked = new AtomicInteger();
    Authenticator slow =
        claim -> {
          asked.incrementAndGet();
          go.await();
          return null;
        };
    Server server =
        serve(
            rig(),
            Server.builder().settings(Rig.quickToClose().withMaxInFlight(20)).authenticator(slow));
    Client client = rig().clientOfOneTry();
    Request<byte[], byte[]> request = to(server, ECHO).withMetadata("authorization", "Bearer x");
    for (int round = 0; round < 10; round++) {
      List<CompletableFuture<?>> some = send(client, request, 10);
      await().until(() -> asked.get() == 10);
      some.forEach(each -> each.cancel(true));
    }
    assertThat(server.inFlight()).isLessThanOrEqualTo(10);
    assertThat(asked.get()).isLessThanOrEqualTo(10);
    go.countDown();
    await().until(() -> server.inFlight() == 0);
  }

  static Stream<String> compressions() {
    return Codecs.standard().compressions().stream().map(Compression::name);
  }

  @ParameterizedTest
  @MethodSource("compressions")
  void whatIsCompressedCountsAsWhatItBecomes(String compression) throws Exception {
    Rig serving = rig(TransportKind.NIO, 16 * MIB);
    Server server = serve(serving, Rig.quickToClose());
    Client client = rig().clientOfOneTry();
    List<CompletableFuture<?>> replies =
        send(client, to(server, HOLD, new byte[3 * MIB]).withCompression(compression), 20);
    await().until(() -> failures(replies).size() >= 16);
    assertThat(failures(replies))
        .allMatch(status -> status.code() == Status.Code.RESOURCE_EXHAUSTED)
        .anyMatch(status -> status.message().contains("no room"));
    assertThat(serving.reactor.memory().heldBytes()).isLessThan(17 * MIB);
    assertThat(rig().clientOfOneTry().send(to(server, ECHO, new byte[MIB])).body()).hasSize(MIB);
    go.countDown();
    await().until(() -> replies.stream().allMatch(CompletableFuture::isDone));
    assertThat(failures(replies).size()).isLessThan(20);
    await().until(() -> server.inFlight() == 0 && serving.reactor.memory().heldBytes() == 0);
  }

  @Test
  void aUnaryCallTakesNoLongerThanAnyMay() throws Exception {
    Server server = serve(rig(), Rig.quickToClose().withMaxTimeout(Duration.ofMillis(300)));
    Status status = Rig.failure(() -> rig().clientOfOneTry().send(to(server, HOLD)));
    assertThat(status.code()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
    assertThat(status.message()).contains("maxTimeout");
  }

  // ---- connections

  private static Socket connected(Server server) throws IOException {
    String address = server.address();
    int port = Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout(10_000);
    return socket;
  }

  private static boolean isClosed(Socket socket) throws IOException {
    try {
      while (socket.getInputStream().read() >= 0) {
        continue;
      }
    } catch (SocketException e) {
      // Reset: closed all the same.
    }
    return true;
  }

  @Test
  void aNewConnectionClosesTheOldestThatWasNeverAnswered() throws Exception {
    Server server = serve(rig(), Rig.quickToClose().withMaxConnections(3));
    Client proven = rig().clientOfOneTry();
    assertThat(proven.send(to(server, ECHO)).body()).hasSize(1);
    try (Socket first = connected(server);
        Closing closing = new Closing()) {
      await().until(() -> server.connectionCount() == 2);
      Socket second = closing.later(connected(server));
      await().until(() -> server.connectionCount() == 3);
      Client another = rig().clientOfOneTry();
      assertThat(another.send(to(server, ECHO)).body()).hasSize(1);
      assertThat(isClosed(first)).isTrue();
      Client third = rig().clientOfOneTry();
      assertThat(third.send(to(server, ECHO)).body()).hasSize(1);
      assertThat(isClosed(second)).isTrue();
      assertThat(isClosed(closing.later(connected(server)))).as("one too many").isTrue();
      for (Client each : List.of(proven, another, third)) {
        assertThat(each.send(to(server, ECHO)).body()).hasSize(1);
      }
    }
  }

  @Test
  void aStrangerWhoAsksForTheHealthKeepsNobodyOut() throws Exception {
    Server server = serve(rig(), Rig.quickToClose().withMaxConnections(1));
    Client stranger = rig().clientOfOneTry();
    Request<HealthRequest, HealthReply> health =
        Request.of(
            Method.unary("erpc.health.check", HealthRequest.class, HealthReply.class),
            HealthRequest.getDefaultInstance());
    assertThat(stranger.send(health.at("ip://" + server.address())).body().getState())
        .isEqualTo(HealthReply.State.SERVING);
    Client honest = rig().clientOfOneTry();
    assertThat(honest.send(to(server, ECHO)).body()).hasSize(1);
  }

  /** Sockets that come one after the other and are closed together. */
  private static final class Closing implements AutoCloseable {
    private final List<Socket> sockets = new ArrayList<>();

    Socket later(Socket socket) {
      sockets.add(socket);
      return socket;
    }

    @Override
    public void close() throws IOException {
      for (Socket each : sockets) {
        each.close();
      }
    }
  }

  /** A REQUEST of the echo with the longest timeout, and no message. */
  private static void writeWithoutMessage(DataOutputStream out, int id) throws IOException {
    byte[] name = ECHO.name().getBytes(StandardCharsets.US_ASCII);
    out.writeInt((1 + 1 + name.length + 4) << 8 | 2);
    out.writeInt(id);
    out.writeByte(3);
    out.writeByte(name.length);
    out.write(name);
    out.writeInt(-1);
  }

  @Test
  void callsWhoseMessageNeverComesKeepNobodyOut() throws Exception {
    Rig serving = rig();
    Server server = serve(serving, Rig.quickToClose().withMaxInFlight(1_000));
    List<Socket> strangers = new ArrayList<>();
    try {
      for (int i = 0; i < 5; i++) {
        Socket stranger = connected(server);
        strangers.add(stranger);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        out.writeInt(0x3bef5c01);
        out.writeLong(8L << 32);
        for (int id = 1; id <= 2_000; id++) {
          writeWithoutMessage(out, id);
        }
        stranger.getOutputStream().write(bytes.toByteArray());
      }
      await().until(() -> server.inFlight() > 200);
      Client client = rig().clientOfOneTry();
      // As soon as the oldest have lost theirs, which takes each loop a moment.
      await()
          .until(() -> {
            List<CompletableFuture<?>> honest = send(client, to(server, ECHO), 100);
            await().until(() -> honest.stream().allMatch(CompletableFuture::isDone));
            return failures(honest).isEmpty();
          });
      // What they hold is half of the calls.
      await().until(() -> server.inFlight() <= 500);
    } finally {
      for (Socket each : strangers) {
        each.close();
      }
    }
    await().until(() -> server.inFlight() == 0);
  }

  /** It fills what the system has for it, and is silent. */
  @ParameterizedTest
  @EnumSource(names = {"NIO", "EPOLL"})
  void aPeerThatNeverReadsIsReset(TransportKind kind) throws Exception {
    ServerSettings settings = Rig.quickToClose();
    Server server =
        serve(
            rig(kind, 0),
            settings.withConnection(
                settings
                    .connection()
                    .withKeepalive(Duration.ofMillis(300), Duration.ofMillis(600))));
    byte[] name = ECHO.name().getBytes(StandardCharsets.US_ASCII);
    int length = 1 + 1 + name.length + 4 + 1 + 10_000;
    try (Socket deaf = connected(server)) {
      DataOutputStream out = new DataOutputStream(deaf.getOutputStream());
      out.writeInt(0x3bef5c01);
      out.writeLong(8L << 32);
      for (int id = 1; id <= 300; id++) {
        out.writeInt(length << 8 | 0x82);
        out.writeInt(id);
        out.writeByte(3);
        out.writeByte(name.length);
        out.write(name);
        out.writeInt(20_000);
        out.writeByte(5);
        out.write(new byte[10_000]);
      }
      await().until(() -> server.connectionCount() == 0);
      assertThat(catchReset(deaf)).isTrue();
    }
  }

  /** Whether what has not been sent yet never comes. */
  private static boolean catchReset(Socket socket) throws IOException {
    try {
      byte[] some = new byte[64 * 1024];
      while (socket.getInputStream().read(some) >= 0) {
        continue;
      }
      return false;
    } catch (SocketException e) {
      return true;
    }
  }
}
