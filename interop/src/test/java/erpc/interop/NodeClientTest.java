package erpc.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import erpc.call.Context;
import erpc.call.Incoming;
import erpc.call.Metadata;
import erpc.call.Method;
import erpc.call.Outgoing;
import erpc.call.Status;
import erpc.protocol.ConnectionSettings;
import erpc.server.Server;
import erpc.server.ServerSettings;
import erpc.transport.Reactor;
import erpc.transport.TransportKind;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The client in plain JavaScript for Node, which was written from docs/protocol.md alone. */
@Tag("processes")
@Tag("nodejs")
class NodeClientTest {
  /** What {@code demo.json} takes and gives. */
  record Said(String msg) {}

  private final CompletableFuture<Status> cancelled = new CompletableFuture<>();
  private final CountDownLatch held = new CountDownLatch(1);
  private final CountDownLatch release = new CountDownLatch(1);
  private final Reactor reactor = Reactor.open(TransportKind.NIO, 1);
  private @Nullable Server server;

  @BeforeAll
  static void nodeIsThere() {
    String path = String.valueOf(System.getenv("PATH"));
    boolean found =
        Pattern.compile(File.pathSeparator, Pattern.LITERAL)
            .splitAsStream(path)
            .anyMatch(folder -> Files.isExecutable(Path.of(folder, "node")));
    assumeTrue(found, "node is not on the PATH: install nodejs to test against its client");
  }

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
    made.handle(unary("demo.echo"), (context, request) -> request);
    made.handle(Method.unary("demo.json", Said.class, Said.class), (context, said) -> said);
    made.handle(unary("demo.fails"), NodeClientTest::fail);
    made.handle(unary("demo.metadata"), NodeClientTest::metadata);
    made.handle(
        unary("demo.hangs"),
        (context, request) -> {
          release.await();
          return request;
        });
    made.handle(
        unary("demo.held"),
        (context, request) -> {
          held.countDown();
          release.await();
          return request;
        });
    made.handleServerStream(
        Method.serverStreaming("news.list", byte[].class, byte[].class), NodeClientTest::list);
    made.handleClientStream(
        Method.clientStreaming("news.post", byte[].class, byte[].class), NodeClientTest::post);
    made.handleStream(Method.bidirectional("chat.talk", byte[].class, byte[].class), this::talk);
    server = made.listen("127.0.0.1:0");
  }

  private static Method<byte[], byte[]> unary(String name) {
    return Method.unary(name, byte[].class, byte[].class);
  }

  private static byte[] fail(Context context, byte[] request) {
    context.addTrailer("t", "1");
    throw Status.of(Status.Code.NOT_FOUND, "no such thing")
        .withDetails(new byte[] {1, 2})
        .toException();
  }

  private static byte[] metadata(Context context, byte[] request) {
    List<Metadata.Entry> entries = context.metadata().entries();
    entries.forEach(context::addHeader);
    context.addTrailer("entries", String.valueOf(entries.size()));
    return request;
  }

  private static void list(Context context, byte[] request, Outgoing<byte[]> replies) {
    int count = Integer.parseInt(text(request));
    context.addHeader("count", String.valueOf(count));
    context.addTrailer("last", String.valueOf(count));
    for (int i = 1; i <= count; i++) {
      String text = "news " + i + (count > 100 ? "-".repeat(1_000) : "");
      replies.send(text.getBytes(StandardCharsets.US_ASCII));
    }
  }

  private static byte[] post(Context context, Incoming<byte[]> requests) {
    int count = 0;
    String last = "";
    for (byte[] each : requests) {
      count++;
      last = text(each);
    }
    return (count + ", " + last).getBytes(StandardCharsets.US_ASCII);
  }

  private void talk(Context context, Incoming<byte[]> requests, Outgoing<byte[]> replies) {
    context.onCancel(() -> cancelled.complete(context.cancellation()));
    for (byte[] each : requests) {
      replies.send(each);
    }
  }

  private static String text(byte[] message) {
    return new String(message, StandardCharsets.US_ASCII);
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

  private List<String> node(String scenario) throws Exception {
    return node(running().address(), scenario);
  }

  private static List<String> node(String address, String scenario) throws Exception {
    String file = Peer.MODULE.resolve("src/test/node/scenario.mjs").toString();
    return Peer.run("node", file, address, scenario);
  }

  @Test
  void callsByNameAndByNumberInSeveralCodecsAndCompressed() throws Exception {
    assertThat(node("unary"))
        .containsExactly("by name 1", "by number 1", " 1", "{\"msg\":\"hi\"}", "100000");
  }

  @Test
  void sendsAndReceivesMessagesOfManyFramesWithinItsCredit() throws Exception {
    assertThat(node("large"))
        .containsExactly(
            "16128 true", "65536 true", "262144 true", "1048576 true", "4194304 true", "true");
  }

  @Test
  void readsErrorsWithDetailsAndGoesOn() throws Exception {
    List<String> lines = node("error");
    assertThat(lines).hasSize(4);
    assertThat(lines.get(0))
        .isEqualTo("NOT_FOUND started=YES details=0102 [[\"t\",\"1\"]] no such thing");
    assertThat(lines.get(1)).startsWith("UNIMPLEMENTED started=NO").contains("demo.nothing");
    assertThat(lines.get(2)).startsWith("INVALID_ARGUMENT started=NO");
    assertThat(lines.get(3)).isEqualTo("goes on");
  }

  @Test
  void carriesMetadataBothWays() throws Exception {
    List<String> lines = node("metadata");
    assertThat(lines.get(0))
        .isEqualTo(
            "[[\"who\",\"me\"],[\"who\",\"too\"],[\"raw-bin\",\"00ff\"]] [[\"entries\",\"3\"]]");
    assertThat(lines.get(1)).startsWith("INVALID_ARGUMENT started=NO").contains("Who");
  }

  @Test
  void readsWhatAServerStreams() throws Exception {
    assertThat(node("serverStream"))
        .containsExactly("news 1", "news 2", "news 3", "[[\"count\",\"3\"]] [[\"last\",\"3\"]]");
  }

  @Test
  void streamsToAServerThatAnswersOnce() throws Exception {
    assertThat(node("clientStream")).containsExactly("1000, message 999 null");
  }

  @Test
  void streamsMoreThanBothWindowsBothWays() throws Exception {
    assertThat(node("bidirectional")).containsExactly("true true");
  }

  @Test
  void aSlowReaderHoldsItsSenderBackButNotOthers() throws Exception {
    assertThat(node("slowReader")).containsExactly("filled true", "others go on", "1000");
  }

  @Test
  void endsAtTheDeadline() throws Exception {
    List<String> lines = node("deadline");
    assertThat(lines.get(0)).startsWith("DEADLINE_EXCEEDED started=");
    assertThat(lines.get(1)).isEqualTo("in time true");
    assertThat(lines.get(2)).startsWith("DEADLINE_EXCEEDED started=NO");
    assertThat(lines.get(3)).startsWith("DEADLINE_EXCEEDED");
  }

  @Test
  void pings() throws Exception {
    assertThat(node("ping")).containsExactly("answered true", "2");
  }

  @Test
  void answersPingsWhileItWaits() throws Exception {
    running().close();
    start(ConnectionSettings.DEFAULTS.withKeepalive(Duration.ofMillis(50), Duration.ofMillis(600)));
    assertThat(node("deadline")).hasSize(4);
  }

  @Test
  void theHandlerSeesACancel() throws Exception {
    List<String> lines = node("cancel");
    assertThat(lines).hasSize(3).startsWith("hi").endsWith("goes on");
    assertThat(lines.get(1)).startsWith("CANCELLED");
    assertThat(cancelled.get(10, TimeUnit.SECONDS).code()).isEqualTo(Status.Code.CANCELLED);
  }

  @Test
  void finishesItsCallWhenTheServerLeavesAndStartsNoOther() throws Exception {
    String address = running().address();
    CompletableFuture<List<String>> lines = new CompletableFuture<>();
    Thread.startVirtualThread(() -> {
      try {
        lines.complete(node(address, "leaves"));
      } catch (Exception | AssertionError e) {
        lines.completeExceptionally(e);
      }
    });
    assertThat(held.await(30, TimeUnit.SECONDS)).isTrue();
    CompletableFuture<Void> closing = CompletableFuture.runAsync(() -> running().close());
    org.awaitility.Awaitility.await().until(() -> PythonClientTest.refuses(address));
    release.countDown();
    List<String> said = lines.get(30, TimeUnit.SECONDS);
    assertThat(said).hasSize(2).startsWith("whole");
    assertThat(said.get(1)).startsWith("UNAVAILABLE started=NO").contains("shutting down");
    closing.get(30, TimeUnit.SECONDS);
  }
}
