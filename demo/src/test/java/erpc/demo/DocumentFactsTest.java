package erpc.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Versions, figures, commands and names in the documents are those of the repository. */
class DocumentFactsTest {
  private static final Path SOURCES = Documents.ROOT.resolve("core/src/main/java");

  static List<String> documents() throws IOException {
    return Documents.all();
  }

  // ---- the READMEs

  @ParameterizedTest
  @ValueSource(strings = {"README.md", "README.zh-CN.md"})
  void theBuildLinesHaveTheVersionsOfTheBuild(String document) throws IOException {
    String pom = Documents.text("pom.xml");
    String version = first("<version>(.*?)</version>", pom);
    String jackson = first("<jackson.version>(.*?)<", pom);
    assertThat(String.join("", Documents.blocks(document, "kotlin")))
        .contains("io.github.edte.erpc:erpc-bom:" + version + "\"")
        .contains("tools.jackson:jackson-bom:" + jackson + "\"");
    String maven = String.join("", Documents.blocks(document, "xml")).replaceAll("\\s+", "");
    assertThat(maven)
        .contains("<artifactId>erpc-bom</artifactId><version>" + version + "<")
        .contains("<artifactId>jackson-bom</artifactId><version>" + jackson + "<");
  }

  @ParameterizedTest
  @ValueSource(strings = {"README.md", "README.zh-CN.md"})
  void theFiguresAreThoseOfTheBenchmarks(String document) throws IOException {
    StringBuilder figures = new StringBuilder();
    for (String each : documents()) {
      figures.append(each.startsWith("bench/") ? Documents.text(each) : "");
    }
    List<String> rows =
        Documents.prose(document).lines().filter(line -> line.startsWith("| `")).toList();
    assertThat(rows).hasSizeGreaterThan(10);
    for (String row : rows) {
      assertThat(figures).contains(first("`(.*?)`", row));
      all("[\\d,]*\\d(\\.\\d+)?", row.substring(row.indexOf("| ", 2)))
          .filter(figure -> figure.matches(".*[,.].*|\\d{3,}"))
          .forEach(figure -> assertThat(figures).as(row).contains(figure));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"README.md", "README.zh-CN.md"})
  void thePeersAreThoseOfTheBenchmarks(String document) throws IOException {
    String text = Documents.prose(document).replaceAll("\\s+", " ");
    for (String peer : List.of("bolt", "dubbo", "grpc", "rsocket")) {
      String pom = Documents.text("bench/peers/" + peer + "/pom.xml");
      assertThat(text).contains(first("<" + peer + ".version>(.*?)<", pom));
    }
  }

  // ---- commands

  @ParameterizedTest
  @MethodSource("documents")
  void commandsAreKnownToTheLauncher(String document) throws IOException {
    String launcher = Documents.text("erpc");
    List<String> known = List.of(first("COMMANDS=\"(.*?)\"", launcher).split(" "));
    assertThat(all("\\./erpc ([a-z]+)", Documents.text(document)))
        .map(each -> each.substring("./erpc ".length()))
        .allSatisfy(each -> assertThat(known).contains(each));
  }

  @ParameterizedTest
  @MethodSource("documents")
  void mavenCommandsNameWhatExists(String document) throws IOException {
    String text = Documents.text(document);
    String pom = Documents.text("pom.xml");
    assertThat(all("mvn [^`\n]*-pl ([\\w,/]+)", text).map(each -> first("-pl ([\\w,/]+)", each)))
        .allSatisfy(modules ->
            assertThat(modules.split(","))
                .allSatisfy(each -> assertThat(Documents.ROOT.resolve(each)).isDirectory()));
    assertThat(all("-P[a-z]+\\b", text))
        .allSatisfy(each -> assertThat(pom).contains("<id>" + each.substring(2) + "</id>"));
    List<String> tests = all("-Dtest=\\w+", text).map(each -> each.substring(7)).toList();
    if (!tests.isEmpty()) {
      List<String> classes = testClasses();
      assertThat(tests)
          .allSatisfy(each -> assertThat(each.equals("NAME") || classes.contains(each)).isTrue());
    }
  }

  // ---- the architecture

  @Test
  void theDrawingShowsTheLayersOfTheirTest() throws IOException {
    String test = Documents.text("core/src/test/java/erpc/LayersTest.java");
    String list = first("(?s)LAYERS =\\s*(.*?);", test);
    List<List<String>> layers =
        all("Set.of\\((.*?)\\)", list)
            .map(set -> all("erpc[a-z.]*", set).filter(DocumentFactsTest::exists).sorted().toList())
            .filter(layer -> !layer.isEmpty())
            .toList();
    String drawing = Documents.blocks("ARCHITECTURE.md", "text").get(0);
    List<List<String>> drawn =
        drawing
            .lines()
            .map(line -> all("(?<=\\| )erpc[a-z.]*(?=\\s)", line).sorted().toList())
            .filter(layer -> !layer.isEmpty())
            .toList();
    assertThat(layers).hasSizeGreaterThan(5);
    assertThat(drawn).isEqualTo(layers);
  }

  private static boolean exists(String name) {
    return Files.exists(SOURCES.resolve(name.replace('.', '/')).resolve("package-info.java"));
  }

  @Test
  void theArchitectureNamesClassesThatExist() throws IOException {
    List<String> classes = javaFiles("main").toList();
    List<String> tests = testClasses();
    assertThat(all("`(?:[a-z]+\\.)*[A-Z]\\w+`", Documents.prose("ARCHITECTURE.md")))
        .hasSizeGreaterThan(20)
        .map(each -> each.replaceAll("`([a-z]+\\.)*|`", ""))
        .allSatisfy(each -> assertThat(classes.contains(each) || tests.contains(each)).isTrue());
  }

  // ---- reading

  private static List<String> testClasses() throws IOException {
    return javaFiles("test").toList();
  }

  /** The names of the classes of all modules. */
  private static Stream<String> javaFiles(String kind) throws IOException {
    List<String> names = new ArrayList<>();
    for (String module :
        List.of(
            "core",
            "center",
            "testing",
            "codegen",
            "maven-plugin",
            "tools",
            "demo",
            "bench",
            "interop",
            "races")) {
      Path sources = Documents.ROOT.resolve(module).resolve("src/" + kind + "/java");
      if (Files.isDirectory(sources)) {
        try (Stream<Path> files = Files.walk(sources)) {
          files
              .map(each -> each.getFileName().toString())
              .filter(each -> each.endsWith(".java"))
              .forEach(each -> names.add(each.substring(0, each.length() - 5)));
        }
      }
    }
    return names.stream();
  }

  private static String first(String pattern, String text) {
    return Pattern.compile(pattern)
        .matcher(text)
        .results()
        .map(each -> each.group(1))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no " + pattern));
  }

  private static Stream<String> all(String pattern, String text) {
    return Pattern.compile(pattern).matcher(text).results().map(MatchResult::group);
  }
}
