package erpc.calls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import erpc.call.Context;
import erpc.call.Filter;
import erpc.call.Method;
import erpc.call.Reply;
import erpc.call.Request;
import erpc.call.RpcException;
import erpc.call.Status;
import erpc.call.Status.Code;
import erpc.call.Status.Started;
import erpc.client.Client;
import erpc.client.Exchange;
import erpc.server.Execution;
import erpc.server.Handler;
import erpc.server.Server;
import erpc.server.ServerBuilder;
import erpc.transport.Reactor;
import erpc.transport.TransportKind;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Calls of all kinds under everything that can end them at once: cancellation, deadlines that meet
 * replies, filters that throw, connections that break, a server that drains. Each ends exactly
 * once; none that was not started has run; none that is not idempotent has run twice; every OK
 * carries the bytes that were sent. The long form makes ten million.
 */
@Timeout(value = 12, unit = TimeUnit.HOURS)
@SuppressWarnings("ThreadPriorityCheck") // Ways to meet the others at odd moments.
class CallsSoakTest {
  private static final boolean LONG = Boolean.getBoolean("erpc.long");
  private static final int CALLS = Integer.getInteger("soak.calls", LONG ? 10_000_000 : 4_000);
  private static final int ROUND = LONG ? 20_000 : 2_000;
  private static final int CALLERS = 24;

  private static final List<Method<byte[], byte[]>> UNARY =
      List.of(
          Method.unary("soak.inline", byte[].class, byte[].class),
          Method.unary("soak.virtual", byte[].class, byte[].class),
          Method.unary("soak.executor", byte[].class, byte[].class));

  private static final Method<byte[], byte[]> STREAM =
      Method.bidirectional("soak.stream", byte[].class, byte[].class);

  /** What a handler does besides answering; the ninth byte of a message. */
  private static final int WAITS = 1;

  private static final int MEETS_DEADLINE = 2;
  private static final int SAYS_NOT_STARTED = 3;
  private static final int THROWS = 4;

  @Test
  void eachEndsOnceAndIsWhatItSaysItIs() throws Exception {
    long seed = Long.getLong("erpc.seed", ThreadLocalRandom.current().nextLong());
    Random random = new Random(seed);
    int[] sums = new int[3];
    for (int made = 0; made < CALLS; made += ROUND) {
      try (Round round = new Round(random.nextLong())) {
        round.run();
        round.check("seed " + seed + ", calls from " + made);
        sums[0] += round.ok.get();
        sums[1] += round.notStarted.size();
        sums[2] += round.failed.get();
      }
    }
    System.out.printf(
        "FIGURE calls soak, seed %d: %,d OK, %,d not started, %,d failed otherwise%n",
        seed, sums[0], sums[1], sums[2]);
    assertThat(sums[0]).isGreaterThan(CALLS / 20);
  }

  /** Some thousand calls at two servers, which are made for them. */
  private static final class Round implements AutoCloseable {
    final AtomicIntegerArray ran = new AtomicIntegerArray(ROUND);
    final AtomicIntegerArray ended = new AtomicIntegerArray(ROUND);
    final boolean[] idempotent = new boolean[ROUND];
    final Set<Integer> notStarted = ConcurrentHashMap.newKeySet();
    final AtomicInteger ok = new AtomicInteger();
    final AtomicInteger failed = new AtomicInteger();
    final Queue<String> wrong = new ConcurrentLinkedQueue<>();
    final AtomicInteger next = new AtomicInteger();
    final Reactor reactor = Reactor.open(TransportKind.NIO, 2);
    final ExecutorService pool = Executors.newFixedThreadPool(4);
    final Random random;
    final Server steady;
    final Server draining;
    final Breaking breaking;
    final Client plain;
    final Client filtered;

    @GuardedBy("futures")
    final List<CompletableFuture<?>> futures = new ArrayList<>();

    Round(long seed) throws IOException {
      random = new Random(seed);
      steady = serve(Server.builder());
      draining = serve(Server.builder().filter(this::throwsAtTimes));
      breaking = new Breaking(steady.address());
      plain = Client.builder().reactor(reactor).build();
      filtered =
          Client.builder()
              .reactor(reactor)
              .filter(this::throwsAtTimes)
              .attemptFilter(this::throwsAtTimes)
              .build();
    }

    private Server serve(ServerBuilder builder) throws IOException {
      Server server = builder.settings(Rig.quickToClose()).reactor(reactor).build();
      Handler<byte[], byte[]> handler = this::handle;
      server.handle(UNARY.get(0), handler, Execution.inline());
      server.handle(UNARY.get(1), handler);
      server.handle(UNARY.get(2), handler, Execution.on(pool));
      server.handleStream(
          STREAM,
          (context, requests, replies) -> {
            boolean first = true;
            for (byte[] message : requests) {
              if (first) {
                ran.incrementAndGet(index(message));
                first = false;
              }
              replies.send(message);
            }
          });
      return server.listen("127.0.0.1:0");
    }

    private static int index(byte[] message) {
      return (int) ByteBuffer.wrap(message).getLong(0);
    }

    private byte[] handle(Context context, byte[] message) throws Exception {
      ran.incrementAndGet(index(message));
      boolean mayWait = !Reactor.isEventLoop();
      switch (message[Long.BYTES]) {
        case WAITS -> {
          if (mayWait) {
            Thread.sleep(message.length % 3);
          }
        }
        case MEETS_DEADLINE -> {
          Duration left = context.deadline().remaining();
          if (mayWait && left.toMillis() < 30) {
            Thread.sleep(left);
          }
        }
        case SAYS_NOT_STARTED ->
            throw Status.of(Code.UNAVAILABLE, "says a handler")
                .withStarted(Started.NO)
                .toException();
        case THROWS -> throw new RpcException(Code.ABORTED, "on purpose");
        default -> {}
      }
      return message;
    }

    private Reply<?> throwsAtTimes(Request<?, ?> request, Filter.Next next) throws Exception {
      int chance = ThreadLocalRandom.current().nextInt(20);
      if (chance == 0) {
        throw new RpcException(Code.UNAVAILABLE, "a filter, before");
      }
      Reply<?> reply = next.call(request);
      if (chance == 1) {
        throw new RpcException(Code.UNAVAILABLE, "a filter, after");
      }
      if (chance == 2) {
        throw new IllegalStateException("a filter, after (a test)");
      }
      return reply;
    }

    void run() throws Exception {
      List<Thread> callers = new ArrayList<>();
      for (int i = 0; i < CALLERS; i++) {
        long seed = random.nextLong();
        callers.add(Thread.startVirtualThread(() -> call(new Random(seed))));
      }
      Thread drain = null;
      while (next.get() < ROUND) {
        Thread.sleep(5);
        if (random.nextInt(12) == 0) {
          breaking.breakAll();
        }
        if (drain == null && next.get() > ROUND * 0.85) {
          drain = Thread.startVirtualThread(draining::close);
        }
      }
      for (Thread caller : callers) {
        assertThat(caller.join(Duration.ofMinutes(1))).isTrue();
      }
      CompletableFuture<?>[] all;
      synchronized (futures) {
        all = futures.toArray(CompletableFuture[]::new);
      }
      CompletableFuture.allOf(all).handle((done, thrown) -> "").get(1, TimeUnit.MINUTES);
      await().until(() -> steady.inFlight() + draining.inFlight() == 0);
    }

    private void call(Random chance) {
      for (int i = next.getAndIncrement(); i < ROUND; i = next.getAndIncrement()) {
        byte[] message = message(chance, i);
        idempotent[i] = chance.nextInt(4) == 0;
        Client client = chance.nextInt(3) == 0 ? filtered : plain;
        String where =
            switch (chance.nextInt(3)) {
              case 0 -> breaking.address();
              case 1 -> draining.address();
              default -> steady.address();
            };
        switch (chance.nextInt(8)) {
          case 0, 1, 2 -> blocking(client, chance, where, message);
          case 3 -> streaming(client, chance, where, message);
          default -> async(client, chance, where, message);
        }
      }
    }

    private static byte[] message(Random chance, int index) {
      int kind = chance.nextInt(100);
      int size =
          kind < 80
              ? 9 + chance.nextInt(300)
              : kind < 96 ? 9 + chance.nextInt(20_000) : 65_536 + chance.nextInt(200_000);
      byte[] message = new byte[size];
      chance.nextBytes(message);
      ByteBuffer.wrap(message).putLong(index).put((byte) Math.max(0, chance.nextInt(10) - 5));
      return message;
    }

    private Request<byte[], byte[]> request(Random chance, String where, byte[] message) {
      Method<byte[], byte[]> method = UNARY.get(chance.nextInt(UNARY.size()));
      if (idempotent[index(message)]) {
        method = method.idempotent();
      }
      int millis = List.of(1, 3, 10, 25, 2_000, 2_000, 2_000).get(chance.nextInt(7));
      return Request.of(method, message).at("ip://" + where).withTimeout(Duration.ofMillis(millis));
    }

    private void blocking(Client client, Random chance, String where, byte[] message) {
      int index = index(message);
      Context parent = StartedTest.context();
      if (chance.nextInt(3) == 0) {
        long nanos = chance.nextInt(2_000_000);
        Thread.startVirtualThread(() -> {
          long until = System.nanoTime() + nanos;
          while (System.nanoTime() < until) {
            Thread.yield();
          }
          parent.cancel(Status.of(Code.CANCELLED, "on purpose"));
        });
      }
      Context before = parent.enter();
      try {
        answered(index, message, client.send(request(chance, where, message)).body());
      } catch (RpcException e) {
        failed(index, e.status());
      } finally {
        Context.exit(before);
      }
    }

    private void async(Client client, Random chance, String where, byte[] message) {
      int index = index(message);
      CompletableFuture<Reply<byte[]>> call = client.sendAsync(request(chance, where, message));
      CompletableFuture<?> told =
          call.handle((reply, thrown) -> {
            if (reply != null) {
              answered(index, message, reply.body());
            } else if (thrown instanceof RpcException e) {
              failed(index, e.status());
            } else {
              failed(index, null); // its future was cancelled
            }
            return "";
          });
      synchronized (futures) {
        futures.add(told);
      }
      if (chance.nextInt(4) == 0) {
        if (chance.nextBoolean()) {
          Thread.yield();
        }
        call.cancel(true);
      } else if (chance.nextInt(4) == 0) {
        told.join();
      }
    }

    private void streaming(Client client, Random chance, String where, byte[] message) {
      int index = index(message);
      Request<byte[], byte[]> opening =
          Request.opening(STREAM)
              .at("ip://" + where)
              .withTimeout(Duration.ofMillis(chance.nextInt(3) == 0 ? 10 : 2_000));
      try (Exchange<byte[], byte[]> exchange = client.open(opening)) {
        for (int i = chance.nextInt(4); i >= 0; i--) {
          exchange.send(message);
          byte[] back = exchange.next();
          if (back == null) {
            wrong.add("a stream ended early, in OK");
          } else if (!Arrays.equals(message, back)) {
            wrong.add("a stream's message came back as another");
          }
        }
        if (chance.nextBoolean()) {
          exchange.finish();
          if (exchange.next() != null) {
            wrong.add("a stream brought a message too many");
          }
        }
        ok.incrementAndGet();
        ended.incrementAndGet(index);
      } catch (RpcException e) {
        failed(index, e.status());
      }
    }

    private void answered(int index, byte[] sent, byte[] came) {
      ended.incrementAndGet(index);
      ok.incrementAndGet();
      if (!Arrays.equals(sent, came)) {
        wrong.add(
            "call " + index + ": " + came.length + " bytes, not the " + sent.length + " sent");
      }
    }

    private void failed(int index, Status status) {
      ended.incrementAndGet(index);
      if (status != null && status.started() == Started.NO) {
        notStarted.add(index);
      } else {
        failed.incrementAndGet();
      }
    }

    void check(String what) {
      assertThat(wrong).as(what).isEmpty();
      for (int i = 0; i < ROUND; i++) {
        assertThat(ended.get(i)).as("%s: ends of call %d", what, i).isEqualTo(1);
        if (notStarted.contains(i)) {
          assertThat(ran.get(i)).as("%s: call %d was told as not started", what, i).isZero();
        }
        if (!idempotent[i]) {
          assertThat(ran.get(i)).as("%s: runs of call %d", what, i).isLessThanOrEqualTo(1);
        }
      }
    }

    @Override
    public void close() throws Exception {
      plain.close();
      filtered.close();
      breaking.close();
      draining.close();
      steady.close();
      pool.shutdown();
      reactor.close();
    }
  }

  /** Passes bytes on to a server, and breaks its connections when it is told to. */
  private static final class Breaking implements AutoCloseable {
    private final ServerSocket listening =
        new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final int port;

    Breaking(String to) throws IOException {
      port = Integer.parseInt(to.substring(to.lastIndexOf(':') + 1));
      Thread.startVirtualThread(this::accept);
    }

    String address() {
      return "127.0.0.1:" + listening.getLocalPort();
    }

    private void accept() {
      while (!listening.isClosed()) {
        try {
          Socket near = listening.accept();
          Socket far = new Socket(InetAddress.getLoopbackAddress(), port);
          open.add(near);
          open.add(far);
          Thread.startVirtualThread(() -> pass(near, far));
          Thread.startVirtualThread(() -> pass(far, near));
        } catch (IOException e) {
          // Closed, or the server is.
        }
      }
    }

    private void pass(Socket from, Socket to) {
      try (from;
          to) {
        from.getInputStream().transferTo(to.getOutputStream());
      } catch (IOException e) {
        // As it is meant to.
      } finally {
        open.remove(from);
        open.remove(to);
      }
    }

    void breakAll() throws IOException {
      for (Socket each : open) {
        each.close();
      }
    }

    @Override
    public void close() throws IOException {
      listening.close();
      breakAll();
    }
  }
}
