package erpc.protocol.own;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The examples in bytes of docs/protocol.md, by their titles. */
final class ProtocolPage {
  private static final Path PAGE =
      Path.of(System.getProperty("basedir", "."), "..", "docs", "protocol.md");
  private static final Pattern BLOCK = Pattern.compile("(?m)^```\\n(.*?)^```$", Pattern.DOTALL);
  private static final Pattern TITLE = Pattern.compile("\\*Example: (.+)\\*\\n\\n$");
  private static final Pattern LINE =
      Pattern.compile("(client|server)?\\s+((?:[0-9a-f]{2} )*[0-9a-f]{2})(?:  .*)?");

  /** What one side says until the other does. */
  record Turn(String side, List<byte[]> parts) {
    byte[] bytes() {
      return Frames.concat(parts.toArray(byte[][]::new));
    }

    List<Frames.Frame> frames() {
      return Frames.parse(bytes());
    }
  }

  /** One example. */
  record Example(List<Turn> turns) {
    boolean hasPrefaces() {
      return turns.get(0).bytes()[0] == (byte) (Wire.MAGIC >>> 16);
    }

    /** All that one side says. */
    byte[] bytes(String side) {
      return Frames.concat(
          turns.stream()
              .filter(turn -> turn.side.equals(side))
              .map(Turn::bytes)
              .toArray(byte[][]::new));
    }
  }

  private ProtocolPage() {}

  static String text() throws IOException {
    return Files.readString(PAGE);
  }

  /** All blocks of the page. Each must have a title, and nothing but bytes and what they mean. */
  static Map<String, Example> examples() throws IOException {
    String text = text();
    Map<String, Example> examples = new LinkedHashMap<>();
    Matcher block = BLOCK.matcher(text);
    while (block.find()) {
      String before = text.substring(0, block.start());
      Matcher title = TITLE.matcher(before.substring(Math.max(0, before.length() - 200)));
      assertThat(title.find()).as("a title above%n%s", block.group(1)).isTrue();
      assertThat(examples.put(title.group(1), example(block.group(1)))).isNull();
    }
    return examples;
  }

  private static Example example(String block) {
    List<Turn> turns = new ArrayList<>();
    for (String line : block.strip().lines().toList()) {
      Matcher matcher = LINE.matcher(line);
      assertThat(matcher.matches()).as(line).isTrue();
      if (matcher.group(1) != null) {
        turns.add(new Turn(matcher.group(1), new ArrayList<>()));
      }
      turns.get(turns.size() - 1).parts.add(Frames.hex(matcher.group(2)));
    }
    return new Example(turns);
  }

  /** The rows of the table whose first line begins like this, without its two headings. */
  static List<List<String>> table(String heading) throws IOException {
    List<String> lines = text().lines().toList();
    int at = 0;
    while (!lines.get(at).startsWith(heading)) {
      at++;
    }
    List<List<String>> rows = new ArrayList<>();
    for (at += 2; lines.get(at).startsWith("|"); at++) {
      String row = lines.get(at);
      rows.add(
          Arrays.stream(row.substring(1, row.length() - 1).split("\\|", -1))
              .map(String::strip)
              .toList());
    }
    return rows;
  }
}
