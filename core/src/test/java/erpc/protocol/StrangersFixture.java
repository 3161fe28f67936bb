package erpc.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import erpc.call.Method;
import erpc.fixture.EchoRequest;
import erpc.lines.LinesSpoken;
import erpc.protocol.own.OwnSpoken;
import erpc.server.Server;
import erpc.server.ServerSettings;
import erpc.transport.Reactor;
import erpc.transport.TransportKind;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.Parameter;

/** A server that strangers send bytes to, over real sockets. Others use it before and after. */
abstract class StrangersFixture {
  private static final AtomicInteger HOSTS = new AtomicInteger(20);

  @Parameter Spoken words;

  final AtomicInteger handled = new AtomicInteger();
  private final ByteArrayOutputStream log = new ByteArrayOutputStream();
  private final PrintStream stderr = System.err;
  private final Reactor reactor = Reactor.open(TransportKind.NIO, 1);
  Server server = start(ConnectionSettings.DEFAULTS);
  Socket other = new Socket();
  private int otherCall;

  /** Whoever adds a protocol adds what its peers say. */
  static List<Spoken> spoken() {
    return List.of(new OwnSpoken(), new LinesSpoken());
  }

  static byte[] text(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  static byte[] hex(String text) {
    return HexFormat.of().parseHex(text.replaceAll("\\s", ""));
  }

  private static Protocol[] protocols() {
    return spoken().stream().map(Spoken::protocol).toArray(Protocol[]::new);
  }

  private Server start(ConnectionSettings settings) {
    Server made =
        Server.builder()
            .reactor(reactor)
            .protocols(protocols())
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

  void restart(ConnectionSettings settings) throws IOException {
    other.close();
    server.close();
    server = start(settings);
    anotherClient();
  }

  void anotherClient() throws IOException {
    other = connected();
    other.getOutputStream().write(words.hello());
    otherCall = 0;
  }

  @BeforeEach
  void anotherConnectionIsInUse() throws IOException {
    System.setErr(new PrintStream(log, true, StandardCharsets.UTF_8));
    anotherClient();
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

  void callOnTheOther() throws IOException {
    otherCall++;
    other.setSoTimeout(5_000);
    other.getOutputStream().write(words.call(otherCall, "demo.bytes", 10_000, 5, text("o")));
    Spoken.Answer answer = words.answer(other.getInputStream());
    assertThat(answer.id()).isEqualTo(otherCall);
    assertThat(answer.code()).isZero();
    assertThat(answer.message()).endsWith((byte) 'o');
  }

  String logged() {
    return log.toString(StandardCharsets.UTF_8);
  }

  Socket connected() throws IOException {
    return connected("127.0.0.1");
  }

  Socket connected(String from) throws IOException {
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
  static String newHost() {
    int n = HOSTS.incrementAndGet();
    return "127.0." + n / 200 + "." + (1 + n % 200);
  }
}
