package erpc.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A file with every run against another commit, a line when it begins and one when it ends: so that
 * a run that was broken off, or is void, can be named as well as one that pleased.
 */
final class RunLog {
  private static final String BEGUN = "broken off, or still running";

  private final Path file;
  private final InstantSource clock;

  RunLog(Path file, InstantSource clock) {
    this.file = file;
    this.clock = clock;
  }

  /** A run that goes on. */
  final class Entry {
    private final String key;

    private Entry(String key) {
      this.key = key;
    }

    /** Says what it came to, in one line. */
    void end(String result) throws IOException {
      append(key + "\t" + result);
    }
  }

  /** Says that a run begins. */
  Entry begin(String other, String today, String cell) throws IOException {
    Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
    Entry entry = new Entry(now + " " + today + " against " + other + " " + cell);
    append(entry.key + "\t" + BEGUN);
    return entry;
  }

  /** Every run against a commit so far, oldest first, a line each. */
  List<String> runs(String other) throws IOException {
    Map<String, String> last = new LinkedHashMap<>();
    if (Files.exists(file)) {
      for (String line : Files.readAllLines(file, StandardCharsets.UTF_8)) {
        int tab = line.indexOf('\t');
        if (tab > 0 && line.substring(0, tab).contains(" against " + other + " ")) {
          last.put(line.substring(0, tab), line.substring(tab + 1));
        }
      }
    }
    return last.entrySet().stream().map(each -> each.getKey() + ": " + each.getValue()).toList();
  }

  private void append(String line) throws IOException {
    Files.writeString(
        file,
        line + "\n",
        StandardCharsets.UTF_8,
        StandardOpenOption.CREATE,
        StandardOpenOption.APPEND);
  }
}
