package erpc.bench.simulate;

import erpc.bench.Arguments;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Compares policies under simulated scenarios: prints tables and writes a page with charts. What it
 * prints depends on nothing but its arguments.
 */
public final class Simulate {
  /** What it says of itself. */
  public static final String USAGE =
      """
      erpc bench simulate [option…]: compares balancers and protection in simulated faults, by the code that
      clients and servers run; calls, servers, network and faults are made up
        --list           names the scenarios and says what each is
        --scenario A,B   only these scenarios
        --policies A,B   these policies: a balancer's name, :bare behind it to do without budgets of retries,
                         verdicts about endpoints and limits of servers, as p2c,round_robin:bare
        --seed N         another seed (1); the same seed brings the same tables
        --seconds N      seconds of simulated time, instead of each scenario's own
        --out FILE       where the page goes (simulate-report.html)\
      """;

  private final PrintStream print;
  private List<Scenario> scenarios = Scenarios.all();
  private List<Policy> policies = Policy.usual();
  private int seed = 1;
  private int seconds;
  private Path out = Path.of("simulate-report.html");
  private boolean list;

  private Simulate(PrintStream print) {
    this.print = print;
  }

  /** Runs it; ends the process with 1 if it fails and with 2 if the arguments are wrong. */
  public static void main(String[] args) {
    Simulate simulate = new Simulate(System.out);
    try {
      if (Arguments.taken("erpc bench simulate", USAGE, args, simulate::read)) {
        simulate.run(String.join(" ", args));
      }
    } catch (IOException e) {
      System.err.println("erpc bench simulate: cannot write the page: " + e);
      System.exit(1);
    }
  }

  /** False if only help is wanted. */
  private boolean read(Arguments args) {
    for (String option = args.next(); option != null; option = args.next()) {
      switch (option) {
        case "--help", "-h" -> {
          return false;
        }
        case "--list" -> list = true;
        case "--scenario" -> scenarios = words(args).map(Scenarios::named).toList();
        case "--policies" -> policies = words(args).map(Policy::named).toList();
        case "--seed" -> seed = args.number();
        case "--seconds" -> seconds = args.number();
        case "--out" -> out = Path.of(args.word());
        default -> throw args.unknown();
      }
    }
    return true;
  }

  private static Stream<String> words(Arguments args) {
    return Arrays.stream(args.word().split(",", -1));
  }

  private void run(String arguments) throws IOException {
    if (list) {
      for (Scenario each : scenarios) {
        print.printf(Locale.ROOT, "%-16s %s%n", each.name(), each.sentence());
      }
      return;
    }
    Map<Scenario, List<Result>> all = new LinkedHashMap<>();
    print.println(Columns.MEANING);
    for (Scenario each : scenarios) {
      Scenario scenario = seconds > 0 ? each.lasting(seconds) : each;
      List<Result> runs = new ArrayList<>();
      for (Policy policy : policies) {
        runs.add(World.run(scenario, policy, seed));
      }
      all.put(scenario, runs);
      print.print("\n" + Columns.table(scenario, runs));
      print.flush();
    }
    String origin = ("erpc bench simulate " + arguments).strip() + ", seed " + seed;
    Files.writeString(out, Charts.page(origin, all));
    print.println("\ncharts: " + out.toAbsolutePath());
  }
}
