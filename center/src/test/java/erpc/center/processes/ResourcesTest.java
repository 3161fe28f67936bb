package erpc.center.processes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.management.UnixOperatingSystemMXBean;
import erpc.call.Reply;
import erpc.call.Request;
import erpc.client.Client;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Many connections, and none to be had: what a server process holds, spends and gives back. */
@Tag("processes")
@Timeout(300)
class ResourcesTest {
  private static final Duration MINUTE = Duration.ofMinutes(1);
  private static final byte[] BODY = {1};
  private static final boolean LONG = Boolean.getBoolean("erpc.long");

  /** How many connections come and go. */
  private static final int MANY = LONG ? 10_000 : 3_000;

  /** How many connections are open at once, if as many may be. */
  private static final int AT_ONCE = LONG ? 10_000 : 2_000;

  private static final int BATCH = 500;

  /** What this process needs beside its connections. */
  private static final int SPARE_DESCRIPTORS = 500;

  private static final String NO_CENTER = "127.0.0.1:1";

  private final List<AutoCloseable> open = new ArrayList<>();

  @AfterEach
  void stop() throws Exception {
    for (AutoCloseable each : open.reversed()) {
      each.close();
    }
  }

  private Program server(String limits, String... jvmFlags) throws Exception {
    List<String> flags = new ArrayList<>(List.of(jvmFlags));
    flags.add("-Derpc.center=" + NO_CENTER);
    Program server = Program.start(ServerProgram.class, limits, flags, "127.0.0.1:0");
    open.add(server);
    server.address();
    return server;
  }

  private static Client client() {
    return Client.builder().center(NO_CENTER).build();
  }

  private static Request<byte[], byte[]> request(
      Program to, erpc.call.Method<byte[], byte[]> method) throws Exception {
    return Request.of(method, BODY).at("ip://" + to.address()).withTimeout(MINUTE);
  }

  private static int connections(Client client, Program server) throws Exception {
    return ByteBuffer.wrap(client.send(request(server, ServerProgram.TIDY)).body()).getInt();
  }

  private static int threads(Program server) throws Exception {
    try (var all = java.nio.file.Files.list(java.nio.file.Path.of("/proc", server.pid(), "task"))) {
      return (int) all.count();
    }
  }

  @SuppressWarnings(
      "AnnotateFormatMethod") // The annotation is in a library that tests do not need.
  private static void figure(String text, Object... values) {
    System.out.println("FIGURE " + String.format(text, values));
  }

  /** Processor time of a process over two seconds in which nobody calls it. */
  private static Duration quietCpu(Program server) {
    long end = System.nanoTime() + Duration.ofSeconds(2).toNanos();
    Duration before = server.cpu();
    await()
        .pollInterval(Duration.ofMillis(500))
        .atMost(Duration.ofSeconds(20))
        .until(() -> System.nanoTime() - end >= 0);
    return server.cpu().minus(before);
  }

  /** A new client a connection; all make a call at the same time. */
  private static List<Client> connect(int count, Program server) throws Exception {
    List<Client> clients = new ArrayList<>(count);
    List<CompletableFuture<Reply<byte[]>>> calls = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      Client client = client();
      clients.add(client);
      calls.add(client.sendAsync(request(server, ServerProgram.QUICK)));
    }
    for (CompletableFuture<Reply<byte[]>> call : calls) {
      assertThat(call.get(60, TimeUnit.SECONDS).body()).isNotEmpty();
    }
    return clients;
  }

  @Test
  void connectsAndDisconnectsLeaveNothingBehind() throws Exception {
    Program server = server("");
    Client watching = client();
    open.add(watching);
    connect(BATCH, server).forEach(Client::close);
    await().until(() -> connections(watching, server) == 1);
    int descriptors = server.descriptors();
    int threads = threads(server);
    long own = ownDescriptors();
    for (int i = 0; i < MANY / BATCH; i++) {
      List<Client> clients = connect(BATCH, server);
      if (i % 2 == 0) {
        // Some leave with a call on its way, which is the original's fault's occasion.
        for (Client client : clients) {
          var unused = client.sendAsync(request(server, ServerProgram.ECHO));
        }
      }
      clients.forEach(Client::close);
    }
    await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(() -> {
          assertThat(connections(watching, server)).isEqualTo(1);
          assertThat(server.descriptors()).isLessThanOrEqualTo(descriptors + 2);
          assertThat(threads(server)).isLessThanOrEqualTo(threads + 8);
          assertThat(ownDescriptors()).isLessThanOrEqualTo(own + 2);
        });
    Duration cpu = quietCpu(server);
    assertThat(cpu).isLessThan(Duration.ofMillis(400));
    figure(
        "%d connects and disconnects: %+d descriptors, %+d threads, 1 connection (the watching"
            + " one), %d ms of CPU in 2 quiet seconds",
        MANY, server.descriptors() - descriptors, threads(server) - threads, cpu.toMillis());
  }

  private static long ownDescriptors() {
    return ((UnixOperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
        .getOpenFileDescriptorCount();
  }

  /** As many connections as this process may have. */
  private static int connectionsAllowed() {
    long limit =
        ((UnixOperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
            .getMaxFileDescriptorCount();
    int allowed = (int) Math.min(AT_ONCE, limit - SPARE_DESCRIPTORS);
    if (allowed < AT_ONCE) {
      System.out.println(
          "only " + allowed + " connections instead of " + AT_ONCE + ": ulimit -n is " + limit);
    }
    return allowed;
  }

  @Test
  void manyConnectionsAtOnceAreServed() throws Exception {
    int count = connectionsAllowed();
    Program server = server("");
    long start = System.nanoTime();
    List<Client> clients = connect(count, server);
    long took = System.nanoTime() - start;
    assertThat(connections(clients.get(0), server)).isEqualTo(count);
    figure("%d connections at once: all served within %.0f ms", count, took / 1e6);
    clients.forEach(Client::close);
  }

  @Test
  void idleConnectionsTakeLittleMemory() throws Exception {
    int count = connectionsAllowed() - BATCH;
    Program server = server("", "-XX:MinHeapFreeRatio=5", "-XX:MaxHeapFreeRatio=10", "-Xms16m");
    List<Client> clients = new ArrayList<>(connect(BATCH, server));
    connections(clients.get(0), server);
    connections(clients.get(0), server);
    long before = server.residentKib();
    for (int i = 0; i < count / BATCH; i++) {
      clients.addAll(connect(BATCH, server));
    }
    connections(clients.get(0), server);
    assertThat(connections(clients.get(0), server)).isEqualTo(clients.size());
    double each = (server.residentKib() - before) / (double) (clients.size() - BATCH);
    figure(
        "%d idle connections: %.1f KiB of server RSS each; %d MiB of RSS in all, at the start %d",
        clients.size(), each, server.residentKib() >> 10, before >> 10);
    assertThat(each).isLessThanOrEqualTo(16);
    clients.forEach(Client::close);
  }

  @Test
  void serverWithoutDescriptorsPausesAndRecovers() throws Exception {
    Program server = server("ulimit -n 100; ");
    Client client = client();
    open.add(client);
    assertThat(connections(client, server)).isEqualTo(1);
    int port = Integer.parseInt(server.address().substring(server.address().indexOf(':') + 1));
    List<Socket> sockets = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      sockets.add(new Socket(InetAddress.getLoopbackAddress(), port));
    }
    await()
        .atMost(Duration.ofSeconds(10))
        .until(() -> server.lines().stream().anyMatch(line -> line.contains("cannot accept")));
    Duration cpu = quietCpu(server);
    assertThat(cpu).isLessThan(Duration.ofMillis(500));
    // Who is connected does not notice.
    assertThat(connections(client, server)).isGreaterThan(1);
    for (Socket socket : sockets) {
      socket.close();
    }
    long start = System.nanoTime();
    try (Client late = client()) {
      assertThat(late.send(request(server, ServerProgram.QUICK)).body()).isNotEmpty();
    }
    long took = System.nanoTime() - start;
    await().atMost(Duration.ofSeconds(10)).until(() -> connections(client, server) == 1);
    assertThat(server.lines().stream().filter(line -> line.contains("cannot accept"))).hasSize(1);
    figure(
        "descriptors exhausted: one log line, %d ms of CPU in 2 s, a new client served %.0f ms"
            + " after there were some again",
        cpu.toMillis(), took / 1e6);
  }
}
