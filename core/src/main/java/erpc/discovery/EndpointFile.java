package erpc.discovery;

import erpc.call.Printable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads a list of endpoints: one address a line, then {@code weight=…}, {@code zone=…} and {@code
 * partition=…} in any order; blank lines and what follows a {@code #} don't count.
 */
final class EndpointFile {
  private static final int MAX_WEIGHT = 1_000_000;
  private static final Pattern WEIGHT = Pattern.compile("[0-9]{1,7}");
  private static final Pattern ZONE = Pattern.compile("[A-Za-z0-9._-]{1,64}");

  private EndpointFile() {}

  /**
   * The endpoints in the file's order.
   *
   * @throws IllegalArgumentException naming the line and what is wrong with it
   */
  static List<Endpoint> parse(String text) {
    List<Endpoint> endpoints = new ArrayList<>();
    Map<String, Integer> lines = new HashMap<>();
    int number = 0;
    // Some editors put a mark of the encoding before the first line.
    String unmarked = text.startsWith("\uFEFF") ? text.substring(1) : text;
    for (String line : unmarked.split("\r?\n", -1)) {
      number++;
      String content = withoutComment(line).strip();
      if (!content.isEmpty()) {
        Endpoint endpoint = endpoint(number, content);
        Integer before = lines.putIfAbsent(endpoint.address(), number);
        if (before != null) {
          throw broken(number, endpoint.address() + " already stands in line " + before);
        }
        endpoints.add(endpoint);
      }
    }
    return endpoints;
  }

  private static String withoutComment(String line) {
    int hash = line.indexOf('#');
    return hash < 0 ? line : line.substring(0, hash);
  }

  private static Endpoint endpoint(int number, String content) {
    String[] words = content.split("\\s+", -1);
    int weight = Endpoint.DEFAULT_WEIGHT;
    String zone = "";
    Map<String, String> tags = Map.of();
    Set<String> seen = new HashSet<>();
    for (int i = 1; i < words.length; i++) {
      int equals = words[i].indexOf('=');
      String key = equals < 0 ? words[i] : words[i].substring(0, equals);
      String value = equals < 0 ? "" : words[i].substring(equals + 1);
      if (!seen.add(key)) {
        throw broken(number, Printable.of(key) + " is given twice");
      }
      switch (key) {
        case "weight" -> weight = weight(number, value);
        case "zone" -> zone = zone(number, value);
        case "partition" -> tags = Map.of(Endpoint.PARTITION, partition(number, value));
        default ->
            throw broken(
                number,
                "'"
                    + Printable.of(words[i])
                    + "' is none of weight=…, zone=… and partition=…, which may follow");
      }
    }
    try {
      return new Endpoint(words[0], weight, zone, Set.of(), tags);
    } catch (IllegalArgumentException e) {
      throw broken(number, e.getMessage());
    }
  }

  private static int weight(int number, String value) {
    int weight = WEIGHT.matcher(value).matches() ? Integer.parseInt(value) : -1;
    if (weight < 0 || weight > MAX_WEIGHT) {
      throw broken(
          number,
          "weight '" + Printable.of(value) + "' is not a whole number from 0 to " + MAX_WEIGHT);
    }
    return weight;
  }

  private static String zone(int number, String value) {
    try {
      return checkZone(value);
    } catch (IllegalArgumentException e) {
      throw broken(number, e.getMessage());
    }
  }

  private static String partition(int number, String value) {
    try {
      return checkPartition(value);
    } catch (IllegalArgumentException e) {
      throw broken(number, e.getMessage());
    }
  }

  /**
   * Returns a partition if it can be one.
   *
   * @throws IllegalArgumentException saying what one looks like
   */
  static String checkPartition(String text) {
    if (!Endpoint.isPartition(text)) {
      throw new IllegalArgumentException(
          "partition '"
              + Printable.of(text)
              + "' must be its number, from 0, and how many there are, 1024 at most, as in 0/3");
    }
    return text;
  }

  /**
   * Returns the name of a zone if it can be one.
   *
   * @throws IllegalArgumentException saying what such a name looks like
   */
  static String checkZone(String name) {
    if (!ZONE.matcher(name).matches()) {
      throw new IllegalArgumentException(
          "zone '" + Printable.of(name) + "' must be 1 to 64 characters of A-Z a-z 0-9 . _ -");
    }
    return name;
  }

  private static IllegalArgumentException broken(int line, @Nullable String what) {
    return new IllegalArgumentException("line " + line + ": " + what);
  }
}
