package erpc.bench.simulate;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The figures of a scenario, as rows of text. */
final class Columns {
  /** One figure of a run. */
  record Column(String head, Function<Result, String> text) {}

  private static final List<Column> ALL =
      List.of(
          new Column("p50 ms", run -> millis(run.tally().all().millis(50))),
          new Column("p99 ms", run -> millis(run.tally().all().millis(99))),
          new Column("p99.9 ms", run -> millis(run.tally().all().millis(99.9))),
          new Column("good/s", run -> number("%,.0f", run.goodput())),
          new Column("success %", run -> number("%.3f", 100 * run.tally().all().successShare())),
          new Column("skew", run -> number("%.2f", run.servers().skew())),
          new Column("idle %", run -> number("%.0f", 100 * run.servers().idleShare())),
          new Column("busiest %", run -> number("%.0f", 100 * run.servers().busiest())),
          new Column("tries/call", run -> number("%.3f", run.tally().triesPerCall())),
          new Column("to broken", run -> number("%,d", run.callsToBroken())),
          new Column("verdicts", run -> number("%,d", run.verdictChanges())),
          new Column("tries/s by level", Columns::levels));

  /** Where clients call several methods. */
  private static final List<Column> BY_METHOD =
      List.of(
          new Column("success % by method", run -> byMethod(run, Columns::successPercent)),
          new Column("p99 ms by method", run -> byMethod(run, each -> millis(each.millis(99)))));

  /** What the columns mean. */
  static final String MEANING =
      """
      A call that fails counts as one that takes all of its second: percentiles are of all calls.
      good/s: calls per second that succeed. skew: what the server with the most tries got, by the mean.
      idle: servers with less than a tenth of the mean. busiest: of the server whose cores worked most.
      to broken: tries that went to endpoints which their callers had found broken, as probes do.
      verdicts: how often a caller found an endpoint broken, or well again.
      The first tenth of the time is not counted. :bare is without budgets, verdicts and limits.\
      """;

  private Columns() {}

  private static String millis(double value) {
    return number(value < 10 ? "%.2f" : value < 100 ? "%.1f" : "%,.0f", value);
  }

  private static String levels(Result run) {
    return run.servers().perSecond().stream()
        .map(each -> number("%,.0f", each))
        .collect(Collectors.joining(" "));
  }

  private static String successPercent(Tally.Outcomes of) {
    return number("%.2f", 100 * of.successShare());
  }

  private static String byMethod(Result run, Function<Tally.Outcomes, String> figure) {
    return run.tally().methods().entrySet().stream()
        .map(each -> each.getKey() + " " + figure.apply(each.getValue()))
        .collect(Collectors.joining(", "));
  }

  private static String number(String format, Number value) {
    return String.format(Locale.ROOT, format, value);
  }

  /** Those that a scenario has. */
  static List<Column> of(Scenario scenario) {
    List<Column> columns = new ArrayList<>(ALL);
    if (scenario.clients().mix().size() > 1) {
      columns.addAll(BY_METHOD);
    }
    if (scenario.clients().zones().size() > 1) {
      columns.add(new Column("to other zones %", run -> number("%.0f", 100 * run.farShare())));
    }
    return columns;
  }

  /** A scenario's table. */
  static String table(Scenario scenario, List<Result> runs) {
    StringBuilder text = new StringBuilder();
    text.append(scenario.name()).append(": ").append(scenario.sentence()).append('\n');
    int widest = "policy".length();
    for (Result each : runs) {
      widest = Math.max(widest, each.policy().length());
    }
    List<Column> columns = of(scenario);
    int[] widths = new int[columns.size()];
    for (int i = 0; i < widths.length; i++) {
      widths[i] = columns.get(i).head.length();
      for (Result each : runs) {
        widths[i] = Math.max(widths[i], columns.get(i).text.apply(each).length());
      }
    }
    text.append(left("policy", widest));
    for (int i = 0; i < widths.length; i++) {
      text.append("  ").append(right(columns.get(i).head, widths[i]));
    }
    text.append('\n');
    for (Result each : runs) {
      text.append(left(each.policy(), widest));
      for (int i = 0; i < widths.length; i++) {
        text.append("  ").append(right(columns.get(i).text.apply(each), widths[i]));
      }
      text.append('\n');
    }
    return text.toString();
  }

  private static String left(String text, int width) {
    return text + " ".repeat(width - text.length());
  }

  private static String right(String text, int width) {
    return " ".repeat(width - text.length()) + text;
  }
}
