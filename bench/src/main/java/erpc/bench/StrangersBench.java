package erpc.bench;

import erpc.bench.driver.Setup;
import erpc.bench.driver.Subject;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.Recorder;

/**
 * What an honest connection notices of {@link Strangers} at the same port: latencies at a fifth of
 * the peak, in rounds of three runs: without them, with them at another server's port, where they
 * cost the same processors but nothing else, and with them here. Calls are made at a fixed rate
 * whatever becomes of those before them, and timed from when they were due.
 */
final class StrangersBench {
  static final String USAGE =
      """
      erpc bench strangers [option…]: what an honest connection notices of strangers at the same port
        --rounds N       rounds of three runs: without, with them elsewhere, with them here (5)
        --seconds N      seconds of each run (8)
        --strangers N    new ones per second (20)
        --burn PERCENT   instead of so many per second, as many as take so much of a processor at the server
        --highest        strangers of each kind at the highest rate of a process that has one processor, and
                         how many honest calls fail that have a second each
        --kind KIND      strangers of this kind only; may be given several times\
      """;

  private static final int PEAK_IN_FLIGHT = 256;
  private static final int LOAD_DIVISOR = 5;
  private static final int BATCHES_PER_SECOND = 1_000;
  private static final int WARM_SECONDS = 8;

  /** How long a process of strangers takes to be up and compiled. */
  private static final int START_SECONDS = 4;

  /** To find out what one stranger costs. */
  private static final int TRIAL_PER_SECOND = 5;

  private static final int TRIAL_SECONDS = 4;

  private static final List<String> LAST = List.of("chrt", "--idle", "0");

  private int rounds = 5;
  private int seconds = 8;
  private int perSecond = 20;
  private int burnPercent;
  private boolean highest;
  private final List<String> kinds = new ArrayList<>();

  private StrangersBench() {}

  public static void main(String[] args) throws Exception {
    StrangersBench bench = new StrangersBench();
    if (Arguments.taken("erpc bench strangers", USAGE, args, bench::read)) {
      bench.run();
      System.exit(0);
    }
  }

  /** False if only help is wanted. */
  private boolean read(Arguments args) {
    for (String option = args.next(); option != null; option = args.next()) {
      switch (option) {
        case "--help", "-h" -> {
          return false;
        }
        case "--rounds" -> rounds = args.number();
        case "--seconds" -> seconds = args.number();
        case "--strangers" -> perSecond = args.number();
        case "--burn" -> burnPercent = args.number();
        case "--highest" -> highest = true;
        case "--kind" -> kinds.add(args.word());
        default -> throw args.unknown();
      }
    }
    return true;
  }

  private void run() throws Exception {
    // A handler that runs inline has its loop decompress what strangers send.
    Setup setup = highest || burnPercent > 0 ? Setup.USUAL.withDefaults() : Setup.USUAL;
    Process server = Jvm.server(setup);
    Process other = Jvm.server(setup);
    try (BufferedReader from = server.inputReader(StandardCharsets.UTF_8);
        BufferedReader fromOther = other.inputReader(StandardCharsets.UTF_8)) {
      int port = Integer.parseInt(from.readLine());
      int otherPort = Integer.parseInt(fromOther.readLine());
      Subject.Caller caller = Subject.named("erpc").connect(port, Setup.USUAL);
      double peak = peak(caller);
      int rate = (int) (peak / LOAD_DIVISOR);
      if (highest) {
        new StrangersAtMost(port, rate, seconds, kinds).run();
        return;
      }
      if (burnPercent > 0) {
        perSecond = burning(other, otherPort);
      }
      System.out.printf(
          Locale.ROOT,
          "peak %,.0f calls/s; measured at %,d calls/s, %d s a run, %d strangers a second%n",
          peak,
          rate,
          seconds,
          perSecond);
      List<Double> toAlone = new ArrayList<>();
      List<Double> toElsewhere = new ArrayList<>();
      var unused = measure(caller, rate, WARM_SECONDS);
      for (int round = 1; round <= rounds; round++) {
        Histogram alone = measure(caller, rate, seconds);
        Histogram elsewhere = attacked(otherPort, caller, rate);
        Histogram here = attacked(port, caller, rate);
        toAlone.add(p99(here) / p99(alone));
        toElsewhere.add(p99(here) / p99(elsewhere));
        System.out.printf(
            Locale.ROOT,
            "round %d: p50 %.0f, %.0f, %.0f µs; p99 %.0f, %.0f, %.0f µs (alone, strangers elsewhere, strangers here)%n",
            round,
            micros(alone, 50),
            micros(elsewhere, 50),
            micros(here, 50),
            p99(alone),
            p99(elsewhere),
            p99(here));
      }
      System.out.printf(
          Locale.ROOT,
          "median ratio of p99: %.2f to strangers elsewhere on this machine, %.2f to none%n",
          median(toElsewhere),
          median(toAlone));
    } finally {
      server.destroyForcibly();
      other.destroyForcibly();
    }
  }

  /** How many strangers a second take so much of a processor at a server that has nothing else. */
  private int burning(Process at, int port) throws Exception {
    perSecond = TRIAL_PER_SECOND;
    Process strangers = start(port);
    try {
      TimeUnit.SECONDS.sleep(START_SECONDS);
      double before = cpuSeconds(at);
      TimeUnit.SECONDS.sleep(TRIAL_SECONDS);
      double each = (cpuSeconds(at) - before) / TRIAL_SECONDS / TRIAL_PER_SECOND;
      return (int) Math.max(1, burnPercent / 100.0 / Math.max(each, 1e-6));
    } finally {
      strangers.destroyForcibly();
      strangers.waitFor();
    }
  }

  private static double cpuSeconds(Process of) {
    return of.toHandle().info().totalCpuDuration().map(Duration::toNanos).orElse(0L) / 1e9;
  }

  private static double median(List<Double> values) {
    values.sort(null);
    return values.get(values.size() / 2);
  }

  private static double p99(Histogram times) {
    return micros(times, 99);
  }

  private static double micros(Histogram times, double percentile) {
    return times.getValueAtPercentile(percentile) / 1e3;
  }

  private Histogram attacked(int port, Subject.Caller caller, int rate) throws Exception {
    Process strangers = start(port);
    try (BufferedReader from = strangers.inputReader(StandardCharsets.UTF_8);
        Writer to = strangers.outputWriter(StandardCharsets.UTF_8)) {
      var unused = from.readLine();
      // Its own start is not what is measured.
      TimeUnit.SECONDS.sleep(START_SECONDS);
      return measure(caller, rate, seconds);
    } finally {
      strangers.destroyForcibly();
      strangers.waitFor();
    }
  }

  private Process start(int port) throws IOException {
    List<String> arguments = new ArrayList<>();
    arguments.add(Integer.toString(port));
    arguments.add(Integer.toString(perSecond));
    arguments.addAll(kinds);
    // Strangers come from other machines; here they get only what processors have to spare.
    return Jvm.start(LAST, Strangers.class, arguments.toArray(String[]::new));
  }

  private static double peak(Subject.Caller caller) throws InterruptedException {
    LongAdder calls = new LongAdder();
    AtomicBoolean stop = new AtomicBoolean();
    LongAdder idle = new LongAdder();
    for (int i = 0; i < PEAK_IN_FLIGHT; i++) {
      new Runnable() {
        @Override
        public void run() {
          calls.increment();
          if (stop.get()) {
            idle.increment();
          } else {
            caller.call(this);
          }
        }
      }.run();
    }
    TimeUnit.SECONDS.sleep(WARM_SECONDS);
    calls.reset();
    long start = System.nanoTime();
    TimeUnit.SECONDS.sleep(4);
    double rate = calls.sum() * 1e9 / (System.nanoTime() - start);
    stop.set(true);
    while (idle.sum() < PEAK_IN_FLIGHT) {
      TimeUnit.MILLISECONDS.sleep(1);
    }
    return rate;
  }

  private static Histogram measure(Subject.Caller caller, int rate, int seconds) {
    Recorder times = new Recorder(3);
    int batch = Math.max(1, rate / BATCHES_PER_SECOND);
    long periodNanos = TimeUnit.SECONDS.toNanos(1) * batch / rate;
    long start = System.nanoTime();
    long end = start + TimeUnit.SECONDS.toNanos(seconds);
    for (long due = start; due < end; due += periodNanos) {
      for (long now = System.nanoTime(); now < due; now = System.nanoTime()) {
        LockSupport.parkNanos(due - now);
      }
      long from = due;
      for (int i = 0; i < batch; i++) {
        caller.call(() -> times.recordValue(System.nanoTime() - from));
      }
    }
    return times.getIntervalHistogram();
  }
}
