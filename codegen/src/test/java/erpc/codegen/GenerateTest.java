package erpc.codegen;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a build without a plugin of erpc's runs. */
class GenerateTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  @TempDir Path folder;

  private int run(String... arguments) throws Exception {
    return Generate.run(
        new PrintStream(out, true, StandardCharsets.UTF_8),
        new PrintStream(err, true, StandardCharsets.UTF_8),
        arguments);
  }

  private String said() {
    return err.toString(StandardCharsets.UTF_8);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "-o", "-o out", "x.proto", "-o out x.proto --nonsense"})
  void wrongUsageIsSaid(String arguments) throws Exception {
    assertThat(run(arguments.split(" "))).isEqualTo(2);
    assertThat(said()).contains("Usage: ");
  }

  @Test
  void helpIsShown() throws Exception {
    assertThat(run("--help")).isZero();
    assertThat(out.toString(StandardCharsets.UTF_8)).startsWith("Usage: ");
  }

  @Test
  void emptyFoldersGiveNothingAndNeedNoProtoc() throws Exception {
    Path protos = Files.createDirectory(folder.resolve("protos"));
    Path made = folder.resolve("made");
    assertThat(run("--check", "-o", made.toString(), protos.toString())).isZero();
    assertThat(run("-o", made.toString(), protos.toString())).isZero();
    assertThat(out.toString(StandardCharsets.UTF_8)).contains("0 files in " + made);
  }

  @Test
  void aFailureIsOneLineAndNoStackTrace() throws Exception {
    Path none = folder.resolve("none.proto");
    assertThat(run("-o", folder.resolve("made").toString(), none.toString())).isEqualTo(1);
    assertThat(said()).startsWith("there is no file " + none).hasLineCount(1);
  }
}
