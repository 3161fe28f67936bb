package erpc.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import erpc.call.Method;
import erpc.call.Request;
import erpc.client.Client;
import erpc.client.ClientSettings;
import erpc.protocol.own.OwnSpoken;
import erpc.server.Execution;
import erpc.server.Server;
import erpc.server.ServerSettings;
import erpc.transport.Reactor;
import erpc.transport.TransportKind;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What a unary call in flight holds of the heap at either side, by the difference that very many of
 * them make. Messages are empty, and there is no metadata.
 */
@Timeout(120)
class RetainedBytesTest {
  private static final int CALLS = Boolean.getBoolean("erpc.long") ? 100_000 : 20_000;
  private static final Method<byte[], byte[]> METHOD =
      Method.unary("demo.bytes", byte[].class, byte[].class);

  private final Spoken words = new OwnSpoken();

  private static long usedBytes() {
    long least = Long.MAX_VALUE;
    for (int i = 0; i < 4; i++) {
      System.gc();
      least = Math.min(least, ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed());
    }
    return least;
  }

  /** A future is its caller's, and so is what hangs on it; a list holds each of them. */
  private static long futureBytes() {
    CompletableFuture<?>[] all = new CompletableFuture<?>[CALLS];
    long before = usedBytes();
    for (int i = 0; i < CALLS; i++) {
      all[i] = new CompletableFuture<>().thenApply(reply -> reply);
    }
    long bytes = usedBytes() - before;
    assertThat(all).doesNotContainNull();
    return bytes;
  }

  /** Threads of earlier tests still come and go in this heap: so often it may be measured anew. */
  private static final int LOOKS = 3;

  private static long least(Callable<Long> measured, long enough) throws Exception {
    long least = Long.MAX_VALUE;
    for (int i = 0; i < LOOKS && least > enough; i++) {
      least = Math.min(least, measured.call());
    }
    return least;
  }

  @Test
  void callOfAClientHoldsLittle() throws Exception {
    assertThat(least(this::bytesAtClient, MOST_AT_CLIENT))
        .as("bytes per call")
        .isLessThanOrEqualTo(MOST_AT_CLIENT);
  }

  @Test
  void callOfAServerHoldsLittle() throws Exception {
    assertThat(least(this::bytesAtServer, MOST_AT_SERVER))
        .as("bytes per call")
        .isLessThanOrEqualTo(MOST_AT_SERVER);
  }

  private long bytesAtClient() throws Exception {
    ClientSettings settings = ClientSettings.DEFAULTS.withTimeout(Duration.ofMinutes(10));
    AtomicLong received = new AtomicLong();
    try (ServerSocket port = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        Reactor reactor = Reactor.open(TransportKind.NIO, 1);
        Client client = Client.builder().reactor(reactor).settings(settings).build()) {
      Thread.startVirtualThread(() -> swallow(port, received));
      Request<byte[], byte[]> request =
          Request.of(METHOD, new byte[0]).at("ip://127.0.0.1:" + port.getLocalPort());
      CompletableFuture<?>[] all = new CompletableFuture<?>[CALLS + 1];
      all[CALLS] = client.sendAsync(request);
      Awaitility.await().until(() -> received.get() > 0);
      long futures = futureBytes();
      long before = usedBytes();
      for (int i = 0; i < CALLS; i++) {
        all[i] = client.sendAsync(request);
        while (i - received.get() / 20 > 10_000) {
          Thread.onSpinWait(); // No more than may wait to be written.
        }
      }
      Awaitility.await().until(() -> received.get() >= 20L * CALLS);
      long each = (usedBytes() - before - futures) / CALLS;
      assertThat(all).noneMatch(CompletableFuture::isDone);
      return each;
    }
  }

  /** What the client's own objects take. */
  private static final long MOST_AT_CLIENT = 360;

  private static final long MOST_AT_SERVER = 420;

  private void swallow(ServerSocket port, AtomicLong received) {
    try (Socket socket = port.accept()) {
      OutputStream out = socket.getOutputStream();
      out.write(words.hello());
      InputStream in = socket.getInputStream();
      byte[] bytes = new byte[1 << 16];
      for (int n = in.read(bytes); n >= 0; n = in.read(bytes)) {
        received.addAndGet(n);
      }
    } catch (IOException e) {
      // The test is over.
    }
  }

  private long bytesAtServer() throws Exception {
    try (Reactor reactor = Reactor.open(TransportKind.NIO, 1);
        Server server =
            Server.builder()
                .reactor(reactor)
                .settings(ServerSettings.DEFAULTS.withDrain(Duration.ZERO, Duration.ZERO))
                .build()) {
      java.util.List<Runnable> never = new java.util.ArrayList<>(CALLS);
      server.handle(METHOD, (context, request) -> request, Execution.on(never::add));
      server.listen("127.0.0.1:0");
      String address = server.address();
      int port = Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
      try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
        OutputStream out = socket.getOutputStream();
        out.write(words.hello());
        out.write(words.call(1, "demo.bytes", 600_000, 5, new byte[0]));
        Awaitility.await().until(() -> server.inFlight() == 1);
        long before = usedBytes();
        for (int i = 0; i < CALLS; i += 1_000) {
          ByteArrayOutputStream some = new ByteArrayOutputStream();
          for (int k = 0; k < 1_000; k++) {
            some.write(words.call(2 + i + k, "demo.bytes", 600_000, 5, new byte[0]));
          }
          out.write(some.toByteArray());
        }
        Awaitility.await().until(() -> server.inFlight() == CALLS + 1);
        long each = (usedBytes() - before) / CALLS;
        assertThat(never).hasSize(CALLS + 1);
        return each;
      }
    }
  }
}
