package erpc.settings;

import erpc.call.Printable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a process was told: its system properties, else its environment, else a file, else a
 * record's defaults. A record's components are keys, {@code erpc.client.maxWaiting}; components
 * that are records themselves add a word, {@code erpc.client.connection.writeTimeout}.
 *
 * <p>Read every record that is needed, then {@link #check()}: it tells all mistakes together. Read
 * anew each time it is asked for, so that nothing depends on when a class was loaded. Not
 * thread-safe.
 */
public final class Settings {
  /** Where settings are read from if nothing names another file. */
  static final String DEFAULT_FILE = "erpc.properties";

  private static final String PREFIX = "erpc.";
  private static final String CONFIG = PREFIX + "config";

  /** Words that begin the keys of a record; it may belong to an artifact that is not here. */
  private static final Set<String> SECTIONS = Set.of("client", "server", "center");

  /**
   * Keys of no section, whoever reads them; {@code erpc.long} and {@code erpc.seed} are for erpc's
   * own tests.
   */
  private static final Set<String> SINGLE_KEYS =
      Set.of(
          CONFIG,
          PREFIX + "center",
          PREFIX + "advertise",
          PREFIX + "transport",
          PREFIX + "loops",
          PREFIX + "tls",
          PREFIX + "maxBufferedBytes",
          PREFIX + "busyPoll",
          PREFIX + "long",
          PREFIX + "seed");

  /** What the launcher {@code ./erpc} reads. */
  private static final Set<String> LAUNCHER_VARIABLES =
      Set.of("ERPC_JAVA_HOME", "ERPC_JAVA_OPTS", "ERPC_JDK_FOLDERS");

  /** What Kubernetes puts into the environment for a service that is called erpc-something. */
  private static final Pattern SERVICE_LINK =
      Pattern.compile(
          "ERPC_.*(_SERVICE_HOST|_SERVICE_PORT(_.*)?|_PORT(_[0-9]+_(TCP|UDP|SCTP).*)?)");

  private final List<Source> sources; // the strongest first
  private final List<String> problems;
  private final Set<String> sectionsRead = new LinkedHashSet<>();
  private final Set<String> keysRead = new LinkedHashSet<>(SINGLE_KEYS);

  private Settings(List<Source> sources, List<String> problems) {
    this.sources = sources;
    this.problems = problems;
  }

  /** What this process was told until now; nothing is thrown before {@link #check()}. */
  public static Settings ofProcess() {
    Properties properties = System.getProperties();
    Map<String, String> texts = new TreeMap<>();
    properties.stringPropertyNames().forEach(key -> texts.put(key, properties.getProperty(key)));
    return of(texts, System.getenv(), Path.of(""));
  }

  /** What these system properties, this environment and a file in this directory say. */
  static Settings of(
      Map<String, String> properties, Map<String, String> environment, Path directory) {
    List<String> problems = new ArrayList<>();
    List<Source> sources = new ArrayList<>();
    sources.add(source(Source.Kind.PROPERTIES, PREFIX, properties, "among the system properties"));
    sources.add(source(Source.Kind.ENVIRONMENT, "ERPC_", environment, "in the environment"));
    Source.Value named = find(sources, CONFIG);
    Path file = directory.resolve(named == null ? DEFAULT_FILE : named.text());
    if (named != null && !Files.isRegularFile(file)) {
      problems.add(CONFIG + ": no file " + Printable.of(named.text()) + "; set " + named.origin());
    } else if (Files.isRegularFile(file)) {
      sources.add(SettingsFile.read(file, problems));
    }
    return new Settings(sources, problems);
  }

  private static Source source(
      Source.Kind kind, String prefix, Map<String, String> all, String origin) {
    Map<String, Source.Value> values = new LinkedHashMap<>();
    new TreeMap<>(all)
        .forEach((name, text) -> {
          if (name.startsWith(prefix)) {
            values.put(name, new Source.Value(text, origin));
          }
        });
    return new Source(kind, values);
  }

  /** The strongest value of a key; an empty one counts as not set. */
  private static Source.@Nullable Value find(List<Source> sources, String key) {
    for (Source source : sources) {
      Source.Value value = source.values().get(source.spelled(key));
      if (value != null && !value.text().isBlank()) {
        return new Source.Value(value.text().strip(), value.origin());
      }
    }
    return null;
  }

  /**
   * Some defaults with what the process was told in their places. Where that cannot be used the
   * default stays, for {@link #check()} to complain.
   *
   * @param section the word after {@code erpc.}, or an empty one if keys have none
   * @throws IllegalArgumentException if the section is not a known one
   */
  public <R extends Record> R read(String section, R defaults) {
    if (!section.isEmpty() && !SECTIONS.contains(section)) {
      throw new IllegalArgumentException("settings have no section '" + section + "'");
    }
    sectionsRead.add(section);
    String prefix = section.isEmpty() ? PREFIX : PREFIX + section + ".";
    @SuppressWarnings("unchecked") // A record's class is that of its instances.
    Class<R> type = (Class<R>) defaults.getClass();
    return new RecordReader(key -> find(sources, key), keysRead, problems)
        .read(prefix, type, defaults);
  }

  /**
   * Makes sure that everything was understood.
   *
   * @throws SettingsException naming every unknown key and every value that cannot be used
   */
  public void check() {
    List<String> all = new ArrayList<>(problems);
    for (Source source : sources) {
      source
          .values()
          .forEach((name, value) -> {
            if (!isKnown(source, name)) {
              all.add(unknown(source, name, value));
            }
          });
    }
    if (!all.isEmpty()) {
      throw new SettingsException(all);
    }
  }

  private boolean isKnown(Source source, String name) {
    boolean environment = source.kind() == Source.Kind.ENVIRONMENT;
    if (environment
        && (LAUNCHER_VARIABLES.contains(name) || SERVICE_LINK.matcher(name).matches())) {
      return true;
    }
    return keysRead.stream().map(source::spelled).anyMatch(name::equals)
        || SECTIONS.stream()
            .filter(section -> !sectionsRead.contains(section))
            .anyMatch(section -> name.startsWith(source.spelled(PREFIX + section + ".")));
  }

  private String unknown(Source source, String name, Source.Value value) {
    String what = "unknown setting '" + Printable.of(name) + "' " + value.origin();
    String nearest = Nearest.of(name, keysRead.stream().map(source::spelled).toList());
    return nearest == null
        ? what + "; docs/settings.md lists those there are"
        : what + "; did you mean '" + nearest + "'?";
  }
}
