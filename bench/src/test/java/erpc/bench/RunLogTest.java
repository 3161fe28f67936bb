package erpc.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunLogTest {
  @TempDir Path folder;
  private long millis;
  private RunLog log;

  @BeforeEach
  void open() {
    log = new RunLog(folder.resolve("log"), () -> Instant.ofEpochMilli(millis++));
  }

  @Test
  void namesRunsInOrderWithWhatTheyCameTo() throws IOException {
    log.begin("base", "today", "async-32").end("VOID, for a reason");
    log.begin("base", "today", "async-32").end("met, at last");
    assertThat(log.runs("base"))
        .containsExactly(
            "1970-01-01T00:00:00Z today against base async-32: VOID, for a reason",
            "1970-01-01T00:00:00.001Z today against base async-32: met, at last");
  }

  @Test
  void namesARunThatWasBrokenOff() throws IOException {
    var unused = log.begin("base", "today", "async-32");
    assertThat(log.runs("base"))
        .containsExactly(
            "1970-01-01T00:00:00Z today against base async-32: broken off, or still running");
  }

  @Test
  void namesOnlyThoseAgainstTheCommit() throws IOException {
    log.begin("other", "base", "async-32").end("met");
    assertThat(log.runs("base")).isEmpty();
    assertThat(log.runs("other")).hasSize(1);
  }
}
