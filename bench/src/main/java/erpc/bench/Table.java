package erpc.bench;

import erpc.bench.driver.Figures;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/** The figures of a cell as text. */
final class Table {
  /**
   * One column.
   *
   * @param format of {@link String#format}, for one number
   */
  record Column(String head, String format, ToDoubleFunction<Figures> figure) {}

  static final List<Column> COLUMNS =
      List.of(
          new Column("calls/s", "%,.0f", Figures::perSecond),
          new Column("p50 µs", "%,.0f", each -> each.p50Nanos() / 1e3),
          new Column("p99 µs", "%,.0f", each -> each.p99Nanos() / 1e3),
          new Column("p99.9 µs", "%,.0f", each -> each.p999Nanos() / 1e3),
          new Column("CPU µs/call, client", "%.2f", Figures::clientCpuMicros),
          new Column("server", "%.2f", Figures::serverCpuMicros),
          new Column("both", "%.2f", Figures::cpuMicros),
          new Column("B/call, client", "%,.0f", Figures::clientBytes),
          new Column("server", "%,.0f", Figures::serverBytes),
          new Column("RSS MiB, client", "%,.0f", each -> each.client().residentKib() / 1024.0),
          new Column("server", "%,.0f", each -> each.server().residentKib() / 1024.0));

  private Table() {}

  static String of(Measured measured) {
    StringBuilder text = new StringBuilder();
    Cell cell = measured.cell;
    text.append(String.format(Locale.ROOT, "%n%s: %s%n%-9s", cell.name(), cell.title(), "subject"));
    for (Column column : COLUMNS) {
      text.append(String.format(Locale.ROOT, "  %s", column.head));
    }
    text.append("  of ").append(measured.subjects().get(0)).append(System.lineSeparator());
    for (String subject : measured.subjects()) {
      text.append(String.format(Locale.ROOT, "%-9s", subject));
      for (Column column : COLUMNS) {
        String number =
            String.format(Locale.ROOT, column.format, measured.median(subject, column.figure));
        text.append(String.format(Locale.ROOT, "  %" + column.head.length() + "s", number));
      }
      text.append(
          String.format(
              Locale.ROOT,
              "  %.1f %%%n",
              100 * measured.ratio(subject, measured.subjects().get(0), Figures::perSecond)));
    }
    if (!measured.nearness().isEmpty()) {
      text.append(measured.nearness()).append(System.lineSeparator());
    }
    return text.toString();
  }
}
