package erpc.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The guide shows sources that tests compile and run. A comment before each of its blocks names the
 * file, and what stands there between {@code // guide: name} and {@code // guide end}; without a
 * name, all of the file.
 */
class GuideTest {
  private static final Path ROOT = Documents.ROOT;
  private static final Path SOURCES = ROOT.resolve("demo/src/test/java/com/example/guide");

  private static final Pattern BLOCK =
      Pattern.compile("(?:<!-- ([^ :]+)(?:: ([^ ]+))? -->\n)?```(\\w+)\n(.*?)```", Pattern.DOTALL);

  private static final Pattern REGION =
      Pattern.compile(
          "^ *// guide: (\\S+)\n(.*?)^ *// guide end$", Pattern.DOTALL | Pattern.MULTILINE);

  @ParameterizedTest
  @ValueSource(
      strings = {
        "docs/guide.md",
        "docs/guide.zh-CN.md",
        "docs/testing.md",
        "docs/reliability.md",
        "docs/combined.md"
      })
  void showsWhatTestsRun(String page) throws IOException {
    Path file = ROOT.resolve(page);
    String wanted = BLOCK.matcher(Files.readString(file)).replaceAll(GuideTest::filled);
    if (Boolean.getBoolean("guide.write")) {
      Files.writeString(file, wanted);
    }
    assertThat(Files.readString(file))
        .as(
            "%s doesn't show its sources; write its blocks anew with: mvn -pl demo -am test"
                + " -Dtest=GuideTest -Dsurefire.failIfNoSpecifiedTests=false -Dguide.write=true",
            page)
        .isEqualTo(wanted);
  }

  /** The block with the text of its source. */
  private static String filled(MatchResult block) {
    String file = block.group(1);
    if (file == null) {
      assertThat(block.group(3))
          .as("a block without a source:\n%s", block.group(4))
          .isIn("sh", "text");
      return Matcher.quoteReplacement(block.group());
    }
    String region = block.group(2);
    String source = region == null ? file : file + ": " + region;
    try {
      return Matcher.quoteReplacement(
          "<!-- " + source + " -->\n```" + block.group(3) + "\n" + text(file, region) + "```");
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static String text(String file, String region) throws IOException {
    String all = Files.readString((file.contains("/") ? ROOT : SOURCES).resolve(file));
    if (region == null) {
      return all;
    }
    StringBuilder found = new StringBuilder();
    Matcher each = REGION.matcher(all);
    while (each.find()) {
      if (each.group(1).equals(region)) {
        // Without its last end of line, which would count as a line that isn't indented.
        found.append(each.group(2).stripTrailing().stripIndent()).append('\n');
      }
    }
    assertThat(found).as("%s: %s", file, region).isNotEmpty();
    return found.toString();
  }

  @Test
  void showsAllThatIsMeantForIt() throws IOException {
    TreeSet<String> meant = new TreeSet<>();
    try (Stream<Path> files = Files.list(SOURCES)) {
      for (Path file : files.toList()) {
        REGION
            .matcher(Files.readString(file))
            .results()
            .forEach(each -> meant.add(file.getFileName() + ": " + each.group(1)));
      }
    }
    List<String> shown = new ArrayList<>();
    for (String page :
        List.of("docs/guide.md", "docs/testing.md", "docs/reliability.md", "docs/combined.md")) {
      BLOCK
          .matcher(Files.readString(ROOT.resolve(page)))
          .results()
          .forEach(each -> shown.add(each.group(1) + ": " + each.group(2)));
    }
    assertThat(shown).containsAll(meant);
  }

  @Test
  void theFirstChapterIsTheSameInBothLanguages() throws IOException {
    String english = Files.readString(ROOT.resolve("docs/guide.md"));
    String chapter = english.substring(0, english.indexOf("\n## 2."));
    String chinese = Files.readString(ROOT.resolve("docs/guide.zh-CN.md"));
    assertThat(blocks(chinese)).isEqualTo(blocks(chapter));
  }

  /** All code of a page, that of commands too. */
  private static List<String> blocks(String page) {
    return Pattern.compile("```\\w*\n(.*?)```", Pattern.DOTALL)
        .matcher(page)
        .results()
        .map(each -> each.group(1))
        .toList();
  }
}
