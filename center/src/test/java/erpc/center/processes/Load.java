package erpc.center.processes;

import erpc.call.Method;
import erpc.call.Request;
import erpc.call.RpcException;
import erpc.call.Status;
import erpc.client.Client;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** So many calls per second, 200 unless said otherwise, and what became of them. */
final class Load implements AutoCloseable {
  private static final long PERIOD_MILLIS = 5;

  private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
  private final AtomicInteger begun = new AtomicInteger();
  private final AtomicInteger ended = new AtomicInteger();
  private final Queue<Failure> failures = new ConcurrentLinkedQueue<>();
  private final Set<String> answered = ConcurrentHashMap.newKeySet();

  /** A call that failed: when it was made, when it ended, and how. */
  record Failure(long begunNanos, long endedNanos, Status status) {}

  static Load start(Client client, Method<byte[], byte[]> method) {
    return start(client, method, PERIOD_MILLIS);
  }

  static Load start(Client client, Method<byte[], byte[]> method, long periodMillis) {
    Load load = new Load();
    Request<byte[], byte[]> request =
        Request.of(method, new byte[] {1}).withTimeout(Duration.ofSeconds(5));
    var unused =
        load.clock.scheduleAtFixedRate(
            () -> load.call(client, request), 0, periodMillis, TimeUnit.MILLISECONDS);
    return load;
  }

  private void call(Client client, Request<byte[], byte[]> request) {
    begun.incrementAndGet();
    long begunNanos = System.nanoTime();
    var unused =
        client
            .sendAsync(request)
            .whenComplete((reply, thrown) -> {
              if (thrown == null) {
                answered.add(new String(reply.body(), java.nio.charset.StandardCharsets.US_ASCII));
              } else {
                Status status =
                    thrown instanceof RpcException rpc
                        ? rpc.status()
                        : Status.of(Status.Code.UNKNOWN, thrown.toString());
                failures.add(new Failure(begunNanos, System.nanoTime(), status));
              }
              ended.incrementAndGet();
            });
  }

  /** Process ids of the servers that have answered since this was last asked. */
  Set<String> answered() {
    Set<String> now = Set.copyOf(answered);
    answered.clear();
    return now;
  }

  int calls() {
    return ended.get();
  }

  List<Failure> failures() {
    return List.copyOf(failures);
  }

  /** Makes no more calls, and waits for those on their way. */
  Load stop() {
    clock.shutdown();
    org.awaitility.Awaitility.await()
        .atMost(Duration.ofSeconds(10))
        .until(() -> clock.isTerminated() && ended.get() == begun.get());
    return this;
  }

  @Override
  public void close() {
    clock.shutdownNow();
  }
}
