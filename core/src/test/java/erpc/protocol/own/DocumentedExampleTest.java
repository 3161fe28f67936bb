package erpc.protocol.own;

import static org.assertj.core.api.Assertions.assertThat;

import erpc.call.Metadata;
import erpc.call.Status;
import erpc.codec.Ownership;
import erpc.protocol.Credential;
import erpc.protocol.RouteName;
import erpc.protocol.ServerLoad;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The examples of docs/protocol.md, played as they stand there: a server is told what the client
 * says, does what the example tells, and must answer to the byte; a client must understand it.
 */
class DocumentedExampleTest {
  private static final String FIRST = "the first two calls of a connection";
  private static final String TWO_FRAMES =
      "a message of 5 bytes in two frames, and its reply in two frames";
  private static final String REFUSED = "a client sends what only a server may send";
  private static final Set<String> STREAMS = Set.of("news.list", "news.post", "chat.talk");

  /** What the server's side of an example does once it has heard what came. */
  private interface Handler {
    void handle(TestServer server, int turn) throws IOException;
  }

  private static final Handler NOTHING = (server, turn) -> {};

  /** What is done at the server, by the titles of the examples. */
  private static final Map<String, Handler> HANDLERS =
      Map.ofEntries(
          Map.entry(FIRST, (server, turn) -> echo(server)),
          Map.entry(
              "an extension frame, with a tick; the server skips it and says nothing", NOTHING),
          Map.entry(TWO_FRAMES, (server, turn) -> assertThat(message(server)).isEqualTo("hello")),
          Map.entry(
              "40 times the letter a, compressed by gzip; the reply is not compressed",
              DocumentedExampleTest::unpack),
          Map.entry(
              "300.2 ms are left, so 301 are sent; the call is traced",
              DocumentedExampleTest::traced),
          Map.entry("a call that nobody answers", DocumentedExampleTest::oneway),
          Map.entry(
              "a call that fails, with details for programs and a trailer",
              DocumentedExampleTest::fail),
          Map.entry(
              "a server that is too busy; no handler has seen the call",
              (server, turn) -> busy(server)),
          Map.entry(
              "metadata with the request, before the reply (headers) and behind it (trailers)",
              DocumentedExampleTest::metadata),
          Map.entry(
              "a request that may be shed; its reply tells the load", DocumentedExampleTest::load),
          Map.entry(
              "a server that streams: one request, two replies, the status",
              DocumentedExampleTest::streamReplies),
          Map.entry(
              "a client that streams: two requests, one reply",
              DocumentedExampleTest::streamRequests),
          Map.entry(
              "messages both ways; the client half-closes without a message",
              DocumentedExampleTest::talk),
          Map.entry("a call that its caller cancels", DocumentedExampleTest::cancelled),
          Map.entry(
              "a client gives credit: 64 KiB for stream 1, 4 MiB for the connection", NOTHING),
          Map.entry(
              "a client that takes messages of 1 MiB and gives each stream 512 KiB of credit",
              NOTHING),
          Map.entry("a PING and its answer", NOTHING),
          Map.entry("the token \"token\"", DocumentedExampleTest::token),
          Map.entry(
              "a server that shuts down; call 1 still gets its answer",
              (server, turn) -> leave(server)),
          Map.entry(REFUSED, NOTHING));

  private Map<String, ProtocolPage.Example> examples = Map.of();

  @BeforeEach
  void read() throws IOException {
    examples = ProtocolPage.examples();
  }

  // ---- what the handlers of the examples do

  private static TestServer.Call last(TestServer server) {
    return server.calls.get(server.calls.size() - 1);
  }

  private static String message(TestServer server) {
    return new String(last(server).messages.get(0), StandardCharsets.UTF_8);
  }

  private static void echo(TestServer server) {
    assertThat(HexFormat.of().formatHex(last(server).messages.get(0))).isEqualTo("0a026869");
    assertThat(last(server).timeoutNanos).isEqualTo(TimeUnit.SECONDS.toNanos(1));
    last(server).answer(last(server).messages.get(0));
  }

  private static void reply(TestServer server, Metadata headers, Metadata trailers, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    last(server).responder.reply(headers, trailers, 5, bytes, bytes.length, Ownership.SHARED);
  }

  private static void unpack(TestServer server, int turn) throws IOException {
    assertThat(last(server).encodings).containsExactly(0x15);
    byte[] packed = last(server).messages.get(0);
    byte[] all = new GZIPInputStream(new ByteArrayInputStream(packed)).readAllBytes();
    assertThat(new String(all, StandardCharsets.UTF_8)).isEqualTo("a".repeat(40));
    reply(server, Metadata.EMPTY, Metadata.EMPTY, String.valueOf(all.length));
  }

  private static void traced(TestServer server, int turn) {
    long left = TimeUnit.MICROSECONDS.toNanos(300_200);
    long sent = TimeUnit.MILLISECONDS.toNanos(RequestHead.millis(left));
    assertThat(last(server).timeoutNanos).isEqualTo(sent);
    assertThat(last(server).trace)
        .hasToString("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
    reply(server, Metadata.EMPTY, Metadata.EMPTY, "");
  }

  private static void oneway(TestServer server, int turn) {
    assertThat(last(server).oneway).isTrue();
    assertThat(message(server)).isEqualTo("hi");
    reply(server, Metadata.EMPTY, Metadata.EMPTY, "");
  }

  private static void fail(TestServer server, int turn) {
    Status gone =
        Status.of(Status.Code.NOT_FOUND, "gone")
            .withDetails(new byte[] {1, 2})
            .withStarted(Status.Started.YES);
    last(server).responder.respond(gone, Metadata.EMPTY, Metadata.of("t", "1"));
  }

  private static void busy(TestServer server) {
    Status busy =
        Status.of(Status.Code.RESOURCE_EXHAUSTED, "busy")
            .withStarted(Status.Started.NO)
            .withRetryAfter(Duration.ofSeconds(1));
    last(server).responder.respond(busy, Metadata.EMPTY, Metadata.EMPTY);
  }

  private static void metadata(TestServer server, int turn) {
    Metadata sent = last(server).metadata;
    assertThat(sent.entries()).hasSize(2);
    assertThat(sent.entries().get(1).toBytes()).containsExactly(0, 0xff);
    reply(server, Metadata.of("who", "me"), Metadata.of("t", "1"), "hi");
  }

  private static void load(TestServer server, int turn) {
    server.ticker.advance(Duration.ofMillis(100));
    server.connection.batch.readClock();
    server.load = new ServerLoad(1_500, 7);
    reply(server, Metadata.EMPTY, Metadata.EMPTY, "hi");
  }

  private static Outbox replies(TestServer server) {
    return (Outbox) Objects.requireNonNull(last(server).replies);
  }

  /** The next request of a stream, and what it ends in if there is none. */
  private static String next(TestServer server) {
    Inbox requests = (Inbox) Objects.requireNonNull(last(server).requests);
    assertThat(requests.hasNext()).isTrue();
    ByteBuffer bytes = requests.next();
    return bytes == null
        ? String.valueOf(requests.end())
        : StandardCharsets.UTF_8.decode(bytes).toString();
  }

  private static void send(TestServer server, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    assertThat(replies(server).send(Frames.message(bytes))).isNull();
  }

  private static void respond(TestServer server, Status status) {
    last(server).responder.respond(status, Metadata.EMPTY, Metadata.EMPTY);
  }

  private static void streamReplies(TestServer server, int turn) {
    assertThat(next(server)).isEqualTo("3");
    assertThat(next(server)).isEqualTo(Status.OK.toString());
    replies(server).headers(Metadata.of("k", "v"));
    send(server, "a");
    send(server, "");
    respond(server, Status.OK);
  }

  private static void streamRequests(TestServer server, int turn) {
    assertThat(next(server)).isEqualTo("a");
    assertThat(next(server)).isEqualTo("b");
    assertThat(next(server)).isEqualTo(Status.OK.toString());
    send(server, "2");
    respond(server, Status.OK);
  }

  private static void talk(TestServer server, int turn) {
    if (turn == 0) {
      send(server, next(server));
    } else {
      assertThat(next(server)).isEqualTo(Status.OK.toString());
      respond(
          server, Status.of(Status.Code.OUT_OF_RANGE, "enough").withStarted(Status.Started.YES));
    }
  }

  private static void cancelled(TestServer server, int turn) {
    assertThat(last(server).cancelled)
        .singleElement()
        .satisfies(why -> assertThat(why.code()).isEqualTo(Status.Code.CANCELLED));
  }

  private static void token(TestServer server, int turn) {
    assertThat(server.connection.credential).isEqualTo(new Credential("bearer", "token"));
  }

  private static void leave(TestServer server) {
    server.connection.drain("leaving");
    server.channel.runPendingTasks();
    reply(server, Metadata.EMPTY, Metadata.EMPTY, "");
  }

  // ---- both ends

  @Test
  void eachExampleIsPlayed() {
    assertThat(examples.keySet()).containsExactlyInAnyOrderElementsOf(HANDLERS.keySet());
  }

  @Test
  void aServerSaysWhatThePageSays() throws IOException {
    for (Map.Entry<String, ProtocolPage.Example> each : examples.entrySet()) {
      play(each.getKey(), each.getValue());
    }
  }

  private static void play(String title, ProtocolPage.Example example) throws IOException {
    TestServer server = new TestServer();
    server.echo = false;
    server.streaming = STREAMS::contains;
    byte[] said = server.sentBytes();
    if (!example.hasPrefaces()) {
      server.receive(Frames.GREETING);
      said = new byte[0];
      server.sent();
    }
    List<ProtocolPage.Turn> turns = example.turns();
    for (int i = 0; i < turns.size(); i += 2) {
      assertThat(turns.get(i).side()).as(title).isEqualTo("client");
      server.receive(turns.get(i).bytes());
      Objects.requireNonNull(HANDLERS.get(title)).handle(server, i / 2);
      server.channel.runPendingTasks();
      said = Frames.concat(said, server.sentBytes());
      if (!title.equals(TWO_FRAMES)) { // A server here would send so short a reply in one.
        byte[] wanted = i + 1 < turns.size() ? turns.get(i + 1).bytes() : new byte[0];
        assertThat(HexFormat.ofDelimiter(" ").formatHex(said))
            .as(title)
            .isEqualTo(HexFormat.ofDelimiter(" ").formatHex(wanted));
      }
      said = new byte[0];
    }
    assertThat(server.connection.isClosed()).as(title).isEqualTo(ends(title));
    server.channel.finishAndReleaseAll();
  }

  @Test
  void aClientUnderstandsWhatTheServersSay() {
    examples.forEach((title, example) -> {
      boolean streams = STREAMS.stream().anyMatch(name -> contains(example.bytes("client"), name));
      TestClient client = understands(example, streams);
      assertThat(client.connection.isClosed()).as(title).isEqualTo(ends(title));
      client.channel.finishAndReleaseAll();
    });
  }

  /** Whether the connection ends, for a fault or after its last call. */
  private static boolean ends(String title) {
    return title.equals(REFUSED) || title.startsWith("a server that shuts down");
  }

  private static boolean contains(byte[] bytes, String name) {
    return new String(bytes, StandardCharsets.ISO_8859_1).contains(name);
  }

  /** A client that has called as often as the example's, and heard what the example's hears. */
  private static TestClient understands(ProtocolPage.Example example, boolean streams) {
    TestClient client = example.hasPrefaces() ? new TestClient() : TestClient.greeted();
    for (Frames.Frame frame : Frames.parse(example.bytes("client"))) {
      if (frame.type() == Wire.REQUEST && streams) {
        Inbox in = new Inbox(client.ticker, () -> {});
        client.stream(
            new RouteName("news.list", 0), in, new Outbox(client.ticker, client.memory, () -> {}));
      } else if (frame.type() == Wire.REQUEST) {
        client.call("demo.echo", new byte[0]);
      }
    }
    client.receive(example.bytes("server"));
    return client;
  }

  @Test
  void aClientPutsTheTwoFramesTogether() {
    TestClient client = TestClient.greeted();
    TestClient.Call call = client.call("demo.copy", new byte[0]);
    client.receive(Objects.requireNonNull(examples.get(TWO_FRAMES)).bytes("server"));
    assertThat(call.status).isEqualTo(Status.OK);
    assertThat(call.reply).isEqualTo("hello".getBytes(StandardCharsets.UTF_8));
    client.channel.finishAndReleaseAll();
  }

  @Test
  void aClientSaysTheFirstExampleButForItsClock() {
    List<ProtocolPage.Turn> turns = Objects.requireNonNull(examples.get(FIRST)).turns();
    TestClient client = new TestClient();
    List<Frames.Frame> documented = new ArrayList<>(turns.get(0).frames());
    documented.addAll(turns.get(2).frames());
    RouteName echo = new RouteName("demo.echo", 0);
    byte[] greeting = client.sentBytes();
    assertThat(greeting).startsWith(Frames.PREFACE);
    for (int i = 0; i < 2; i++) {
      client.start(echo, Metadata.EMPTY, null, false, Frames.hex("0a026869"));
      Frames.Frame sent = client.sent().get(0);
      Frames.Frame expected = documented.get(1 + i);
      assertThat(sent.kind()).isEqualTo(expected.kind());
      assertThat(sent.stream()).isEqualTo(expected.stream());
      assertThat(afterTick(sent)).isEqualTo(afterTick(expected));
      client.receive(turns.get(2 * i + 1).bytes());
    }
    client.channel.finishAndReleaseAll();
  }

  /** The bytes behind the tick, with the codec of the test's client in the place of any other. */
  private static byte[] afterTick(Frames.Frame frame) {
    byte[] bytes = Frames.bytes(frame.in().skipBytes(Wire.TICK_BYTES));
    bytes[bytes.length - 5] = 5;
    return bytes;
  }

  @Test
  void ticksAreCountedAsTheTableSays() throws IOException {
    TransitDelay transit = new TransitDelay();
    List<List<String>> rows = ProtocolPage.table("| tick | server's clock |");
    assertThat(rows).hasSize(3);
    for (List<String> row : rows) {
      int clock = number(row.get(1));
      assertThat(clock - number(row.get(0))).isEqualTo(number(row.get(2)));
      long now = TimeUnit.MILLISECONDS.toNanos(clock);
      assertThat(transit.excessMillis(number(row.get(0)), now)).isEqualTo(number(row.get(4)));
    }
  }

  private static int number(String cell) {
    return Integer.parseInt(cell.replaceAll("[^0-9]", ""));
  }

  @Test
  void theCodesAndTheirNamesAreThoseOfStatus() throws IOException {
    int seen = 0;
    for (List<String> row : ProtocolPage.table("| code | name | code |")) {
      for (int i = 0; i < row.size(); i += 2) {
        if (!row.get(i).isBlank()) {
          assertThat(Status.Code.of(number(row.get(i)))).hasToString(row.get(i + 1));
          seen++;
        }
      }
    }
    assertThat(seen).isEqualTo(Status.Code.values().length);
  }
}
