package erpc.center.processes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A process that holds a center and all that uses it ends without a warning. */
@Timeout(60)
@Tag("processes")
class ExitTest {
  private static final String ALARM = ".*(WARN|ERROR) erpc\\.(center|discovery|server|client).*";

  @Test
  void serverSaysGoodbyeToTheCenterBesideItAndNobodyWarns() throws Exception {
    try (Program program = Program.start(TogetherProgram.class, "", List.of())) {
      assertThat(program.address()).endsWith(" 3");
      await().atMost(Duration.ofSeconds(30)).until(program::hasEnded);
      await().atMost(Duration.ofSeconds(10)).until(() -> closed(program.lines()) == 2);
      assertThat(program.lines())
          .noneMatch(line -> line.matches(ALARM))
          .anyMatch(line -> line.contains("Registry - stopped"));
    }
  }

  private static long closed(List<String> lines) {
    return lines.stream().filter(line -> line.endsWith("erpc.server - closed")).count();
  }
}
