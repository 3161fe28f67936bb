package erpc.demo;

import static org.assertj.core.api.Assertions.assertThat;

import erpc.center.CenterSettings;
import erpc.client.ClientSettings;
import erpc.discovery.DiscoverySettings;
import erpc.server.ServerSettings;
import erpc.transport.ReactorSettings;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The page of settings is what the records and their {@code @param} lines say. */
class SettingsPageTest {
  private static final Path ROOT = DocumentsTest.root();
  private static final Path PAGE = ROOT.resolve("docs/settings.md");
  private static final String MARK =
      "<!-- From here on it is generated: see CONTRIBUTING.md. -->\n";
  private static final Pattern READ =
      Pattern.compile("\\.read\\(\"(\\w*)\", (?:(\\w+)\\.)?DEFAULTS?\\)");

  /** Titles, the word in the keys, and the records. */
  private static final Map<String, Map.Entry<String, Record>> RECORDS = new LinkedHashMap<>();

  static {
    RECORDS.put("Finding one another", Map.entry("", DiscoverySettings.DEFAULTS));
    RECORDS.put("Event loops", Map.entry("", ReactorSettings.DEFAULTS));
    RECORDS.put("Clients", Map.entry("client", ClientSettings.DEFAULTS));
    RECORDS.put("Servers", Map.entry("server", ServerSettings.DEFAULTS));
    RECORDS.put("The center", Map.entry("center", CenterSettings.DEFAULT));
  }

  @Test
  void isWhatTheRecordsSay() throws IOException {
    String page = Files.readString(PAGE);
    String written = page.substring(0, page.indexOf(MARK) + MARK.length());
    String wanted = written + tables();
    if (Boolean.getBoolean("settings.page.write")) {
      Files.writeString(PAGE, wanted);
    }
    assertThat(Files.readString(PAGE))
        .as(
            "docs/settings.md is not what the records say; write it anew with: mvn -pl demo -am test"
                + " -Dtest=SettingsPageTest -Dsurefire.failIfNoSpecifiedTests=false -Dsettings.page.write=true")
        .isEqualTo(wanted);
  }

  @Test
  void showsEveryRecordThatIsRead() throws IOException {
    TreeSet<String> read = new TreeSet<>();
    for (String module : new String[] {"core", "center"}) {
      try (Stream<Path> files = Files.walk(ROOT.resolve(module).resolve("src/main/java"))) {
        collect(files, read);
      }
    }
    TreeSet<String> shown = new TreeSet<>();
    RECORDS
        .values()
        .forEach(
            each -> shown.add(each.getKey() + " " + each.getValue().getClass().getSimpleName()));
    assertThat(read).isEqualTo(shown);
  }

  private static String tables() throws IOException {
    StringBuilder out = new StringBuilder();
    for (Map.Entry<String, Map.Entry<String, Record>> each : RECORDS.entrySet()) {
      out.append("\n## ").append(each.getKey()).append("\n\n");
      out.append("| key | environment | default | meaning |\n|---|---|---|---|\n");
      String section = each.getValue().getKey();
      rows(section.isEmpty() ? "erpc." : "erpc." + section + ".", each.getValue().getValue(), out);
    }
    return out.toString();
  }

  private static void rows(String prefix, Record record, StringBuilder out) throws IOException {
    Map<String, String> meanings = meanings(record.getClass());
    for (RecordComponent component : record.getClass().getRecordComponents()) {
      String key = prefix + component.getName();
      Object value = valueOf(record, component);
      if (value == null && component.getType().isRecord()) {
        value = defaultsOf(component.getType());
      }
      if (value instanceof Record inner) {
        rows(key + ".", inner, out);
        continue;
      }
      assertThat(meanings).as("@param of %s", key).containsKey(component.getName());
      out.append("| `").append(key).append("` | `").append(environment(key)).append("` | ");
      out.append(shown(component.getName(), value)).append(" | ");
      out.append(meanings.get(component.getName())).append(" |\n");
    }
  }

  private static void collect(Stream<Path> files, Set<String> read) throws IOException {
    for (Path file : files.filter(each -> each.toString().endsWith(".java")).toList()) {
      String name = file.getFileName().toString().replace(".java", "");
      for (MatchResult each : READ.matcher(Files.readString(file)).results().toList()) {
        read.add(each.group(1) + " " + (each.group(2) == null ? name : each.group(2)));
      }
    }
  }

  private static Object valueOf(Record record, RecordComponent component) {
    try {
      return component.getAccessor().invoke(record);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError("a record of settings", e);
    }
  }

  /** Of a record that is null unless one of its keys is set. */
  private static Object defaultsOf(Class<?> type) {
    try {
      return type.getField("DEFAULTS").get(null);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError("a record of settings", e);
    }
  }

  private static String environment(String key) {
    return key.replaceAll("([A-Z])", "_$1").replace('.', '_').toUpperCase(Locale.ROOT);
  }

  private static String shown(String name, Object value) {
    if (value == null) {
      return "–";
    }
    if (value instanceof Duration time) {
      return "`"
          + (time.toMillis() % 1000 == 0 ? time.toSeconds() + "s" : time.toMillis() + "ms")
          + "`";
    }
    if (name.endsWith("Bytes")) {
      long bytes = ((Number) value).longValue();
      return bytes % (1 << 20) == 0 && bytes != 0
          ? "`" + (bytes >> 20) + "MiB`"
          : "`" + bytes + "`";
    }
    return "`" + value.toString().toLowerCase(Locale.ROOT) + "`";
  }

  private static Map<String, String> meanings(Class<?> type) throws IOException {
    String path = "src/main/java/" + type.getName().replace('.', '/') + ".java";
    Path core = ROOT.resolve("core").resolve(path);
    String source =
        Files.readString(Files.exists(core) ? core : ROOT.resolve("center").resolve(path));
    String comment = source.substring(source.indexOf("/**"), source.indexOf("public record"));
    Map<String, String> meanings = new LinkedHashMap<>();
    Matcher param =
        Pattern.compile("@param (\\w+) (.*?)(?=\\n \\* @|\\n \\*/)", Pattern.DOTALL)
            .matcher(comment);
    while (param.find()) {
      String text = param.group(2).replaceAll("\\s*\\n \\*\\s*", " ");
      meanings.put(param.group(1), text.replaceAll("\\{@code\\s+([^}]+)}", "`$1`"));
    }
    return meanings;
  }
}
