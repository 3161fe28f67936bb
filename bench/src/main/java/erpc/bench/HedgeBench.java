package erpc.bench;

import erpc.bench.NowAndThenServer.Cancelled;
import erpc.bench.wire.Echo;
import erpc.call.CallOptions;
import erpc.call.Reply;
import erpc.call.Request;
import erpc.call.Status;
import erpc.client.Client;
import erpc.client.ClientSettings;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.stream.Collectors;
import org.HdrHistogram.Histogram;

/**
 * What hedging does about servers that are slow now and then, what it costs, and how soon the
 * handler of the try that lost hears of it.
 */
final class HedgeBench implements Judging {
  static final String USAGE =
      """
      erpc bench hedge [option…]: 1 % of calls takes 100 times as long; tails of latency without hedging and with it
        --seconds N      seconds of each run (60)
        --warm N         seconds of warming up, and of calls from which hedging learns (10)
        --rate N         calls per second (300)
        --servers N      servers (3)
        --usual MS       what calls usually take (5)
        --extra PERCENT  what hedging may add to the load (4)
        --seed N         which calls are slow (1)
      Exit codes: 0 all bounds met, 1 one missed, 2 wrong usage\
      """;

  private static final double LEAST_FACTOR = 5;
  private static final double MOST_EXTRA = 0.05;
  private static final double MOST_CANCEL_MILLIS = 100;

  private int seconds = 60;
  private int warm = 10;
  private int rate = 300;
  private int servers = 3;
  private int usual = 5;
  private int extra = 4;
  private int seed = 1;

  public static void main(String[] args) throws Exception {
    Judging.main("erpc bench hedge", USAGE, new HedgeBench(), args);
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
        case "--rate" -> rate = args.number();
        case "--servers" -> servers = args.number();
        case "--usual" -> usual = args.number();
        case "--extra" -> extra = args.number();
        case "--seed" -> seed = args.number();
        default -> throw args.unknown();
      }
    }
    if (extra >= 100) {
      throw new IllegalArgumentException("--extra must be below 100");
    }
    return true;
  }

  @Override
  public boolean run() throws Exception {
    System.out.println(Machine.describe());
    System.out.printf(
        "%d servers, %,d calls/s for %d s, %d ms and 1 %% of them %d ms, seed %d%n",
        servers, rate, seconds, usual, 100 * usual, seed);
    Seen without = measured(CallOptions.NONE);
    without.tell("without hedging");
    Seen with = measured(hedging());
    with.tell("with hedging");
    return judged(without, with);
  }

  private CallOptions hedging() {
    return CallOptions.NONE.withHedging(extra / 100.0);
  }

  private Seen measured(CallOptions options) throws Exception {
    try (Trial trial = new Trial(options)) {
      return trial.run();
    }
  }

  private boolean judged(Seen without, Seen with) {
    double factor = without.millis(99.9) / with.millis(99.9);
    double added = with.atServers / (double) Math.max(1, with.made) - 1;
    double longest = with.cancelMillis(100);
    boolean heard = with.cancelMicros.length > 0 && longest < MOST_CANCEL_MILLIS;
    print(
        factor >= LEAST_FACTOR,
        "p99.9 down by a factor of %.1f (at least %.0f)",
        factor,
        LEAST_FACTOR);
    print(
        added <= MOST_EXTRA,
        "%.2f %% more calls at the servers (at most %.0f)",
        100 * added,
        100 * MOST_EXTRA);
    print(
        heard,
        "%,d handlers of tries that lost saw that they were cancelled, p99 %.1f ms after the win, the last %.1f ms"
            + " (below %.0f)",
        with.cancelMicros.length,
        with.cancelMillis(99),
        longest,
        MOST_CANCEL_MILLIS);
    print(
        with.failed == 0,
        "%,d calls failed with hedging (0), %,d without",
        with.failed,
        without.failed);
    return factor >= LEAST_FACTOR && added <= MOST_EXTRA && heard && with.failed == 0;
  }

  @SuppressWarnings("AnnotateFormatMethod") // The annotation is in a library that this has not.
  private static void print(boolean met, String text, Object... figures) {
    System.out.println((met ? "met    " : "MISSED ") + String.format(Locale.ROOT, text, figures));
  }

  /**
   * What one run has come to.
   *
   * @param made calls that were made
   * @param atServers calls that servers got
   * @param slow those of them that were slow
   * @param cancelMicros how long after the win each handler saw that its try had lost; sorted
   */
  private record Seen(
      Histogram times, long made, long failed, long atServers, long slow, long[] cancelMicros) {
    double millis(double percentile) {
      return times.getValueAtPercentile(percentile) / 1e6;
    }

    /** Of those that were cancelled; 0 if none was. */
    double cancelMillis(int percentile) {
      int count = cancelMicros.length;
      return count == 0 ? 0 : cancelMicros[(count - 1) * percentile / 100] / 1e3;
    }

    void tell(String which) {
      System.out.printf(
          Locale.ROOT,
          "%-15s %,d calls, %,d at the servers, %,d of them slow; p50 %.1f ms, p99 %.1f ms, p99.9 %.1f ms%n",
          which,
          made,
          atServers,
          slow,
          millis(50),
          millis(99),
          millis(99.9));
    }
  }

  /** Servers and a client, with hedging or without. */
  private final class Trial implements AutoCloseable {
    private final List<Child> children = new ArrayList<>();
    private final AtomicLongArray wonMicros = new AtomicLongArray((seconds + 1) * rate);
    private final CallOptions options;
    private final Client client = Client.builder().settings(ClientSettings.DEFAULTS).build();

    Trial(CallOptions options) throws IOException {
      this.options = options;
      for (int i = 0; i < servers; i++) {
        children.add(
            new Child(NowAndThenServer.class, Integer.toString(seed + i), Integer.toString(usual)));
      }
    }

    Seen run() throws Exception {
      String place =
          children.stream().map(Child::address).collect(Collectors.joining(",", "list://", ""));
      // By another client: calls of processes that have just started are nothing to learn from.
      try (Client first = Client.builder().settings(ClientSettings.DEFAULTS).build()) {
        Warming.with(first, request(place, 0), Math.max(1, warm / 2));
      }
      long learnt = (long) rate * Math.max(1, warm - warm / 2);
      try (OpenLoop load =
          new OpenLoop(rate, learnt, number -> sent(place, 0), (number, status) -> {})) {
        boolean unused = load.join();
      }
      settle();
      long callsBefore = sum("calls");
      long slowBefore = sum("slow");
      var unused = cancelled();
      try (OpenLoop load =
          new OpenLoop(rate, (long) seconds * rate, number -> sent(place, number), this::ended)) {
        if (!load.join()) {
          throw new IOException("some calls never end");
        }
        settle();
        return new Seen(
            load.times(),
            load.ended(),
            load.bad(),
            sum("calls") - callsBefore,
            sum("slow") - slowBefore,
            cancelled());
      }
    }

    /** What is still under way at servers ends. */
    private void settle() throws InterruptedException {
      TimeUnit.MILLISECONDS.sleep(2 * 100L * usual);
    }

    private Request<Echo, Echo> request(String place, long number) {
      return Request.of(NowAndThenServer.READ, Echo.newBuilder().setId(number).build())
          .at(place)
          .withOptions(options);
    }

    private CompletableFuture<Reply<Echo>> sent(String place, long number) {
      return client.sendAsync(request(place, number));
    }

    private void ended(long number, Status status) {
      wonMicros.set((int) number, NowAndThenServer.micros());
    }

    private long sum(String word) throws IOException {
      long sum = 0;
      for (Child each : children) {
        sum += each.number(word);
      }
      return sum;
    }

    /** From the win to when handlers saw it, of those since this was asked last. */
    private long[] cancelled() throws IOException {
      List<Long> micros = new ArrayList<>();
      for (Child each : children) {
        for (String word : each.ask("cancelled").split(" ", -1)) {
          if (!word.isEmpty()) {
            Cancelled one = Cancelled.read(word);
            micros.add(Math.max(0, one.micros() - wonMicros.get((int) one.id())));
          }
        }
      }
      long[] sorted = micros.stream().mapToLong(Long::longValue).toArray();
      Arrays.sort(sorted);
      return sorted;
    }

    @Override
    public void close() {
      client.close();
      children.forEach(Child::close);
    }
  }
}
