package erpc.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a project gets that depends on erpc. */
class PublishedPomsTest {
  private static final Pattern DEPENDENCY =
      Pattern.compile("<dependency>(.*?)</dependency>", Pattern.DOTALL);

  private static String read(String file) throws IOException {
    return Files.readString(DocumentsTest.root().resolve(file));
  }

  private static String element(String name, String in) {
    Matcher found = Pattern.compile("<" + name + ">([^<]*)</" + name + ">").matcher(in);
    return found.find() ? found.group(1) : "";
  }

  private static List<String> dependencies(String pom) {
    return DEPENDENCY.matcher(pom).results().map(each -> each.group(1)).toList();
  }

  /** The BOM has no parent to take them from. */
  @Test
  void theBomHasTheVersionsOfTheParent() throws IOException {
    String parent = read("pom.xml");
    String bom = read("bom/pom.xml");
    assertThat(bom).doesNotContain("<parent>");
    String own = element("version", parent);
    assertThat(element("version", bom)).isEqualTo(own);
    for (String each : dependencies(bom)) {
      String expected =
          element("artifactId", each).equals("netty-bom") ? element("netty.version", parent) : own;
      assertThat(element("version", each)).as(each).isEqualTo(expected);
    }
  }

  @Test
  void theBomKnowsEveryModuleThatIsPublished() throws IOException {
    Set<String> published = new TreeSet<>();
    for (String module : List.of("core", "center", "testing", "codegen")) {
      String own =
          read(Path.of(module, "pom.xml").toString()).replaceFirst("(?s)<parent>.*?</parent>", "");
      published.add(element("artifactId", own));
    }
    assertThat(
            dependencies(read("bom/pom.xml")).stream()
                .map(each -> element("artifactId", each))
                .filter(name -> name.startsWith("erpc"))
                .collect(Collectors.toSet()))
        .isEqualTo(published);
  }

  /** A project gets what has neither a scope nor is optional: what a call needs, and no more. */
  @ParameterizedTest
  @ValueSource(strings = {"core/pom.xml", "center/pom.xml", "testing/pom.xml", "codegen/pom.xml"})
  void aProjectGetsOnlyWhatCallsNeed(String pom) throws IOException {
    assertThat(
            dependencies(read(pom)).stream()
                .filter(each -> element("optional", each).isEmpty())
                .filter(each -> !element("scope", each).equals("test"))
                .map(each -> element("groupId", each))
                .distinct())
        .isSubsetOf("io.github.edte.erpc", "io.netty", "com.google.protobuf", "org.slf4j");
  }
}
