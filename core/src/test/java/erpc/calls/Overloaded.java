package erpc.calls;

import static org.awaitility.Awaitility.await;

import erpc.call.Context;
import erpc.call.Criticality;
import erpc.call.Method;
import erpc.call.Request;
import erpc.call.RpcException;
import erpc.call.Status;
import erpc.client.Client;
import erpc.client.ClientSettings;
import erpc.fixture.EchoReply;
import erpc.fixture.EchoRequest;
import erpc.server.Server;
import erpc.server.ServerBuilder;
import erpc.server.ServerSettings;
import erpc.transport.ManualClock;
import erpc.transport.Reactor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A server whose handlers begin when a test lets them, one after the other, by a clock that the
 * test moves: a processor with a queue before it. What it does depends on nothing else.
 */
final class Overloaded implements AutoCloseable {
  static final Duration TICK = Duration.ofMillis(2);

  private static final int ALL = 1_000_000;

  final ManualClock clock = new ManualClock();
  final Rig rig = new Rig(Reactor.inMemory(clock));
  final Server server;
  final Client client;
  final AtomicInteger handled = new AtomicInteger();
  final Queue<Criticality> claimed = new ConcurrentLinkedQueue<>();

  /** What handlers wait for, once they have begun. */
  final Semaphore work = new Semaphore(ALL, true);

  private final Semaphore processor = new Semaphore(0, true);
  private final Set<Thread> begun = ConcurrentHashMap.newKeySet();
  private final AtomicInteger inFlight = new AtomicInteger();
  private final ByteArrayOutputStream log = new ByteArrayOutputStream();
  private final PrintStream stderr = System.err;

  /** What became of calls that are alike. */
  static final class Seen {
    final AtomicInteger sent = new AtomicInteger();
    final AtomicInteger served = new AtomicInteger();
    final Queue<Status> failures = new ConcurrentLinkedQueue<>();

    double part() {
      return served.get() / (double) sent.get();
    }
  }

  Overloaded(ServerBuilder builder, ServerSettings settings) throws IOException {
    System.setErr(new PrintStream(log, true, StandardCharsets.UTF_8));
    server =
        rig.serve(
            builder
                .settings(settings.withDrain(Duration.ZERO, Duration.ofMillis(100)))
                .ticker(this::nanos),
            this::handle);
    client = rig.client(Client.builder().settings(ClientSettings.DEFAULTS.withMaxAttempts(1)));
  }

  Overloaded(ServerSettings settings) throws IOException {
    this(Server.builder(), settings);
  }

  /** A handler's thread reads the clock first of all: it waits for its turn there. */
  private long nanos() {
    Thread here = Thread.currentThread();
    if (here.isVirtual() && here.getName().startsWith("erpc demo.") && begun.add(here)) {
      processor.acquireUninterruptibly();
    }
    return clock.nanos();
  }

  private EchoReply handle(Context context, EchoRequest request) throws InterruptedException {
    claimed.add(context.criticality());
    work.acquire();
    handled.incrementAndGet();
    return Rig.reply(request.getMsg());
  }

  Request<EchoRequest, EchoReply> request(Criticality how) {
    return request(Rig.ECHO, how);
  }

  Request<EchoRequest, EchoReply> request(Method<EchoRequest, EchoReply> method, Criticality how) {
    var request = Request.of(method, Rig.request("hi")).at("ip://" + server.address());
    return request.withOptions(request.options().withCriticality(how)).withTimeout(Rig.LONG);
  }

  /** Makes so many calls, and returns once the server has what it lets in. */
  void call(Request<EchoRequest, EchoReply> request, int count, Seen into) {
    for (int i = 0; i < count; i++) {
      into.sent.incrementAndGet();
      inFlight.incrementAndGet();
      var unused =
          client
              .sendAsync(request)
              .whenComplete((reply, thrown) -> {
                if (thrown == null) {
                  into.served.incrementAndGet();
                } else {
                  into.failures.add(status(thrown));
                }
                inFlight.decrementAndGet();
              });
    }
    settle();
  }

  void call(Criticality how, int count, Seen into) {
    call(request(how), count, into);
  }

  private static Status status(Throwable thrown) {
    Throwable cause = thrown instanceof CompletionException ? thrown.getCause() : thrown;
    return ((RpcException) cause).status();
  }

  /** What a call ends in that may wait for a while. */
  static <R> R outcome(ManualClock clock, CompletableFuture<R> call) throws Exception {
    await()
        .until(() -> {
          clock.advance(TICK);
          return call.isDone();
        });
    return call.get();
  }

  void settle() {
    clock.advance(Duration.ZERO);
  }

  /** Time passes, in which at most so many calls are handled; to refuse others takes no time. */
  void passes(int calls) {
    clock.advance(TICK);
    int most = handled.get() + calls;
    while (handled.get() < most && server.inFlight() > 0) {
      int before = server.inFlight();
      processor.release();
      while (server.inFlight() == before) {
        Thread.onSpinWait();
      }
    }
    settle();
  }

  /** From now on handlers begin at once. */
  void freesProcessor() {
    processor.release(ALL);
  }

  /** All that waits begins, in no time, and ends. */
  void finish() {
    freesProcessor();
    work.release(ALL);
    await()
        .until(() -> {
          settle();
          return inFlight.get() == 0;
        });
    processor.drainPermits();
  }

  String log() {
    return log.toString(StandardCharsets.UTF_8);
  }

  @Override
  public void close() throws Exception {
    freesProcessor();
    work.release(ALL);
    System.setErr(stderr);
    rig.close();
  }
}
