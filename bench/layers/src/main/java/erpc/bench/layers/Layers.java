package erpc.bench.layers;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.BenchmarkList;
import org.openjdk.jmh.runner.BenchmarkListEntry;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.format.OutputFormatFactory;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * Runs the benchmarks, each in JVMs of its own, and prints time and allocation of one operation.
 */
public final class Layers {
  static final String USAGE =
      """
      erpc bench layers [--quick] [REGEX]: time and allocation of single operations of erpc's layers, by JMH
        --quick   one short run of each, to see that it works: its figures mean little
        REGEX     only benchmarks whose names, as printed, have a match: 'Frame|Codec.read'\
      """;

  private static final String ALLOCATED = "gc.alloc.rate.norm";

  private Layers() {}

  public static void main(String[] args) throws RunnerException {
    try {
      run(args);
    } catch (IllegalArgumentException e) {
      System.err.println("layers: " + e.getMessage() + System.lineSeparator() + USAGE);
      System.exit(2);
    }
  }

  private static void run(String[] args) throws RunnerException {
    boolean quick = false;
    String regex = "";
    for (String arg : args) {
      if (arg.equals("--help") || arg.equals("-h")) {
        System.out.println(USAGE);
        return;
      }
      if (arg.equals("--quick")) {
        quick = true;
      } else if (arg.startsWith("-") || !regex.isEmpty()) {
        throw new IllegalArgumentException("unexpected '" + arg + "'");
      } else {
        regex = arg;
      }
    }
    List<String> names = names(regex);
    if (names.isEmpty()) {
      throw new IllegalArgumentException("no benchmark's name matches '" + regex + "'");
    }
    run(names, quick);
  }

  private static void run(List<String> names, boolean quick) throws RunnerException {
    System.out.printf(Locale.ROOT, "%-62s%12s%10s%n", "benchmark", "ns/op", "B/op");
    for (String name : names) {
      ChainedOptionsBuilder options =
          options(name)
              .mode(Mode.AverageTime)
              .timeUnit(TimeUnit.NANOSECONDS)
              .forks(quick ? 1 : 2)
              .warmupIterations(quick ? 1 : 5)
              .measurementIterations(quick ? 2 : 5)
              .warmupTime(TimeValue.milliseconds(quick ? 200 : 1_000))
              .measurementTime(TimeValue.milliseconds(quick ? 200 : 1_000))
              .jvmArgsAppend(
                  "--enable-native-access=ALL-UNNAMED",
                  "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn");
      for (RunResult result : results(options.build())) {
        System.out.println(line(result));
      }
    }
  }

  /** Runs a benchmark; what JMH and the JVMs it starts say is shown only if something fails. */
  private static Collection<RunResult> results(Options options) throws RunnerException {
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    PrintStream log = new PrintStream(said, true, StandardCharsets.UTF_8);
    try {
      return new Runner(options, OutputFormatFactory.createFormatInstance(log, VerboseMode.NORMAL))
          .run();
    } catch (RunnerException e) {
      System.err.println(said.toString(StandardCharsets.UTF_8));
      throw e;
    }
  }

  /** What all runs of a benchmark have in common. */
  static ChainedOptionsBuilder options(String name) {
    return new OptionsBuilder()
        .include("^" + Pattern.quote(name) + "$")
        .addProfiler(GCProfiler.class)
        .verbosity(VerboseMode.SILENT)
        .shouldFailOnError(true);
  }

  /** Full names, in order, of the benchmarks whose short names match. */
  static List<String> names(String regex) {
    Pattern wanted = pattern(regex);
    return BenchmarkList.defaultList()
        .find(
            OutputFormatFactory.createFormatInstance(System.out, VerboseMode.SILENT),
            List.of(),
            List.of())
        .stream()
        .map(BenchmarkListEntry::getUsername)
        .filter(name -> wanted.matcher(title(name)).find())
        .distinct()
        .sorted()
        .toList();
  }

  private static Pattern pattern(String regex) {
    try {
      return Pattern.compile(regex);
    } catch (PatternSyntaxException e) {
      throw new IllegalArgumentException("'" + regex + "': " + e.getDescription(), e);
    }
  }

  /** One line of the table. */
  static String line(RunResult result) {
    Result<?> allocated = result.getSecondaryResults().get(ALLOCATED);
    return String.format(
        Locale.ROOT,
        "%-62s%12.1f%10s",
        title(result.getParams()),
        result.getPrimaryResult().getScore(),
        allocated == null ? "?" : String.format(Locale.ROOT, "%.0f", allocated.getScore()));
  }

  private static String title(BenchmarkParams params) {
    StringBuilder title = new StringBuilder(title(params.getBenchmark()));
    for (String key : params.getParamsKeys()) {
      title.append(' ').append(key).append('=').append(params.getParam(key));
    }
    return title.toString();
  }

  /** {@code Frame.call} for {@code erpc.protocol.own.FrameBenchmark.call}. */
  private static String title(String name) {
    return name.replaceAll("^.*\\.(\\w+?)(Benchmark)?\\.(\\w+)$", "$1.$3");
  }
}
