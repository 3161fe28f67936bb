package erpc.bench;

import erpc.bench.FaultyServer.Health;
import erpc.bench.wire.Echo;
import erpc.call.Method;
import erpc.call.Request;
import erpc.client.Client;
import erpc.client.ClientSettings;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.Recorder;

/**
 * What callers notice of one server of three that is sick: four clients call at a fixed rate, first
 * while all is well, then while one server has a fault, then once it is repaired.
 */
final class FaultBench implements Judging {
  static final String USAGE =
      """
      erpc bench faults [option…] [fault…]: what callers notice of one sick server of three; all faults unless some are named
        unavailable, internal, hanging, stopped, flapping, five-percent, slow
        --seconds N      seconds of the fault (60)
        --rate N         calls per second of all four clients together (2000)
        --quiet N        seconds before the fault, and after it (10)
      Exit codes: 0 all bounds met, 1 one missed, 2 wrong usage\
      """;

  private static final int CLIENTS = 4;
  private static final int SERVERS = 3;
  private static final int MOST_IN_FLIGHT = 20_000;
  private static final Duration TIMEOUT = Duration.ofSeconds(1);
  private static final Duration TRY_TIMEOUT = Duration.ofMillis(100);
  private static final int WARM_SECONDS = 5;

  /** In which clients that are new make their connections. */
  private static final int CONNECT_SECONDS = 1;

  /** In a second in which it has so much of what it usually gets a server has its share. */
  private static final double SHARE = 0.8;

  /** So many times its usual load a sick server may get. */
  private static final double MOST_LOAD = 1.2;

  /** Within so many seconds a repaired server has its share again. */
  private static final int REPAIR_SECONDS = 5;

  /**
   * One fault, and what is promised of it.
   *
   * @param success the share of calls that succeed
   * @param fromSecond from when on
   * @param stops whether its process is stopped instead
   */
  private record Fault(
      String name,
      Health health,
      boolean stops,
      Method<Echo, Echo> method,
      boolean tryTimeout,
      int fromSecond,
      double success) {}

  private static final List<Fault> FAULTS =
      List.of(
          new Fault("unavailable", Health.UNAVAILABLE, false, FaultyServer.READ, false, 0, 0.9999),
          new Fault("internal", Health.INTERNAL, false, FaultyServer.WRITE, false, 0, 0.995),
          new Fault("hanging", Health.HANGING, false, FaultyServer.WRITE, false, 2, 0.995),
          new Fault("hanging", Health.HANGING, false, FaultyServer.READ, true, 2, 0.9999),
          new Fault("stopped", Health.GOOD, true, FaultyServer.WRITE, false, 2, 0.995),
          new Fault("stopped", Health.GOOD, true, FaultyServer.READ, true, 2, 0.9999),
          new Fault("flapping", Health.FLAPPING, false, FaultyServer.READ, false, 0, 0.999),
          new Fault("five-percent", Health.FIVE_PERCENT, false, FaultyServer.READ, false, 0, 0.999),
          new Fault("slow", Health.SLOW, false, FaultyServer.READ, false, 0, 0.9999));

  private int seconds = 60;
  private int rate = 2_000;
  private int quiet = 10;
  private final List<String> chosen = new ArrayList<>();

  public static void main(String[] args) throws Exception {
    Judging.main("erpc bench faults", USAGE, new FaultBench(), args);
  }

  @Override
  public boolean read(Arguments args) {
    for (String option = args.next(); option != null; option = args.next()) {
      switch (option) {
        case "--help", "-h" -> {
          return false;
        }
        case "--seconds" -> seconds = args.number();
        case "--rate" -> rate = args.number();
        case "--quiet" -> quiet = args.number();
        default -> {
          String name = option;
          if (FAULTS.stream().noneMatch(each -> each.name.equals(name))) {
            throw new IllegalArgumentException("no fault '" + name + "'; --help lists them");
          }
          chosen.add(name);
        }
      }
    }
    if (quiet <= REPAIR_SECONDS) {
      throw new IllegalArgumentException("--quiet must be more than " + REPAIR_SECONDS);
    }
    return true;
  }

  @Override
  public boolean run() throws Exception {
    System.out.println(Machine.describe());
    System.out.printf(
        "%d clients, %d servers, %,d calls/s, fault of %d s%n", CLIENTS, SERVERS, rate, seconds);
    boolean met = true;
    for (Fault each : FAULTS) {
      if (chosen.isEmpty() || chosen.contains(each.name)) {
        try (Trial trial = new Trial(each)) {
          met &= trial.run();
        }
      }
    }
    return met;
  }

  /** What became of calls, by the second in which they began. */
  private final class Seen {
    final AtomicLongArray good = new AtomicLongArray(seconds + 2 * quiet + CONNECT_SECONDS + 10);
    final AtomicLongArray bad = new AtomicLongArray(good.length());
    final AtomicLongArray atSick = new AtomicLongArray(good.length());

    double success(int from, int to) {
      long ok = 0;
      long failed = 0;
      for (int i = from; i < to; i++) {
        ok += good.get(i);
        failed += bad.get(i);
      }
      return ok / (double) Math.max(1, ok + failed);
    }
  }

  /** One fault, from the start of its processes to their end. */
  private final class Trial implements AutoCloseable {
    private final Fault fault;
    private final List<Child> servers = new ArrayList<>();
    private final List<Client> clients = new ArrayList<>();
    private final Seen seen = new Seen();
    private final Recorder times = new Recorder(3);
    private final Semaphore room = new Semaphore(MOST_IN_FLIGHT);
    private final AtomicBoolean over = new AtomicBoolean();
    private long startNanos;

    Trial(Fault fault) throws IOException {
      this.fault = fault;
      for (int i = 0; i < SERVERS; i++) {
        servers.add(new Child(FaultyServer.class));
      }
    }

    boolean run() throws Exception {
      String place =
          servers.stream().map(Child::address).collect(Collectors.joining(",", "list://", ""));
      Request<Echo, Echo> request =
          Request.of(fault.method, Echo.newBuilder().setId(1).build())
              .at(place)
              .withTimeout(TIMEOUT);
      Request<Echo, Echo> sent =
          fault.tryTimeout
              ? request.withOptions(request.options().withTryTimeout(TRY_TIMEOUT))
              : request;
      // Clients of its own: those that count have seen no server fail yet.
      try (Client first = Client.builder().settings(ClientSettings.DEFAULTS).build();
          OpenLoop load = OpenLoop.endless(rate, number -> first.sendAsync(request))) {
        TimeUnit.SECONDS.sleep(WARM_SECONDS);
        load.close();
        boolean unused = load.join();
      }
      startNanos = System.nanoTime();
      List<Thread> callers = new ArrayList<>();
      for (int i = 0; i < CLIENTS; i++) {
        Client client = Client.builder().settings(ClientSettings.DEFAULTS).build();
        clients.add(client);
        callers.add(Thread.ofPlatform().start(() -> call(client, sent)));
      }
      boolean met = sicken();
      over.set(true);
      for (Thread each : callers) {
        each.join();
      }
      return met;
    }

    private boolean sicken() throws Exception {
      Child sick = servers.get(0);
      waitUntil(CONNECT_SECONDS);
      times.reset();
      long callsBefore = sick.number("calls");
      waitUntil(CONNECT_SECONDS + quiet);
      Histogram usual = times.getIntervalHistogram();
      long callsAt = sick.number("calls");
      if (fault.stops) {
        sick.signal("STOP");
      } else {
        var unused = sick.ask(fault.health.name());
      }
      int begins = CONNECT_SECONDS + quiet;
      waitUntil(begins + REPAIR_SECONDS);
      times.reset();
      waitUntil(begins + seconds);
      Histogram faulty = times.getIntervalHistogram();
      long callsFaulty = fault.stops ? callsAt : sick.number("calls");
      if (fault.stops) {
        sick.signal("CONT");
      } else {
        var unused = sick.ask(Health.GOOD.name());
      }
      int repaired = begins + seconds;
      waitUntil(repaired + quiet);
      TimeUnit.MILLISECONDS.sleep(TIMEOUT.toMillis());
      double perSecond = (callsAt - callsBefore) / (double) quiet;
      double load = (callsFaulty - callsAt) / (double) seconds / perSecond;
      return told(usual, faulty, load, begins, repaired);
    }

    private boolean told(Histogram usual, Histogram faulty, double load, int begins, int repaired) {
      double success = seen.success(begins + fault.fromSecond, repaired);
      int back = secondsUntilBack(begins, repaired);
      double p99 = faulty.getValueAtPercentile(99) / 1e6;
      double usualP99 = usual.getValueAtPercentile(99) / 1e6;
      boolean calm = fault.health != Health.SLOW || p99 <= Math.max(2 * usualP99, usualP99 + 5);
      boolean met = success >= fault.success && load <= MOST_LOAD && back <= REPAIR_SECONDS && calm;
      System.out.printf(
          Locale.ROOT,
          "%-6s %-12s %s%s: %.4f %% succeed from second %d on (%.2f wanted); its load %.2f of the usual (at most %.1f);"
              + " full share after %s%d s (at most %d); p99 %.1f ms, usually %.1f%n"
              + "       calls it answered by second from the repair on: %s%n",
          met ? "met" : "MISSED",
          fault.name,
          fault.method.isIdempotent() ? "idempotent" : "not idempotent",
          fault.tryTimeout ? ", tryTimeout " + TRY_TIMEOUT.toMillis() + " ms" : "",
          100 * success,
          fault.fromSecond,
          100 * fault.success,
          load,
          MOST_LOAD,
          back == quiet ? "more than " : "",
          back,
          REPAIR_SECONDS,
          p99,
          usualP99,
          IntStream.range(repaired, repaired + quiet)
              .mapToObj(i -> Long.toString(seen.atSick.get(i)))
              .collect(Collectors.joining(" ")));
      return met;
    }

    /** Seconds from the repair to the first one in which the server has its share. */
    private int secondsUntilBack(int begins, int repaired) {
      double usual = 0;
      for (int i = CONNECT_SECONDS; i < begins; i++) {
        usual += seen.atSick.get(i) / (double) quiet;
      }
      for (int i = 0; i < quiet; i++) {
        if (seen.atSick.get(repaired + i) >= SHARE * usual) {
          return i;
        }
      }
      return quiet;
    }

    private void waitUntil(int second) {
      long end = startNanos + TimeUnit.SECONDS.toNanos(second);
      for (long left = end - System.nanoTime(); left > 0; left = end - System.nanoTime()) {
        LockSupport.parkNanos(left);
      }
    }

    /** Makes calls at its part of the rate, whatever becomes of those before them. */
    private void call(Client client, Request<Echo, Echo> request) {
      String sick = servers.get(0).address();
      long gapNanos = TimeUnit.SECONDS.toNanos(1) * CLIENTS / rate;
      for (long due = startNanos; !over.get(); due += gapNanos) {
        long left = due - System.nanoTime();
        if (left > 0) {
          LockSupport.parkNanos(left);
        }
        room.acquireUninterruptibly();
        long begun = System.nanoTime();
        int second = (int) Math.min(seen.good.length() - 1, (begun - startNanos) / 1_000_000_000L);
        var unused =
            client
                .sendAsync(request)
                .whenComplete((reply, thrown) -> {
                  room.release();
                  if (thrown == null) {
                    times.recordValue(System.nanoTime() - begun);
                    seen.good.incrementAndGet(second);
                    if (sick.equals(reply.endpoint())) {
                      seen.atSick.incrementAndGet(second);
                    }
                  } else {
                    seen.bad.incrementAndGet(second);
                  }
                });
      }
    }

    @Override
    public void close() {
      over.set(true);
      clients.forEach(Client::close);
      servers.forEach(Child::close);
    }
  }
}
