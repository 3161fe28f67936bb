package erpc.client;

import erpc.call.FailureMode;
import erpc.call.Printable;
import erpc.client.Explanation.Candidate;
import erpc.settings.Mode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** An explanation as people read it: what holds for the call, and a table of the endpoints. */
final class ExplanationTable {
  private static final List<String> HEAD =
      List.of("CHANCE", "ADDRESS", "ZONE", "WEIGHT", "STATE", "LOAD", "LATENCY", "LEFT OUT BY");

  private final Explanation of;
  private final int most;
  private final StringBuilder out = new StringBuilder();

  /**
   * A table.
   *
   * @param most as many endpoints are shown
   */
  ExplanationTable(Explanation of, int most) {
    this.of = of;
    this.most = most;
  }

  String text() {
    call();
    none();
    if (!of.endpoints().isEmpty()) {
      out.append('\n');
      endpoints();
    }
    return out.toString();
  }

  private void line(String name, String value) {
    out.append(String.format(Locale.ROOT, "%-10s  %s%n", name, Printable.of(value)));
  }

  private void call() {
    String key = of.affinityKey() == null ? "" : ", affinity key '" + of.affinityKey() + "'";
    String codec = of.codec() == null ? "" : ", codec " + of.codec();
    line("call", of.address() + ", " + of.criticality() + key + codec);
    line("time", time());
    line(
        "tries",
        "at most "
            + of.maxAttempts()
            + (of.idempotent() ? ", idempotent" : ", not idempotent")
            + ", "
            + of.retryTokens()
            + " retry tokens left"
            + tries());
    long able = of.endpoints().stream().filter(each -> each.chance() > 0).count();
    String endpoints = of.endpoints().size() == 1 ? " endpoint, " : " endpoints, ";
    line("place", of.place() + ": " + of.endpoints().size() + endpoints + able + " in use");
    String zone = of.clientZone().isEmpty() ? "" : ", client in zone " + of.clientZone();
    String how =
        of.isExact() ? "chances are exact" : "chances are about right (" + of.picks() + " picks)";
    line("balancer", of.balancer() + zone + "; " + how);
    long having =
        of.endpoints().stream().filter(each -> !each.leftOutBy().equals("methods")).count();
    if (of.subset() < having) {
      line("subset", of.subset() + " of " + having + " endpoints are called by this client");
    }
    if (!of.panic().isEmpty()) {
      line("panic", of.panic());
    }
    String off =
        of.protection().entrySet().stream()
            .filter(each -> each.getValue() != Mode.ON)
            .map(each -> each.getKey() + " " + each.getValue())
            .collect(Collectors.joining(", "));
    line("protection", off.isEmpty() ? "all on" : "all on but " + off);
  }

  private String time() {
    String median =
        of.medianLatency().isZero()
            ? "its median is not known yet"
            : "its median is " + millis(of.medianLatency());
    Duration whole = of.timeout();
    Duration each = of.tryTimeout();
    String limit = whole == null ? "no timeout" : "timeout " + millis(whole);
    String ofTries = each == null ? ", no tryTimeout" : ", tryTimeout " + millis(each);
    return limit + ofTries + percentile() + "; " + median;
  }

  private String percentile() {
    Double share = of.tryTimeoutPercentile();
    if (share == null) {
      return "";
    }
    Duration now = of.tryLimit();
    return ", tryTimeoutPercentile "
        + share
        + (now == null ? " (not known yet)" : " (a try now has " + millis(now) + ")");
  }

  /** What is unusual about its tries. */
  private String tries() {
    StringBuilder said = new StringBuilder();
    if (of.failureMode() != FailureMode.FAILOVER) {
      said.append(", failureMode ").append(of.failureMode());
    }
    if (of.forks() > 1) {
      said.append(" to ").append(of.forks()).append(" endpoints at once");
    }
    Duration delay = of.hedgeDelay();
    if (of.hedging() > 0) {
      said.append(", ").append(percent(of.hedging()).strip()).append(" hedged");
      said.append(delay == null ? " (when is not known yet)" : " after " + millis(delay));
    }
    if (!of.retryOn().isEmpty()) {
      said.append(", retryOn ").append(new TreeSet<>(of.retryOn()));
    }
    return said + (of.madeForRetry() ? "; not tried again: made for a retry" : "");
  }

  private static String millis(Duration time) {
    double millis = time.toNanos() / 1e6;
    return String.format(Locale.ROOT, millis == Math.rint(millis) ? "%.0f ms" : "%.2f ms", millis);
  }

  /** What is picked by nobody is the first thing to read. */
  private void none() {
    if (of.none() > 0) {
      String how = of.none() >= 1 ? "the call" : percent(of.none()).strip() + " of such calls";
      line("FAILS", how + " would end in " + of.whyNone());
    }
  }

  private void endpoints() {
    List<Candidate> sorted = new ArrayList<>(of.endpoints());
    sorted.sort(
        Comparator.comparingDouble((Candidate each) -> -each.chance())
            .thenComparing(Candidate::leftOutBy));
    List<Candidate> shown = sorted.subList(0, Math.min(Math.max(0, most), sorted.size()));
    List<List<String>> rows = new ArrayList<>();
    rows.add(HEAD);
    shown.forEach(each -> rows.add(row(each)));
    int[] widths = new int[HEAD.size()];
    for (List<String> row : rows) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    for (List<String> row : rows) {
      StringBuilder line = new StringBuilder();
      for (int i = 0; i < widths.length; i++) {
        line.append(String.format(Locale.ROOT, "%-" + widths[i] + "s  ", row.get(i)));
      }
      out.append(line.toString().stripTrailing()).append(System.lineSeparator());
    }
    rest(sorted.subList(shown.size(), sorted.size()));
  }

  private static List<String> row(Candidate each) {
    String weight =
        each.effectiveWeight() == each.weight()
            ? Integer.toString(each.weight())
            : number(each.effectiveWeight()) + " of " + each.weight();
    return List.of(
        percent(each.chance()),
        Printable.of(each.address()),
        each.zone().isEmpty() ? "-" : Printable.of(each.zone()),
        weight,
        each.state().toString(),
        number(each.load()),
        each.latency() <= 0 ? "-" : String.format(Locale.ROOT, "%.2f", each.latency()),
        leftOut(each));
  }

  private static String leftOut(Candidate each) {
    String by = each.leftOutBy();
    String why = Printable.of(each.why());
    return by.isEmpty() ? (why.isEmpty() ? "" : "(" + why + ")") : by + ": " + why;
  }

  /** Those for which there is no room. */
  private void rest(List<Candidate> hidden) {
    if (hidden.isEmpty()) {
      return;
    }
    Map<String, Integer> counts = new TreeMap<>();
    double chance = 0;
    for (Candidate each : hidden) {
      chance += each.chance();
      if (!each.leftOutBy().isEmpty()) {
        counts.merge(each.leftOutBy(), 1, Integer::sum);
      }
    }
    String left =
        counts.entrySet().stream()
            .map(each -> ", " + each.getValue() + " left out by " + each.getKey())
            .collect(Collectors.joining());
    out.append(
        String.format(
            Locale.ROOT,
            "… and %d more, with a chance of %s together%s%n",
            hidden.size(),
            percent(chance).strip(),
            left));
  }

  private static String number(double value) {
    return value == Math.rint(value)
        ? String.format(Locale.ROOT, "%.0f", value)
        : String.format(Locale.ROOT, "%.1f", value);
  }

  private static String percent(double chance) {
    if (chance > 0 && chance < 0.001) {
      return "<0.1 %";
    }
    return String.format(Locale.ROOT, "%5.1f %%", 100 * chance);
  }
}
