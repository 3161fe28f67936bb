package erpc.tools;

import erpc.call.Names;
import erpc.call.Printable;
import erpc.client.Client;
import erpc.discovery.Endpoint;
import erpc.discovery.wire.Instance;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code erpc list}. */
@Command(
    name = "list",
    description = "Shows what the center knows: services, their instances, addresses and methods.")
@SuppressWarnings("NullAway.Init") // picocli sets the spec
final class ListCommand implements Callable<Integer> {
  private static final List<String> HEAD =
      List.of("SERVICE", "ADDRESS", "STATE", "AGE", "WEIGHT", "ZONE", "METHODS", "INSTANCE");

  /** How many names a shell is given. */
  private static final int MAX_NAMES = 10_000;

  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "SERVICE",
      description = "only this service, as demo of demo.hello")
  private @Nullable String service;

  @Option(
      names = "--json",
      description =
          "for programs: each instance is a line of JSON, and nothing is printed for none")
  private boolean forPrograms;

  @Option(
      names = "--names",
      hidden = true,
      description = "for the shell, which completes them: methods, and services with a dot behind")
  private boolean forCompletion;

  @Mixin private final CenterOption center = new CenterOption();

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws CallFailure {
    if (service != null) {
      check(service);
    }
    try (Client client = center.client(UnaryOperator.identity())) {
      CenterOption.Listed found = center.instances(client, service == null ? "" : service);
      if (found.isEmpty() && service != null) {
        throw unknown(client, service);
      }
      PrintWriter out = spec.commandLine().getOut();
      if (forCompletion) {
        names(found.instances()).forEach(out::println);
      } else if (forPrograms) {
        found.instances().forEach(each -> out.println(Json.instance(each, found)));
      } else if (found.isEmpty()) {
        out.println("nothing is registered at the center at " + client.center());
      } else {
        print(table(found), out);
      }
      return Main.DONE;
    }
  }

  private void check(String name) {
    try {
      String unused = Names.checkService(name);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(
          spec.commandLine(), e.getMessage() + "; write demo for the service of demo.hello", e);
    }
  }

  /** Whoever writes a method where a service is wanted is told so. */
  private CallFailure unknown(Client client, String name) throws CallFailure {
    int dot = name.lastIndexOf('.');
    boolean method = dot > 0 && !center.instances(client, name.substring(0, dot)).isEmpty();
    return new CallFailure(
        "the center at "
            + client.center()
            + " knows no service "
            + name
            + (method ? "; write ./erpc list " + name.substring(0, dot) : ""));
  }

  private static List<List<String>> table(CenterOption.Listed found) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(HEAD);
    for (Instance each : found.instances()) {
      String methods = each.getMethodsList().stream().sorted().collect(Collectors.joining(" "));
      rows.add(
          List.of(
              each.getService(),
              found.address(each),
              orDash(found.lease(each).getState()),
              age(found.lease(each).getAgeMillis()),
              Integer.toString(weight(each)),
              orDash(each.getZone()),
              methods,
              each.getId()));
    }
    return rows;
  }

  /** Of what strangers have registered only names, for a shell may run what is none. */
  static List<String> names(List<Instance> instances) {
    return instances.stream()
        .flatMap(each ->
            Stream.concat(
                Stream.of(each.getService()).filter(ListCommand::isName).map(it -> it + "."),
                each.getMethodsList().stream().filter(ListCommand::isName)))
        .sorted()
        .distinct()
        .limit(MAX_NAMES)
        .toList();
  }

  private static boolean isName(String text) {
    try {
      return !Names.checkService(text).startsWith("-"); // Which would look like an option.
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static String orDash(String text) {
    return text.isEmpty() ? "-" : text;
  }

  /** The two largest units, as 3d4h or 12s. */
  static String age(long millis) {
    if (millis == 0) {
      return "-";
    }
    Duration age = Duration.ofMillis(millis);
    if (age.toDays() > 0) {
      return age.toDays() + "d" + age.toHoursPart() + "h";
    }
    if (age.toHours() > 0) {
      return age.toHours() + "h" + age.toMinutesPart() + "m";
    }
    return age.toMinutes() > 0
        ? age.toMinutes() + "m" + age.toSecondsPart() + "s"
        : age.toSeconds() + "s";
  }

  static int weight(Instance instance) {
    return instance.getWeight() == 0 ? Endpoint.DEFAULT_WEIGHT : instance.getWeight();
  }

  private static void print(List<List<String>> rows, PrintWriter out) {
    int last = HEAD.size() - 1;
    int[] widths = new int[last];
    for (List<String> row : rows) {
      for (int i = 0; i < last; i++) {
        widths[i] = Math.max(widths[i], Printable.of(row.get(i)).length());
      }
    }
    for (List<String> row : rows) {
      StringBuilder line = new StringBuilder();
      for (int i = 0; i < last; i++) {
        line.append(String.format("%-" + widths[i] + "s  ", Printable.of(row.get(i))));
      }
      out.println(line.append(Printable.of(row.get(last))));
    }
  }
}
