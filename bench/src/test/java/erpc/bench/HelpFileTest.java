package erpc.bench;

import static org.assertj.core.api.Assertions.assertThat;

import erpc.bench.simulate.Simulate;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** {@code config/help} holds what benchmarks say of themselves, for who has not built anything. */
@Tag("processes") // As all tests that run the benchmark.
class HelpFileTest {
  @Test
  void saysWhatTheBenchmarkSays() throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    Bench.run(new PrintStream(bytes, true, StandardCharsets.UTF_8), "--help");
    assertHolds("bench.txt", bytes.toString(StandardCharsets.UTF_8));
  }

  @Test
  void saysWhatTheOthersSay() throws IOException {
    assertHolds("bench-against.txt", Against.USAGE);
    assertHolds("bench-strangers.txt", StrangersBench.USAGE);
    assertHolds("bench-stalls.txt", StallBench.USAGE);
    assertHolds("bench-overload.txt", OverloadBench.USAGE);
    assertHolds("bench-faults.txt", FaultBench.USAGE);
    assertHolds("bench-restarts.txt", RestartBench.USAGE);
    assertHolds("bench-kills.txt", KillBench.USAGE);
    assertHolds("bench-storm.txt", StormBench.USAGE);
    assertHolds("bench-hedge.txt", HedgeBench.USAGE);
    assertHolds("bench-simulate.txt", Simulate.USAGE);
  }

  private static void assertHolds(String name, String said) throws IOException {
    Path file = Path.of("..", "config", "help", name);
    if (Boolean.getBoolean("help.write")) {
      Path unused = Files.writeString(file, said.stripTrailing() + "\n");
    }
    assertThat(Files.readString(file).stripTrailing())
        .as("written anew with -Dhelp.write=true for this test")
        .isEqualTo(said.stripTrailing());
  }
}
