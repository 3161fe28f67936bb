package erpc.interop;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.StringValue;
import erpc.call.Context;
import erpc.call.Metadata;
import erpc.call.Method;
import erpc.call.Status;
import erpc.protocol.ConnectionSettings;
import erpc.server.Server;
import erpc.server.ServerSettings;
import erpc.transport.Reactor;
import erpc.transport.TransportKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The client in plain Python, which was written from docs/protocol.md alone. */
@Tag("processes")
@Tag("python3")
class PythonClientTest {
  private static final Path CLIENT = Python.MODULE.resolve("src/main/python/erpc_client.py");

  /** What {@code demo.json} takes and gives. */
  record Said(String msg) {}

  private final CountDownLatch held = new CountDownLatch(1);
  private final CountDownLatch release = new CountDownLatch(1);
  private final Reactor reactor = Reactor.open(TransportKind.NIO, 1);
  private @Nullable Server server;

  @BeforeEach
  void start() throws IOException {
    start(ConnectionSettings.DEFAULTS);
  }

  private void start(ConnectionSettings settings) throws IOException {
    Server made =
        Server.builder()
            .reactor(reactor)
            .settings(ServerSettings.DEFAULTS.withConnection(settings))
            .build();
    made.handle(text("demo.echo"), (context, request) -> request);
    made.handle(Method.unary("demo.json", Said.class, Said.class), (context, said) -> said);
    made.handle(bytes("demo.bytes"), (context, request) -> request);
    made.handle(bytes("demo.small").maxMessageBytes(1_000), (context, request) -> request);
    made.handle(
        text("demo.fails"),
        (context, request) -> {
          context.addTrailer("t", "1");
          throw Status.of(Status.Code.NOT_FOUND, "no such thing")
              .withDetails(new byte[] {1, 2})
              .toException();
        });
    made.handle(
        text("demo.throws"),
        (context, request) -> {
          throw new IllegalStateException("boom");
        });
    made.handle(text("demo.metadata"), PythonClientTest::metadata);
    made.handle(
        text("demo.hangs"),
        (context, request) -> {
          release.await();
          return request;
        });
    made.handle(
        text("demo.slow"),
        (context, request) -> {
          assertThat(release.await(1_500, TimeUnit.MILLISECONDS)).isFalse();
          return request;
        });
    made.handle(
        text("demo.held"),
        (context, request) -> {
          held.countDown();
          release.await();
          return request;
        });
    server = made.listen("127.0.0.1:0");
  }

  private static Method<StringValue, StringValue> text(String name) {
    return Method.unary(name, StringValue.class, StringValue.class);
  }

  private static Method<byte[], byte[]> bytes(String name) {
    return Method.unary(name, byte[].class, byte[].class);
  }

  private static StringValue metadata(Context context, StringValue request) {
    List<Metadata.Entry> entries = context.metadata().entries();
    entries.forEach(context::addHeader);
    context.addTrailer("entries", String.valueOf(entries.size()));
    return request;
  }

  @AfterEach
  void stop() {
    release.countDown();
    running().close();
    reactor.close();
  }

  private Server running() {
    Server now = server;
    assertThat(now).isNotNull();
    return now;
  }

  private List<String> python(String scenario) throws Exception {
    return Python.run("scenario.py", running().address(), scenario);
  }

  @Test
  void hasAtMostTwoHundredLines() throws IOException {
    assertThat(Files.readAllLines(CLIENT)).hasSizeBetween(50, 200);
  }

  @Test
  void callsByNameAndByNumberInAnyCodec() throws Exception {
    assertThat(python("echo"))
        .containsExactly(
            "OK 4 b'\\n\\x02hi' [] []",
            "number True",
            "OK 11 b'\\n\\tby number' [] []",
            "OK 12 b'{\"msg\":\"hi\"}' [] []",
            "OK 0 b'' [] []");
  }

  @Test
  void sendsAndReceivesMessagesOfManyFramesWithinItsCredit() throws Exception {
    assertThat(python("large"))
        .containsExactly(
            "65535 True",
            "65536 True",
            "262144 True",
            "1048576 True",
            "4194304 True",
            "OK 10 b'still here' [] []");
  }

  @Test
  void readsErrorsAndGoesOn() throws Exception {
    List<String> lines = python("errors");
    assertThat(lines).hasSize(7);
    assertThat(lines.get(0)).startsWith("UNIMPLEMENTED started=NO").contains("demo.nothing");
    assertThat(lines.get(1)).startsWith("INVALID_ARGUMENT started=NO");
    assertThat(lines.get(2))
        .isEqualTo("NOT_FOUND started=YES details=0102 [('t', '1')] no such thing");
    assertThat(lines.get(3)).startsWith("INTERNAL started=YES").doesNotContain("boom");
    assertThat(lines.get(4)).startsWith("INVALID_ARGUMENT");
    assertThat(lines.get(5)).startsWith("UNIMPLEMENTED started=NO").contains("binary");
    assertThat(lines.get(6)).isEqualTo("OK 4 b'\\n\\x02hi' [] []");
  }

  @Test
  void carriesMetadataBothWays() throws Exception {
    List<String> lines = python("metadata");
    assertThat(lines.get(0))
        .isEqualTo(
            "OK 0 b'' [('who', 'me'), ('who', 'too'), ('raw-bin', b'\\x00\\xff')] [('entries', '3')]");
    assertThat(lines.get(1)).startsWith("INVALID_ARGUMENT started=NO").contains("Who");
    assertThat(lines.get(2)).startsWith("RESOURCE_EXHAUSTED started=NO");
  }

  @Test
  void endsAtTheDeadline() throws Exception {
    List<String> lines = python("deadline");
    assertThat(lines.get(0)).startsWith("DEADLINE_EXCEEDED started=MAYBE");
    assertThat(lines.get(1)).isEqualTo("in time True");
    assertThat(lines.get(2)).startsWith("DEADLINE_EXCEEDED started=NO");
    assertThat(lines.get(3)).startsWith("OK 4");
  }

  @Test
  void isToldOfMessagesThatAreTooLarge() throws Exception {
    List<String> lines = python("oversize");
    assertThat(lines.get(0)).startsWith("RESOURCE_EXHAUSTED started=NO").contains("too large");
    assertThat(lines.get(1)).startsWith("RESOURCE_EXHAUSTED").contains("4194304");
    assertThat(lines.get(2)).startsWith("RESOURCE_EXHAUSTED").contains("1000");
    assertThat(lines.get(3)).startsWith("OK 10");
  }

  @Test
  void obeysTheServersSettings() throws Exception {
    running().close();
    start(ConnectionSettings.DEFAULTS.withMaxMessageBytes(1_000));
    List<String> lines = python("settings");
    assertThat(lines.get(0)).startsWith("OK 1000");
    assertThat(lines.get(1)).startsWith("RESOURCE_EXHAUSTED started=NO").contains("too large");
  }

  @Test
  void answersPingsWhileItWaits() throws Exception {
    running().close();
    start(
        ConnectionSettings.DEFAULTS.withKeepalive(Duration.ofMillis(200), Duration.ofMillis(600)));
    assertThat(python("waits")).containsExactly("OK 4 b'\\n\\x02hi' [] []");
  }

  @Test
  void finishesItsCallWhenTheServerLeavesAndStartsNoOther() throws Exception {
    String address = running().address();
    CompletableFuture<List<String>> lines = new CompletableFuture<>();
    Thread.startVirtualThread(() -> {
      try {
        lines.complete(Python.run("scenario.py", address, "leaves"));
      } catch (Exception | AssertionError e) {
        lines.completeExceptionally(e);
      }
    });
    assertThat(held.await(30, TimeUnit.SECONDS)).isTrue();
    CompletableFuture<Void> closing = CompletableFuture.runAsync(() -> running().close());
    org.awaitility.Awaitility.await().until(() -> refuses(address));
    release.countDown();
    assertThat(lines.get(30, TimeUnit.SECONDS))
        .containsExactly(
            "OK 4 b'\\n\\x02hi' [] []",
            "UNAVAILABLE started=NO details= [] the server leaves: the server is shutting down");
    closing.get(30, TimeUnit.SECONDS);
  }

  static boolean refuses(String address) {
    int colon = address.lastIndexOf(':');
    try (var socket = new java.net.Socket()) {
      socket.connect(
          new java.net.InetSocketAddress(
              address.substring(0, colon), Integer.parseInt(address.substring(colon + 1))));
      return false;
    } catch (IOException e) {
      return true;
    }
  }
}
