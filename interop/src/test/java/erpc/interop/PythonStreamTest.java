package erpc.interop;

import static org.assertj.core.api.Assertions.assertThat;

import erpc.call.Context;
import erpc.call.Incoming;
import erpc.call.Method;
import erpc.call.Outgoing;
import erpc.call.Status;
import erpc.protocol.ConnectionSettings;
import erpc.server.Server;
import erpc.server.ServerSettings;
import erpc.transport.Reactor;
import erpc.transport.TransportKind;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Streams of the client in plain Python, which was written from docs/protocol.md alone. */
@Tag("processes")
@Tag("python3")
class PythonStreamTest {
  private final CompletableFuture<Status> cancelled = new CompletableFuture<>();
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
    made.handle(
        Method.unary("demo.unary", byte[].class, byte[].class), (context, request) -> request);
    made.handleStream(streaming("demo.chat"), this::chat);
    made.handleStream(streaming("demo.count"), PythonStreamTest::count);
    made.handleStream(streaming("demo.fails"), PythonStreamTest::fails);
    server = made.listen("127.0.0.1:0");
  }

  private static Method<byte[], byte[]> streaming(String name) {
    return Method.bidirectional(name, byte[].class, byte[].class);
  }

  private void chat(Context context, Incoming<byte[]> requests, Outgoing<byte[]> replies) {
    context.onCancel(() -> cancelled.complete(context.cancellation()));
    context.metadata().entries().forEach(context::addHeader);
    context.addTrailer("t", "1");
    for (byte[] each : requests) {
      replies.send(each);
    }
  }

  private static int number(Incoming<byte[]> requests) {
    byte[] first = requests.next();
    assertThat(first).isNotNull();
    return Integer.parseInt(new String(first, StandardCharsets.US_ASCII));
  }

  private static void count(Context context, Incoming<byte[]> requests, Outgoing<byte[]> replies) {
    for (int left = number(requests); left > 0; left--) {
      replies.send(new byte[1_000]);
    }
  }

  private static void fails(Context context, Incoming<byte[]> requests, Outgoing<byte[]> replies) {
    for (int left = number(requests); left > 0; left--) {
      replies.send(new byte[] {'a'});
    }
    context.addTrailer("t", "1");
    throw Status.of(Status.Code.NOT_FOUND, "no more").toException();
  }

  @AfterEach
  void stop() {
    running().close();
    reactor.close();
  }

  private Server running() {
    Server now = server;
    assertThat(now).isNotNull();
    return now;
  }

  private List<String> python(String scenario) throws Exception {
    return Python.run("stream_scenario.py", running().address(), scenario);
  }

  @Test
  void isSmall() throws IOException {
    assertThat(Files.readAllLines(Python.MODULE.resolve("src/main/python/erpc_stream.py")))
        .hasSizeBetween(50, 120);
  }

  @Test
  void echoesAThousandMessagesThenHalfClosesAndReadsToTheEnd() throws Exception {
    assertThat(python("small"))
        .containsExactly("True", "[('who', 'me')] [('t', '1')]", "b'still here'");
  }

  @Test
  void sendsNothingOrMessagesWithoutBytes() throws Exception {
    assertThat(python("empty")).containsExactly("[]", "[b'', b'']");
  }

  @Test
  void echoesMoreThanBothWindowsInMessagesOfManyFrames() throws Exception {
    assertThat(python("large")).containsExactly("10 True None");
  }

  @Test
  void keepsSeveralStreamsApart() throws Exception {
    assertThat(python("several")).containsExactly("9000000", "True");
  }

  @Test
  void aSlowReaderHoldsTheHandlerBackButNotOtherCalls() throws Exception {
    assertThat(python("slow")).containsExactly("filled True", "b'others go on'", "all 2000");
  }

  @Test
  void theHandlerSeesACancel() throws Exception {
    assertThat(python("cancel"))
        .containsExactly("b'hi'", "b'still here'", "CANCELLED started=YES [] cancelled here");
    assertThat(cancelled.get(10, TimeUnit.SECONDS).code()).isEqualTo(Status.Code.CANCELLED);
  }

  @Test
  void readsMessagesBeforeTheStatusThatFollowsThem() throws Exception {
    String end = "NOT_FOUND started=YES [('t', '1')] no more";
    assertThat(python("status")).containsExactly("b'a'", "b'a'", "b'a'", end);
  }

  @Test
  void stopsSendingWhenTheServerEndsTheStream() throws Exception {
    assertThat(python("early"))
        .containsExactly(
            "stopped True", "NOT_FOUND started=YES [('t', '1')] no more", "b'still here'");
  }

  @Test
  void endsAtTheDeadline() throws Exception {
    assertThat(python("deadline")).singleElement().asString().startsWith("DEADLINE_EXCEEDED");
  }

  @Test
  void isToldWhenNothingMovesForTheProgressTimeout() throws Exception {
    running().close();
    start(ConnectionSettings.DEFAULTS.withProgressTimeout(Duration.ofMillis(300)));
    assertThat(python("idle")).singleElement().asString().startsWith("DEADLINE_EXCEEDED");
  }

  @Test
  void isToldOfAMethodThatIsNotThere() throws Exception {
    assertThat(python("unknown"))
        .singleElement()
        .asString()
        .startsWith("UNIMPLEMENTED started=NO")
        .contains("demo.nothing");
  }
}
