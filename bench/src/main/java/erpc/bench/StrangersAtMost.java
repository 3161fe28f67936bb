package erpc.bench;

import erpc.bench.driver.Setup;
import erpc.bench.wire.Echo;
import erpc.call.Method;
import erpc.call.Request;
import erpc.call.RpcException;
import erpc.call.Status;
import erpc.client.Client;
import erpc.client.ClientSettings;
import java.io.BufferedReader;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.Recorder;

/**
 * Honest calls, each with a second, beside a process of {@link Strangers} that does as much as one
 * processor lets it: none of them is to fail.
 */
final class StrangersAtMost {
  private static final Duration DEADLINE = Duration.ofSeconds(1);
  private static final int BATCHES_PER_SECOND = 1_000;
  private static final int START_SECONDS = 3;
  private static final List<String> ONE_PROCESSOR = List.of("taskset", "-c", "0");

  private final int port;
  private final int rate;
  private final int seconds;
  private final List<String> kinds;

  /**
   * Prepares it.
   *
   * @param rate honest calls per second
   * @param seconds how long each kind goes on
   * @param kinds names of kinds of strangers; empty for all
   */
  StrangersAtMost(int port, int rate, int seconds, List<String> kinds) {
    this.port = port;
    this.rate = rate;
    this.seconds = seconds;
    this.kinds =
        kinds.isEmpty() ? Arrays.stream(Strangers.Kind.values()).map(Enum::name).toList() : kinds;
  }

  void run() throws Exception {
    Method<Echo, Echo> echo = Method.unary("bench.echo", Echo.class, Echo.class);
    Request<Echo, Echo> request =
        Request.of(echo, Setup.USUAL.message()).at("ip://127.0.0.1:" + port).withTimeout(DEADLINE);
    ClientSettings once = ClientSettings.DEFAULTS.withMaxAttempts(1);
    try (Client client = Client.builder().settings(once).inlineCallbacks().build()) {
      var unused = client.send(request);
      for (String kind : kinds) {
        beside(client, request, kind);
      }
    }
  }

  private void beside(Client client, Request<Echo, Echo> request, String kind) throws Exception {
    Process strangers =
        Jvm.start(ONE_PROCESSOR, Strangers.class, Integer.toString(port), "0", kind);
    try (BufferedReader from = strangers.inputReader(StandardCharsets.UTF_8);
        Writer to = strangers.outputWriter(StandardCharsets.UTF_8)) {
      var unused = from.readLine();
      TimeUnit.SECONDS.sleep(START_SECONDS);
      Map<Status.Code, LongAdder> failed = new ConcurrentHashMap<>();
      Histogram times = measure(client, request, failed);
      System.out.printf(
          Locale.ROOT,
          "%-22s %,9d honest calls, %,d failed%s; p50 %,.0f µs, p99 %,.0f µs, longest %,.0f ms%n",
          kind,
          times.getTotalCount(),
          failed.values().stream().mapToLong(LongAdder::sum).sum(),
          failed.isEmpty() ? "" : " " + failed,
          times.getValueAtPercentile(50) / 1e3,
          times.getValueAtPercentile(99) / 1e3,
          times.getMaxValue() / 1e6);
    } finally {
      strangers.destroyForcibly();
      strangers.waitFor();
    }
  }

  private static Status.Code code(Throwable thrown) {
    return thrown instanceof RpcException rpc ? rpc.code() : Status.Code.UNKNOWN;
  }

  private Histogram measure(
      Client client, Request<Echo, Echo> request, Map<Status.Code, LongAdder> failed)
      throws InterruptedException {
    Recorder times = new Recorder(3);
    int batch = Math.max(1, rate / BATCHES_PER_SECOND);
    long periodNanos = TimeUnit.SECONDS.toNanos(1) * batch / rate;
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    for (long due = System.nanoTime(); due < end; due += periodNanos) {
      for (long now = System.nanoTime(); now < due; now = System.nanoTime()) {
        LockSupport.parkNanos(due - now);
      }
      for (int i = 0; i < batch; i++) {
        long from = System.nanoTime();
        var unused =
            client
                .sendAsync(request)
                .whenComplete((reply, thrown) -> {
                  times.recordValue(System.nanoTime() - from);
                  if (thrown != null) {
                    failed.computeIfAbsent(code(thrown), any -> new LongAdder()).increment();
                  }
                });
      }
    }
    TimeUnit.NANOSECONDS.sleep(DEADLINE.plusMillis(200).toNanos());
    return times.getIntervalHistogram();
  }
}
