package erpc.demo;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What was typed after {@code demo}: the name of a program and at most one option. */
final class Arguments {
  private static final int MAX_PORT = 65_535;
  private static final int MAX_SECONDS = 86_400;

  private final List<String> rest;
  private final String program;
  private final boolean help;

  Arguments(String... typed) {
    rest = new ArrayList<>(List.of(typed));
    help = asksForHelp(rest);
    program = rest.isEmpty() || rest.get(0).startsWith("-") ? "" : rest.remove(0);
  }

  static boolean asksForHelp(List<String> typed) {
    return typed.contains("--help") || typed.contains("-h") || typed.contains("help");
  }

  boolean askForHelp() {
    return help;
  }

  /** The program named, or an empty string for all of them. */
  String program() {
    return program;
  }

  int port(int otherwise) throws UsageException {
    String text = only("--port");
    return text == null ? otherwise : number("--port", text, 0, MAX_PORT);
  }

  /** The ports of two servers. */
  List<Integer> ports(List<Integer> otherwise) throws UsageException {
    String text = only("--ports");
    if (text == null) {
      return otherwise;
    }
    String[] both = text.split(",", -1);
    if (both.length != 2 || both[0].equals(both[1])) {
      throw new UsageException("--ports takes two different ports, as in --ports 8877,8878");
    }
    return List.of(
        number("--ports", both[0], 1, MAX_PORT), number("--ports", both[1], 1, MAX_PORT));
  }

  Duration seconds() throws UsageException {
    String text = only("--seconds");
    return Duration.ofSeconds(text == null ? 0 : number("--seconds", text, 0, MAX_SECONDS));
  }

  /** Makes sure that there is no option. */
  void none() throws UsageException {
    if (!rest.isEmpty()) {
      throw new UsageException("unknown argument '" + rest.get(0) + "'");
    }
  }

  /** The value of the one option that is known here, or null if it was not typed. */
  private @Nullable String only(String option) throws UsageException {
    if (rest.isEmpty()) {
      return null;
    }
    String first = rest.remove(0);
    String value;
    if (first.startsWith(option + "=")) {
      value = first.substring(option.length() + 1);
    } else if (!first.equals(option)) {
      throw new UsageException("unknown argument '" + first + "'");
    } else if (rest.isEmpty()) {
      throw new UsageException(option + " needs a value");
    } else {
      value = rest.remove(0);
    }
    none();
    return value;
  }

  private static int number(String option, String text, int least, int most) throws UsageException {
    try {
      int number = Integer.parseInt(text);
      if (number >= least && number <= most) {
        return number;
      }
    } catch (NumberFormatException e) {
      // Said below.
    }
    throw new UsageException(
        option + " takes numbers from " + least + " to " + most + ", not '" + text + "'");
  }
}
