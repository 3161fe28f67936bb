package erpc.center.processes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Streams between processes with little memory: slow readers, and readers that leave. */
@Tag("processes")
@Timeout(600)
class StreamsTest {
  private static final boolean LONG = Boolean.getBoolean("erpc.long");
  private static final int MESSAGE_BYTES = 64 * 1024;

  /** Window, what a sender may be ahead, and a message at either end. */
  private static final long MOST_AHEAD = 256 * 1024 + 64 * 1024 + 2 * MESSAGE_BYTES;

  private static final String[] SMALL = {"-Xmx64m", "-XX:MaxDirectMemorySize=64m"};
  private static final String PARANOID = "-Dio.netty.leakDetection.level=paranoid";

  private final List<AutoCloseable> open = new ArrayList<>();

  @TempDir Path directory;

  @AfterEach
  void stop() throws Exception {
    for (AutoCloseable each : open.reversed()) {
      each.close();
    }
  }

  private Program start(Class<?> main, List<String> flags, Object... arguments) throws Exception {
    List<String> words = new ArrayList<>();
    for (Object each : arguments) {
      words.add(each.toString());
    }
    Program program = Program.start(main, "", flags, words.toArray(String[]::new));
    open.add(program);
    return program;
  }

  private static String line(Program program, String start) {
    return program.lines().stream().filter(each -> each.startsWith(start)).findFirst().orElse("");
  }

  private static void awaitLine(Program program, String start, Duration most) {
    await()
        .atMost(most)
        .pollInterval(Duration.ofMillis(20))
        .until(() -> !line(program, start).isEmpty() || program.hasEnded());
    assertThat(line(program, start)).as(program.lines().toString()).startsWith(start);
  }

  @SuppressWarnings(
      "AnnotateFormatMethod") // The annotation is in a library that tests do not need.
  private static void figure(String text, Object... values) {
    System.out.println("FIGURE " + String.format(text, values));
  }

  @Test
  void aSlowReaderBoundsItsWriterInEveryShape() throws Exception {
    int count = (LONG ? 1 << 30 : 64 << 20) / MESSAGE_BYTES;
    // A writer alone makes a message in a small part of this.
    int readMicros = LONG ? 3_000 : 2_000;
    Path meter = directory.resolve("meter");
    List<String> small = List.of(SMALL);
    Program server = start(StreamServer.class, small, meter, readMicros, 30_000, 30_000);
    Program client =
        start(StreamClient.class, small, "all", server.address(), meter, readMicros, count);
    awaitLine(client, "done", Duration.ofMinutes(LONG ? 8 : 1));
    for (String shape : List.of("client-streaming", "server-streaming", "bidirectional")) {
      String[] words = line(client, "shape " + shape).split(" ", -1);
      assertThat(Long.parseLong(words[2])).isEqualTo((long) count * MESSAGE_BYTES);
      long most = Long.parseLong(words[3]);
      // There and back there is room twice.
      long bound = shape.equals("bidirectional") ? 2 * MOST_AHEAD : MOST_AHEAD;
      assertThat(most).as(shape).isLessThanOrEqualTo(bound);
      figure(
          "%d MiB %s, each message read in %d us: writer at most %d KiB ahead",
          ((long) count * MESSAGE_BYTES) >> 20, shape, readMicros, most >> 10);
    }
    figure("%s", line(client, "memory of the client"));
    figure("%s", line(client, "memory of the server"));
  }

  @Test
  void streamsThatAreLeftFreeBothSides() throws Exception {
    Path meter = directory.resolve("meter");
    List<String> flags = new ArrayList<>(List.of(SMALL));
    flags.add(PARANOID);
    Program server = start(StreamServer.class, flags, meter, 0, 1_000, 30_000);
    Program client =
        start(StreamClient.class, flags, "leave", server.address(), meter, 0, LONG ? 50 : 5);
    awaitLine(client, "done", Duration.ofMinutes(2));
    assertThat(line(client, "server in flight")).startsWith("server in flight: 0 1 ");
    // The call that asks is one.
    assertThat(line(client, "server streams")).isEqualTo("server streams: 1");
    assertThat(line(client, "server inboxes")).isEqualTo("server inboxes: 0");
    assertThat(line(client, "client streams")).isEqualTo("client streams: 0");
    assertThat(line(client, "client inboxes")).isEqualTo("client inboxes: 0");
    for (Program each : List.of(server, client)) {
      assertThat(each.lines()).noneMatch(text -> text.contains("LEAK"));
      assertThat(each.lines()).noneMatch(text -> text.contains("ERROR"));
    }
  }

  @Test
  void aStoppedReaderIsGivenUpAndFindsANewStream() throws Exception {
    Path meter = directory.resolve("meter");
    Program server = start(StreamServer.class, List.of(SMALL), meter, 0, 1_000, 4_000);
    Program client =
        start(StreamClient.class, List.of(SMALL), "pause", server.address(), meter, 0, 0);
    client.address();
    client.stop();
    long before = server.residentKib();
    try (var watching = erpc.client.Client.builder().center("127.0.0.1:1").build()) {
      await()
          .atMost(Duration.ofSeconds(20))
          .until(() -> state(watching, server).startsWith("0 1 "));
      figure(
          "stopped reader: given up, server RSS %+d KiB meanwhile", server.residentKib() - before);
      assertThat(server.residentKib() - before).isLessThan(48 << 10);
    } finally {
      client.resume();
    }
    awaitLine(client, "done", Duration.ofSeconds(20));
    assertThat(line(client, "ended")).containsAnyOf("DEADLINE_EXCEEDED", "UNAVAILABLE");
    assertThat(line(client, "again")).isEqualTo("again 10");
    figure("stopped reader after SIGCONT: %s", line(client, "ended"));
  }

  private static String state(erpc.client.Client client, Program server) throws Exception {
    return new String(
        client
            .send(
                erpc.call.Request.of(StreamMethods.STATE, new byte[0])
                    .at("ip://" + server.address())
                    .withTimeout(Duration.ofSeconds(20)))
            .body(),
        java.nio.charset.StandardCharsets.US_ASCII);
  }
}
