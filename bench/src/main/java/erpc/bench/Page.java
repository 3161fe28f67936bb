package erpc.bench;

import erpc.bench.driver.Figures;
import java.time.LocalDate;
import java.util.Collection;
import java.util.List;
import java.util.Locale;

/** The figures of a run as a page with charts, which needs nothing but itself. */
final class Page {
  private static final int BAR_PIXELS = 420;
  private static final int ROW_PIXELS = 26;
  private static final int NAME_PIXELS = 90;

  private static final String HEAD =
      """
      <!doctype html>
      <html lang="en">
      <meta charset="utf-8">
      <title>erpc bench</title>
      <style>
        body { font: 15px/1.5 system-ui, sans-serif; max-width: 72rem; margin: 2rem auto; padding: 0 1rem; color: #222; }
        h2 { margin: 2.5rem 0 .3rem; font-size: 1.1rem; }
        table { border-collapse: collapse; font-variant-numeric: tabular-nums; margin: .6rem 0; }
        th, td { padding: .15rem .7rem; text-align: right; white-space: nowrap; border-bottom: 1px solid #e4e4e4; }
        th:first-child, td:first-child { text-align: left; }
        th { font-weight: 600; color: #555; white-space: normal; }
        .charts { display: flex; flex-wrap: wrap; gap: 2rem; }
        figure { margin: 0; } figcaption { color: #555; }
        text { font: 13px system-ui, sans-serif; fill: #222; }
        .bar { fill: #9db4c8; } .erpc .bar { fill: #d9622b; } .second { fill: #c9d6e0; } .erpc .second { fill: #efb394; }
        .erpc td { font-weight: 600; } .MISSED, .INVALID { color: #b3261e; } .met { color: #1b6e3c; }
        @media (prefers-color-scheme: dark) {
          body { background: #16181a; color: #ddd; } text { fill: #ddd; } th, figcaption { color: #aaa; }
          th, td { border-color: #333; } .MISSED, .INVALID { color: #ff8a80; } .met { color: #7fd39c; }
        }
      </style>
      """;

  private final StringBuilder html = new StringBuilder(HEAD);

  private Page() {}

  static String of(LocalDate day, String machine, Collection<Measured> all, List<String> verdicts) {
    Page page = new Page();
    page.html.append("<h1>erpc bench</h1>\n<p>%s, %s. ".formatted(day, escaped(machine)));
    page.html.append(
        "Client and server are two processes on loopback. Medians of all rounds; ratios are between runs of the same round.</p>\n");
    if (!verdicts.isEmpty()) {
      page.html.append("<h2>Targets</h2>\n<ul>\n");
      for (String verdict : verdicts) {
        String word = verdict.substring(0, verdict.indexOf(' '));
        page.html.append("<li class=\"%s\">%s</li>%n".formatted(word, escaped(verdict)));
      }
      page.html.append("</ul>\n");
    }
    all.forEach(page::cell);
    return page.html.append("</html>\n").toString();
  }

  private void cell(Measured measured) {
    Cell cell = measured.cell;
    html.append("<h2>%s: %s</h2>%n".formatted(escaped(cell.name()), escaped(cell.title())));
    html.append("<div class=\"charts\">\n");
    bars(measured, "calls per second", "%,.0f", Figures::perSecond, each -> 0);
    bars(
        measured,
        "processor time per call in µs, client and (light) server",
        "%.2f",
        Figures::cpuMicros,
        Figures::serverCpuMicros);
    html.append("</div>\n<table>\n<tr><th>subject</th>");
    for (Table.Column column : Table.COLUMNS) {
      html.append("<th>%s</th>".formatted(escaped(column.head())));
    }
    html.append("<th>of %s</th></tr>%n".formatted(escaped(measured.subjects().get(0))));
    for (String subject : measured.subjects()) {
      html.append("<tr class=\"%s\"><td>%s</td>".formatted(subject, escaped(subject)));
      for (Table.Column column : Table.COLUMNS) {
        double value = measured.median(subject, column.figure());
        html.append("<td>%s</td>".formatted(String.format(Locale.ROOT, column.format(), value)));
      }
      double ratio = measured.ratio(subject, measured.subjects().get(0), Figures::perSecond);
      html.append(String.format(Locale.ROOT, "<td>%.1f %%</td></tr>%n", 100 * ratio));
    }
    html.append("</table>\n<p>%s</p>%n".formatted(escaped(measured.nearness())));
  }

  private void bars(
      Measured measured,
      String what,
      String format,
      java.util.function.ToDoubleFunction<Figures> whole,
      java.util.function.ToDoubleFunction<Figures> part) {
    List<String> subjects = measured.subjects();
    double most = 0;
    for (String subject : subjects) {
      most = Math.max(most, measured.median(subject, whole));
    }
    html.append(
        String.format(
            Locale.ROOT,
            "<figure><figcaption>%s</figcaption><svg width=\"%d\" height=\"%d\" role=\"img\">%n",
            escaped(what),
            NAME_PIXELS + BAR_PIXELS + 90,
            ROW_PIXELS * subjects.size()));
    for (int i = 0; i < subjects.size(); i++) {
      String subject = subjects.get(i);
      double value = measured.median(subject, whole);
      double width = most > 0 ? BAR_PIXELS * value / most : 0;
      double light = most > 0 ? BAR_PIXELS * measured.median(subject, part) / most : 0;
      int y = i * ROW_PIXELS;
      html.append(
          String.format(
              Locale.ROOT,
              "<g class=\"%s\"><text x=\"0\" y=\"%d\">%s</text><rect class=\"bar\" x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\"/>"
                  + "<rect class=\"second\" x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\"/><text x=\"%.1f\" y=\"%d\">%s</text></g>%n",
              subject,
              y + 17,
              escaped(subject),
              NAME_PIXELS,
              y + 4,
              width,
              ROW_PIXELS - 8,
              NAME_PIXELS + width - light,
              y + 4,
              light,
              ROW_PIXELS - 8,
              NAME_PIXELS + width + 6,
              y + 17,
              String.format(Locale.ROOT, format, value)));
    }
    html.append("</svg></figure>\n");
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }
}
