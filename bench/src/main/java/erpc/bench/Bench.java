package erpc.bench;

import erpc.bench.driver.Figures;
import erpc.bench.driver.Work;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Measures cells: starts a pair of processes for each subject, warms them up one after the other,
 * then has them take turns, so that every ratio is between runs that were next to each other.
 * Prints tables and writes a page with charts.
 */
final class Bench {
  private static final String USAGE =
      """
      erpc bench [option…] [cell…]: measures erpc beside its peers; all cells of the standard run unless some are named
        --list           names the cells
        --sweep          the cells of the sweep instead: callers, payloads, connections, threads, TLS, compression
        --subjects A,B   only these subjects
        --rounds N       rounds of each subject (5)
        --seconds N      seconds of each run (3)
        --warm N         seconds of warming up (8; for large frameworks 20)
        --jvm OPTION     a further option for every measured JVM
        --near NS        runs only while a word takes at most so many ns between two processors and back, where
                         a host moves them about; it waits for that, and repeats runs that lost it
        --patience S     seconds to spend on that in each cell (60)
        --profile E=FILE a profile of each subject's last round; E is cpu or alloc, %s and %r in the name
                         become the subject and client or server, .html makes it a flame graph
        --out FILE       where the page goes (bench-report.html)
      erpc bench --against COMMIT [option…] [cell…]: measures erpc beside that commit of it; has a --help of its own
      erpc bench layers, strangers, stalls, overload, faults, restarts, kills, storm, hedge: other measurements;
      each has a --help of its own
      erpc bench simulate: balancers and protection under simulated faults; has a --help of its own\
      """;

  /** Frameworks that take longer to become as fast as they can. */
  private static final List<String> SLOW_TO_WARM = List.of("rsocket", "grpc", "bolt", "dubbo");

  private static final int SLOW_WARM_SECONDS = 20;
  private static final double OF_BEST_PEAK = 0.5;
  private static final int IN_FLIGHT = 256;

  /** Where the peers are, one folder each. */
  private final Path peers =
      Path.of(Objects.requireNonNullElse(System.getenv("BENCH_PEERS"), "bench/peers"));

  private int rounds = 5;
  private int seconds = 3;
  private int warmSeconds;
  private double near = Double.POSITIVE_INFINITY;
  private int patience = 60;
  private String profile = "";
  private Path out = Path.of("bench-report.html");
  private List<String> subjects = List.of();
  private final List<String> jvm = new ArrayList<>();
  private final List<String> names = new ArrayList<>();
  private boolean sweep;
  private boolean list;

  private final Map<String, Measured> done = new LinkedHashMap<>();

  private final PrintStream print;

  private Bench(PrintStream print) {
    this.print = print;
  }

  public static void main(String[] args) throws Exception {
    try {
      run(System.out, args);
    } catch (IllegalArgumentException e) {
      System.err.println("erpc bench: " + e.getMessage());
      System.exit(2);
    } catch (IOException e) {
      System.err.println("erpc bench: " + e.getMessage());
      System.exit(1);
    }
  }

  static void run(PrintStream print, String... args) throws Exception {
    Bench bench = new Bench(print);
    if (bench.read(new Arguments(args))) {
      bench.run();
    } else {
      print.println(USAGE);
    }
  }

  /** False if only help is wanted. */
  private boolean read(Arguments args) {
    for (String option = args.next(); option != null; option = args.next()) {
      switch (option) {
        case "--help", "-h" -> {
          return false;
        }
        case "--sweep" -> sweep = true;
        case "--list" -> list = true;
        case "--rounds" -> rounds = args.number();
        case "--seconds" -> seconds = args.number();
        case "--warm" -> warmSeconds = args.number();
        case "--subjects" -> subjects = Arrays.asList(args.word().split(",", -1));
        case "--jvm" -> jvm.add(args.word());
        case "--near" -> near = args.number();
        case "--patience" -> patience = args.number();
        case "--profile" -> profile = args.word("\\S+=\\S+", "EVENT=FILE, as cpu=%s-%r.html");
        case "--out" -> out = Path.of(args.word());
        default -> {
          if (option.startsWith("-")) {
            throw args.unknown();
          }
          names.add(option);
        }
      }
    }
    return true;
  }

  private List<Cell> cells() {
    for (String name : names) {
      var unused = Cell.named(name);
    }
    List<Cell> chosen = names.isEmpty() ? (sweep ? Cell.sweep() : Cell.standard()) : Cell.all();
    return chosen.stream()
        .filter(cell -> names.isEmpty() || names.contains(cell.name()))
        .map(cell -> subjects.isEmpty() ? cell : cell.only(subjects))
        .filter(cell -> !cell.subjects().isEmpty())
        .toList();
  }

  /** The line of a cell, which other commits' benchmarks read too. */
  static String listed(Cell cell) {
    return String.format(Locale.ROOT, "%-22s %s: %s", cell.name(), cell.title(), cell.subjects());
  }

  private void run() throws Exception {
    List<Cell> cells = cells();
    if (list) {
      cells.forEach(cell -> print.println(listed(cell)));
      return;
    }
    Path keys = Files.createTempDirectory("erpc-bench");
    TestKeys.write(keys);
    print.println(Machine.describe());
    for (Cell cell : cells) {
      Measured measured = measure(cell.withKeys(keys), new Nearness(near, patience));
      done.put(cell.name(), measured);
      print.print(Table.of(measured));
      print.flush();
    }
    List<String> verdicts = Targets.judge(done);
    verdicts.forEach(print::println);
    Files.writeString(
        out, Page.of(LocalDate.now(ZoneOffset.UTC), Machine.describe(), done.values(), verdicts));
    print.println("charts: " + out.toAbsolutePath());
  }

  private Measured measure(Cell cell, Nearness nearness) throws Exception {
    List<Pair> pairs = new ArrayList<>();
    Measured measured = new Measured(cell);
    try {
      for (String subject : cell.subjects()) {
        pairs.add(Pair.start(peers, subject, cell.setup(), jvm));
      }
      Work work = cell.work();
      if (work.kind() == Work.Kind.RATE) {
        work = Work.rate(halfTheBestPeak(pairs));
        print.printf(Locale.ROOT, "%n%,d calls per second%n", work.perSecond());
      }
      for (Pair pair : pairs) {
        warm(pair, work);
      }
      for (int round = 1; round <= rounds; round++) {
        for (Pair pair : pairs) {
          boolean profiled = round == rounds && !profile.isEmpty();
          Work chosen = work;
          AtomicReference<Figures> figures = new AtomicReference<>();
          double apart = nearness.during(() -> figures.set(run(pair, chosen, profiled)));
          measured.add(pair.subject(), figures.get(), apart);
        }
      }
    } finally {
      pairs.forEach(Pair::close);
    }
    return measured;
  }

  private Figures run(Pair pair, Work work, boolean profiled) throws IOException {
    if (profiled) {
      pair.profile(profile);
    }
    Figures figures = pair.run(work, seconds);
    if (profiled) {
      pair.stopProfile();
    }
    return figures;
  }

  private void warm(Pair pair, Work work) throws IOException {
    Work first = work;
    if (work.kind() == Work.Kind.RATE) {
      // A process that has just started would not keep up with the rate.
      first = Work.async(IN_FLIGHT);
    }
    var unused = pair.run(first, warmSeconds(pair.subject()));
    if (first != work) {
      unused = pair.run(work, 2);
    }
  }

  private int warmSeconds(String subject) {
    return warmSeconds > 0 ? warmSeconds : SLOW_TO_WARM.contains(subject) ? SLOW_WARM_SECONDS : 8;
  }

  /** Half of what the best of the peers can do, measured if that was not done before. */
  private int halfTheBestPeak(List<Pair> pairs) throws IOException {
    Measured before = done.get(Cell.ASYNC);
    String best = before == null ? null : before.best(Targets.PEERS);
    if (before != null && best != null) {
      return (int) (OF_BEST_PEAK * before.median(best, Figures::perSecond));
    }
    double peak = 0;
    for (Pair pair : pairs) {
      if (Targets.PEERS.contains(pair.subject())) {
        var unused = pair.run(Work.async(IN_FLIGHT), warmSeconds(pair.subject()));
        peak = Math.max(peak, pair.run(Work.async(IN_FLIGHT), seconds).perSecond());
      }
    }
    return (int) (OF_BEST_PEAK * (peak > 0 ? peak : 200_000));
  }
}
