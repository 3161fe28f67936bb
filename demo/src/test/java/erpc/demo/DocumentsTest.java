package erpc.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What the documents show is true: their Java compiles, what they link to exists, both languages
 * show the same.
 */
class DocumentsTest {
  private static final Path ROOT = root();
  private static final Pattern JAVA = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);
  private static final Pattern SHELL = Pattern.compile("```\n(.*?)```", Pattern.DOTALL);
  private static final Pattern LINK = Pattern.compile("\\]\\(([^)#:]+)\\)");

  @TempDir Path classes;

  static Path root() {
    Path folder = Path.of("").toAbsolutePath();
    while (!Files.exists(folder.resolve("README.zh-CN.md"))) {
      folder = folder.getParent();
    }
    return folder;
  }

  @ParameterizedTest
  @ValueSource(strings = {"README.md", "README.zh-CN.md"})
  void examplesCompile(String document) throws IOException {
    List<String> examples = blocks(document, JAVA);
    assertThat(examples).hasSize(3);
    for (int i = 0; i < examples.size(); i++) {
      String messages = compile("Example" + i, examples.get(i));
      assertThat(messages).as("%s, example %d", document, i + 1).isEmpty();
    }
  }

  @Test
  void anExampleThatDoesNotCompileIsFound() throws IOException {
    assertThat(compile("Wrong", "Erpc.nothing();")).contains("nothing");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "README.md",
        "README.zh-CN.md",
        "ARCHITECTURE.md",
        "CONTRIBUTING.md",
        "docs/protocol.md",
        "docs/concurrency.md",
        "docs/decisions.md",
        "bench/README.md"
      })
  void linksLeadSomewhere(String document) throws IOException {
    Path file = ROOT.resolve(document);
    Matcher link = LINK.matcher(Files.readString(file));
    while (link.find()) {
      assertThat(file.resolveSibling(link.group(1))).exists();
    }
  }

  @Test
  void bothLanguagesShowTheSameCommandsAndAddresses() throws IOException {
    assertThat(withoutComments(blocks("README.zh-CN.md", SHELL)))
        .isEqualTo(withoutComments(blocks("README.md", SHELL)));
    assertThat(withoutComments(blocks("README.zh-CN.md", JAVA)))
        .isEqualTo(withoutComments(blocks("README.md", JAVA)));
  }

  private static List<String> withoutComments(List<String> blocks) {
    return blocks.stream()
        .map(block -> block.replaceAll("(?m)\\s*//.*$", "").replaceAll("(?m)\\s*# .*$", ""))
        .toList();
  }

  private static List<String> blocks(String document, Pattern pattern) throws IOException {
    String text = Files.readString(ROOT.resolve(document));
    // The end of one block looks like the beginning of a plain one.
    String all = pattern == JAVA ? text : JAVA.matcher(text).replaceAll("");
    Matcher matcher = pattern.matcher(all);
    List<String> found = new ArrayList<>();
    while (matcher.find()) {
      found.add(matcher.group(1));
    }
    return found;
  }

  /** The compiler's messages about an example, inside a method that has what the text speaks of. */
  private String compile(String name, String body) throws IOException {
    String source =
        """
        import erpc.Erpc;
        import erpc.call.*;
        import erpc.client.*;
        import erpc.demo.*;
        import erpc.server.*;
        import java.time.Duration;
        import java.util.concurrent.CompletableFuture;

        class %s {
          HelloRequest request;

          void example() throws Exception {
            %s
          }
        }
        """
            .formatted(name, body);
    JavaFileObject file =
        new SimpleJavaFileObject(
            URI.create("string:///" + name + ".java"), JavaFileObject.Kind.SOURCE) {
          @Override
          public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return source;
          }
        };
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    StringWriter messages = new StringWriter();
    List<String> options =
        List.of(
            "-proc:none", "-d", classes.toString(), "-cp", System.getProperty("java.class.path"));
    boolean compiled = compiler.getTask(messages, null, null, options, null, List.of(file)).call();
    return compiled ? "" : messages.toString();
  }
}
