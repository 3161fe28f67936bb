package erpc.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The lines that a project needs are the same wherever they stand: in the READMEs, in what {@code
 * ./erpc install} prints, and in the project that {@code ./erpc soak first-hours} builds.
 */
class BuildLinesTest {
  /** An element of the template that has a mark, to the end tag of the same indentation. */
  private static final Pattern MARKED =
      Pattern.compile("(?ms)^( *)<(\\w+)> <!-- ([a-z-]+) -->\n.*?^\\1</\\2>\n");

  private static final String ERPC_BOM = "erpc-bom";

  @ParameterizedTest
  @ValueSource(strings = {"README.md", "README.zh-CN.md"})
  void mavenHasThoseThatAreTried(String document) throws IOException {
    String shown = bare(String.join("", Documents.blocks(document, "xml")));
    assertThat(shown).isEqualTo(tried());
  }

  @Test
  void installPrintsThoseThatAreTried() throws IOException {
    String launcher = Documents.text("erpc");
    String printed =
        cut("(?s)\n( *<dependencyManagement>.*?</dependencies>)\n\nGradle", launcher)
            .replace("$version", version())
            .replace("$jackson", versionOf("jackson"));
    assertThat(bare(printed)).isEqualTo(tried());
  }

  @ParameterizedTest
  @ValueSource(strings = {"README.md", "README.zh-CN.md"})
  void gradleHasWhatInstallPrints(String document) throws IOException {
    String shown = String.join("", Documents.blocks(document, "kotlin"));
    String printed =
        cut("(?s)\n  (repositories \\{.*?\n  \\}\n.*?\n  \\})\n", Documents.text("erpc"))
            .replace("$version", version())
            .replace("$jackson", versionOf("jackson"));
    assertThat(calls(shown)).isEqualTo(calls(printed));
  }

  @Test
  void nettysPropertyIsTheVersionOfErpc() throws IOException {
    String netty = versionOf("netty");
    assertThat(Documents.text("docs/operating.md"))
        .contains("`<netty.version>" + netty + "</netty.version>`")
        .contains("`ext['netty.version'] = '" + netty + "'`");
  }

  /** What is the same in Groovy and Kotlin. */
  private static String calls(String script) {
    return script.replaceAll("//.*", "").replaceAll("[\\s'\"()]", "");
  }

  /** The lines of the template that each of its users has, with today's versions. */
  private static String tried() throws IOException {
    String template = Documents.text("first-hours/pom.xml");
    Matcher marked = MARKED.matcher(template);
    String common =
        marked.replaceAll(
            each -> each.group(3).equals(ERPC_BOM) ? Matcher.quoteReplacement(each.group()) : "");
    Map<String, String> versions = Map.of("@ERPC@", version(), "@JACKSON@", versionOf("jackson"));
    String filled = cut("(?s)( *<dependencyManagement>.*</dependencies>)\n\n *<build>", common);
    for (Map.Entry<String, String> each : versions.entrySet()) {
      filled = filled.replace(each.getKey(), each.getValue());
    }
    return bare(filled);
  }

  /** Without comments and what is only there to be read. */
  private static String bare(String xml) {
    return xml.replaceAll("(?s)<!--.*?-->", "").replaceAll("\\s+", "").replace("><", ">\n<");
  }

  private static String version() throws IOException {
    return cut("<version>(.*?)</version>", Documents.text("pom.xml"));
  }

  private static String versionOf(String library) throws IOException {
    return cut("<" + library + "\\.version>(.*?)<", Documents.text("pom.xml"));
  }

  private static String cut(String pattern, String text) {
    Matcher found = Pattern.compile(pattern).matcher(text);
    assertThat(found.find()).as(pattern).isTrue();
    return found.group(1);
  }
}
