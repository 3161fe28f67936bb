package erpc.center.processes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import erpc.call.Request;
import erpc.call.RpcException;
import erpc.call.Status;
import erpc.client.Client;
import erpc.client.Exchange;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Streams that outlive servers, and very many calls at once. */
@Tag("processes")
@Timeout(600)
class LastingTest {
  private static final boolean LONG = Boolean.getBoolean("erpc.long");
  private static final Duration MINUTE = Duration.ofMinutes(1);
  private static final int STREAMS = 10;
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

  private Client client(String center) {
    return closing(Client.builder().center(center).build());
  }

  @SuppressWarnings(
      "AnnotateFormatMethod") // The annotation is in a library that tests do not need.
  private static void figure(String text, Object... values) {
    System.out.println("FIGURE " + String.format(text, values));
  }

  // ---- streams that outlive servers

  /** A subscriber that opens its stream again where the last one ended. */
  private static final class Follower implements AutoCloseable {
    private final Client client;
    private final Queue<Status> ends = new ConcurrentLinkedQueue<>();
    private final AtomicInteger last = new AtomicInteger();
    private final AtomicInteger gaps = new AtomicInteger();
    private final Thread thread;
    private volatile boolean stopped;

    Follower(Client client) {
      this.client = client;
      this.thread = Thread.startVirtualThread(this::run);
    }

    private void run() {
      while (!stopped) {
        try (Exchange<byte[], byte[]> feed =
            client.open(ServerProgram.FEED, ServerProgram.number(last.get()))) {
          for (byte[] next = feed.next(); next != null && !stopped; next = feed.next()) {
            if (ByteBuffer.wrap(next).getInt() != last.incrementAndGet()) {
              gaps.incrementAndGet();
            }
          }
        } catch (RpcException e) {
          ends.add(e.status());
        }
      }
    }

    @Override
    public void close() throws InterruptedException {
      stopped = true;
      thread.join();
    }
  }

  private static void awaitAnswersOf(Load load, Program... servers) {
    Set<String> missing = new HashSet<>();
    for (Program each : servers) {
      missing.add(each.pid());
    }
    var unused = load.answered();
    await()
        .atMost(MINUTE)
        .until(() -> {
          missing.removeAll(load.answered());
          return missing.isEmpty();
        });
  }

  @Test
  void rollingRestartsLoseNoCallAndStreamsAreToldToGo() throws Exception {
    int restarts = LONG ? 20 : 2;
    Program center = closing(Program.start(CenterProgram.class, "", List.of(), "127.0.0.1:0"));
    Program[] servers = new Program[3];
    for (int i = 0; i < servers.length; i++) {
      servers[i] = closing(Program.server("127.0.0.1:0", center.address()));
    }
    String[] addresses = new String[servers.length];
    for (int i = 0; i < servers.length; i++) {
      addresses[i] = servers[i].address();
    }
    Client client = client(center.address());
    Load load = closing(Load.start(client, ServerProgram.ECHO, 2));
    awaitAnswersOf(load, servers);
    List<Follower> followers = new ArrayList<>();
    for (int i = 0; i < servers.length * STREAMS; i++) {
      followers.add(closing(new Follower(client)));
    }
    for (int i = 0; i < restarts; i++) {
      int which = i % servers.length;
      servers[which].terminate();
      servers[which] = closing(Program.server(addresses[which], center.address()));
      servers[which].address();
      awaitAnswersOf(load, servers);
    }
    List<Status> ends = new ArrayList<>();
    int most = 0;
    for (Follower each : followers) {
      int before = each.last.get();
      await().atMost(Duration.ofSeconds(20)).until(() -> each.last.get() > before);
      assertThat(each.gaps).hasValue(0);
      ends.addAll(each.ends);
      most = Math.max(most, each.last.get());
    }
    load.stop();
    assertThat(load.failures()).isEmpty();
    assertThat(ends)
        .isNotEmpty()
        .allSatisfy(status -> {
          assertThat(status.code()).as(status.toString()).isEqualTo(Status.Code.UNAVAILABLE);
          assertThat(status.message()).as(status.toString()).contains("draining");
        });
    figure(
        "%d rolling restarts of 3 servers: 0 of %d calls failed; %d streams ended %d times, each in"
            + " UNAVAILABLE with \"draining\", and went on without gap to %d",
        restarts, load.calls(), followers.size(), ends.size(), most);
  }

  // ---- many calls at once

  private static long heapInUse() {
    for (int i = 0; i < 3; i++) {
      System.gc();
    }
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }

  /** What so many virtual threads take that wait for something else, at a like depth. */
  private static long heapOfThreads(int count) throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    CountDownLatch parked = new CountDownLatch(count);
    List<Thread> threads = new ArrayList<>();
    long before = heapInUse();
    for (int i = 0; i < count; i++) {
      threads.add(Thread.startVirtualThread(() -> waitBelow(10, parked, go)));
    }
    parked.await();
    await().atMost(MINUTE).until(() -> allWait(threads));
    long held = heapInUse() - before;
    go.countDown();
    for (Thread each : threads) {
      each.join();
    }
    return held;
  }

  private static boolean allWait(List<Thread> threads) {
    return threads.stream().allMatch(each -> each.getState() == Thread.State.WAITING);
  }

  private static void waitBelow(int depth, CountDownLatch parked, CountDownLatch go) {
    if (depth > 0) {
      waitBelow(depth - 1, parked, go);
      return;
    }
    parked.countDown();
    try {
      go.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void manyBlockingCallsAtOnceAreAnsweredAndHoldLittle() throws Exception {
    int count = LONG ? 100_000 : 20_000;
    Program server = closing(Program.server("127.0.0.1:0", "127.0.0.1:1"));
    String at = "ip://" + server.address();
    Client client = client("127.0.0.1:1");
    client.send(Request.of(ServerProgram.QUICK, BODY).at(at).withTimeout(MINUTE));
    long threadsAlone = heapOfThreads(count);
    long before = heapInUse();
    AtomicInteger answered = new AtomicInteger();
    Queue<RuntimeException> failures = new ConcurrentLinkedQueue<>();
    List<Thread> callers = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      callers.add(
          Thread.startVirtualThread(() -> {
            try {
              client.send(Request.of(ServerProgram.GATHER, BODY).at(at).withTimeout(MINUTE));
              answered.incrementAndGet();
            } catch (RuntimeException e) {
              failures.add(e);
            }
          }));
    }
    await()
        .atMost(Duration.ofSeconds(50))
        .until(() -> gathered(client, at, 0) == count || !failures.isEmpty());
    assertThat(failures).as(() -> String.join("\n", server.lines())).isEmpty();
    double each = (heapInUse() - before - threadsAlone) / (double) count;
    int unused = gathered(client, at, 1);
    for (Thread caller : callers) {
      caller.join();
    }
    assertThat(failures).as(() -> String.join("\n", server.lines())).isEmpty();
    assertThat(answered).hasValue(count);
    assertThat(server.lines())
        .as("handlers that wait are not blamed for the wait of others")
        .noneMatch(line -> line.contains("handlers occupy all carriers"));
    figure(
        "%d blocking calls in flight over one client: all answered; %.0f B of heap a call, besides"
            + " %.0f B for its thread",
        count, each, threadsAlone / (double) count);
    assertThat(each).isLessThanOrEqualTo(2_048);
  }

  private static int gathered(Client client, String at, int command) {
    return ByteBuffer.wrap(
            client
                .send(
                    Request.of(ServerProgram.RELEASE, new byte[] {(byte) command})
                        .at(at)
                        .withTimeout(MINUTE))
                .body())
        .getInt();
  }
}
