package erpc.protocol.own;

import static erpc.protocol.own.Frames.concat;
import static erpc.protocol.own.Frames.frame;
import static erpc.protocol.own.Frames.head;
import static erpc.protocol.own.Frames.hex;
import static erpc.protocol.own.Frames.text;
import static org.assertj.core.api.Assertions.assertThat;

import erpc.call.Method;
import erpc.codec.Codec;
import erpc.codec.Codecs;
import erpc.codec.Compression;
import erpc.fixture.EchoRequest;
import erpc.protocol.ConnectionSettings;
import erpc.protocol.Protocol;
import erpc.server.Server;
import erpc.server.ServerSettings;
import erpc.transport.Protocols;
import erpc.transport.Reactor;
import erpc.transport.TransportKind;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Bytes from strangers, over real sockets, to a real server that others use at the same time. */
class StrangersTest {
  /** What a peer of each protocol that a server speaks says first, up to a call it is answered. */
  private static final Map<String, byte[]> CONVERSATIONS =
      Map.of(
          ErpcProtocol.INSTANCE.name(),
          concat(
              Frames.GREETING,
              frame(Wire.PING, 0, new byte[8]),
              Frames.request(1, "demo.bytes", (byte) 'h', (byte) 'i'),
              Frames.opening(2, "demo.bytes", 3, (byte) 'y'),
              Frames.data(Wire.END, 2, (byte) 'o', (byte) 'u')));

  private static final byte[] HTTP2 = text("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0");
  private static final byte[] TLS =
      hex("16030100c8010000c40303" + "5a".repeat(64) + "0020" + "c0".repeat(32));
  private static final AtomicInteger HOSTS = new AtomicInteger(20);

  private final AtomicInteger handled = new AtomicInteger();
  private final ByteArrayOutputStream log = new ByteArrayOutputStream();
  private final PrintStream stderr = System.err;
  private final Reactor reactor = Reactor.open(TransportKind.NIO, 1);
  private Server server = start(ConnectionSettings.DEFAULTS);
  private Socket other = new Socket();
  private int otherStream;

  private Server start(ConnectionSettings settings) {
    Server made =
        Server.builder()
            .reactor(reactor)
            .settings(
                ServerSettings.DEFAULTS
                    .withConnection(settings)
                    .withDrain(Duration.ZERO, Duration.ofMillis(50)))
            .build();
    made.handle(
        Method.unary("demo.bytes", byte[].class, byte[].class),
        (context, request) -> {
          handled.incrementAndGet();
          return request;
        });
    made.handle(
        Method.unary("demo.echo", EchoRequest.class, EchoRequest.class),
        (context, request) -> request);
    try {
      return made.listen("127.0.0.1:0");
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private void restart(ConnectionSettings settings) throws IOException {
    other.close();
    server.close();
    server = start(settings);
    other = connected();
    other.getOutputStream().write(Frames.GREETING);
    otherStream = 0;
  }

  @BeforeEach
  void anotherConnectionIsInUse() throws IOException {
    System.setErr(new PrintStream(log, true, StandardCharsets.UTF_8));
    other = connected();
    other.getOutputStream().write(Frames.GREETING);
  }

  @AfterEach
  void othersAreServedAndNothingUnexpectedWasLogged() throws IOException {
    try {
      callOnTheOther();
      assertThat(logged()).doesNotContain("unexpected").doesNotContain("Exception");
      other.close();
      Awaitility.await()
          .atMost(Duration.ofSeconds(5))
          .until(() -> server.inFlight() == 0 && server.connectionCount() == 0);
    } finally {
      System.setErr(stderr);
      server.close();
      reactor.close();
    }
  }

  private void callOnTheOther() throws IOException {
    otherStream++;
    other.setSoTimeout(5_000);
    other.getOutputStream().write(Frames.request(otherStream, "demo.bytes", (byte) 'o'));
    while (true) {
      byte[] header = other.getInputStream().readNBytes(8);
      if (header.length == 4 || Arrays.equals(Arrays.copyOf(header, 4), Frames.PREFACE)) {
        // The preface and the first half of a frame's header.
        header = concat(Arrays.copyOfRange(header, 4, 8), other.getInputStream().readNBytes(4));
      }
      assertThat(header).hasSize(8);
      byte[] payload = other.getInputStream().readNBytes(ByteBuffer.wrap(header).getInt() >>> 8);
      Frames.Frame frame = Frames.parse(concat(header, payload)).get(0);
      if (frame.type() == Wire.RESPONSE) {
        assertThat(frame.stream()).isEqualTo(otherStream);
        assertThat(payload).endsWith((byte) 5, (byte) 'o');
        return;
      }
    }
  }

  private String logged() {
    return log.toString(StandardCharsets.UTF_8);
  }

  private Socket connected() throws IOException {
    return connected("127.0.0.1");
  }

  private Socket connected(String from) throws IOException {
    String address = server.address();
    int port = Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
    Socket socket = new Socket();
    socket.setTcpNoDelay(true);
    socket.bind(new InetSocketAddress(InetAddress.getByName(from), 0));
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    socket.setSoTimeout(1_500);
    return socket;
  }

  /** A host that no line was written about yet. */
  private static String newHost() {
    int n = HOSTS.incrementAndGet();
    return "127.0." + n / 200 + "." + (1 + n % 200);
  }

  /** Sends bytes and reads until the server closes, within a second or so. */
  private byte[] refused(byte[] bytes, String from) throws IOException {
    long start = System.nanoTime();
    try (Socket socket = connected(from)) {
      socket.getOutputStream().write(bytes);
      ByteArrayOutputStream read = new ByteArrayOutputStream();
      try {
        socket.getInputStream().transferTo(read);
      } catch (SocketException e) {
        // Reset: closed all the same.
      }
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(1));
      return read.toByteArray();
    }
  }

  // ---- hellos

  @Test
  void everyProtocolThatIsSpokenIsTestedHere() {
    assertThat(CONVERSATIONS.keySet())
        .containsExactlyInAnyOrderElementsOf(Protocols.all().stream().map(Protocol::name).toList());
  }

  static Stream<Arguments> hellos() {
    return Stream.of(
        Arguments.of("HTTP/1", text("GET / HTTP/1.1\r\nHost: x\r\n\r\n"), text("HTTP/1.1 400 ")),
        Arguments.of(
            "HTTP/1 with a body",
            text("POST /x HTTP/1.0\r\n\r\n" + "b".repeat(9_000)),
            new byte[0]),
        Arguments.of(
            "HTTP CONNECT",
            text("CONNECT example.com:443 HTTP/1.1\r\n\r\n"),
            text("HTTP/1.1 400 ")),
        Arguments.of(
            "HTTP/1 by a proxy", text("GET http://a/ HTTP/1.1\r\n\r\n"), text("HTTP/1.1 400 ")),
        Arguments.of("HTTP/2", HTTP2, hex("000000 04 00 00000000 000008 07")),
        Arguments.of("TLS", TLS, hex("15 0301 0002 02 28")),
        Arguments.of("wrong magic", hex("3bef5d01"), new byte[0]),
        Arguments.of("zeros", new byte[64], new byte[0]),
        Arguments.of("text", text("hello\r\n\u001b[31m"), new byte[0]),
        Arguments.of("wrong version", hex("3bef5c02 00000008 00000000"), Frames.PREFACE),
        Arguments.of("version 0", hex("3bef5c00"), Frames.PREFACE));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("hellos")
  void saysGoodbyeToOthersAndWritesOneLineAPeer(String name, byte[] hello, byte[] goodbye)
      throws IOException {
    String host = newHost();
    for (int i = 0; i < 5; i++) {
      byte[] sent = refused(hello, host);
      assertThat(Arrays.copyOf(sent, goodbye.length)).isEqualTo(goodbye);
    }
    List<String> lines = logged().lines().filter(line -> line.contains(host + ":")).toList();
    assertThat(lines).hasSize(1);
    assertThat(lines.get(0)).contains("closing the connection").doesNotContain("\u001b");
  }

  @Test
  void saysWhatItSpeaksToAnotherVersion() throws IOException {
    byte[] sent = refused(hex("3bef5c07"), newHost());
    List<Frames.Frame> frames = Frames.parse(sent);
    Frames.Frame last = frames.get(frames.size() - 1);
    assertThat(last.type()).isEqualTo(Wire.GOAWAY);
    assertThat(last.payload()[4]).isEqualTo((byte) 12);
  }

  @Test
  void closesRandomBytes() throws IOException {
    Random random = new Random(7);
    for (int i = 0; i < 100; i++) {
      byte[] bytes = new byte[1 + random.nextInt(2_000)];
      random.nextBytes(bytes);
      bytes[0] = bytes[0] == 0x3b ? 0 : bytes[0];
      refused(bytes, "127.0.0.1");
    }
    assertThat(handled).hasValue(0);
  }

  @Test
  void closesRandomFramesBehindAValidPreface() throws IOException {
    Random random = new Random(8);
    for (int i = 0; i < 100; i++) {
      byte[] bytes = new byte[2_000];
      random.nextBytes(bytes);
      // A length over the limit, so that no more bytes are waited for.
      bytes[0] = (byte) (bytes[0] | 0x80);
      byte[] sent = refused(concat(Frames.GREETING, bytes), "127.0.0.1");
      List<Frames.Frame> frames = Frames.parse(sent);
      assertThat(frames.get(frames.size() - 1).type()).isEqualTo(Wire.GOAWAY);
    }
  }

  // ---- truncation

  static Stream<Arguments> conversations() {
    return CONVERSATIONS.entrySet().stream().map(e -> Arguments.of(e.getKey(), e.getValue()));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("conversations")
  void nothingReachesAHandlerHalfWay(String protocol, byte[] whole) throws IOException {
    int firstCall = firstPrefixThatCalls(whole, 1);
    int secondCall = firstPrefixThatCalls(whole, 2);
    assertThat(firstCall).isPositive().isLessThan(secondCall);
    assertThat(secondCall).isEqualTo(whole.length);
    for (int length = 0; length < whole.length; length++) {
      // The call of the round before may still be on its way to its handler.
      Awaitility.await().until(() -> server.inFlight() == 0);
      int before = handled.get();
      try (Socket socket = connected()) {
        socket.getOutputStream().write(whole, 0, length);
        socket.shutdownOutput();
        try {
          socket.getInputStream().readAllBytes();
        } catch (SocketException e) {
          // Reset: closed all the same.
        }
      }
      int most = length >= firstCall ? 1 : 0;
      assertThat(handled.get() - before).as("calls of %d bytes", length).isBetween(0, most);
    }
  }

  private static int firstPrefixThatCalls(byte[] whole, int calls) {
    for (int length = 0; length <= whole.length; length++) {
      TestServer pure = new TestServer();
      pure.receive(Arrays.copyOf(whole, length));
      long done = pure.calls.stream().filter(call -> !call.messages.isEmpty()).count();
      pure.channel.finishAndReleaseAll();
      if (done == calls) {
        return length;
      }
    }
    return -1;
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("conversations")
  void closesSilentPeersAfterTheHandshakesTimeout(String protocol, byte[] whole) throws Exception {
    restart(ConnectionSettings.DEFAULTS.withHandshakeTimeout(Duration.ofMillis(300)));
    List<Socket> silent = new ArrayList<>();
    for (int length = 0; length < 4; length++) {
      Socket socket = connected();
      socket.getOutputStream().write(whole, 0, length);
      silent.add(socket);
    }
    for (Socket socket : silent) {
      socket.setSoTimeout(3_000);
      assertThat(socket.getInputStream().readAllBytes()).isEmpty();
      socket.close();
    }
    assertThat(handled).hasValue(0);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("conversations")
  void closesPeersThatFallSilentInTheMiddle(String protocol, byte[] whole) throws Exception {
    restart(
        ConnectionSettings.DEFAULTS.withKeepalive(Duration.ofMillis(400), Duration.ofMillis(300)));
    List<Socket> silent = new ArrayList<>();
    for (int length = 4; length < whole.length; length += 3) {
      Socket socket = connected();
      socket.getOutputStream().write(whole, 0, length);
      silent.add(socket);
    }
    for (Socket socket : silent) {
      socket.setSoTimeout(4_000);
      socket.getInputStream().readAllBytes();
      socket.close();
    }
    other.close();
    other = connected();
    other.getOutputStream().write(Frames.GREETING);
    otherStream = 0;
  }

  /** Whether a frame has begun and is not whole after so many bytes. */
  private static boolean endsInsideAFrame(byte[] whole, int length) {
    int at = Wire.PREFACE_BYTES;
    while (at + Wire.HEADER_BYTES <= length) {
      at += Wire.HEADER_BYTES + (ByteBuffer.wrap(whole).getInt(at) >>> 8);
    }
    return at != length;
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("conversations")
  void closesPeersWhoseFramesDoNotGoOn(String protocol, byte[] whole) throws Exception {
    restart(ConnectionSettings.DEFAULTS.withProgressTimeout(Duration.ofMillis(200)));
    List<Socket> slow = new ArrayList<>();
    for (int length = Wire.PREFACE_BYTES + 1; length < whole.length; length += 5) {
      if (endsInsideAFrame(whole, length)) {
        Socket socket = connected();
        socket.getOutputStream().write(whole, 0, length);
        slow.add(socket);
      }
    }
    assertThat(slow).hasSizeGreaterThan(10);
    for (Socket socket : slow) {
      socket.setSoTimeout(3_000);
      byte[] sent = socket.getInputStream().readAllBytes();
      List<Frames.Frame> frames = Frames.parse(sent);
      Frames.Frame last = frames.get(frames.size() - 1);
      assertThat(last.type()).isEqualTo(Wire.GOAWAY);
      assertThat(new String(last.payload(), StandardCharsets.UTF_8)).contains("progressTimeout");
      socket.close();
    }
  }

  // ---- bit flips

  @ParameterizedTest(name = "{0}")
  @MethodSource("conversations")
  void everyBitFlipEndsInAReplyAnErrorOrAClosedConnection(String protocol, byte[] whole)
      throws IOException {
    List<Socket> sockets = new ArrayList<>();
    for (int bit = 0; bit < 8 * whole.length; bit++) {
      byte[] flipped = whole.clone();
      flipped[bit / 8] ^= (byte) (1 << bit % 8);
      Socket socket = connected();
      sockets.add(socket);
      socket.getOutputStream().write(flipped);
      socket.shutdownOutput();
      if (sockets.size() == 64) {
        assertAllEnd(sockets);
      }
    }
    assertAllEnd(sockets);
  }

  private void assertAllEnd(List<Socket> sockets) throws IOException {
    for (Socket socket : sockets) {
      try {
        socket.getInputStream().readAllBytes();
      } catch (SocketException e) {
        // Reset: closed all the same.
      }
      socket.close();
    }
    sockets.clear();
    callOnTheOther();
  }

  @Test
  void everyBitFlipIsAnsweredOrRefusedWithinTheDeadline() {
    byte[] whole = CONVERSATIONS.get(ErpcProtocol.INSTANCE.name());
    for (int bit = 32; bit < 8 * whole.length; bit++) {
      byte[] flipped = whole.clone();
      flipped[bit / 8] ^= (byte) (1 << bit % 8);
      TestServer pure = new TestServer();
      pure.receive(flipped);
      // Unfinished frames wait for bytes until keepalive ends them, unfinished calls for a
      // deadline.
      for (int second = 0; second < 16; second++) {
        pure.advance(Duration.ofSeconds(1));
      }
      assertThat(pure.isOpen()).as("bit %d", bit).isFalse();
      assertThat(pure.ended()).as("bit %d", bit).doesNotContain("the connection broke");
      assertThat(pure.connection.streams.isEmpty()).isTrue();
      pure.channel.finishAndReleaseAll();
    }
  }

  // ---- codecs

  @Test
  void takesOnlyCodecsAndCompressionsThatAreRegisteredAndThatTheMethodTakes() throws IOException {
    Codecs codecs = Codecs.standard();
    EchoRequest hi = EchoRequest.newBuilder().setMsg("hi").build();
    try (Socket socket = connected()) {
      socket.setSoTimeout(5_000);
      socket.getOutputStream().write(Frames.GREETING);
      for (int encoding = 0; encoding < 256; encoding++) {
        Codec codec = codecs.byId(encoding & 0x0f);
        int compressionId = encoding >> 4;
        Compression compression = codecs.compressionById(compressionId);
        boolean known = compressionId == 0 || compression != null;
        boolean taken = codec != null && codec.supports(EchoRequest.class) && known;
        byte[] body =
            taken && codec.name().equals("json") ? text("{\"msg\":\"hi\"}") : hi.toByteArray();
        if (taken && compression != null) {
          ByteBuffer packed = compression.compress(ByteBuffer.wrap(body));
          body = new byte[packed.remaining()];
          packed.get(body);
        }
        socket
            .getOutputStream()
            .write(
                frame(
                    Wire.REQUEST | Wire.END,
                    encoding + 1,
                    concat(head("demo.echo"), new byte[] {(byte) encoding}, body)));
        Frames.Frame reply = reply(socket);
        assertThat(reply.code()).as("encoding %02x", encoding).isEqualTo(taken ? 0 : 12);
        assertThat(reply.isNotStarted()).as("encoding %02x", encoding).isEqualTo(!taken);
      }
    }
  }

  private static Frames.Frame reply(Socket socket) throws IOException {
    while (true) {
      byte[] start = socket.getInputStream().readNBytes(4);
      if (Arrays.equals(start, Frames.PREFACE)) {
        continue;
      }
      byte[] header = concat(start, socket.getInputStream().readNBytes(4));
      byte[] payload = socket.getInputStream().readNBytes(ByteBuffer.wrap(header).getInt() >>> 8);
      Frames.Frame frame = Frames.parse(concat(header, payload)).get(0);
      if (frame.type() == Wire.RESPONSE) {
        return frame;
      }
    }
  }

  @Test
  void stopsADecompressionBombOfEveryKindAtTheMessageLimit() throws IOException {
    byte[] zeros = new byte[64 << 20];
    for (Compression compression : Codecs.standard().compressions()) {
      ByteBuffer packed = compression.compress(ByteBuffer.wrap(zeros));
      byte[] bomb = new byte[packed.remaining()];
      packed.get(bomb);
      assertThat(bomb.length).isLessThan(1 << 20);
      try (Socket socket = connected()) {
        socket.setSoTimeout(5_000);
        byte encoding = (byte) (compression.id() << 4 | 5);
        socket.getOutputStream().write(Frames.GREETING);
        byte[] opening = concat(new byte[] {encoding}, Frames.u32(bomb.length));
        socket
            .getOutputStream()
            .write(frame(Wire.REQUEST | Wire.MORE, 1, concat(head("demo.bytes"), opening)));
        for (int at = 0; at < bomb.length; at += 60_000) {
          int end = Math.min(at + 60_000, bomb.length);
          int flag = end == bomb.length ? Wire.END : Wire.MORE;
          socket.getOutputStream().write(Frames.data(flag, 1, Arrays.copyOfRange(bomb, at, end)));
        }
        assertThat(reply(socket).code()).as(compression.name()).isEqualTo(8);
      }
    }
    assertThat(handled).hasValue(0);
  }

  // ---- names and times

  @Test
  void checksNamesAgainstTheirGrammar() throws IOException {
    List<String> bad =
        List.of("", "a", ".", "a.", ".a", "a b.c", "a/b.c", "\u00e4.b", "a.b\n", "a.\u0000");
    try (Socket socket = connected()) {
      socket.setSoTimeout(5_000);
      socket.getOutputStream().write(Frames.GREETING);
      for (int i = 0; i < bad.size(); i++) {
        socket.getOutputStream().write(Frames.request(i + 1, bad.get(i)));
        Frames.Frame reply = reply(socket);
        assertThat(reply.code()).as(bad.get(i)).isEqualTo(3);
        assertThat(reply.isNotStarted()).isTrue();
      }
      socket.getOutputStream().write(Frames.request(100, "demo.nothing"));
      assertThat(reply(socket).code()).isEqualTo(12);
      socket.getOutputStream().write(frame(0x82, 101, hex("02 1234 000003e8 05")));
      assertThat(reply(socket).code()).isEqualTo(12);
      socket.getOutputStream().write(frame(0x82, 102, hex("02 0000 000003e8 05")));
      assertThat(reply(socket).code()).isEqualTo(12);
    }
  }

  @Test
  void answersWhatHasExpiredWithoutRunningTheHandler() throws IOException {
    byte[] name = Frames.named("demo.bytes");
    try (Socket socket = connected()) {
      socket.setSoTimeout(5_000);
      socket.getOutputStream().write(Frames.GREETING);
      socket.getOutputStream().write(frame(0x82, 1, concat(hex("03"), name, hex("00000000 05"))));
      Frames.Frame reply = reply(socket);
      assertThat(reply.code()).isEqualTo(4);
      assertThat(reply.isNotStarted()).isTrue();
      // The second call says of itself that it has been on its way for ten seconds.
      byte[] call = concat(hex("03"), name, hex("00000fa0 05"));
      socket.getOutputStream().write(frame(0xc2, 2, concat(Frames.u32(50_000), call)));
      assertThat(reply(socket).code()).isZero();
      socket.getOutputStream().write(frame(0xc2, 3, concat(Frames.u32(40_000), call)));
      reply = reply(socket);
      assertThat(reply.code()).isEqualTo(4);
      assertThat(reply.isNotStarted()).isTrue();
      assertThat(handled).hasValue(1);
      socket.getOutputStream().write(frame(0xc2, 4, concat(Frames.u32(51_000), call)));
      assertThat(reply(socket).code()).isZero();
    }
  }

  @Test
  void holdsABoundedAmountForAPeerThatDoesNotRead() throws Exception {
    restart(
        ConnectionSettings.DEFAULTS
            .withMaxBacklogBytes(1 << 20)
            .withKeepalive(Duration.ofMillis(200), Duration.ofMillis(600))
            .withWriteTimeout(Duration.ofMillis(500)));
    Socket deaf = connected();
    deaf.setReceiveBufferSize(4_096);
    AtomicInteger calls = new AtomicInteger();
    deaf.getOutputStream().write(Frames.GREETING);
    // The server stops reading, so that writing blocks, and closes after the write timeout.
    AtomicInteger written = new AtomicInteger();
    Thread writer =
        Thread.startVirtualThread(() -> {
          try {
            while (written.get() < 1 << 30) {
              byte[] call =
                  Frames.request(calls.incrementAndGet(), "demo.bytes", new byte[16 << 10]);
              deaf.getOutputStream().write(call);
              written.addAndGet(call.length);
            }
          } catch (IOException e) {
            // Closed, as it should be.
          }
        });
    assertThat(writer.join(Duration.ofSeconds(20))).isTrue();
    assertThat(logged()).doesNotContain("flood");
    // What sockets' own buffers took, both ways, and the backlog.
    assertThat(written.get()).isLessThan(64 << 20);
    deaf.close();
    other.close();
    other = connected();
    other.getOutputStream().write(Frames.GREETING);
    otherStream = 0;
  }
}
