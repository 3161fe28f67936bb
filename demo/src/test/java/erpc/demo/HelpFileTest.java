package erpc.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** {@code config/help} holds what the demo says of itself, for who has not built anything. */
class HelpFileTest {
  @Test
  void saysWhatTheDemoSays() throws Exception {
    Path file = Path.of("..", "config", "help", "demo.txt");
    if (Boolean.getBoolean("help.write")) {
      Path unused = Files.writeString(file, Help.TEXT);
    }
    assertThat(file).as("written anew with -Dhelp.write=true for this test").hasContent(Help.TEXT);
  }
}
