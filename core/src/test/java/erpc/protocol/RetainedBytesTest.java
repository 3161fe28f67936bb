package erpc.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import erpc.call.Method;
import erpc.call.Request;
import erpc.call.RpcException;
import erpc.client.Client;
import erpc.client.ClientSettings;
import erpc.codec.Codecs;
import erpc.codec.MessageBytes;
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
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import javax.management.JMException;
import javax.management.ObjectName;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What a unary call in flight holds of the heap at either side, by the difference that very many of
 * them make: erpc's own objects, and its place in the connection's table. Not its message with the
 * one object around it, which a client keeps for another try; nor what its caller has, which is a
 * future or a thread. There is no metadata.
 */
@Timeout(120)
class RetainedBytesTest {
  private static final Pattern SPACES = Pattern.compile("\\s+");

  private static final int CALLS = Boolean.getBoolean("erpc.long") ? 100_000 : 50_000;

  /** Of erpc's own objects, a call: what there is to hold a message, its way and its end. */
  private static final long MOST = 200;

  /** What threads of other tests make meanwhile is not a call's; it is far less a call. */
  private static final long OTHERS_BYTES = 1_000_000;

  private static final int WAITING = 1_000;

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

  /** What so many of them take that are not erpc's to count. */
  private static long bytesOf(Supplier<?> made) {
    Object[] all = new Object[CALLS];
    long before = usedBytes();
    for (int i = 0; i < CALLS; i++) {
      all[i] = made.get();
    }
    long bytes = usedBytes() - before;
    assertThat(all).doesNotContainNull();
    return bytes;
  }

  /** A future is its caller's, and so is what hangs on it. */
  private static Object future() {
    return new CompletableFuture<>().thenApply(reply -> reply);
  }

  /** A message and what is around it. */
  private static Object message() {
    return MessageBytes.encode(
        METHOD.requestType(), new byte[0], Codecs.standard().forMethod(METHOD), null, 1);
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
    assertThat(least(this::bytesAtClient, MOST)).as("bytes per call").isLessThanOrEqualTo(MOST);
  }

  @Test
  void callOfAServerHoldsLittle() throws Exception {
    assertThat(least(this::bytesAtServer, MOST)).as("bytes per call").isLessThanOrEqualTo(MOST);
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
      long others = bytesOf(RetainedBytesTest::future) + bytesOf(RetainedBytesTest::message);
      long ours = bytesOfErpc();
      long before = usedBytes();
      for (int i = 0; i < CALLS; i++) {
        all[i] = client.sendAsync(request);
        while (i - received.get() / 20 > 10_000) {
          Thread.onSpinWait(); // No more than may wait to be written.
        }
      }
      Awaitility.await().until(() -> received.get() >= 20L * CALLS);
      long heap = usedBytes() - before - others - OTHERS_BYTES;
      long each = Math.max(heap, bytesOfErpc() - ours) / CALLS;
      assertThat(all).noneMatch(CompletableFuture::isDone);
      return each;
    }
  }

  // ---- callers that wait

  @Test
  void callWhoseCallerWaitsHoldsLittle() throws Exception {
    ClientSettings settings = ClientSettings.DEFAULTS.withTimeout(Duration.ofMinutes(10));
    AtomicLong received = new AtomicLong();
    try (ServerSocket port = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        Reactor reactor = Reactor.open(TransportKind.NIO, 1);
        Client client = Client.builder().reactor(reactor).settings(settings).build()) {
      Thread.startVirtualThread(() -> swallow(port, received));
      Request<byte[], byte[]> request =
          Request.of(METHOD, new byte[0]).at("ip://127.0.0.1:" + port.getLocalPort());
      CompletableFuture<?> first = client.sendAsync(request);
      Awaitility.await().until(() -> received.get() > 0);
      long preface = received.get();
      long before = settledBytesOfErpc();
      for (int i = 0; i < WAITING; i++) {
        Thread.startVirtualThread(() -> waitFor(client, request));
      }
      // Each takes a number and a name, or two numbers: no less than so many bytes.
      Awaitility.await().until(() -> received.get() >= preface + 16L * WAITING);
      Awaitility.await()
          .untilAsserted(() ->
              assertThat((bytesOfErpc() - before) / WAITING)
                  .as("bytes per call")
                  .isBetween(MOST / 2, MOST));
      assertThat(first).isNotDone();
    }
  }

  private static void waitFor(Client client, Request<byte[], byte[]> request) {
    try {
      var unused = client.send(request);
    } catch (RpcException e) {
      // The test is over; uncaught, it would fail whichever test waits for something then.
    }
  }

  /**
   * What lives of erpc's classes, but for messages and futures. What a test before has left to be
   * collected, and stacks of threads, don't count here.
   */
  private static long bytesOfErpc() throws JMException {
    List<String> rows =
        String.valueOf(
                ManagementFactory.getPlatformMBeanServer()
                    .invoke(
                        new ObjectName("com.sun.management:type=DiagnosticCommand"),
                        "gcClassHistogram",
                        new Object[] {new String[0]},
                        new String[] {String[].class.getName()}))
            .lines()
            .toList();
    long bytes = 0;
    for (String row : rows) { // number, instances, bytes, class
      List<String> columns = SPACES.splitAsStream(row.trim()).toList();
      boolean ours = columns.size() > 3 && columns.get(3).matches("(\\[L)?erpc\\..*");
      if (ours && !columns.get(3).matches(".*(MessageBytes|CallFuture|RetainedBytesTest.*)")) {
        bytes += Long.parseLong(columns.get(2));
      }
    }
    return bytes;
  }

  /** The same, once calls of tests before have come to their ends, which takes them a moment. */
  private static long settledBytesOfErpc() throws JMException {
    AtomicLong last = new AtomicLong(bytesOfErpc());
    Awaitility.await()
        .until(() -> {
          long now = bytesOfErpc();
          return Math.abs(now - last.getAndSet(now)) < WAITING;
        });
    return last.get();
  }

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
                .settings(
                    ServerSettings.DEFAULTS
                        .withDrain(Duration.ZERO, Duration.ZERO)
                        .withMaxInFlight(4 * CALLS)) // One connection may have half of them.
                .build()) {
      java.util.List<Runnable> never = new java.util.ArrayList<>(CALLS + 1);
      server.handle(METHOD, (context, request) -> request, Execution.on(never::add));
      server.listen("127.0.0.1:0");
      String address = server.address();
      int port = Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
      try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
        OutputStream out = socket.getOutputStream();
        out.write(words.hello());
        out.write(words.call(1, "demo.bytes", 600_000, 5, new byte[0]));
        Awaitility.await().until(() -> server.inFlight() == 1);
        long messages = bytesOf(() -> new byte[0]);
        long ours = bytesOfErpc();
        long before = usedBytes();
        for (int i = 0; i < CALLS; i += 1_000) {
          ByteArrayOutputStream some = new ByteArrayOutputStream();
          for (int k = 0; k < 1_000; k++) {
            some.write(words.call(2 + i + k, "demo.bytes", 600_000, 5, new byte[0]));
          }
          out.write(some.toByteArray());
        }
        Awaitility.await().until(() -> server.inFlight() == CALLS + 1);
        long heap = usedBytes() - before - messages - OTHERS_BYTES;
        long each = Math.max(heap, bytesOfErpc() - ours) / CALLS;
        assertThat(never).hasSize(CALLS + 1);
        return each;
      }
    }
  }
}
