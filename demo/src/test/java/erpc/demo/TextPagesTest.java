package erpc.demo;

import static org.assertj.core.api.Assertions.assertThat;

import erpc.demo.Texts.Reader;
import erpc.demo.Texts.Text;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * docs/errors.md explains every text that a user of the library can get, docs/operating.md every
 * line of its log; and neither explains what nobody says any more.
 */
class TextPagesTest {
  private static final Path ROOT = DocumentsTest.root();
  private static final String ERRORS = "docs/errors.md";
  private static final String LOG_LINES = "docs/operating.md";
  private static final String ADVICE =
      "%s does not explain these texts: give each a row in the table where it belongs. The first"
          + " cell has the text in backticks, with … for what varies; the others say when it"
          + " appears and what to do. Three words or more with … may stand for several texts";
  private static final Pattern ENTRY = Pattern.compile("`([^`]+)`");

  private static List<Text> all;

  @BeforeAll
  static void read() throws IOException {
    all = Texts.of(ROOT, "core/src/main/java", "center/src/main/java");
    assertThat(all).hasSizeGreaterThan(400);
  }

  @Test
  void everyErrorIsExplained() throws IOException {
    isWhole(ERRORS, Reader.CALLER);
  }

  @Test
  void everyLineOfTheLogIsExplained() throws IOException {
    isWhole(LOG_LINES, Reader.LOG);
  }

  @Test
  void whatIsSaidElsewhereIsExplainedOnOneOfThem() throws IOException {
    Set<String> entries = entries(ERRORS);
    entries.addAll(entries(LOG_LINES));
    assertThat(missing(Reader.EITHER, entries)).as(ADVICE, ERRORS + " or " + LOG_LINES).isEmpty();
  }

  private static void isWhole(String page, Reader reader) throws IOException {
    Set<String> entries = entries(page);
    assertThat(missing(reader, entries)).as(ADVICE, page).isEmpty();
    List<String> unused =
        entries.stream().filter(entry -> all.stream().noneMatch(text -> text.isIn(entry))).toList();
    assertThat(unused)
        .as("%s explains texts that no source has any more: take them out, or mend them", page)
        .isEmpty();
  }

  private static List<String> missing(Reader reader, Set<String> entries) {
    return all.stream()
        .filter(text -> text.reader() == reader && entries.stream().noneMatch(text::isIn))
        .map(text -> text.where() + "  " + text.text())
        .toList();
  }

  /** What stands in backticks in the first cells of tables of texts. */
  private static Set<String> entries(String page) throws IOException {
    Set<String> entries = new LinkedHashSet<>();
    boolean ofTexts = false;
    for (String line : Files.readAllLines(ROOT.resolve(page))) {
      ofTexts = line.startsWith("| text |") || (ofTexts && line.startsWith("|"));
      if (ofTexts && line.startsWith("| ")) {
        Matcher each = ENTRY.matcher(line.substring(0, line.indexOf(" |", 2)));
        while (each.find()) {
          entries.add(each.group(1));
        }
      }
    }
    return entries;
  }

  @Test
  void aTextIsFoundWithWhatVaries() throws IOException {
    assertThat(
            Texts.in(
                """
                class Given {
                  void fails(int n) {
                    throw Status.of(Code.UNAVAILABLE, "there are " + n + " of " + name()).toException();
                  }
                  String piece() {
                    return "a piece of text";
                  }
                  Status formatted(int n) {
                    return Status.of(Code.INTERNAL, "%d is too much for '%s'".formatted(n, "x"));
                  }
                  void says() {
                    LOG.warn("cannot do {}: {}", what, why);
                    LOG.debug("nobody reads this line");
                  }
                }
                """))
        .extracting(text -> text.reader() + " " + text.text())
        .containsExactly(
            "CALLER there are … of …",
            "EITHER a piece of text",
            "CALLER … is too much for '…'",
            "LOG cannot do …: …");
  }

  @Test
  void anEntryMayCoverATextOrShowItWithinMore() {
    Text text = new Text(Reader.CALLER, "message of … bytes passes the limit of …", "here");
    assertThat(text.isIn("message of … bytes passes the limit of …")).isTrue();
    assertThat(text.isIn("request of …: message of … bytes passes the limit of …")).isTrue();
    assertThat(text.isIn("message of … bytes …")).isTrue();
    assertThat(text.isIn("message …")).isFalse();
    assertThat(text.isIn("reply of … bytes passes the limit of …")).isFalse();
  }
}
