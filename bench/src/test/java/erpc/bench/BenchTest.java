package erpc.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The benchmark still measures: a short run of real processes, whose figures mean nothing. */
@Tag("processes")
class BenchTest {
  @TempDir Path folder;

  private static String printed(String... args) throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    Bench.run(new PrintStream(bytes, true, StandardCharsets.UTF_8), args);
    return bytes.toString(StandardCharsets.UTF_8);
  }

  @Test
  void measuresCellsAndDrawsThem() throws Exception {
    Path page = folder.resolve("page.html");
    // All subjects in two cells, and erpc alone in those that show how differently it may be
    // called.
    String table =
        measured("netty,netty-pb,erpc", "--out", page.toString(), "async-32", "tls-1k")
            + "\n\n"
            + measured("erpc", "virtual-256", "stream-32");
    String row = "(?m)^%s +[1-9][0-9,]* .* [0-9]+[.][0-9] %%$";
    int seen = 0;
    for (String cell : table.split("\n\n", -1)) {
      if (cell.startsWith("async-32")) {
        assertThat(cell).containsPattern(row.formatted("netty-pb"));
      }
      if (cell.matches("(?s)(async|virtual|stream|tls)-.*")) {
        if (!cell.matches("(?s)(virtual|stream)-.*")) {
          assertThat(cell).containsPattern(row.formatted("netty"));
        }
        assertThat(cell).containsPattern(row.formatted("erpc"));
        seen++;
      }
    }
    assertThat(seen).isEqualTo(4);
    assertThat(table)
        .contains("async-32: ", "virtual-256: ", "stream-32: ", "tls-1k: ")
        .containsPattern("(met|MISSED) +tls-1k: calls/s of those of netty");
    assertThat(Files.readString(page)).contains("<svg", "async-32", "tls-1k");
  }

  private static String measured(String subjects, String... more) throws Exception {
    List<String> words =
        new ArrayList<>(
            List.of("--rounds", "1", "--seconds", "1", "--warm", "1", "--subjects", subjects));
    words.addAll(List.of(more));
    return printed(words.toArray(new String[0]));
  }

  @Test
  void namesTheCellsOfTheStandardRun() throws Exception {
    assertThat(printed("--list").lines())
        .hasSize(12)
        .anyMatch(line -> line.startsWith("one-inline"));
    assertThat(printed("--list", "--sweep")).contains("sweep-virtual-1024", "sweep-zstd");
  }

  @Test
  void doesNotWaitForAProcessThatHasFailed() {
    String[] args = {
      "--subjects",
      "netty",
      "--rounds",
      "1",
      "--seconds",
      "1",
      "--warm",
      "1",
      "--profile",
      "nonsense=file",
      "one-inline"
    };
    assertThatThrownBy(() -> printed(args))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("the process of the server of netty has ended");
  }

  @Test
  void saysWhatItDoesNotKnow() {
    assertThatThrownBy(() -> printed("--fast"))
        .hasMessage("unknown option --fast; --help lists them");
    assertThatThrownBy(() -> printed("--rounds")).hasMessage("--rounds needs a value");
    assertThatThrownBy(() -> printed("--rounds", "none"))
        .hasMessage("--rounds takes a number above 0, not 'none'");
    assertThatThrownBy(() -> printed("--profile", "alloc"))
        .hasMessage("--profile takes EVENT=FILE, as cpu=%s-%r.html, not 'alloc'");
    assertThatThrownBy(() -> printed("async-33")).hasMessageContaining("no cell 'async-33'");
  }
}
