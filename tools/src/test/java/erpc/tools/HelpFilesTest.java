package erpc.tools;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code config/help} holds what commands say of themselves, for who has not built anything. */
class HelpFilesTest {
  @ParameterizedTest
  @ValueSource(strings = {"call", "list", "explain", "describe", "center", "gen"})
  void sayWhatTheCommandSays(String command) throws Exception {
    Path file = Path.of("..", "config", "help", command + ".txt");
    String said = ErpcCommand.run(command, "--help").out();
    if (Boolean.getBoolean("help.write")) {
      Path unused = Files.writeString(file, said);
    }
    assertThat(file).as("written anew with -Dhelp.write=true for this test").hasContent(said);
  }
}
