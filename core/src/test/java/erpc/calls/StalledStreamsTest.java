package erpc.calls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import erpc.call.Context;
import erpc.call.Method;
import erpc.call.Outgoing;
import erpc.call.Request;
import erpc.client.Client;
import erpc.client.Exchange;
import erpc.server.Server;
import erpc.transport.TransportKind;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Readers that stand still, and what others on the same connection see of it: nothing. */
@ParameterizedClass
@EnumSource(names = {"MEMORY", "AUTO"})
@Timeout(120)
class StalledStreamsTest {

  /** Gives messages; the request says of how many bytes, and how many. */
  private static final Method<byte[], byte[]> GIVE =
      Method.serverStreaming("flow.give", byte[].class, byte[].class);

  private static final Method<byte[], byte[]> TAKE =
      Method.clientStreaming("flow.take", byte[].class, byte[].class);

  private static final Method<byte[], byte[]> ECHO =
      Method.unary("flow.echo", byte[].class, byte[].class);

  @Parameter TransportKind kind;

  private @Nullable Rig made;
  private final ConcurrentHashMap<Thread, LongAdder> given = new ConcurrentHashMap<>();

  private final CountDownLatch mayRead = new CountDownLatch(1);

  @BeforeEach
  void open() {
    made = new Rig(kind);
  }

  @AfterEach
  void close() throws Exception {
    rig().close();
  }

  private Rig rig() {
    return java.util.Objects.requireNonNull(made);
  }

  private Server serve() throws Exception {
    Server server = rig().serve(Rig::echo);
    server.handleServerStream(GIVE, this::give);
    server.handleClientStream(
        TAKE,
        (context, requests) -> {
          mayRead.await();
          int messages = 0;
          for (byte[] unused : requests) {
            messages++;
          }
          return new byte[] {(byte) messages};
        });
    server.handle(ECHO, (context, request) -> request);
    return server;
  }

  private void give(Context context, byte[] request, Outgoing<byte[]> replies) {
    ByteBuffer numbers = ByteBuffer.wrap(request);
    byte[] message = new byte[numbers.getInt()];
    LongAdder bytes = given.computeIfAbsent(Thread.currentThread(), unused -> new LongAdder());
    for (int left = numbers.getInt(); left > 0; left--) {
      replies.send(message);
      bytes.add(message.length);
    }
  }

  private long givenBytes() {
    return given.values().stream().mapToLong(LongAdder::sum).sum();
  }

  private static <Q, R> Request<Q, R> to(Server server, Request<Q, R> request) {
    return request.at("ip://" + server.address());
  }

  private static Exchange<byte[], byte[]> giving(
      Client client, Server server, int bytes, int count) {
    byte[] request = ByteBuffer.allocate(8).putInt(bytes).putInt(count).array();
    return client.open(to(server, Request.of(GIVE, request)));
  }

  /** Streams that give without end and that nobody reads, once they stand still. */
  private List<Exchange<byte[], byte[]>> stalled(Client client, Server server, int n, int bytes) {
    List<Exchange<byte[], byte[]>> all = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      all.add(giving(client, server, bytes, Integer.MAX_VALUE));
    }
    long[] before = {-1};
    await()
        .pollInterval(Duration.ofMillis(200))
        .atMost(Duration.ofSeconds(20))
        .until(() -> {
          long now = givenBytes();
          boolean still = now == before[0];
          before[0] = now;
          return still;
        });
    return all;
  }

  /** Nanoseconds in which as many streams are read to their end, all at once. */
  private static long read(Client client, Server server, int streams, int bytes, int count)
      throws Exception {
    long start = System.nanoTime();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Integer>> all = new ArrayList<>();
      for (int i = 0; i < streams; i++) {
        all.add(
            threads.submit(() -> {
              int messages = 0;
              try (var call = giving(client, server, bytes, count)) {
                for (byte[] each : call) {
                  assertThat(each).hasSize(bytes);
                  messages++;
                }
              }
              return messages;
            }));
      }
      for (Future<Integer> each : all) {
        assertThat(each.get(20, TimeUnit.SECONDS)).isEqualTo(count);
      }
    }
    return System.nanoTime() - start;
  }

  private void othersGoOn(int stalled, int stalledBytes, int others, int bytes, int count)
      throws Exception {
    Server server = serve();
    Client client = rig().client();
    List<Exchange<byte[], byte[]>> standing = stalled(client, server, stalled, stalledBytes);
    long held = givenBytes();
    try {
      long took = read(client, server, others, bytes, count);
      // Well before the stalled ones are given up, after 30 s.
      assertThat(took).isLessThan(TimeUnit.SECONDS.toNanos(10));
      byte[] large = new byte[1_000_000];
      for (int i = 0; i < 20; i++) {
        assertThat(
                client
                    .send(to(server, Request.of(ECHO, large)).withTimeout(Duration.ofSeconds(5)))
                    .body())
            .hasSameSizeAs(large);
      }
      for (Exchange<byte[], byte[]> each : standing) {
        assertThat(each.status()).isNull();
      }
      System.out.printf(
          "FIGURE %s: %d readers stand still, %d KiB sent to them; %d others done in %d ms%n",
          kind, stalled, held >> 10, others, took / 1_000_000);
    } finally {
      standing.forEach(Exchange::close);
    }
    assertThat(read(client, server, 10, bytes, count)).isPositive();
    await().until(() -> server.inFlight() == 0);
  }

  @Test
  void oneReaderThatStandsStillHoldsUpNobody() throws Exception {
    othersGoOn(1, 16_000, 99, 16_000, 50);
  }

  @Test
  void moreReadersThanTheConnectionHasCreditForHoldUpNobody() throws Exception {
    othersGoOn(40, 16_000, 60, 16_000, 50);
  }

  @Test
  void oneHundredAndFiftyReadersThatStandStillHoldUpNobody() throws Exception {
    othersGoOn(150, 16_000, 60, 16_000, 50);
  }

  @Test
  void readersOfLargeMessagesThatStandStillHoldUpNobody() throws Exception {
    othersGoOn(10, 3_000_000, 60, 16_000, 50);
  }

  @Test
  void largeMessagesPassReadersThatStandStill() throws Exception {
    othersGoOn(40, 16_000, 10, 3_000_000, 4);
  }

  @Test
  void emptyMessagesBehindTheLastByteOfCreditArrive() throws Exception {
    Server server = serve();
    try (var call = rig().client().open(to(server, Request.opening(TAKE)))) {
      for (int i = 0; i < 32; i++) {
        // With the byte before it, a 32nd of the stream's credit.
        call.send(new byte[8_191]);
      }
      call.send(new byte[0]);
      call.send(new byte[0]);
      mayRead.countDown();
      CompletableFuture<byte[]> reply = CompletableFuture.supplyAsync(call::reply);
      assertThat(reply.get(10, TimeUnit.SECONDS)).containsExactly(34);
    }
  }
}
