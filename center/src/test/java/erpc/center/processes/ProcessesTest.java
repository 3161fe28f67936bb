package erpc.center.processes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import erpc.call.Request;
import erpc.call.RpcException;
import erpc.call.Status;
import erpc.call.Status.Code;
import erpc.call.Status.Started;
import erpc.center.Center;
import erpc.center.CenterSettings;
import erpc.client.Client;
import erpc.client.ClientSettings;
import erpc.discovery.CenterMethods;
import erpc.discovery.wire.ListReply;
import erpc.discovery.wire.ListRequest;
import erpc.protocol.ConnectionSettings;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What users see when processes are killed, stopped and restarted. */
@Tag("processes")
@Timeout(300)
class ProcessesTest {
  private static final boolean LONG = Boolean.getBoolean("erpc.long");
  private static final Duration MINUTE = Duration.ofMinutes(1);
  private static final byte[] BODY = {1};

  private final List<AutoCloseable> open = new ArrayList<>();

  @AfterEach
  void stop() throws Exception {
    for (AutoCloseable each : open.reversed()) {
      each.close();
    }
  }

  private <T extends AutoCloseable> T closing(T what) {
    open.add(what);
    return what;
  }

  private Center center() throws Exception {
    return closing(Center.listen("127.0.0.1:0", null, CenterSettings.DEFAULT));
  }

  private Client client(String center) {
    return closing(Client.builder().center(center).build());
  }

  private static String freeAddress() throws Exception {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return "127.0.0.1:" + socket.getLocalPort();
    }
  }

  private static void awaitInstances(Center center, int count) {
    await().atMost(Duration.ofSeconds(30)).until(() -> center.instances() == count);
  }

  private static void awaitAnswersOf(Load load, Program... servers) {
    Set<String> all =
        Set.of(java.util.Arrays.stream(servers).map(Program::pid).toArray(String[]::new));
    load.answered();
    List<String> seen = new ArrayList<>();
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> {
          seen.addAll(load.answered());
          return seen.containsAll(all);
        });
  }

  /** Lets the load go on for so long. */
  private static void goOn(Load load, Duration time) {
    long end = System.nanoTime() + time.toNanos();
    await()
        .pollInterval(Duration.ofMillis(50))
        .atMost(time.plusSeconds(20))
        .until(() -> System.nanoTime() - end >= 0 && load.calls() > 0);
  }

  @SuppressWarnings(
      "AnnotateFormatMethod") // The annotation is in a library that tests do not need.
  private static void figure(String text, Object... values) {
    System.out.println("FIGURE " + String.format(text, values));
  }

  private static double millis(long nanos) {
    return nanos / 1e6;
  }

  private static Status failure(CompletableFuture<?> call) throws Exception {
    ExecutionException thrown =
        catchThrowableOfType(ExecutionException.class, () -> call.get(60, TimeUnit.SECONDS));
    return ((RpcException) thrown.getCause()).status();
  }

  // ---- servers

  @Test
  void killedServerFailsOnlyWhatIsInFlightOnIt() throws Exception {
    Center center = center();
    Program doomed = closing(Program.server("127.0.0.1:0", center.address()));
    Program living = closing(Program.server("127.0.0.1:0", center.address()));
    String gone = doomed.address();
    living.address();
    awaitInstances(center, 2);
    Client client = client(center.address());
    Load plain = closing(Load.start(client, ServerProgram.ECHO));
    // A client each: taking turns at one balancer, each load would keep to one server.
    Client other = client(center.address());
    Load idempotent = closing(Load.start(other, ServerProgram.ECHO.idempotent()));
    awaitAnswersOf(plain, doomed, living);
    awaitAnswersOf(idempotent, doomed, living);
    long killed = System.nanoTime();
    doomed.kill();
    goOn(plain, Duration.ofSeconds(LONG ? 10 : 3));
    plain.stop();
    idempotent.stop();
    long last = killed;
    for (Load.Failure failure : plain.failures()) {
      Status status = failure.status();
      assertThat(status.code()).as(status.toString()).isEqualTo(Code.UNAVAILABLE);
      assertThat(status.started()).as(status.toString()).isEqualTo(Started.MAYBE);
      assertThat(status.endpoint()).isEqualTo(gone);
      assertThat(failure.begunNanos() - killed)
          .as("made after the kill")
          .isLessThan(Duration.ofSeconds(1).toNanos());
      last = Math.max(last, failure.endedNanos());
    }
    assertThat(idempotent.failures()).isEmpty();
    // Half of the calls of 20 ms, and what came before the kernel had told: never more.
    assertThat(plain.failures()).hasSizeLessThan(50);
    figure(
        "kill -9 of one of two servers: %d of %d calls failed, the last %.0f ms after the kill;"
            + " 0 of %d idempotent ones",
        plain.failures().size(), plain.calls(), millis(last - killed), idempotent.calls());
  }

  @Test
  void serverKilledInACallIsUnavailableSoon() throws Exception {
    Program server = closing(Program.server("127.0.0.1:0", "127.0.0.1:1"));
    Client client = client("127.0.0.1:1");
    String at = "ip://" + server.address();
    client.send(Request.of(ServerProgram.QUICK, BODY).at(at).withTimeout(MINUTE));
    var call = client.sendAsync(Request.of(ServerProgram.HOLD, BODY).at(at).withTimeout(MINUTE));
    client.send(Request.of(ServerProgram.QUICK, BODY).at(at).withTimeout(MINUTE));
    CompletableFuture<Long> ended = new CompletableFuture<>();
    var unused = call.whenComplete((reply, thrown) -> ended.complete(System.nanoTime()));
    long killed = System.nanoTime();
    server.kill();
    Status status = failure(call);
    long took = ended.get(1, TimeUnit.SECONDS) - killed;
    assertThat(status.code()).isEqualTo(Code.UNAVAILABLE);
    assertThat(status.started()).isEqualTo(Started.MAYBE);
    assertThat(status.endpoint()).isEqualTo(server.address());
    assertThat(took).isLessThan(Duration.ofSeconds(1).toNanos());
    figure("server killed in a call: UNAVAILABLE after %.1f ms", millis(took));
  }

  @Test
  void rollingRestartsLoseNoCall() throws Exception {
    int restarts = LONG ? 20 : 3;
    Center center = center();
    Program[] servers = new Program[2];
    String[] addresses = new String[2];
    for (int i = 0; i < servers.length; i++) {
      servers[i] = closing(Program.server("127.0.0.1:0", center.address()));
    }
    for (int i = 0; i < servers.length; i++) {
      addresses[i] = servers[i].address();
    }
    awaitInstances(center, 2);
    Client client = client(center.address());
    Load load = closing(Load.start(client, ServerProgram.ECHO));
    awaitAnswersOf(load, servers);
    for (int i = 0; i < restarts; i++) {
      int which = i % 2;
      servers[which].terminate();
      awaitInstances(center, 1);
      servers[which] = closing(Program.server(addresses[which], center.address()));
      servers[which].address();
      awaitInstances(center, 2);
      awaitAnswersOf(load, servers);
    }
    load.stop();
    assertThat(load.failures()).isEmpty();
    figure("%d rolling restarts: 0 of %d calls failed", restarts, load.calls());
  }

  @Test
  void callsToAStoppedServerEndInTimeAndNeverRun() throws Exception {
    Program server = closing(Program.server("127.0.0.1:0", "127.0.0.1:1"));
    String at = "ip://" + server.address();
    Client client = client("127.0.0.1:1");
    Request<byte[], byte[]> note = Request.of(ServerProgram.NOTE, BODY).at(at).withTimeout(MINUTE);
    for (int i = 0; i < 20; i++) {
      client.send(note);
    }
    server.stop();
    long worst = 0;
    try {
      for (int i = 0; i < 5; i++) {
        long start = System.nanoTime();
        RpcException late =
            catchThrowableOfType(
                RpcException.class, () -> client.send(note.withTimeout(Duration.ofMillis(300))));
        long over = System.nanoTime() - start - Duration.ofMillis(300).toNanos();
        assertThat(late.code()).isEqualTo(Code.DEADLINE_EXCEEDED);
        assertThat(over).isBetween(0L, Duration.ofSeconds(1).toNanos());
        worst = Math.max(worst, over);
      }
    } finally {
      server.resume();
    }
    byte[] runs =
        client.send(Request.of(ServerProgram.RUNS, BODY).at(at).withTimeout(MINUTE)).body();
    assertThat(ByteBuffer.wrap(runs).getInt()).isEqualTo(20);
    figure(
        "stopped server: calls end at most %.1f ms after their deadline; 0 of 5 run later",
        millis(worst));
  }

  @Test
  void keepaliveFindsAStoppedServer() throws Exception {
    Program server = closing(Program.server("127.0.0.1:0", "127.0.0.1:1"));
    String at = "ip://" + server.address();
    ConnectionSettings quick =
        ConnectionSettings.DEFAULTS.withKeepalive(Duration.ofSeconds(1), Duration.ofSeconds(1));
    Client client =
        closing(
            Client.builder()
                .settings(ClientSettings.DEFAULTS.withMaxAttempts(1).withConnection(quick))
                .build());
    client.send(Request.of(ServerProgram.QUICK, BODY).at(at).withTimeout(MINUTE));
    server.stop();
    long start = System.nanoTime();
    Status status;
    try {
      status =
          failure(
              client.sendAsync(Request.of(ServerProgram.QUICK, BODY).at(at).withTimeout(MINUTE)));
    } finally {
      server.resume();
    }
    long took = System.nanoTime() - start;
    assertThat(status.code()).as(status.toString()).isEqualTo(Code.UNAVAILABLE);
    assertThat(status.message()).contains("keepalive");
    assertThat(took).isLessThan(Duration.ofSeconds(4).toNanos());
    figure("keepalive 1 s + 1 s finds a stopped server after %.0f ms", millis(took));
  }

  @Test
  void callsInFlightOnADyingConnectionEndOnceEach() throws Exception {
    int calls = 10_000;
    Program server = closing(Program.server("127.0.0.1:0", "127.0.0.1:1"));
    String at = "ip://" + server.address();
    Client client = client("127.0.0.1:1");
    client.send(Request.of(ServerProgram.QUICK, BODY).at(at).withTimeout(MINUTE));
    int[] ends = new int[calls];
    List<CompletableFuture<?>> all = new ArrayList<>();
    for (int i = 0; i < calls; i++) {
      int index = i;
      all.add(
          client
              .sendAsync(Request.of(ServerProgram.HOLD, BODY).at(at).withTimeout(MINUTE))
              .whenComplete((reply, thrown) -> {
                synchronized (ends) {
                  ends[index]++;
                }
              }));
    }
    client.send(Request.of(ServerProgram.QUICK, BODY).at(at).withTimeout(MINUTE));
    long killed = System.nanoTime();
    server.kill();
    for (CompletableFuture<?> call : all) {
      assertThat(failure(call).code()).isEqualTo(Code.UNAVAILABLE);
    }
    long took = System.nanoTime() - killed;
    synchronized (ends) {
      assertThat(ends).containsOnly(1);
    }
    figure(
        "%d calls in flight on a dying connection: all ended within %.0f ms, once each",
        calls, millis(took));
  }

  // ---- the center

  private static int instancesKnown(Client client) {
    try {
      return client
          .centerCalls()
          .call(
              CenterMethods.LIST.name(),
              ListRequest.newBuilder().setService("demo").build(),
              ListReply.class,
              Duration.ofSeconds(1))
          .getInstancesCount();
    } catch (RpcException e) {
      return -1;
    }
  }

  @Test
  void centerThatIsAwayHarmsNoCall() throws Exception {
    String address = freeAddress();
    Program center = closing(Program.center(address));
    center.address();
    Program one = closing(Program.server("127.0.0.1:0", address));
    Program two = closing(Program.server("127.0.0.1:0", address));
    Client client = client(address);
    await().atMost(Duration.ofSeconds(30)).until(() -> instancesKnown(client) == 2);
    Load load = closing(Load.start(client, ServerProgram.ECHO));
    awaitAnswersOf(load, one, two);
    center.kill();
    goOn(load, Duration.ofSeconds(LONG ? 60 : 2));
    Program again = closing(Program.center(address));
    again.address();
    long back = System.nanoTime();
    await()
        .pollInterval(Duration.ofMillis(20))
        .atMost(Duration.ofSeconds(5))
        .until(() -> instancesKnown(client) == 2);
    long took = System.nanoTime() - back;
    awaitAnswersOf(load, one, two);
    load.stop();
    assertThat(load.failures()).isEmpty();
    figure(
        "center away for %d s: 0 of %d calls failed; registrations back after %.0f ms",
        LONG ? 60 : 2, load.calls(), millis(took));
  }

  @Test
  void centerThatComesLastIsFound() throws Exception {
    String address = freeAddress();
    Program server = closing(Program.server("127.0.0.1:0", address));
    server.address();
    Client client = client(address);
    var call = client.sendAsync(Request.of(ServerProgram.QUICK, BODY).withTimeout(MINUTE));
    Program center = closing(Program.center(address));
    center.address();
    long ready = System.nanoTime();
    assertThat(
            new String(
                call.get(60, TimeUnit.SECONDS).body(), java.nio.charset.StandardCharsets.US_ASCII))
        .isEqualTo(server.pid());
    figure("center started last: first answer after %.0f ms", millis(System.nanoTime() - ready));
  }

  @Test
  void journalBringsBackWhatAKilledCenterKnew(@TempDir Path folder) throws Exception {
    String address = freeAddress();
    String journal = folder.resolve("journal").toString();
    Program center = closing(Program.center(address, journal));
    center.address();
    Program server = closing(Program.server("127.0.0.1:0", address));
    String at = server.address();
    Client client = client(address);
    await().atMost(Duration.ofSeconds(30)).until(() -> instancesKnown(client) == 1);
    // Stopped, it cannot register again: what is known then comes from the journal.
    server.stop();
    try {
      center.kill();
      Program again = closing(Program.center(address, journal));
      again.address();
      await().atMost(Duration.ofSeconds(10)).until(() -> instancesKnown(client) >= 0);
      assertThat(instancesKnown(client)).isEqualTo(1);
    } finally {
      server.resume();
    }
    assertThat(
            client
                .send(Request.of(ServerProgram.QUICK, BODY).at("ip://" + at).withTimeout(MINUTE))
                .body())
        .isNotEmpty();
  }
}
