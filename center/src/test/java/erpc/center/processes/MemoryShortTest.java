package erpc.center.processes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import erpc.call.Request;
import erpc.call.RpcException;
import erpc.call.Status;
import erpc.client.Client;
import erpc.client.Exchange;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A server with 64 MiB of heap that is asked to hold ten times that. */
@Tag("processes")
@Timeout(180)
class MemoryShortTest {
  private static final Duration LONG = Duration.ofSeconds(30);
  private static final int MESSAGE_BYTES = 3 << 20;

  /** Of all calls: it is the server whose memory is to be short. */
  private static final byte[] MESSAGE = new byte[MESSAGE_BYTES];

  private static final int CALLS = 200;

  private final Client client = Client.builder().center("127.0.0.1:1").build();
  private Program server;

  @TempDir Path directory;

  @BeforeEach
  void start() throws Exception {
    List<String> small = List.of("-Xmx64m", "-XX:MaxDirectMemorySize=64m");
    String meter = directory.resolve("meter").toString();
    server = Program.start(StreamServer.class, "", small, meter, "0", "2000", "30000");
    String unused = server.address();
  }

  @AfterEach
  void stop() throws Exception {
    client.close();
    server.close();
  }

  private Request<byte[], byte[]> to(Request<byte[], byte[]> request) throws Exception {
    return request.at("ip://" + server.address()).withTimeout(LONG);
  }

  private byte[] echo(byte[] message) throws Exception {
    return client.send(to(Request.of(StreamMethods.ECHO, message))).body();
  }

  private static Status.Code outcome(Callable<?> call) throws Exception {
    try {
      Object unused = call.call();
      return Status.Code.OK;
    } catch (RpcException e) {
      return e.status().code();
    }
  }

  private Map<Status.Code, Integer> together(Callable<?> call) throws Exception {
    Map<Status.Code, Integer> outcomes = new EnumMap<>(Status.Code.class);
    try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Status.Code>> all = new ArrayList<>();
      for (int i = 0; i < CALLS; i++) {
        all.add(callers.submit(() -> outcome(call)));
      }
      for (Future<Status.Code> each : all) {
        outcomes.merge(each.get(), 1, Integer::sum);
      }
    }
    return outcomes;
  }

  /** It serves as before, and never came to have no memory. */
  private void servesOn() throws Exception {
    // What the calls before have held is let go a moment after they have ended.
    await().atMost(LONG).until(() -> outcome(() -> echo(MESSAGE)) == Status.Code.OK);
    assertThat(server.lines()).noneMatch(line -> line.contains("OutOfMemory"));
  }

  @SuppressWarnings(
      "AnnotateFormatMethod") // The annotation is in a library that tests do not need.
  private static void figure(String text, Object... values) {
    System.out.println("FIGURE " + String.format(text, values));
  }

  @Test
  void largeCallsBeyondItAreRefused() throws Exception {
    Map<Status.Code, Integer> outcomes = together(() -> echo(MESSAGE));
    figure("%d calls of 3 MiB at once, server with 64 MiB of heap: %s", CALLS, outcomes);
    assertThat(outcomes).containsOnlyKeys(Status.Code.OK, Status.Code.RESOURCE_EXHAUSTED);
    servesOn();
  }

  @Test
  void largeMessagesThatReadersLeaveLyingAreRefused() throws Exception {
    List<Exchange<byte[], byte[]>> left = new ArrayList<>();
    byte[] endless = ("1000000 " + Integer.MAX_VALUE).getBytes(StandardCharsets.US_ASCII);
    for (int i = 0; i < CALLS; i++) {
      left.add(client.open(to(Request.of(StreamMethods.GIVE, endless))));
    }
    await().atMost(LONG).until(() -> left.stream().anyMatch(each -> each.status() != null));
    for (Exchange<byte[], byte[]> each : left) {
      Status ended = each.status();
      if (ended != null) {
        assertThat(ended.code()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
      }
      each.close();
    }
    servesOn();
  }

  @Test
  void messagesThatStrangersNeverFinishAreBounded() throws Exception {
    String[] address = server.address().split(":", -1);
    ByteBuffer start = ByteBuffer.allocate(4 + 8 + 64_000);
    int payload = start.capacity() - 4 - 8;
    byte[] name = "flow.echo".getBytes(StandardCharsets.US_ASCII);
    start.putInt(0x3bef5c01).putInt(payload << 8 | 0x22).putInt(1);
    start.put((byte) 1).put((byte) name.length).put(name).put((byte) 5).putInt(4 << 20);
    List<Socket> strangers = new ArrayList<>();
    try {
      for (int i = 0; i < 5 * CALLS; i++) {
        Socket stranger =
            new Socket(InetAddress.getByName(address[0]), Integer.parseInt(address[1]));
        strangers.add(stranger);
        stranger.getOutputStream().write(start.array());
      }
      assertThat(outcome(() -> echo(new byte[1_000])))
          .isIn(Status.Code.OK, Status.Code.RESOURCE_EXHAUSTED);
    } finally {
      for (Socket each : strangers) {
        each.close();
      }
    }
    servesOn();
  }
}
