package erpc.bench;

import erpc.bench.wire.Echo;
import erpc.call.Reply;
import erpc.call.Request;
import erpc.call.Status;
import erpc.client.Client;
import erpc.client.ClientSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Whether calls that may not run twice do, while servers are killed at random: each execution is
 * written down by the server before it answers.
 */
final class KillBench implements Judging {
  static final String USAGE =
      """
      erpc bench kills [option…]: calls that may not run twice, while servers are killed (kill -9) at random and started
      again. Servers write down each execution; then these are compared with what callers were told
        --calls N        calls in all (100000)
        --rate N         calls per second (2000)
        --servers N      servers (3)
        --gap MS         the longest time from a restart to the next kill (1500)
        --warm N         seconds of warming up (3)
        --seed N         where chance comes from (1)
      Exit codes: 0 all bounds met, 1 one missed, 2 wrong usage\
      """;

  private static final Duration TIMEOUT = Duration.ofSeconds(1);

  private int calls = 100_000;
  private int rate = 2_000;
  private int servers = 3;
  private int gap = 1_500;
  private int warm = 3;
  private int seed = 1;

  public static void main(String[] args) throws Exception {
    Judging.main("erpc bench kills", USAGE, new KillBench(), args);
  }

  @Override
  public boolean read(Arguments args) {
    for (String option = args.next(); option != null; option = args.next()) {
      switch (option) {
        case "--help", "-h" -> {
          return false;
        }
        case "--calls" -> calls = args.number();
        case "--rate" -> rate = args.number();
        case "--servers" -> servers = args.number();
        case "--gap" -> gap = args.number();
        case "--warm" -> warm = args.number();
        case "--seed" -> seed = args.number();
        default -> throw args.unknown();
      }
    }
    return true;
  }

  @Override
  public boolean run() throws Exception {
    System.out.println(Machine.describe());
    System.out.printf(
        "%,d calls, %,d per second, to %d servers, seed %d%n", calls, rate, servers, seed);
    try (Trial trial = new Trial()) {
      return trial.run();
    }
  }

  /** What callers were told, beside what was executed. */
  private static final class Compared {
    long twice;
    long answeredNotExecuted;
    long notStartedExecuted;
    long executed;
    long answered;
    long untold;
    final Map<String, long[]> failures = new TreeMap<>();

    void add(int times, @Nullable Status told) {
      executed += times > 0 ? 1 : 0;
      twice += times > 1 ? 1 : 0;
      if (told == null) {
        untold++;
      } else if (told.isOk()) {
        answered++;
        answeredNotExecuted += times == 0 ? 1 : 0;
      } else {
        boolean isNotStarted = told.started() == Status.Started.NO;
        notStartedExecuted += isNotStarted && times > 0 ? 1 : 0;
        long[] counts =
            failures.computeIfAbsent(
                told.code() + ", started " + told.started(), unused -> new long[2]);
        counts[0]++;
        counts[1] += times > 0 ? 1 : 0;
      }
    }

    boolean isMet() {
      return twice == 0 && answeredNotExecuted == 0 && notStartedExecuted == 0 && untold == 0;
    }
  }

  /** The processes, from their start to their end. */
  private final class Trial implements AutoCloseable {
    private final Random random = new Random(seed);
    private final Path folder = Files.createTempDirectory("erpc-bench-kills");
    private final List<Path> files = new ArrayList<>();
    private final List<String> ports = new ArrayList<>();
    private final List<Child> children = new ArrayList<>();
    private final AtomicReferenceArray<@Nullable Status> told = new AtomicReferenceArray<>(calls);
    private final Client client = Client.builder().settings(ClientSettings.DEFAULTS).build();
    private int kills;

    Trial() throws IOException {
      for (int i = 0; i < servers; i++) {
        files.add(folder.resolve("executions-" + i));
        ports.add(Child.freePort(random));
      }
    }

    private Child started(int index) throws IOException {
      return new Child(CountingServer.class, ports.get(index), files.get(index).toString());
    }

    boolean run() throws Exception {
      for (int i = 0; i < servers; i++) {
        children.add(started(i));
      }
      String place =
          ports.stream()
              .map(each -> "127.0.0.1:" + each)
              .collect(Collectors.joining(",", "list://", ""));
      warm(place);
      try (OpenLoop load =
          new OpenLoop(rate, calls, number -> sent(client, place, number), this::ended)) {
        killUntil(load);
        boolean unused = load.join(); // What never ends has not been told.
        return told(load);
      }
    }

    private void warm(String place) {
      try (Client first = Client.builder().settings(ClientSettings.DEFAULTS).build()) {
        Warming.with(first, request(place, CountingServer.UNCOUNTED), warm);
      }
    }

    private static Request<Echo, Echo> request(String place, long number) {
      return Request.of(CountingServer.COUNT, Echo.newBuilder().setId(number).build())
          .at(place)
          .withTimeout(TIMEOUT);
    }

    private static CompletableFuture<Reply<Echo>> sent(Client by, String place, long number) {
      return by.sendAsync(request(place, number));
    }

    private void ended(long number, Status status) {
      told.set((int) number, status);
    }

    private void killUntil(OpenLoop load) throws Exception {
      while (load.ended() < calls) {
        TimeUnit.MILLISECONDS.sleep(1 + random.nextInt(gap));
        if (load.ended() < calls) {
          int which = random.nextInt(servers);
          children.get(which).kill();
          kills++;
          children.set(which, started(which));
        }
      }
    }

    private boolean told(OpenLoop load) throws IOException {
      byte[] times = CountingServer.executions(files, calls);
      Compared compared = new Compared();
      for (int i = 0; i < calls; i++) {
        compared.add(times[i], told.get(i));
      }
      boolean met = compared.isMet() && kills > 0;
      System.out.printf(
          Locale.ROOT,
          "%-6s %,d calls, %d kills: %,d executed twice (0 wanted); %,d answered and not executed (0); %,d said to be not"
              + " started and executed (0); %,d never ended (0)%n"
              + "       %,d executed; %,d answered, %.3f %%%n",
          met ? "met" : "MISSED",
          calls,
          kills,
          compared.twice,
          compared.answeredNotExecuted,
          compared.notStartedExecuted,
          compared.untold,
          compared.executed,
          compared.answered,
          100.0 * compared.answered / calls);
      compared.failures.forEach((what, counts) ->
          System.out.printf(
              Locale.ROOT, "       %,d %s: %,d of them executed%n", counts[0], what, counts[1]));
      load.failures().forEach(each -> System.out.println("       " + each));
      return met;
    }

    @Override
    public void close() throws IOException {
      client.close();
      children.forEach(Child::close);
      for (Path each : files) {
        Files.deleteIfExists(each);
      }
      Files.deleteIfExists(folder);
    }
  }
}
