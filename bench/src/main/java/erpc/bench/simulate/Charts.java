package erpc.bench.simulate;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;

/** The figures of all scenarios as a page with charts, which needs nothing but itself. */
final class Charts {
  private static final int WIDTH = 540;
  private static final int HEIGHT = 220;
  private static final int LEFT = 64;
  private static final int TOP = 22;
  private static final int BOTTOM = 24;
  private static final int COLOURS = 8;

  private static final String HEAD =
      """
      <!doctype html>
      <html lang="en">
      <meta charset="utf-8">
      <title>erpc bench simulate</title>
      <style>
        body { font: 15px/1.5 system-ui, sans-serif; max-width: 76rem; margin: 2rem auto; padding: 0 1rem; color: #222; }
        h2 { margin: 2.5rem 0 .3rem; font-size: 1.1rem; }
        table { border-collapse: collapse; font-variant-numeric: tabular-nums; margin: .6rem 0; }
        th, td { padding: .15rem .7rem; text-align: right; white-space: nowrap; border-bottom: 1px solid #e4e4e4; }
        th:first-child, td:first-child { text-align: left; }
        th { font-weight: 600; color: #555; }
        .wide { overflow-x: auto; }
        .charts { display: flex; flex-wrap: wrap; gap: 1.5rem; }
        figure { margin: 0; } figcaption { color: #555; }
        text { font: 12px system-ui, sans-serif; fill: #555; }
        .grid { stroke: #e4e4e4; } .fault { stroke: #999; stroke-dasharray: 3 3; }
        polyline { fill: none; stroke-width: 1.6; }
        .key { display: inline-block; width: .8em; height: .8em; border-radius: 2px; margin-right: .5em; }
        .c0 { stroke: #8a8a8a; background: #8a8a8a; } .c1 { stroke: #2f6fb3; background: #2f6fb3; }
        .c2 { stroke: #6a9a2d; background: #6a9a2d; } .c3 { stroke: #b08900; background: #b08900; }
        .c4 { stroke: #c07aa8; background: #c07aa8; } .c5 { stroke: #d9622b; background: #d9622b; }
        .c6 { stroke: #2a9d8f; background: #2a9d8f; } .c7 { stroke: #7457b5; background: #7457b5; }
        @media (prefers-color-scheme: dark) {
          body { background: #16181a; color: #ddd; } text { fill: #aaa; } th, figcaption { color: #aaa; }
          th, td { border-color: #333; } .grid { stroke: #333; } .fault { stroke: #777; }
        }
      </style>
      """;

  private final StringBuilder html = new StringBuilder(HEAD);

  private Charts() {}

  /**
   * The page.
   *
   * @param origin what was run, for who wants to run it again
   */
  static String page(String origin, Map<Scenario, List<Result>> all) {
    Charts page = new Charts();
    page.html.append("<h1>erpc bench simulate</h1>\n");
    page.html.append("<p>").append(escaped(origin)).append("</p>\n<p>");
    page.html.append(escaped(Columns.MEANING)).append("</p>\n");
    all.forEach(page::scenario);
    return page.html.append("</html>\n").toString();
  }

  private void scenario(Scenario scenario, List<Result> runs) {
    html.append("<h2>").append(escaped(scenario.name())).append("</h2>\n<p>");
    html.append(escaped(scenario.sentence())).append("</p>\n<div class=\"charts\">\n");
    lines("99th percentile in ms", scenario, runs, each -> each.tally().p99Millis(), true);
    lines("calls per second that succeed", scenario, runs, each -> each.tally().goodputs(), false);
    if (scenario.levels().size() > 1) {
      lines("tries per second at the lowest level", scenario, runs, r -> r.tally().lowest(), false);
    }
    html.append("</div>\n<div class=\"wide\"><table>\n<tr><th>policy</th>");
    List<Columns.Column> columns = Columns.of(scenario);
    columns.forEach(column -> html.append("<th>").append(column.head()).append("</th>"));
    html.append("</tr>\n");
    for (int i = 0; i < runs.size(); i++) {
      html.append("<tr><td><span class=\"key c").append(i % COLOURS).append("\"></span>");
      html.append(escaped(runs.get(i).policy())).append("</td>");
      for (Columns.Column column : columns) {
        html.append("<td>").append(column.text().apply(runs.get(i))).append("</td>");
      }
      html.append("</tr>\n");
    }
    html.append("</table></div>\n");
  }

  /** From 0 to the top, or by powers of ten. */
  private record Scale(double least, double most, boolean isLogarithmic) {
    static Scale of(List<double[]> all, boolean logarithmic) {
      double least = Double.POSITIVE_INFINITY;
      double most = 0;
      for (double[] each : all) {
        for (double value : each) {
          least = value > 0 ? Math.min(least, value) : least;
          most = Math.max(most, value);
        }
      }
      if (!logarithmic || most == 0) {
        return new Scale(0, Math.max(1, most * 1.05), false);
      }
      double from = Math.pow(10, Math.floor(Math.log10(least)));
      return new Scale(from, Math.max(10 * from, most * 1.1), true);
    }

    /** Where a value is, from 0 to 1. */
    double at(double value) {
      return isLogarithmic
          ? Math.log(Math.max(least, value) / least) / Math.log(most / least)
          : value / most;
    }

    double[] marks() {
      if (!isLogarithmic) {
        double step = Math.pow(10, Math.floor(Math.log10(most)));
        step = most / step < 2.5 ? step / 2 : step;
        double[] marks = new double[(int) (most / step) + 1];
        for (int i = 0; i < marks.length; i++) {
          marks[i] = i * step;
        }
        return marks;
      }
      double[] marks = new double[1 + (int) Math.floor(Math.log10(most / least) + 1e-9)];
      for (int i = 0; i < marks.length; i++) {
        marks[i] = least * Math.pow(10, i);
      }
      return marks;
    }
  }

  private void lines(
      String what,
      Scenario scenario,
      List<Result> runs,
      Function<Result, double[]> figure,
      boolean logarithmic) {
    List<double[]> all = runs.stream().map(figure).toList();
    Scale scale = Scale.of(all, logarithmic);
    html.append("<figure><figcaption>").append(escaped(what)).append("</figcaption>");
    add("<svg width=\"%d\" height=\"%d\" role=\"img\">%n", WIDTH, HEIGHT);
    for (double mark : scale.marks()) {
      double y = y(scale.at(mark));
      add("<line class=\"grid\" x1=\"%d\" y1=\"%.1f\" x2=\"%d\" y2=\"%.1f\"/>", LEFT, y, WIDTH, y);
      String number =
          mark < 1 && mark > 0 ? Double.toString(mark) : String.format(Locale.ROOT, "%,.0f", mark);
      add("<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%s</text>%n", LEFT - 6, y + 4, number);
    }
    for (Scenario.Fault each : scenario.faults()) {
      if (!each.label().isEmpty()) {
        double x = x(each.at());
        int bottom = HEIGHT - BOTTOM;
        add(
            "<line class=\"fault\" x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" y2=\"%d\"/>",
            x, TOP, x, bottom);
        add("<text x=\"%.1f\" y=\"%d\">%s</text>%n", x + 2, TOP - 8, escaped(each.label()));
      }
    }
    for (int part = 0; part <= 4; part++) {
      double at = part / 4.0;
      add(
          "<text x=\"%.1f\" y=\"%d\" text-anchor=\"%s\">%.0f s</text>%n",
          x(at), HEIGHT - 6, part == 4 ? "end" : "middle", at * scenario.seconds());
    }
    for (int i = 0; i < all.size(); i++) {
      line(i, all.get(i), scale);
    }
    html.append("</svg></figure>\n");
  }

  private void line(int index, double[] values, Scale scale) {
    add("<polyline class=\"c%d\" points=\"", index % COLOURS);
    for (int i = 0; i < values.length; i++) {
      add("%.1f,%.1f ", x((i + 0.5) / values.length), y(scale.at(values[i])));
    }
    html.append("\"/>\n");
  }

  private static double x(double part) {
    return LEFT + part * (WIDTH - LEFT);
  }

  private static double y(double part) {
    return HEIGHT - BOTTOM - part * (HEIGHT - BOTTOM - TOP);
  }

  @SuppressWarnings("AnnotateFormatMethod") // That would take a library for one method.
  private void add(String format, Object... values) {
    html.append(String.format(Locale.ROOT, format, values));
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }
}
