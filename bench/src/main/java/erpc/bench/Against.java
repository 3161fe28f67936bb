package erpc.bench;

import erpc.bench.Comparison.Verdict;
import erpc.bench.Rounds.Who;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.DoubleSupplier;

/**
 * Measures today's code beside another commit's, and beside itself, in the same rounds. Each runs
 * with its own jars in its own processes; all that they have in common is what is said to those
 * processes ({@code bench/README.md}, "The protocol of the processes").
 */
final class Against {
  static final String USAGE =
      """
      erpc bench --against COMMIT [option…] [cell…]: measures today's code beside a commit's, and beside itself (A/A)
      in the same rounds; the cells async-32, virtual-256 and stream-32 unless some are named.
      Judged is the median of the pairs: CPU µs per call at most 1.05 of the commit's. The run is void if the
      median of A/A lies outside 0.97 to 1.03, or if there are fewer than 10 pairs.
        --pairs N        pairs in all (32)
        --starts N       how often the processes are started anew for them (8)
        --seconds N      seconds of each turn; everyone has two in a pair (1)
        --warm N         seconds of warming up, after each start (8)
        --jvm OPTION     a further option for every measured JVM
        --near NS        as of erpc bench: pairs only while processors are so near
        --patience S     seconds to spend on that in each cell (60)
      Every run is written down in .erpc/against.log, void ones and those that were broken off too.
      Exit codes: 0 all met the limit (cells that the commit lacks are said), 1 one missed it or failed, 2 wrong usage,
      3 something is missing, 4 none missed it, but a run was void, or there was nothing to compare\
      """;

  static final int MET = 0;
  static final int MISSED = 1;
  static final int WRONG_USAGE = 2;
  static final int NOTHING_PROVED = 4;

  private static final String ERPC = "erpc";

  /** What the launcher says of itself, before what its user says. */
  record Given(OtherCommit other, String today, RunLog log) {
    static final int WORDS = 4;

    /** {@code COMMIT JARS TODAY LOG}. */
    static Given of(String... words) {
      return new Given(
          new OtherCommit(words[0], Path.of(words[1])),
          words[2],
          new RunLog(Path.of(words[3]), InstantSource.system()));
    }
  }

  private static final int LOOK_MILLIS = 1_000;

  private final Given given;
  private final PrintStream print;
  private final DoubleSupplier probe;

  private int pairs = 32;
  private int starts = 8;
  private int seconds = 1;
  private int warmSeconds = 8;
  private double near = Double.POSITIVE_INFINITY;
  private int patience = 60;
  private final List<String> jvm = new ArrayList<>();
  private final List<Cell> cells = new ArrayList<>();

  /**
   * Measures for somebody.
   *
   * @param probe sees how long a word takes between two processors and back, in nanoseconds
   */
  Against(Given given, PrintStream print, DoubleSupplier probe) {
    this.given = given;
    this.print = print;
    this.probe = probe;
  }

  public static void main(String[] args) throws Exception {
    int code;
    try {
      Against against = new Against(Given.of(args), System.out, HandOver::nanos);
      String[] options = List.of(args).subList(Given.WORDS, args.length).toArray(String[]::new);
      code =
          against.read(new Arguments(options))
              ? against.run(against.given.other.cells(), against::start)
              : help();
    } catch (IllegalArgumentException e) {
      System.err.println("erpc bench --against: " + e.getMessage());
      code = WRONG_USAGE;
    } catch (IOException e) {
      System.err.println("erpc bench --against: " + e.getMessage());
      code = MISSED;
    }
    System.exit(code);
  }

  private static int help() {
    System.out.println(USAGE);
    return MET;
  }

  /** False if only help is wanted. */
  boolean read(Arguments args) {
    for (String option = args.next(); option != null; option = args.next()) {
      switch (option) {
        case "--help", "-h" -> {
          return false;
        }
        case "--pairs" -> pairs = args.number();
        case "--starts" -> starts = args.number();
        case "--seconds" -> seconds = args.number();
        case "--warm" -> warmSeconds = args.number();
        case "--jvm" -> jvm.add(args.word());
        case "--near" -> near = args.number();
        case "--patience" -> patience = args.number();
        default -> {
          if (option.startsWith("-")) {
            throw args.unknown();
          }
          cells.add(Cell.named(option));
        }
      }
    }
    if (cells.isEmpty()) {
      for (String name : List.of(Cell.ASYNC, Cell.VIRTUAL, Cell.STREAM)) {
        cells.add(Cell.named(name));
      }
    }
    return true;
  }

  /** The cells that were named, or those that are judged. */
  List<Cell> cells() {
    return List.copyOf(cells);
  }

  /** Starts processes for a cell. */
  interface Starter {
    Ends start(Who who, Cell cell) throws IOException;
  }

  /**
   * Measures every cell that the other commit has.
   *
   * @return the exit code
   */
  int run(List<OtherCommit.Listed> theirs, Starter starter) throws Exception {
    List<String> summary = new ArrayList<>();
    List<Verdict> verdicts = new ArrayList<>();
    print.println(Machine.describe());
    print.println("today's code is " + given.today + ", the other is " + given.other.name());
    for (Cell cell : cells) {
      print.printf(Locale.ROOT, "%n%s: %s%n", cell.name(), cell.title());
      RunLog.Entry entry = given.log.begin(given.other.name(), given.today, cell.name());
      Outcome outcome = outcome(cell, theirs, starter);
      entry.end(outcome.line());
      print.println(outcome.line());
      print.flush();
      summary.add(String.format(Locale.ROOT, "%s: %s", cell.name(), outcome.line()));
      verdicts.add(outcome.verdict);
    }
    print.println();
    summary.forEach(print::println);
    print.printf("%nevery run against %s so far:%n", given.other.name());
    given.log.runs(given.other.name()).forEach(line -> print.println("  " + line));
    return exitCode(verdicts);
  }

  /** A verdict and why. */
  record Outcome(Verdict verdict, String why) {
    String line() {
      return verdict.word + ", " + why;
    }

    static Outcome of(Comparison comparison) {
      String why = comparison.whyVoid();
      return new Outcome(
          comparison.verdict(), comparison.line() + (why.isEmpty() ? "" : "; " + why));
    }
  }

  static int exitCode(List<Verdict> verdicts) {
    if (verdicts.contains(Verdict.MISSED) || verdicts.contains(Verdict.FAILED)) {
      return MISSED;
    }
    boolean proved = verdicts.contains(Verdict.MET) && !verdicts.contains(Verdict.VOID);
    return proved ? MET : NOTHING_PROVED;
  }

  private Outcome outcome(Cell cell, List<OtherCommit.Listed> theirs, Starter starter)
      throws Exception {
    String lacks = given.other.lacks(cell, theirs);
    if (!lacks.isEmpty()) {
      return new Outcome(Verdict.LACKING, lacks);
    }
    Cell prepared = cell.setup().tls().isEmpty() ? cell : cell.withKeys(keys());
    Rounds rounds =
        new Rounds(
            who -> starter.start(who, prepared),
            new Nearness(probe, near, LOOK_MILLIS, TimeUnit.SECONDS.toNanos(patience)),
            new Rounds.Length(pairs, starts, warmSeconds, seconds));
    print.println(Comparison.head());
    try {
      Comparison comparison =
          rounds.measure(
              cell.work(), (number, pair) -> print.println(Comparison.line(number, pair)));
      if (!rounds.nearness().isEmpty()) {
        print.println(rounds.nearness());
      }
      return Outcome.of(comparison);
    } catch (IOException | IllegalArgumentException e) {
      return new Outcome(Verdict.FAILED, Objects.requireNonNullElse(e.getMessage(), e.toString()));
    }
  }

  private static Path keys() throws Exception {
    Path folder = Files.createTempDirectory("erpc-bench");
    TestKeys.write(folder);
    return folder;
  }

  private Ends start(Who who, Cell cell) throws IOException {
    return who == Who.OTHER
        ? Pair.start(given.other.name(), given.other.classPath(), ERPC, cell.setup(), jvm)
        : Pair.start("today's code", Pair.ownClassPath(), ERPC, cell.setup(), jvm);
  }
}
