package erpc.settings;

import erpc.call.Printable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a process was told: its system properties, else its environment, else a file, else the
 * defaults. Each field of a {@link Configurable} is a key, {@code erpc.client.maxWaiting}; fields
 * that are settings themselves add a word, {@code erpc.client.connection.writeTimeout}.
 *
 * <p>Read all settings that are needed, then {@link #check()}: it tells all mistakes together,
 * those in settings that are read later included. Read anew each time it is asked for, so that
 * nothing depends on when a class was loaded. Not thread-safe.
 */
public final class Settings {
  /** Where settings are read from if nothing names another file. */
  static final String DEFAULT_FILE = "erpc.properties";

  /**
   * What Kubernetes puts into the environment for a service that is called erpc, or erpc-something.
   * No key is spelled like this, which a test makes sure of.
   */
  static final Pattern SERVICE_LINK =
      Pattern.compile(
          "ERPC(_.*)?_(SERVICE_HOST|SERVICE_PORT(_.*)?|PORT(_[0-9]+_(TCP|UDP|SCTP)(_.*)?)?)");

  private static final String PREFIX = "erpc.";
  private static final String CONFIG = PREFIX + "config";

  /** Words that begin keys; whose they are may belong to an artifact that is not here. */
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
          PREFIX + "zone",
          PREFIX + "weight",
          PREFIX + "partition",
          PREFIX + "transport",
          PREFIX + "loops",
          PREFIX + "tls",
          PREFIX + "maxBufferedBytes",
          PREFIX + "busyPoll",
          PREFIX + "dns",
          PREFIX + "long",
          PREFIX + "seed");

  /** What the launcher {@code ./erpc} reads. */
  private static final Set<String> LAUNCHER_VARIABLES =
      Set.of("ERPC_JAVA_HOME", "ERPC_JAVA_OPTS", "ERPC_JDK_FOLDERS");

  private static final Logger LOG = LoggerFactory.getLogger(Settings.class);

  /** The last warning of unknown variables: the environment stays, so it is said once. */
  private static final AtomicReference<String> WARNED = new AtomicReference<>("");

  private final List<Source> sources; // the strongest first
  private final List<String> problems;
  private final List<SettingsProvider.Entry> known;
  private final Set<String> sectionsRead = new LinkedHashSet<>();
  private final Set<Class<?>> classesRead = new HashSet<>();
  private final Set<String> keysRead = new LinkedHashSet<>(SINGLE_KEYS);

  private Settings(
      List<Source> sources, List<String> problems, List<SettingsProvider.Entry> known) {
    this.sources = sources;
    this.problems = problems;
    this.known = known;
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
    return of(properties, environment, directory, KnownSettings.ALL);
  }

  /** The same, of a program that has these settings. */
  static Settings of(
      Map<String, String> properties,
      Map<String, String> environment,
      Path directory,
      List<SettingsProvider.Entry> known) {
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
    return new Settings(sources, problems, known);
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
  public <S extends Configurable> S read(String section, S defaults) {
    if (!section.isEmpty() && !SECTIONS.contains(section)) {
      throw new IllegalArgumentException("settings have no section '" + section + "'");
    }
    sectionsRead.add(section);
    classesRead.add(defaults.getClass());
    String prefix = section.isEmpty() ? PREFIX : PREFIX + section + ".";
    return new SettingsReader(key -> find(sources, key), keysRead, problems).read(prefix, defaults);
  }

  /**
   * Makes sure that everything was understood, also what others of this program's settings take
   * that nobody has read yet. Of the environment, which programs share, a variable that is none of
   * erpc's is warned of once, unless it is one slip away from one that is.
   *
   * @throws SettingsException naming every unknown key and every value that cannot be used
   */
  public void check() {
    readOthers();
    List<String> all = new ArrayList<>(problems);
    List<String> foreign = new ArrayList<>();
    for (Source source : sources) {
      source
          .values()
          .forEach((name, value) -> {
            if (isKnown(source, name)) {
              return;
            }
            if (source.kind() == Source.Kind.ENVIRONMENT && !isSlip(source, name)) {
              foreign.add(Printable.of(name));
            } else {
              all.add(unknown(source, name, value));
            }
          });
    }
    if (!foreign.isEmpty()) {
      warn(String.join(", ", foreign));
    }
    if (!all.isEmpty()) {
      throw new SettingsException(all);
    }
  }

  private void readOthers() {
    for (SettingsProvider.Entry each : known) {
      String section = each.section();
      boolean read =
          section.isEmpty()
              ? classesRead.contains(each.defaults().getClass())
              : sectionsRead.contains(section);
      if (!read) {
        Configurable unused = read(section, each.defaults());
      }
    }
  }

  private boolean isSlip(Source source, String name) {
    return keysRead.stream().anyMatch(key -> Nearest.isOneSlip(name, source.spelled(key)));
  }

  private static void warn(String names) {
    if (!names.equals(WARNED.getAndSet(names))) {
      LOG.warn(
          "in the environment there is what erpc does not know and passes over: {}. docs/settings.md"
              + " lists what it knows",
          names);
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
