package erpc.protocol.own;

import static org.assertj.core.api.Assertions.assertThat;

import erpc.call.Metadata;
import erpc.call.Method;
import erpc.call.Status;
import erpc.protocol.RouteName;
import erpc.server.Server;
import erpc.transport.Reactor;
import erpc.transport.TransportKind;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The vectors of {@code vectors/wire.json} that must be refused, or that end a call. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BadVectorsTest {
  private static final int CALLS = 20;

  private final Reactor reactor = Reactor.open(TransportKind.NIO, 1);
  private final Server server = Server.builder().reactor(reactor).build();

  @BeforeAll
  void listen() throws IOException {
    server.handle(
        Method.unary("demo.echo", byte[].class, byte[].class), (context, request) -> request);
    server.handleStream(
        Method.bidirectional("demo.chat", byte[].class, byte[].class),
        (context, requests, replies) -> {
          // Until it is cancelled.
          new CountDownLatch(1).await();
        });
    server.listen("127.0.0.1:0");
  }

  @AfterAll
  void close() {
    server.close();
    reactor.close();
  }

  private static Stream<WireVectorsTest.Vector> with(String field, String sender) {
    return WireVectorsTest.all().stream()
        .filter(each -> each.has(field))
        .filter(each -> !each.text("sender").equals(sender.equals("client") ? "server" : "client"));
  }

  static Stream<WireVectorsTest.Vector> refusedByServers() {
    return with("refused", "client");
  }

  static Stream<WireVectorsTest.Vector> refusedByClients() {
    return with("refused", "server");
  }

  static Stream<WireVectorsTest.Vector> endedByServers() {
    return with("ends", "client");
  }

  static Stream<WireVectorsTest.Vector> endedByClients() {
    return with("ends", "server");
  }

  private static byte[] before(WireVectorsTest.Vector vector) {
    return vector.has("before") ? vector.bytes("before") : new byte[0];
  }

  private static void isRefusal(List<Frames.Frame> sent, WireVectorsTest.Vector vector) {
    Frames.Frame last = sent.get(sent.size() - 1);
    assertThat(last.type()).isEqualTo(Wire.GOAWAY);
    int code = last.has(Wire.TICK) ? Wire.TICK_BYTES + 4 : 4;
    assertThat((long) last.payload()[code]).isEqualTo(vector.number("refused"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("refusedByServers")
  void aServerRefuses(WireVectorsTest.Vector vector) {
    TestServer pure = TestServer.greeted();
    pure.echo = false;
    pure.receive(before(vector));
    assertThat(pure.ended()).isEmpty();
    pure.receive(vector.bytes("hex"));
    isRefusal(pure.sent(), vector);
    pure.channel.finishAndReleaseAll();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("refusedByClients")
  void aClientRefuses(WireVectorsTest.Vector vector) {
    TestClient client = client();
    client.receive(before(vector));
    assertThat(client.connection.whyClosed()).isNull();
    client.receive(vector.bytes("hex"));
    isRefusal(client.sent(), vector);
    client.channel.finishAndReleaseAll();
  }

  /** One with calls of as many methods. */
  private static TestClient client() {
    TestClient client = TestClient.greeted();
    IntStream.range(0, CALLS)
        .forEach(i ->
            client.start(new RouteName("demo.m" + i, i), Metadata.EMPTY, null, false, new byte[0]));
    return client;
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("endedByServers")
  void aServerEndsTheCall(WireVectorsTest.Vector vector) throws IOException {
    try (RawPeer peer = RawPeer.of(server.address())) {
      peer.send(Frames.GREETING, before(vector), vector.bytes("hex"));
      Frames.Frame answer = peer.next(Wire.RESPONSE);
      assertThat((long) answer.stream()).isEqualTo(vector.number("stream"));
      assertThat(answer.has(Wire.END)).isTrue();
      assertThat((long) answer.code()).isEqualTo(vector.number("ends"));
      if (vector.has("notStarted")) {
        assertThat(answer.isNotStarted()).isTrue();
      }
      // The connection goes on.
      peer.send(Frames.request(9, "demo.echo", (byte) 'x'));
      assertThat(peer.next(Wire.RESPONSE).code()).isZero();
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("endedByClients")
  void aClientEndsTheCall(WireVectorsTest.Vector vector) {
    TestClient client = TestClient.greeted();
    TestClient.Call call = client.call("demo.echo", new byte[0]);
    client.receive(before(vector), vector.bytes("hex"));
    assertThat(vector.number("stream")).isEqualTo(1);
    Status.Code code = call.code();
    assertThat(code).isNotNull();
    assertThat((long) code.number()).isEqualTo(vector.number("ends"));
    assertThat(client.connection.whyClosed()).isNull();
    client.channel.finishAndReleaseAll();
  }
}
