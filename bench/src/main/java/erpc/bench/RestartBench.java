package erpc.bench;

import erpc.bench.wire.Echo;
import erpc.call.Request;
import erpc.call.Status;
import erpc.center.Center;
import erpc.center.CenterSettings;
import erpc.client.Client;
import erpc.settings.Mode;
import erpc.trace.CallObserver;
import erpc.trace.CallView;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What callers notice when every process of two levels of services is restarted, one after the
 * other, again and again: nothing.
 */
final class RestartBench implements Judging {
  static final String USAGE =
      """
      erpc bench restarts [option…]: what callers notice while all servers of two levels of services are restarted,
      one after the other: each gets SIGTERM, ends,XX
        --rounds N       so often each server is restarted (20)
        --rate N         calls per second (500)
        --servers N      servers of each level (3)
        --place PLACE    how they are found: center (by name) or list (at fixed addresses), or both (center)
        --pause MS       from a server's start to the next one's end, at fixed addresses, where clients have to find by
                         themselves that a server is back (2500); by name the center tells them
        --timeout MS     what each call may take (1000)
        --warm N         seconds of warming up (3)
        --seed N         where fixed addresses come from (1)
      Exit codes: 0 no call failed, 1 some did, 2 wrong usage\
      """;

  private static final int LEVELS = 2;
  private static final int REGISTERED_SECONDS = 30;

  private int rounds = 20;
  private int rate = 500;
  private int servers = 3;
  private int pause = 2_500;
  private int timeout = 1_000;
  private int warm = 3;
  private int seed = 1;
  private String place = "center";

  public static void main(String[] args) throws Exception {
    Judging.main("erpc bench restarts", USAGE, new RestartBench(), args);
  }

  @Override
  public boolean read(Arguments args) {
    for (String option = args.next(); option != null; option = args.next()) {
      switch (option) {
        case "--help", "-h" -> {
          return false;
        }
        case "--rounds" -> rounds = args.number();
        case "--rate" -> rate = args.number();
        case "--servers" -> servers = args.number();
        case "--pause" -> pause = args.number();
        case "--timeout" -> timeout = args.number();
        case "--warm" -> warm = args.number();
        case "--seed" -> seed = args.number();
        case "--place" -> place = args.word("center|list|both", "center, list or both");
        default -> throw args.unknown();
      }
    }
    return true;
  }

  @Override
  public boolean run() throws Exception {
    System.out.println(Machine.describe());
    System.out.printf(
        "%d levels of %d servers, %,d calls/s, %d rounds%n", LEVELS, servers, rate, rounds);
    boolean met = true;
    for (String each : place.equals("both") ? List.of("center", "list") : List.of(place)) {
      try (Trial trial = new Trial(each.equals("center"))) {
        met &= trial.run();
      }
    }
    return met;
  }

  /** Counts tries that were made anew. */
  private static final class Retries implements CallObserver {
    final LongAdder count = new LongAdder();

    @Override
    public Object begin(CallView call) {
      return this;
    }

    @Override
    public void retried(Object kept, CallView call, Status why) {
      count.increment();
    }
  }

  /** All rounds, with servers that are found in one way. */
  private final class Trial implements AutoCloseable {
    private final @Nullable Center center;
    private final List<List<String>> ports = new ArrayList<>();
    private final List<List<Child>> levels = new ArrayList<>();
    private final Retries retries = new Retries();
    private final Client client;

    Trial(boolean byName) throws IOException {
      Random random = new Random(seed);
      for (int level = 0; level < LEVELS; level++) {
        List<String> own = new ArrayList<>();
        for (int i = 0; i < servers; i++) {
          own.add(Child.freePort(random));
        }
        ports.add(own);
        levels.add(new ArrayList<>());
      }
      center = byName ? Center.listen("127.0.0.1:0", null, CenterSettings.DEFAULT) : null;
      client =
          LevelServer.client(centerAddress(), Mode.ON, Duration.ofMillis(timeout))
              .observer(retries)
              .build();
    }

    private String centerAddress() {
      return center == null ? LevelServer.NONE : center.address();
    }

    /** Where callers look for servers of a level. */
    private String place(int level) {
      if (level == LEVELS) {
        return LevelServer.NONE;
      }
      return center != null
          ? LevelServer.BY_NAME
          : ports.get(level).stream()
              .map(each -> "127.0.0.1:" + each)
              .collect(Collectors.joining(",", "list://", ""));
    }

    private Child started(int level, int index) throws IOException {
      return new Child(
          LevelServer.class,
          LevelServer.arguments(
              level,
              false,
              ports.get(level).get(index),
              centerAddress(),
              place(level + 1),
              Mode.ON,
              Duration.ofMillis(timeout)));
    }

    boolean run() throws Exception {
      for (int level = LEVELS - 1; level >= 0; level--) {
        for (int i = 0; i < servers; i++) {
          levels.get(level).add(started(level, i));
        }
      }
      awaitKnown();
      Request<Echo, Echo> request = LevelServer.request(0, false, place(0));
      Warming.with(client, request, warm);
      long begun = System.nanoTime();
      try (OpenLoop load = OpenLoop.endless(rate, number -> client.sendAsync(request))) {
        for (int i = 0; i < rounds; i++) {
          restartAll();
        }
        load.close();
        boolean ended = load.join();
        return told(load, ended, (System.nanoTime() - begun) / 1e9);
      }
    }

    private void restartAll() throws Exception {
      for (int level = 0; level < LEVELS; level++) {
        List<Child> all = levels.get(level);
        for (int i = 0; i < servers; i++) {
          all.get(i).terminate();
          all.set(i, started(level, i));
          awaitKnown();
        }
      }
    }

    /** As those do who restart servers: the next one goes when the one before is there again. */
    private void awaitKnown() throws Exception {
      if (center == null) {
        TimeUnit.MILLISECONDS.sleep(pause);
        return;
      }
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(REGISTERED_SECONDS);
      while (center.instances() != LEVELS * servers) {
        if (System.nanoTime() - end > 0) {
          throw new IOException(
              "the center knows " + center.instances() + " servers, not " + LEVELS * servers);
        }
        TimeUnit.MILLISECONDS.sleep(1);
      }
    }

    private boolean told(OpenLoop load, boolean ended, double seconds) {
      var times = load.times();
      boolean met = ended && load.bad() == 0 && load.good() > 0;
      System.out.printf(
          Locale.ROOT,
          "%-6s %s: %d restarts in %.0f s, %,d calls, %,d of them failed (0 wanted)%s; %,d tries made anew by the"
              + " client; p99 %.1f ms, longest %.1f ms%n",
          met ? "met" : "MISSED",
          center == null ? "at fixed addresses" : "found by the center",
          rounds * LEVELS * servers,
          seconds,
          load.ended(),
          load.bad(),
          ended ? "" : ", some never ended",
          retries.count.sum(),
          times.getValueAtPercentile(99) / 1e6,
          times.getMaxValue() / 1e6);
      load.failures().forEach(each -> System.out.println("       " + each));
      return met;
    }

    @Override
    public void close() {
      client.close();
      levels.forEach(all -> all.forEach(Child::close));
      if (center != null) {
        center.close();
      }
    }
  }
}
