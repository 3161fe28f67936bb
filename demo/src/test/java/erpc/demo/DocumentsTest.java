package erpc.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What the documents show is true: their Java compiles and runs, what they link to exists, both
 * languages show the same. And they can be read: no line is too long.
 */
class DocumentsTest {
  private static final int LONGEST_LINE = 100;

  /** Kinds of blocks whose text is somebody else's: output, drawings. */
  private static final Set<String> OUTPUT = Set.of("", "text");

  private static final Pattern LINK = Pattern.compile("\\]\\(([^)#:]*)(?:#([^)]+))?\\)");
  private static final Pattern LINK_TARGET = Pattern.compile("\\]\\([^)]*\\)|<?https?://\\S+");
  private static final Pattern NAME = Pattern.compile("public class (\\w+)");

  @TempDir Path classes;
  @TempDir Path work;

  static Path root() {
    return Documents.ROOT;
  }

  static List<String> documents() throws IOException {
    return Documents.all();
  }

  // ---- Java

  @ParameterizedTest
  @ValueSource(strings = {"README.md", "README.zh-CN.md", "docs/calls.md", "docs/seeing-calls.md"})
  void examplesCompile(String document) throws Exception {
    compileProtos(document);
    List<String> examples = Documents.blocks(document, "java");
    assertThat(examples).isNotEmpty();
    for (int i = 0; i < examples.size(); i++) {
      String messages = compile("Example" + i, examples.get(i));
      assertThat(messages).as("%s, example %d", document, i + 1).isEmpty();
    }
  }

  @Test
  void theExampleOfTheReadmeRuns() throws Exception {
    compileProtos("README.md");
    String example = Documents.blocks("README.md", "java").get(0);
    assertThat(compile("", example)).isEmpty();
    PrintStream before = System.out;
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    try (URLClassLoader loader =
        new URLClassLoader(new URL[] {classes.toUri().toURL()}, getClass().getClassLoader())) {
      System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
      Class<?> type = loader.loadClass("Hello");
      type.getMethod("main", String[].class).invoke(null, (Object) new String[0]);
    } finally {
      System.setOut(before);
    }
    assertThat(printed.toString(StandardCharsets.UTF_8).strip()).isEqualTo("hello erpc");
  }

  @Test
  void anExampleThatDoesNotCompileIsFound() throws IOException {
    assertThat(compile("Wrong", "int nothing = Erpc.nothing();")).contains("nothing");
  }

  // ---- links

  @ParameterizedTest
  @MethodSource("documents")
  void linksLeadSomewhere(String document) throws IOException {
    Path file = root().resolve(document);
    Matcher link = LINK.matcher(Documents.prose(document));
    while (link.find()) {
      boolean here = link.group(1).isEmpty();
      Path target = here ? file : file.resolveSibling(link.group(1)).normalize();
      assertThat(target).exists();
      if (link.group(2) != null && target.toString().endsWith(".md")) {
        assertThat(anchors(target)).as("headings of %s", target).contains(link.group(2));
      }
    }
  }

  /** What the headings of a document are called in links. */
  private static List<String> anchors(Path document) throws IOException {
    return Files.readString(document)
        .lines()
        .filter(line -> line.startsWith("#"))
        .map(line -> line.replaceFirst("^#+ ", "").toLowerCase(Locale.ROOT))
        .map(title -> title.replaceAll("[^\\p{L}\\p{N} _-]", "").replace(' ', '-'))
        .toList();
  }

  // ---- two languages

  @Test
  void bothLanguagesShowTheSameCommandsAndCode() throws IOException {
    assertThat(codeWithoutComments("README.zh-CN.md")).isEqualTo(codeWithoutComments("README.md"));
  }

  @Test
  void bothLanguagesHaveTheSameFiguresAndLinks() throws IOException {
    for (String what : List.of("\\d[\\d.,]*\\d", "\\]\\([^)#]+\\.md\\)")) {
      assertThat(found(what, "README.zh-CN.md")).as(what).isEqualTo(found(what, "README.md"));
    }
  }

  private static List<String> codeWithoutComments(String document) throws IOException {
    return Documents.blocks(document).stream()
        .map(each -> each.kind() + "\n" + each.text())
        .map(block ->
            block
                .replaceAll("(?m)\\s*//.*$", "")
                .replaceAll("(?m)\\s*# .*$", "")
                .replaceAll("\\s*<!--.*?-->", ""))
        .toList();
  }

  /** What is found in the rows of its tables; sentences differ from language to language. */
  private static List<String> found(String pattern, String document) throws IOException {
    return Documents.prose(document)
        .lines()
        .filter(line -> line.startsWith("|"))
        .flatMap(line -> Pattern.compile(pattern).matcher(line).results())
        .map(each -> each.group().replace(".zh-CN.md", ".md"))
        .toList();
  }

  // ---- lines

  @ParameterizedTest
  @MethodSource("documents")
  void linesAreShort(String document) throws IOException {
    assertThat(longLines(Documents.text(document))).isEmpty();
  }

  @Test
  void aLineThatIsTooLongIsFoundUnlessItIsATableALinkOrOutput() {
    String words = "word ".repeat(21);
    String link = "[page](https://example.com/" + "a".repeat(100) + ")";
    String text =
        String.join(
            "\n", words, "| " + words, link, "```text", words, "```", "```sh", words, "```");
    assertThat(longLines(text)).containsExactly("1: " + words, "8: " + words);
  }

  /** Lines that are too long, each behind its number. */
  private static List<String> longLines(String text) {
    List<String> found = new ArrayList<>();
    String kind = null; // of the block that the line is in
    int number = 0;
    for (String line : (Iterable<String>) text.lines()::iterator) {
      number++;
      if (line.startsWith("```")) {
        kind = kind == null ? line.substring(3) : null;
      } else if (!line.startsWith("|") && (kind == null || !OUTPUT.contains(kind))) {
        String shown = LINK_TARGET.matcher(line).replaceAll("]");
        if (shown.codePointCount(0, shown.length()) > LONGEST_LINE) {
          found.add(number + ": " + line);
        }
      }
    }
    return found;
  }

  // ---- compiling

  /**
   * The compiler's messages about an example: a whole file, or members of a class that has what the
   * text speaks of.
   */
  private String compile(String name, String example) throws IOException {
    boolean whole = example.startsWith("import ");
    Matcher named = NAME.matcher(example);
    String file = whole && named.find() ? named.group(1) : name;
    return compileFile(file, whole ? example : inClass(name, example));
  }

  private static String inClass(String name, String members) {
    return """
    import erpc.Erpc;
    import erpc.call.*;
    import erpc.client.*;
    import erpc.server.*;
    import erpc.trace.*;
    import java.nio.ByteBuffer;
    import java.time.Duration;
    import java.util.concurrent.atomic.LongAdder;
    import java.util.random.RandomGenerator;

    class %s {
      static final RandomGenerator random = RandomGenerator.getDefault();

      record Order(String id) {}

      static final class OrderCode implements BodyCode<Order> {
        @Override
        public void write(Order order, Sink sink) {}

        @Override
        public Order read(ByteBuffer source) {
          return new Order("");
        }
      }

      record Span(TraceContext own, TraceContext parent, String method, long startNanos) {
        void event(String what, long nowNanos) {}

        void end(Status status, String endpoint, long nowNanos) {}
      }

      %s
    }
    """
        .formatted(name, members);
  }

  private String compileFile(String name, String source) throws IOException {
    return Javac.compile(Map.of(name + ".java", source), classes);
  }

  /** What is generated from the {@code .proto} files that a document shows, if it shows any. */
  private void compileProtos(String document) throws Exception {
    for (String proto : Documents.blocks(document, "proto")) {
      Map<String, String> sources = Generated.sources(work, proto);
      assertThat(Javac.compile(sources, classes)).isEmpty();
    }
  }
}
