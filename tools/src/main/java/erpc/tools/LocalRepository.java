package erpc.tools;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Where Maven keeps what it has fetched. */
final class LocalRepository {
  private static final String PROPERTY = "maven.repo.local";
  private static final Pattern ARGUMENT = Pattern.compile("-D" + PROPERTY + "=(\"[^\"]*\"|\\S+)");
  private static final Pattern SETTING =
      Pattern.compile("<localRepository>\\s*(.*?)\\s*</localRepository>", Pattern.DOTALL);

  private final Texts properties;
  private final Texts environment;

  /** Texts by their names; null where there is none. */
  @FunctionalInterface
  interface Texts {
    @Nullable String of(String name);
  }

  LocalRepository(Texts properties, Texts environment) {
    this.properties = properties;
    this.environment = environment;
  }

  /**
   * By the JVM's property, Maven's arguments in the environment, its settings; else its default.
   */
  Path folder() {
    String said = properties.of(PROPERTY);
    if (said != null) {
      return Path.of(said);
    }
    for (String variable : new String[] {"MAVEN_ARGS", "MAVEN_OPTS"}) {
      String arguments = environment.of(variable);
      if (arguments != null) {
        Matcher found = ARGUMENT.matcher(arguments);
        if (found.find()) {
          return Path.of(found.group(1).replace("\"", ""));
        }
      }
    }
    String home = String.valueOf(properties.of("user.home"));
    Path maven = Path.of(home, ".m2");
    return settings(maven.resolve("settings.xml"), home, maven.resolve("repository"));
  }

  private static Path settings(Path file, String home, Path otherwise) {
    try {
      // Comments may show what a setting would look like.
      String text = Files.readString(file).replaceAll("(?s)<!--.*?-->", "");
      Matcher found = SETTING.matcher(text);
      return found.find() ? Path.of(found.group(1).replace("${user.home}", home)) : otherwise;
    } catch (IOException e) {
      return otherwise; // Few have the file.
    }
  }

  /** Whether a folder of PATH has a program. */
  static boolean isOnPath(String program, @Nullable String path) {
    return path != null
        && Arrays.stream(path.split(File.pathSeparator, -1))
            .filter(folder -> !folder.isBlank())
            .map(folder -> folder + File.separator + program)
            .anyMatch(file ->
                Files.isExecutable(Path.of(file)) || Files.isExecutable(Path.of(file + ".exe")));
  }
}
