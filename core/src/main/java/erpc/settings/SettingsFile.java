package erpc.settings;

import erpc.call.Printable;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;

/**
 * Reads a file of {@code key = value} lines, as {@link Properties} does, in UTF-8, and keeps the
 * line of each.
 */
final class SettingsFile {
  private final String name;
  private final List<String> problems;
  private final Map<String, Source.Value> values = new LinkedHashMap<>();

  private SettingsFile(String name, List<String> problems) {
    this.name = name;
    this.problems = problems;
  }

  /** What the file says; what is wrong with it is added to the problems. */
  static Source read(Path path, List<String> problems) {
    SettingsFile file = new SettingsFile(String.valueOf(path.getFileName()), problems);
    try {
      file.read(lines(path));
    } catch (CharacterCodingException e) {
      problems.add(
          "cannot read the settings in "
              + Printable.of(path.toString())
              + ": it is not UTF-8; save it as that");
    } catch (IOException e) {
      problems.add("cannot read the settings in " + Printable.of(path.toString()) + ": " + e);
    }
    return new Source(Source.Kind.FILE, file.values);
  }

  /** The lines, without the mark (U+FEFF) that some editors put before the first one. */
  private static List<String> lines(Path path) throws IOException {
    String text = Files.readString(path, StandardCharsets.UTF_8);
    return (text.startsWith("\uFEFF") ? text.substring(1) : text).lines().toList();
  }

  /** Properties reads a line alone as it reads it among others, once continued ones are joined. */
  private void read(List<String> lines) {
    for (int i = 0; i < lines.size(); i++) {
      int number = i + 1;
      StringBuilder logical = new StringBuilder(lines.get(i));
      while (!isComment(logical) && isContinued(logical) && i + 1 < lines.size()) {
        logical.append('\n').append(lines.get(++i));
      }
      readLine(logical.toString(), "in " + name + " line " + number);
    }
  }

  private static boolean isComment(CharSequence line) {
    String text = line.toString().stripLeading();
    return text.startsWith("#") || text.startsWith("!");
  }

  private static boolean isContinued(CharSequence line) {
    int backslashes = 0;
    while (backslashes < line.length() && line.charAt(line.length() - 1 - backslashes) == '\\') {
      backslashes++;
    }
    return backslashes % 2 == 1;
  }

  private void readLine(String line, String origin) {
    Properties one = new Properties();
    try {
      one.load(new StringReader(line));
    } catch (IOException | IllegalArgumentException e) {
      problems.add("cannot be read " + origin + ": " + e.getMessage());
      return;
    }
    for (String key : one.stringPropertyNames()) {
      Source.Value before = values.put(key, new Source.Value(one.getProperty(key), origin));
      if (before != null) {
        problems.add(Printable.of(key) + " is set twice, " + before.origin() + " and " + origin);
      }
    }
  }
}
