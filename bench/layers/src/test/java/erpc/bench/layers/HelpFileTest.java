package erpc.bench.layers;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** {@code config/help} holds what this benchmark says of itself, for who has not built anything. */
class HelpFileTest {
  @Test
  void saysWhatTheBenchmarkSays() throws IOException {
    Path file = Path.of("..", "..", "config", "help", "bench-layers.txt");
    if (Boolean.getBoolean("help.write")) {
      Path unused = Files.writeString(file, Layers.USAGE + "\n");
    }
    assertThat(Files.readString(file))
        .as("written anew with -Dhelp.write=true for this test")
        .isEqualTo(Layers.USAGE + "\n");
  }
}
