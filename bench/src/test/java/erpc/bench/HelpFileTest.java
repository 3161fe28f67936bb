package erpc.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** {@code config/help} holds what the benchmark says of itself, for who has not built anything. */
@Tag("processes") // As all tests that run the benchmark.
class HelpFileTest {
  @Test
  void saysWhatTheBenchmarkSays() throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    Bench.run(new PrintStream(bytes, true, StandardCharsets.UTF_8), "--help");
    String said = bytes.toString(StandardCharsets.UTF_8);
    Path file = Path.of("..", "config", "help", "bench.txt");
    if (Boolean.getBoolean("help.write")) {
      Path unused = Files.writeString(file, said);
    }
    assertThat(file).as("written anew with -Dhelp.write=true for this test").hasContent(said);
  }
}
