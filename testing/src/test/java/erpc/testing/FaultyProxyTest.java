package erpc.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A proxy in front of a server that knows nothing of erpc and sends back what it gets. */
@Timeout(60)
class FaultyProxyTest {
  private static final int SHORT_MILLIS = 150;

  private ServerSocket listening;
  private FaultyProxy proxy;

  @BeforeEach
  void start() throws IOException {
    listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(this::accept);
    proxy = FaultyProxy.before("127.0.0.1:" + listening.getLocalPort());
  }

  @AfterEach
  void stop() throws IOException {
    proxy.close();
    listening.close();
  }

  private void accept() {
    while (!listening.isClosed()) {
      try {
        Socket accepted = listening.accept();
        Thread.ofVirtual().start(() -> echo(accepted));
      } catch (IOException e) {
        return; // The test is over.
      }
    }
  }

  private static void echo(Socket accepted) {
    try (accepted) {
      accepted.getInputStream().transferTo(accepted.getOutputStream());
    } catch (IOException e) {
      // Reset, as tests do.
    }
  }

  private Socket connect() throws IOException {
    int colon = proxy.address().lastIndexOf(':');
    Socket socket = new Socket();
    socket.connect(
        new InetSocketAddress(
            proxy.address().substring(0, colon),
            Integer.parseInt(proxy.address().substring(colon + 1))),
        5_000);
    socket.setSoTimeout(20_000);
    return socket;
  }

  private static String exchange(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
    byte[] read = socket.getInputStream().readNBytes(text.length());
    return new String(read, StandardCharsets.UTF_8);
  }

  private static void assertSilent(Socket socket) throws IOException {
    socket.setSoTimeout(SHORT_MILLIS);
    assertThatThrownBy(() -> socket.getInputStream().read())
        .isInstanceOf(SocketTimeoutException.class);
    socket.setSoTimeout(20_000);
  }

  @Test
  void passesOnWhatComesAndGoes() throws IOException {
    try (Socket socket = connect()) {
      assertThat(exchange(socket, "hello")).isEqualTo("hello");
      socket.shutdownOutput();
      assertThat(socket.getInputStream().read()).isEqualTo(-1);
    }
  }

  @Test
  void delaysEachWay() throws IOException {
    try (Socket socket = connect()) {
      assertThat(exchange(socket, "warm")).isEqualTo("warm");
      proxy.link().delay(Duration.ofMillis(60));
      long begun = System.nanoTime();
      assertThat(exchange(socket, "hello")).isEqualTo("hello");
      assertThat(Duration.ofNanos(System.nanoTime() - begun))
          .isGreaterThanOrEqualTo(Duration.ofMillis(120));
    }
  }

  @Test
  void limitsBandwidth() throws IOException {
    try (Socket socket = connect()) {
      proxy.link().bandwidth(200_000);
      long begun = System.nanoTime();
      exchange(socket, "x".repeat(20_000));
      assertThat(Duration.ofNanos(System.nanoTime() - begun))
          .isGreaterThanOrEqualTo(Duration.ofMillis(100));
    }
  }

  @Test
  void resetsWhatIsOpen() throws IOException {
    try (Socket socket = connect()) {
      exchange(socket, "hello");
      proxy.link().reset();
      assertThatThrownBy(() -> read(socket)).isInstanceOf(SocketException.class);
    }
    try (Socket again = connect()) {
      assertThat(exchange(again, "again")).isEqualTo("again");
    }
  }

  private static void read(Socket socket) throws IOException {
    InputStream in = socket.getInputStream();
    assertThat(in.read()).isNegative();
    throw new SocketException("an end in good order");
  }

  @Test
  void refusesNewConnectionsAndKeepsOldOnes() throws IOException {
    try (Socket old = connect()) {
      exchange(old, "hello");
      proxy.link().refuse();
      assertThatThrownBy(this::connect).isInstanceOf(IOException.class);
      assertThat(exchange(old, "still")).isEqualTo("still");
      proxy.link().restore();
      try (Socket again = connect()) {
        assertThat(exchange(again, "again")).isEqualTo("again");
      }
    }
  }

  @Test
  void losesBytesForGood() throws IOException {
    try (Socket socket = connect()) {
      exchange(socket, "hello");
      proxy.link().drop();
      socket.getOutputStream().write("lost".getBytes(StandardCharsets.UTF_8));
      assertSilent(socket);
      proxy.link().restore();
      assertSilent(socket);
    }
  }

  @Test
  void swallowsNewConnections() throws IOException {
    proxy.link().blackHole();
    try (Socket socket = connect()) {
      socket.getOutputStream().write("hello".getBytes(StandardCharsets.UTF_8));
      assertSilent(socket);
    }
  }

  @Test
  void stopsAndGoesOnWithAll() throws IOException {
    try (Socket socket = connect()) {
      exchange(socket, "hello");
      proxy.link().stop();
      socket.getOutputStream().write("later".getBytes(StandardCharsets.UTF_8));
      assertSilent(socket);
      proxy.link().resume();
      assertThat(new String(socket.getInputStream().readNBytes(5), StandardCharsets.UTF_8))
          .isEqualTo("later");
    }
  }

  @Test
  void closesConnectionsWhoseServerIsAway() throws IOException {
    proxy.close();
    // Not that of the test: a thread that accepts there may take one more.
    int nobody;
    try (ServerSocket once = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      nobody = once.getLocalPort();
    }
    proxy = FaultyProxy.before("127.0.0.1:" + nobody);
    assertThatThrownBy(
            () -> {
              try (Socket socket = connect()) {
                read(socket);
              }
            })
        .isInstanceOf(SocketException.class);
  }

  @Test
  void addressesAreChecked() {
    for (String each : new String[] {"", "localhost", "localhost:", "localhost:0", ":80"}) {
      assertThatThrownBy(() -> FaultyProxy.before(each))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("host:port");
    }
  }
}
