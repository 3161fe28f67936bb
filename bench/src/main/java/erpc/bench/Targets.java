package erpc.bench;

import erpc.bench.driver.Figures;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** What is aimed at, and whether a run has reached it; and whether its peers were at their best. */
final class Targets {
  static final List<String> PEERS = List.of("rsocket", "grpc", "bolt", "dubbo");

  private static final String ERPC = "erpc";

  /** A peer that is further below its share of the floor was not warm. */
  private static final double TOLERANCE = 0.85;

  /** Shares of the floor that peers reached on a quiet machine. */
  private static final Map<String, Map<String, Double>> SHARES =
      Map.of(
          Cell.ASYNC,
          Map.of(
              "rsocket", 306 / 1_800.0,
              "grpc", 166 / 1_800.0,
              "bolt", 124 / 1_800.0,
              "dubbo", 54 / 1_800.0),
          Cell.VIRTUAL,
          Map.of(
              "rsocket", 88 / 906.0,
              "grpc", 28 / 906.0,
              "bolt", 62 / 906.0,
              "dubbo", 37 / 906.0));

  private final Map<String, Measured> done;
  private final List<String> verdicts = new ArrayList<>();

  private Targets(Map<String, Measured> done) {
    this.done = done;
  }

  static List<String> judge(Map<String, Measured> done) {
    Targets targets = new Targets(done);
    targets.calls();
    targets.latencyAndLarge();
    targets.validity();
    return targets.verdicts;
  }

  private void calls() {
    atLeast(Cell.ASYNC, "netty", 0.5);
    atLeast(Cell.ASYNC, "rsocket", 3);
    atLeast(Cell.ASYNC, "grpc", 5);
    atMost(Cell.ASYNC, "CPU µs a call, both ends", Figures::cpuMicros, 1.5);
    allocation();
    atLeast(Cell.VIRTUAL, "netty", 0.4);
    blocking();
    atMost(Cell.VIRTUAL, "CPU µs a call, both ends", Figures::cpuMicros, 4);
  }

  private void allocation() {
    Measured async = done.get(Cell.ASYNC);
    if (async != null && async.has(ERPC)) {
      double messages = MessageCost.bytes(async.cell.setup());
      String besides =
          String.format(Locale.ROOT, " besides the %.0f B that protobuf makes", messages);
      atMost(
          Cell.ASYNC,
          "B allocated a call, client," + besides,
          each -> each.clientBytes() - messages,
          200);
      atMost(
          Cell.ASYNC,
          "B allocated a call, server," + besides,
          each -> each.serverBytes() - messages,
          200);
    }
  }

  /** Judges against peers whose callers block: virtual threads too, and platform threads. */
  private void blocking() {
    Measured ours = done.get(Cell.VIRTUAL);
    String best = ours == null ? null : ours.best(PEERS);
    if (best != null) {
      atLeast(Cell.VIRTUAL, best, 4);
    }
    atLeast(Cell.VIRTUAL, "grpc", 10);
    Measured platform = done.get(Cell.PLATFORM);
    if (ours == null || platform == null || !ours.has(ERPC)) {
      return;
    }
    best = platform.best(PEERS);
    if (best != null) {
      besidePlatform(ours, platform, best, 4);
    }
    if (platform.has("grpc")) {
      besidePlatform(ours, platform, "grpc", 10);
    }
  }

  private void besidePlatform(Measured ours, Measured platform, String peer, double bound) {
    double ratio =
        ours.median(ERPC, Figures::perSecond) / platform.median(peer, Figures::perSecond);
    verdict(Cell.VIRTUAL, "calls/s of those of " + peer + " in platform-256", ratio, bound, true);
  }

  private void latencyAndLarge() {
    p50("one-inline", 1.1);
    p50("one-virtual", 1.4);
    for (String cell : List.of("async-64k", "async-1m")) {
      atLeast(cell, "netty-pb", 0.8);
      atLeast(cell, "grpc", 2);
      atLeast(cell, "rsocket", 1);
    }
    Measured stream = done.get("stream-32");
    if (stream != null && stream.has(ERPC) && stream.has("netty-pb")) {
      double floor = stream.median("netty-pb", Figures::perSecond);
      verdict(
          "stream-32",
          "messages/s",
          stream.median(ERPC, Figures::perSecond),
          Math.min(2e6, 0.6 * floor),
          true);
    }
    Measured open = done.get(Cell.OPEN_LOOP);
    String best = open == null ? null : open.best(PEERS);
    if (open != null && best != null && open.has(ERPC)) {
      double ratio = open.ratio(ERPC, best, each -> (double) each.p999Nanos());
      verdict(Cell.OPEN_LOOP, "p99.9 of that of " + best, ratio, 1, false);
    }
    atLeast("tls-1k", "netty", 0.8);
  }

  private void atLeast(String cell, String to, double bound) {
    Measured measured = done.get(cell);
    if (measured != null && measured.has(ERPC) && measured.has(to)) {
      double ratio = measured.ratio(ERPC, to, Figures::perSecond);
      verdict(cell, "calls/s of those of " + to, ratio, bound, true);
    }
  }

  private void atMost(String cell, String what, ToDoubleFunction<Figures> figure, double bound) {
    Measured measured = done.get(cell);
    if (measured != null && measured.has(ERPC)) {
      verdict(cell, what, measured.median(ERPC, figure), bound, false);
    }
  }

  private void p50(String cell, double bound) {
    Measured measured = done.get(cell);
    if (measured != null && measured.has(ERPC) && measured.has("netty")) {
      double ratio = measured.ratio(ERPC, "netty", each -> (double) each.p50Nanos());
      verdict(cell, "p50 of that of netty", ratio, bound, false);
    }
  }

  private void verdict(String cell, String what, double value, double bound, boolean atLeast) {
    boolean met = atLeast ? value >= bound : value <= bound;
    verdicts.add(
        String.format(
            Locale.ROOT,
            "%-6s %s: %s %s, wanted %s %s",
            met ? "met" : "MISSED",
            cell,
            what,
            number(value),
            atLeast ? "at least" : "at most",
            number(bound)));
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, value >= 100 ? "%,.0f" : "%.2f", value);
  }

  private void validity() {
    SHARES.forEach((cell, shares) -> {
      Measured measured = done.get(cell);
      if (measured == null || !measured.has("netty")) {
        return;
      }
      shares.forEach((peer, share) -> {
        double ratio = measured.ratio(peer, "netty", Figures::perSecond);
        if (measured.has(peer) && ratio < TOLERANCE * share) {
          verdicts.add(
              String.format(
                  Locale.ROOT,
                  "INVALID %s: %s reached %.1f %% of the floor where %.1f %% is known of it; warm it longer (--warm)",
                  cell,
                  peer,
                  100 * ratio,
                  100 * share));
        }
      });
    });
  }
}
