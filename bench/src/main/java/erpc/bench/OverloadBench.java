package erpc.bench;

import erpc.bench.wire.Echo;
import erpc.call.Criticality;
import erpc.call.Request;
import erpc.call.RpcException;
import erpc.call.Status;
import erpc.client.Client;
import erpc.client.ClientSettings;
import erpc.settings.Mode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Recorder;

/**
 * What a server still does that gets five times as many calls as it can: calls come at a fixed
 * rate, whatever becomes of those before them. Server and driver have a processor each, if the
 * machine can be told so.
 */
final class OverloadBench implements Judging {
  static final String USAGE =
      """
      erpc bench overload [option…]: what a server still does that gets five times as many calls as it can,
      with protection and without; its handlers burn 1 ms of a processor
        --seconds N      seconds of overload (10)
        --warm N         seconds of warming up, of each kind of load (5)
        --times N        so many times as many calls as it can (5)
      Exit codes: 0 all bounds met with protection, 1 one missed, 2 wrong usage\
      """;

  private static final Duration TIMEOUT = Duration.ofSeconds(1);
  private static final int AT_A_TIME = 16;
  private static final int CLOSED_ROUNDS = 3;
  private static final int CLOSED_SECONDS = 2;

  /** Seconds after the overload, in which half as much comes as the server can. */
  private static final int CALM_SECONDS = 8;

  /** From this second of the overload on goodput counts. */
  private static final int COUNTS_FROM = 3;

  /** Of what the server can, so much is critical. */
  private static final double CRITICAL = 0.4;

  private static final double LEAST_GOODPUT = 0.9;
  private static final double LEAST_CRITICAL = 0.99;
  private static final double MOST_REJECTION_MILLIS = 10;
  private static final double MOST_RECOVERY_SECONDS = 5;
  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

  private int seconds = 10;
  private int warm = 5;
  private int times = 5;

  public static void main(String[] args) throws Exception {
    Judging.main("erpc bench overload", USAGE, new OverloadBench(), args);
  }

  @Override
  public boolean read(Arguments args) {
    for (String option = args.next(); option != null; option = args.next()) {
      switch (option) {
        case "--help", "-h" -> {
          return false;
        }
        case "--seconds" -> seconds = args.number();
        case "--warm" -> warm = args.number();
        case "--times" -> times = args.number();
        default ->
            throw new IllegalArgumentException("no option '" + option + "'; --help lists them");
      }
    }
    if (seconds <= COUNTS_FROM) {
      throw new IllegalArgumentException("--seconds must be more than " + COUNTS_FROM);
    }
    return true;
  }

  @Override
  public boolean run() throws Exception {
    System.out.println(Machine.describe());
    boolean pinned = pin();
    System.out.printf(
        "%s; overload of %d s, %d times what the server can%n",
        pinned ? "server and driver on a processor each" : "no taskset: nothing is pinned",
        seconds,
        times);
    boolean met = false;
    for (Mode each : List.of(Mode.ON, Mode.OFF)) {
      try (Trial trial = new Trial(each, pinned)) {
        met |= trial.run() && each == Mode.ON;
      }
    }
    return met;
  }

  /** Has this process keep to the second processor; false if it cannot be told so. */
  private static boolean pin() throws InterruptedException {
    if (Runtime.getRuntime().availableProcessors() < 2) {
      return false;
    }
    try {
      String pid = Long.toString(ProcessHandle.current().pid());
      return new ProcessBuilder("taskset", "-a", "-c", "-p", "1", pid)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start()
              .waitFor()
          == 0;
    } catch (IOException e) {
      return false; // There is none.
    }
  }

  /** One server, from its start to its end. */
  private final class Trial implements AutoCloseable {
    private final Mode protection;
    private final Process server;
    private final Client client =
        Client.builder().settings(ClientSettings.DEFAULTS.withMaxAttempts(1)).build();
    private final Request<Echo, Echo> request;
    private final Recorder rejections = new Recorder(3);
    private final Recorder firstRejections = new Recorder(3);
    private final LongAdder critical = new LongAdder();
    private final LongAdder criticalGood = new LongAdder();
    private final LongAdder late = new LongAdder();
    private final AtomicLongArray good = new AtomicLongArray(seconds + 1);
    private final AtomicLong lastFailedNanos = new AtomicLong(Long.MIN_VALUE);
    private long startNanos;

    Trial(Mode protection, boolean pinned) throws IOException {
      this.protection = protection;
      List<String> before = pinned ? List.of("taskset", "-c", "0") : List.of();
      server = Jvm.start(before, BusyServer.class, protection.name());
      String port = server.inputReader(StandardCharsets.UTF_8).readLine();
      request =
          Request.of(BusyServer.BURN, Echo.newBuilder().setId(1).build())
              .at("ip://127.0.0.1:" + port)
              .withTimeout(TIMEOUT);
    }

    boolean run() throws Exception {
      double unused = closed(warm);
      double rough = closed(CLOSED_SECONDS);
      // What a server does in an overload has to be warm, too, or its compilers take part in it.
      open(System.nanoTime() + warm * SECOND, rough * CRITICAL, rough * times);
      open(System.nanoTime() + CALM_SECONDS * SECOND, rough * CRITICAL, rough / 2);
      forget();
      double best = 0;
      for (int i = 0; i < CLOSED_ROUNDS; i++) {
        best = Math.max(best, closed(CLOSED_SECONDS));
      }
      startNanos = System.nanoTime();
      long end = startNanos + seconds * SECOND;
      open(end, best * CRITICAL, best * times);
      open(end + CALM_SECONDS * SECOND, best * CRITICAL, best / 2);
      TimeUnit.MILLISECONDS.sleep(2 * TIMEOUT.toMillis());
      return told(best, Math.max(0, lastFailedNanos.get() - end) / 1e9);
    }

    /** What was seen while it got warm does not count. */
    private void forget() throws InterruptedException {
      TimeUnit.MILLISECONDS.sleep(2 * TIMEOUT.toMillis());
      rejections.reset();
      firstRejections.reset();
      critical.reset();
      criticalGood.reset();
      late.reset();
      lastFailedNanos.set(Long.MIN_VALUE);
      for (int i = 0; i < good.length(); i++) {
        good.set(i, 0);
      }
    }

    /** Calls per second with as many at a time as keep the server busy. */
    private double closed(int forSeconds) throws InterruptedException {
      Semaphore room = new Semaphore(AT_A_TIME);
      LongAdder done = new LongAdder();
      long start = System.nanoTime();
      while (System.nanoTime() - start < forSeconds * SECOND) {
        room.acquire();
        var unused =
            client
                .sendAsync(request)
                .whenComplete((reply, thrown) -> {
                  if (thrown == null) {
                    done.increment();
                  }
                  room.release();
                });
      }
      double rate = done.sum() * 1e9 / (System.nanoTime() - start);
      room.acquire(AT_A_TIME);
      return rate;
    }

    /** Makes calls at this rate, whatever becomes of those before them. */
    private void open(long endNanos, double criticalPerSecond, double perSecond) {
      double part = criticalPerSecond / perSecond;
      double owed = 0;
      double gapNanos = SECOND / perSecond;
      long first = System.nanoTime();
      for (long i = 0; first + (long) (i * gapNanos) < endNanos; i++) {
        long left = first + (long) (i * gapNanos) - System.nanoTime();
        if (left > 0) {
          LockSupport.parkNanos(left);
        }
        owed += part;
        boolean matters = owed >= 1;
        owed -= matters ? 1 : 0;
        call(matters ? Criticality.CRITICAL : Criticality.SHEDDABLE);
      }
    }

    private void call(Criticality how) {
      long begun = System.nanoTime();
      boolean overload = begun - startNanos < seconds * SECOND;
      boolean counts = overload && how == Criticality.CRITICAL;
      if (counts) {
        critical.increment();
      }
      var unused =
          client
              .sendAsync(
                  request.withOptions(request.options().withCriticality(how).withTimeout(TIMEOUT)))
              .whenComplete((reply, thrown) -> {
                long now = System.nanoTime();
                int second = (int) ((now - startNanos) / SECOND);
                if (thrown == null) {
                  if (second < good.length()) {
                    good.incrementAndGet(second);
                  }
                  if (counts) {
                    criticalGood.increment();
                  }
                  return;
                }
                lastFailedNanos.accumulateAndGet(begun, Math::max);
                if (isRejection(thrown)) {
                  boolean begins = begun - startNanos < COUNTS_FROM * SECOND;
                  (begins ? firstRejections : rejections).recordValue(now - begun);
                } else {
                  late.increment();
                }
              });
    }

    private static boolean isRejection(Throwable thrown) {
      Throwable cause = thrown instanceof CompletionException ? thrown.getCause() : thrown;
      return cause instanceof RpcException own
          && own.status().code() == Status.Code.RESOURCE_EXHAUSTED;
    }

    private boolean told(double best, double recovery) {
      long all = 0;
      for (int i = COUNTS_FROM; i < seconds; i++) {
        all += good.get(i);
      }
      double goodput = all / (double) (seconds - COUNTS_FROM) / best;
      var rejected = rejections.getIntervalHistogram();
      double p99 = rejected.getValueAtPercentile(99) / 1e6;
      double firstP99 = firstRejections.getIntervalHistogram().getValueAtPercentile(99) / 1e6;
      double served = criticalGood.sum() / (double) Math.max(1, critical.sum());
      boolean met =
          goodput >= LEAST_GOODPUT
              && p99 < MOST_REJECTION_MILLIS
              && recovery <= MOST_RECOVERY_SECONDS
              && served >= LEAST_CRITICAL;
      List<String> perSecond = new ArrayList<>();
      for (int i = 0; i < seconds; i++) {
        perSecond.add(Long.toString(good.get(i)));
      }
      System.out.printf(
          Locale.ROOT,
          "%-6s protection %s: %,.0f calls/s at best; goodput %.0f %% of that from second %d on"
              + " (at least %.0f %%); %,d rejections from then on, p99 %.1f ms (below %.0f), before that %.1f; %,d others"
              + " failed; recovered after %.1f s (at most %.0f); %.2f %% of %,d critical calls"
              + " served (at least %.0f)%n"
              + "       goodput by second: %s%n",
          met ? "met" : "MISSED",
          protection,
          best,
          100 * goodput,
          COUNTS_FROM,
          100 * LEAST_GOODPUT,
          rejected.getTotalCount(),
          p99,
          MOST_REJECTION_MILLIS,
          firstP99,
          late.sum(),
          recovery,
          MOST_RECOVERY_SECONDS,
          100 * served,
          critical.sum(),
          100 * LEAST_CRITICAL,
          String.join(" ", perSecond));
      return met;
    }

    @Override
    public void close() {
      client.close();
      server.destroyForcibly();
    }
  }
}
