package erpc.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import erpc.call.BodyType;
import erpc.codec.Codec;
import erpc.codec.Codecs;
import erpc.codec.Compression;
import erpc.fixture.EchoRequest;
import erpc.transport.Protocols;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Bytes from strangers, over real sockets, to a real server that others use at the same time: in
 * the words of each protocol.
 */
@ParameterizedClass
@MethodSource("spoken")
class StrangersTest extends StrangersFixture {
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
    assertThat(spoken().stream().map(Spoken::protocol)).containsAll(Protocols.all());
  }

  static Stream<Arguments> hellos() {
    byte[] http2 = text("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0");
    byte[] tls = hex("16030100c8010000c40303" + "5a".repeat(64) + "0020" + "c0".repeat(32));
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
        Arguments.of("HTTP/2", http2, hex("000000 04 00 00000000 000008 07")),
        Arguments.of("TLS", tls, hex("15 0301 0002 02 28")),
        Arguments.of("wrong magic", hex("3bef5d01"), new byte[0]),
        Arguments.of("zeros", new byte[64], new byte[0]),
        Arguments.of("text", text("hello\r\n\u001b[31m"), new byte[0]));
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
  void closesRandomBytes() throws IOException {
    Random random = new Random(7);
    for (int i = 0; i < 100; i++) {
      byte[] bytes = new byte[1 + random.nextInt(2_000)];
      random.nextBytes(bytes);
      bytes[0] = bytes[0] == words.hello()[0] ? 0 : bytes[0];
      refused(bytes, "127.0.0.1");
    }
    assertThat(handled).hasValue(0);
  }

  @Test
  void saysGoodbyeToRandomBytesBehindAValidHello() throws IOException {
    Random random = new Random(8);
    for (int i = 0; i < 100; i++) {
      byte[] bytes = words.broken(random);
      byte[] sent = refused(Spoken.together(List.of(words.hello(), bytes)), "127.0.0.1");
      assertThat(words.goodbye(sent)).isNotNull();
    }
    assertThat(handled).hasValue(0);
  }

  // ---- floods

  @Test
  void endsAFloodWithAGoodbyeThatNamesIt() throws Exception {
    byte[] many = Spoken.together(Collections.nCopies(1_000, words.ping()));
    try (Socket socket = connected(newHost())) {
      socket.getOutputStream().write(words.hello());
      Thread writer =
          Thread.startVirtualThread(() -> {
            try {
              for (int i = 0; i < 10_000; i++) {
                socket.getOutputStream().write(many);
              }
            } catch (IOException e) {
              // Closed, as it should be.
            }
          });
      ByteArrayOutputStream sent = new ByteArrayOutputStream();
      try {
        socket.getInputStream().transferTo(sent);
      } catch (SocketException e) {
        // Reset while it wrote on: what the goodbye says may be lost.
      }
      assertThat(writer.join(Duration.ofSeconds(20))).isTrue();
      assertThat(logged()).contains("flood");
    }
  }

  // ---- codecs

  @Test
  void takesOnlyCodecsAndCompressionsThatAreRegisteredAndThatTheMethodTakes() throws IOException {
    Codecs codecs = Codecs.standard();
    EchoRequest hi = EchoRequest.newBuilder().setMsg("hi").build();
    try (Socket socket = connected()) {
      socket.setSoTimeout(5_000);
      socket.getOutputStream().write(words.hello());
      for (int encoding = 0; encoding < 256; encoding++) {
        Codec codec = codecs.byId(encoding & 0x0f);
        int compressionId = encoding >> 4;
        Compression compression = codecs.compressionById(compressionId);
        boolean known = compressionId == 0 || compression != null;
        boolean taken = codec != null && codec.supports(BodyType.of(EchoRequest.class)) && known;
        byte[] body =
            taken && codec.name().equals("json") ? text("{\"msg\":\"hi\"}") : hi.toByteArray();
        if (taken && compression != null) {
          body = packed(compression, body);
        }
        byte[] call = words.call(encoding + 1, "demo.echo", 10_000, encoding, body);
        socket.getOutputStream().write(call);
        Spoken.Answer answer = words.answer(socket.getInputStream());
        assertThat(answer.code()).as("encoding %02x", encoding).isEqualTo(taken ? 0 : 12);
        assertThat(answer.isNotStarted()).as("encoding %02x", encoding).isEqualTo(!taken);
      }
    }
  }

  private static byte[] packed(Compression compression, byte[] body) {
    ByteBuffer packed = compression.compress(ByteBuffer.wrap(body));
    byte[] bytes = new byte[packed.remaining()];
    packed.get(bytes);
    return bytes;
  }

  @Test
  void stopsADecompressionBombOfEveryKindAtTheMessageLimit() throws IOException {
    byte[] zeros = new byte[64 << 20];
    for (Compression compression : Codecs.standard().compressions()) {
      byte[] bomb = packed(compression, zeros);
      assertThat(bomb.length).isLessThan(1 << 20);
      try (Socket socket = connected()) {
        socket.setSoTimeout(5_000);
        int encoding = compression.id() << 4 | 5;
        socket.getOutputStream().write(words.hello());
        socket.getOutputStream().write(words.call(1, "demo.bytes", 10_000, encoding, bomb));
        assertThat(words.answer(socket.getInputStream()).code())
            .as(compression.name())
            .isEqualTo(8);
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
      socket.getOutputStream().write(words.hello());
      for (int i = 0; i < bad.size(); i++) {
        socket.getOutputStream().write(words.call(i + 1, bad.get(i), 10_000, 5, new byte[0]));
        Spoken.Answer answer = words.answer(socket.getInputStream());
        assertThat(answer.code()).as(bad.get(i)).isEqualTo(3);
        assertThat(answer.isNotStarted()).isTrue();
      }
      socket.getOutputStream().write(words.call(100, "demo.nothing", 10_000, 5, new byte[0]));
      assertThat(words.answer(socket.getInputStream()).code()).isEqualTo(12);
    }
  }

  @Test
  void answersWhatHasExpiredWithoutRunningTheHandler() throws IOException {
    try (Socket socket = connected()) {
      socket.setSoTimeout(5_000);
      socket.getOutputStream().write(words.hello());
      socket.getOutputStream().write(words.call(1, "demo.bytes", 0, 5, new byte[0]));
      Spoken.Answer answer = words.answer(socket.getInputStream());
      assertThat(answer.code()).isEqualTo(4);
      assertThat(answer.isNotStarted()).isTrue();
      assertThat(handled).hasValue(0);
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
    deaf.getOutputStream().write(words.hello());
    // The server stops reading, so that writing blocks, and closes after the write timeout.
    AtomicInteger written = new AtomicInteger();
    Thread writer =
        Thread.startVirtualThread(() -> {
          try {
            while (written.get() < 1 << 30) {
              byte[] call =
                  words.call(calls.incrementAndGet(), "demo.bytes", 10_000, 5, new byte[16 << 10]);
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
    anotherClient();
  }
}
