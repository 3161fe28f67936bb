package erpc.bench;

import erpc.bench.wire.Echo;
import erpc.call.Request;
import erpc.client.Client;
import erpc.client.ClientSettings;
import erpc.settings.Mode;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;

/**
 * How much more each of three levels of services gets to do while all servers of the lowest one
 * fail: each level may try again, and what one does multiplies what those below get.
 */
final class StormBench implements Judging {
  static final String USAGE =
      """
      erpc bench storm [option…]: how much more three levels of services get to do while all servers of the lowest level
      answer UNAVAILABLE; all methods are idempotent, all settings the defaults
        --seconds N      seconds in which they fail (30)
        --quiet N        seconds before that, and after it (10)
        --warm N         seconds of warming up (5)
        --rate N         calls per second of all clients together (200)
        --clients N      clients (4)
        --servers N      servers of each level (2)
        --beside         the same with protection off, too; what it comes to does not count
      Exit codes: 0 all bounds met with protection, 1 one missed, 2 wrong usage\
      """;

  private static final int LEVELS = 3;
  private static final double MOST_LOAD = 1.3;

  /** The default. */
  private static final Duration TIMEOUT = ClientSettings.DEFAULTS.timeout();

  /** As many seconds after the repair every call succeeds again. */
  private static final double RECOVERY_SECONDS = 5;

  private int seconds = 30;
  private int quiet = 10;
  private int warm = 5;
  private int rate = 200;
  private int clients = 4;
  private int servers = 2;
  private boolean beside;

  public static void main(String[] args) throws Exception {
    Judging.main("erpc bench storm", USAGE, new StormBench(), args);
  }

  @Override
  public boolean read(Arguments args) {
    for (String option = args.next(); option != null; option = args.next()) {
      switch (option) {
        case "--help", "-h" -> {
          return false;
        }
        case "--seconds" -> seconds = args.number();
        case "--quiet" -> quiet = args.number();
        case "--warm" -> warm = args.number();
        case "--rate" -> rate = args.number();
        case "--clients" -> clients = args.number();
        case "--servers" -> servers = args.number();
        case "--beside" -> beside = true;
        default -> throw args.unknown();
      }
    }
    if (rate < clients) {
      throw new IllegalArgumentException("--rate must be at least --clients");
    }
    return true;
  }

  @Override
  public boolean run() throws Exception {
    System.out.println(Machine.describe());
    System.out.printf(
        "%d clients, %d levels of %d servers, %,d calls/s, fault of %d s%n",
        clients, LEVELS, servers, rate, seconds);
    boolean met = false;
    for (Mode each : beside ? List.of(Mode.ON, Mode.OFF) : List.of(Mode.ON)) {
      try (Trial trial = new Trial(each)) {
        met |= trial.run() && each == Mode.ON;
      }
    }
    return met;
  }

  /** All levels, with protection or without. */
  private final class Trial implements AutoCloseable {
    private final Mode protection;
    private final List<List<Child>> levels = new ArrayList<>();
    private final List<Client> callers = new ArrayList<>();
    private final List<OpenLoop> loads = new ArrayList<>();
    private String place = LevelServer.NONE;

    Trial(Mode protection) throws IOException {
      this.protection = protection;
      for (int level = LEVELS - 1; level >= 0; level--) {
        List<Child> own = new ArrayList<>();
        levels.addFirst(own);
        for (int i = 0; i < servers; i++) {
          own.add(
              new Child(
                  LevelServer.class,
                  LevelServer.arguments(
                      level, true, "0", LevelServer.NONE, place, protection, TIMEOUT)));
        }
        place = own.stream().map(Child::address).collect(Collectors.joining(",", "list://", ""));
      }
    }

    boolean run() throws Exception {
      Request<Echo, Echo> request = LevelServer.request(0, true, place);
      try (Client first = LevelServer.client(LevelServer.NONE, protection, TIMEOUT).build()) {
        Warming.with(first, request, warm);
      }
      for (int i = 0; i < clients; i++) {
        Client client = LevelServer.client(LevelServer.NONE, protection, TIMEOUT).build();
        callers.add(client);
        loads.add(OpenLoop.endless(rate / clients, number -> client.sendAsync(request)));
      }
      waitSeconds(1); // Connections are made.
      Loads usual = loads(quiet);
      long goodBefore = good();
      long endedBefore = ended();
      tell("sick");
      Loads faulty = loads(seconds);
      double success = (good() - goodBefore) / (double) Math.max(1, ended() - endedBefore);
      tell("good");
      long repaired = System.nanoTime();
      waitSeconds(quiet);
      loads.forEach(OpenLoop::close);
      boolean ended = true;
      for (OpenLoop each : loads) {
        ended &= each.join();
      }
      return told(usual, faulty, success, recoverySeconds(repaired), ended);
    }

    private void tell(String word) throws IOException {
      for (Child each : levels.getLast()) {
        var unused = each.ask(word);
      }
    }

    private long good() {
      return loads.stream().mapToLong(OpenLoop::good).sum();
    }

    private long ended() {
      return loads.stream().mapToLong(OpenLoop::ended).sum();
    }

    /** From the repair to the last call that failed. */
    private double recoverySeconds(long repaired) {
      double last = 0;
      for (OpenLoop each : loads) {
        if (each.lastFailedNanos() != Long.MIN_VALUE) {
          last = Math.max(last, (each.lastFailedNanos() - repaired) / 1e9);
        }
      }
      return last;
    }

    /** Calls that each level gets, for so long. */
    private Loads loads(int forSeconds) throws IOException {
      Loads seen = new Loads(counted());
      for (int i = 0; i < forSeconds; i++) {
        waitSeconds(1);
        seen.add(counted());
      }
      return seen;
    }

    /** Calls that each level has got so far; at the end, those that clients have made. */
    private long[] counted() throws IOException {
      long[] counts = new long[LEVELS + 1];
      for (int level = 0; level < LEVELS; level++) {
        for (Child each : levels.get(level)) {
          counts[level] += each.number("calls");
        }
      }
      counts[LEVELS] = loads.stream().mapToLong(OpenLoop::made).sum();
      return counts;
    }

    private boolean told(
        Loads usual, Loads faulty, double success, double recovery, boolean ended) {
      boolean met = ended && recovery <= RECOVERY_SECONDS;
      List<String> texts = new ArrayList<>();
      for (int level = 0; level < LEVELS; level++) {
        double before = Math.max(1e-9, usual.mean(level));
        double load = faulty.mean(level) / before;
        met &= load <= MOST_LOAD;
        texts.add(
            String.format(
                Locale.ROOT,
                "level %d %.2f times its usual load, %.2f in its worst second",
                level + 1,
                load,
                faulty.worst[level] / before));
      }
      System.out.printf(
          Locale.ROOT,
          "%-6s protection %s: %s (at most %.1f each), by the calls made; all calls succeed %.1f s after the repair (at most %.0f)%s; of"
              + " %,d during the fault %.2f %% did%n",
          met ? "met" : "MISSED",
          protection,
          String.join("; ", texts),
          MOST_LOAD,
          recovery,
          RECOVERY_SECONDS,
          ended ? "" : "; some never ended",
          faulty.made(),
          100 * success);
      return met;
    }

    @Override
    public void close() {
      loads.forEach(OpenLoop::close);
      callers.forEach(Client::close);
      levels.forEach(all -> all.forEach(Child::close));
    }
  }

  /** Calls that each level gets for each one that clients make. */
  private static final class Loads {
    final double[] worst = new double[LEVELS];
    private final long[] first;
    private long[] last;

    Loads(long[] first) {
      this.first = first;
      this.last = first;
    }

    void add(long[] now) {
      for (int level = 0; level < LEVELS; level++) {
        worst[level] = Math.max(worst[level], perCall(level, last, now));
      }
      last = now;
    }

    double mean(int level) {
      return perCall(level, first, last);
    }

    long made() {
      return last[LEVELS] - first[LEVELS];
    }

    private static double perCall(int level, long[] from, long[] to) {
      return (to[level] - from[level]) / (double) Math.max(1, to[LEVELS] - from[LEVELS]);
    }
  }

  private static void waitSeconds(int seconds) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    for (long left = end - System.nanoTime(); left > 0; left = end - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
  }
}
