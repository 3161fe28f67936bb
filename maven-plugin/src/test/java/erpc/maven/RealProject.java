package erpc.maven;

import com.google.protobuf.RuntimeVersion;
import erpc.call.Method;
import erpc.codegen.Protoc;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * A project outside of the repository that a Maven of its own builds. Its local repository holds
 * erpc as it is compiled now; everything else comes from the one that erpc's build has filled, so
 * nothing is downloaded.
 */
final class RealProject {
  private static final String GROUP = "io/github/edte/erpc";
  private static final int LONGEST_SECONDS = 120;

  private final Path folder;
  private final Path repository;
  private final Path settings;

  /** What a build has printed, and its exit code. */
  record Built(int code, String out) {}

  RealProject(Path work) throws IOException, URISyntaxException {
    folder = Files.createDirectories(work.resolve("project"));
    repository = Files.createDirectories(work.resolve("repository"));
    settings = work.resolve("settings.xml");
    Files.writeString(
        settings,
        """
        <settings>
          <mirrors>
            <mirror>
              <id>filled</id>
              <mirrorOf>*</mirrorOf>
              <url>%s</url>
            </mirror>
          </mirrors>
        </settings>
        """
            .formatted(filled().toUri()));
    install("erpc-parent", "..", null);
    install("erpc", "../core", classes(Method.class));
    install("erpc-codegen", "../codegen", classes(Protoc.class));
    install("erpc-maven-plugin", ".", classes(GenerateMojo.class));
  }

  // ---- what the build of erpc has made and fetched

  private static Path filled() {
    String home = System.getProperty("user.home");
    return Path.of(System.getProperty("maven.repo.local", home + "/.m2/repository"));
  }

  static Path protoc() {
    return Protoc.in(filled(), protobuf())
        .orElseThrow(() -> new AssertionError("no protoc; mvn -pl core compile fetches it"));
  }

  static String protobuf() {
    return RuntimeVersion.MAJOR + "." + RuntimeVersion.MINOR + "." + RuntimeVersion.PATCH;
  }

  static String version() throws IOException {
    return between("<version>", "</version>", Files.readString(Path.of("../pom.xml")));
  }

  /** The version of a plugin that the parent pins, which is what erpc's build has fetched. */
  static String pinned(String plugin) throws IOException {
    String parent = Files.readString(Path.of("../pom.xml"));
    String rest = parent.substring(parent.indexOf("<artifactId>" + plugin + "</artifactId>"));
    return between("<version>", "</version>", rest);
  }

  private static String between(String start, String end, String text) {
    int from = text.indexOf(start) + start.length();
    return text.substring(from, text.indexOf(end, from));
  }

  private static Path classes(Class<?> of) throws URISyntaxException {
    return Path.of(of.getProtectionDomain().getCodeSource().getLocation().toURI());
  }

  private void install(String artifact, String module, Path classes) throws IOException {
    Path to =
        Files.createDirectories(repository.resolve(GROUP).resolve(artifact).resolve(version()));
    String name = artifact + "-" + version();
    Files.copy(Path.of(module, "pom.xml"), to.resolve(name + ".pom"));
    if (classes == null) {
      return;
    }
    if (Files.isRegularFile(classes)) {
      Files.copy(classes, to.resolve(name + ".jar"));
    } else {
      jar(classes, to.resolve(name + ".jar"));
    }
  }

  private static void jar(Path classes, Path to) throws IOException {
    try (OutputStream out = Files.newOutputStream(to);
        ZipOutputStream zip = new ZipOutputStream(out);
        Stream<Path> all = Files.walk(classes)) {
      zip.setLevel(1);
      for (Path each : all.filter(Files::isRegularFile).sorted().toList()) {
        zip.putNextEntry(new ZipEntry(classes.relativize(each).toString().replace('\\', '/')));
        Files.copy(each, zip);
        zip.closeEntry();
      }
    }
  }

  // ---- the project

  Path file(String name) {
    return folder.resolve(name);
  }

  void write(String name, String text) throws IOException {
    Path file = file(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }

  /** Runs Maven; fails if it does not end in time. */
  Built maven(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    String home = System.getProperty("maven.home");
    command.add(home == null ? "mvn" : Path.of(home, "bin", "mvn").toString());
    command.addAll(
        List.of("-B", "-ntp", "-s", settings.toString(), "-Dmaven.repo.local=" + repository));
    command.addAll(List.of(arguments));
    Path said = folder.resolveSibling("said");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(said.toFile());
    Map<String, String> environment = builder.environment();
    environment.put("JAVA_HOME", System.getProperty("java.home"));
    environment.put("MAVEN_OPTS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC");
    environment.remove("MAVEN_ARGS");
    Process process = builder.start();
    process.getOutputStream().close();
    if (!process.waitFor(LONGEST_SECONDS, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new AssertionError("Maven did not end: " + Files.readString(said));
    }
    return new Built(process.exitValue(), Files.readString(said));
  }
}
