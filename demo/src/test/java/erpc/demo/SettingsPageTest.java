package erpc.demo;

import static org.assertj.core.api.Assertions.assertThat;

import erpc.center.CenterSettings;
import erpc.client.ClientSettings;
import erpc.discovery.DiscoverySettings;
import erpc.server.ServerSettings;
import erpc.settings.Configurable;
import erpc.transport.ReactorSettings;
import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
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

/** The page of settings is what their classes and the comments of their accessors say. */
class SettingsPageTest {
  private static final Path ROOT = DocumentsTest.root();
  private static final Path PAGE = ROOT.resolve("docs/settings.md");
  private static final String MARK =
      "<!-- From here on it is generated: see CONTRIBUTING.md. -->\n";
  private static final int LINE = 100;
  private static final Pattern READ =
      Pattern.compile("\\.read\\(\"(\\w*)\", (?:(\\w+)\\.)?DEFAULTS?\\)");

  /** A comment, and the accessor that it stands before. */
  private static final Pattern ACCESSOR =
      Pattern.compile(
          "/\\*\\*((?:(?!\\*/).)*)\\*/\\s+public [^(=;{]*?(\\w+)\\(\\) \\{\\s+return \\2;",
          Pattern.DOTALL);

  /** Titles, the word in the keys, and the settings. */
  private static final Map<String, Map.Entry<String, Configurable>> SETTINGS =
      new LinkedHashMap<>();

  static {
    SETTINGS.put("Finding one another", Map.entry("", DiscoverySettings.DEFAULTS));
    SETTINGS.put("Event loops", Map.entry("", ReactorSettings.DEFAULTS));
    SETTINGS.put("Clients", Map.entry("client", ClientSettings.DEFAULTS));
    SETTINGS.put("Servers", Map.entry("server", ServerSettings.DEFAULTS));
    SETTINGS.put("The center", Map.entry("center", CenterSettings.DEFAULT));
  }

  @Test
  void isWhatTheSettingsSay() throws IOException {
    String page = Files.readString(PAGE);
    String written = page.substring(0, page.indexOf(MARK) + MARK.length());
    String wanted = written + tables();
    if (Boolean.getBoolean("settings.page.write")) {
      Files.writeString(PAGE, wanted);
    }
    assertThat(Files.readString(PAGE))
        .as(
            "docs/settings.md is not what the classes say; write it anew with: mvn -pl demo -am test"
                + " -Dtest=SettingsPageTest -Dsurefire.failIfNoSpecifiedTests=false -Dsettings.page.write=true")
        .isEqualTo(wanted);
  }

  @Test
  void showsAllThatIsRead() throws IOException {
    TreeSet<String> read = new TreeSet<>();
    for (String module : new String[] {"core", "center"}) {
      try (Stream<Path> files = Files.walk(ROOT.resolve(module).resolve("src/main/java"))) {
        collect(files, read);
      }
    }
    TreeSet<String> shown = new TreeSet<>();
    SETTINGS
        .values()
        .forEach(
            each -> shown.add(each.getKey() + " " + each.getValue().getClass().getSimpleName()));
    assertThat(read).isEqualTo(shown);
  }

  private static String tables() throws IOException {
    StringBuilder out = new StringBuilder();
    for (Map.Entry<String, Map.Entry<String, Configurable>> each : SETTINGS.entrySet()) {
      out.append("\n## ").append(each.getKey()).append("\n\n");
      String section = each.getValue().getKey();
      rows(section.isEmpty() ? "erpc." : "erpc." + section + ".", each.getValue().getValue(), out);
    }
    return out.toString();
  }

  private static void rows(String prefix, Configurable settings, StringBuilder out)
      throws IOException {
    Map<String, String> meanings = meanings(settings.getClass());
    for (Field field : settings.getClass().getDeclaredFields()) {
      if (Modifier.isStatic(field.getModifiers()) || field.isSynthetic()) {
        continue;
      }
      String key = prefix + field.getName();
      Object value = valueOf(settings, field.getName());
      if (value == null && Configurable.class.isAssignableFrom(field.getType())) {
        value = defaultsOf(field.getType());
      }
      if (value instanceof Configurable inner) {
        rows(key + ".", inner, out);
        continue;
      }
      assertThat(meanings).as("comment of the accessor of %s", key).containsKey(field.getName());
      String meaning = String.valueOf(meanings.get(field.getName()));
      String keys = "**`" + key + "`**, `" + environment(key) + "`, ";
      item(keys + shown(field.getName(), value) + ": " + meaning + ".", out);
    }
  }

  /** An item of a list, in lines of a hundred characters. */
  private static void item(String text, StringBuilder out) {
    StringBuilder line = new StringBuilder("-");
    for (String word : text.split(" ", -1)) {
      if (line.length() + 1 + word.length() > LINE) {
        out.append(line).append('\n');
        line = new StringBuilder(" ");
      }
      line.append(' ').append(word);
    }
    out.append(line).append('\n');
  }

  private static void collect(Stream<Path> files, Set<String> read) throws IOException {
    for (Path file : files.filter(each -> each.toString().endsWith(".java")).toList()) {
      String name = file.getFileName().toString().replace(".java", "");
      for (MatchResult each : READ.matcher(Files.readString(file)).results().toList()) {
        read.add(each.group(1) + " " + (each.group(2) == null ? name : each.group(2)));
      }
    }
  }

  private static Object valueOf(Configurable settings, String name) {
    try {
      return settings.getClass().getMethod(name).invoke(settings);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError("settings without an accessor of " + name, e);
    }
  }

  /** Of settings that are null unless one of their keys is set. */
  private static Object defaultsOf(Class<?> type) {
    try {
      return type.getField("DEFAULTS").get(null);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError("settings without defaults", e);
    }
  }

  private static String environment(String key) {
    return key.replaceAll("([A-Z])", "_$1").replace('.', '_').toUpperCase(Locale.ROOT);
  }

  private static String shown(String name, Object value) {
    if (value == null || value.equals("")) {
      return "not set";
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
    Map<String, String> meanings = new LinkedHashMap<>();
    Matcher accessor = ACCESSOR.matcher(source);
    while (accessor.find()) {
      String text = accessor.group(1).replaceAll("\\s*\\n\\s*\\*\\s*", " ").strip();
      text = Character.toLowerCase(text.charAt(0)) + text.substring(1).replaceAll("\\.$", "");
      meanings.put(accessor.group(2), text.replaceAll("\\{@code\\s+([^}]+)}", "`$1`"));
    }
    return meanings;
  }
}
