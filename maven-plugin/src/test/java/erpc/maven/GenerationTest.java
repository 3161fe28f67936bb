package erpc.maven;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import erpc.codegen.CodegenException;
import erpc.codegen.Protoc;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When a build generates, and when it has nothing to do. */
@Tag("processes")
class GenerationTest {
  private static final String UNCHANGED = "Nothing has changed";

  @TempDir Path folder;

  private Path protos;
  private Path imports;
  private Path output;
  private Path protoc;

  @BeforeEach
  void write() throws IOException {
    protos = Files.createDirectory(folder.resolve("protos"));
    imports = Files.createDirectory(folder.resolve("imports"));
    output = folder.resolve("output");
    protoc = RealProject.protoc();
    Files.writeString(imports.resolve("types.proto"), "edition = \"2023\"; message Kind {}");
    proto("message User { Kind kind = 1; }");
  }

  private void proto(String text) throws IOException {
    Files.writeString(
        protos.resolve("user.proto"),
        "edition = \"2023\";\npackage user;\nimport \"types.proto\";\n" + text);
  }

  private Generation generation(String version, boolean messages) throws IOException {
    return new Generation(
        version,
        protoc,
        Protoc.at(protoc),
        Protoc.Input.of(List.of(imports), List.of(protos), messages),
        output,
        folder.resolve("target/erpc/state"));
  }

  private String run() throws Exception {
    return generation("1", true).writeIfChanged();
  }

  @Test
  void generatesOnceAndThenOnlyIfSomethingHasChanged() throws Exception {
    assertThat(run()).contains(" written, 0 deleted");
    assertThat(run()).startsWith(UNCHANGED);
    proto("message User { Kind kind = 1; string name = 2; }");
    assertThat(run()).contains(" written, 0 deleted");
    assertThat(run()).startsWith(UNCHANGED);
  }

  @Test
  void importsOptionsVersionsAndOutputsCount() throws Exception {
    run();
    Files.writeString(
        imports.resolve("types.proto"), "edition = \"2023\"; message Kind { int32 n = 1; }");
    assertThat(run()).doesNotStartWith(UNCHANGED);
    assertThat(generation("2", true).writeIfChanged()).doesNotStartWith(UNCHANGED);
    assertThat(run()).doesNotStartWith(UNCHANGED);
    Path made = output.resolve("user/UserOuterClass.java");
    Files.delete(made);
    assertThat(run()).contains(": 1 written, 0 deleted");
    assertThat(made).exists();
    assertThat(run()).startsWith(UNCHANGED);
    assertThat(generation("1", false).writeIfChanged()).doesNotStartWith(UNCHANGED);
    assertThat(made).doesNotExist();
  }

  @Test
  void aFileThatWentAwayTakesItsCodeAlong() throws Exception {
    run();
    Files.delete(protos.resolve("user.proto"));
    assertThat(run()).contains("0 files in ").doesNotContain(" 0 deleted");
    assertThat(run()).startsWith(UNCHANGED);
  }

  @Test
  void aFailureIsNotTakenForAResult() throws Exception {
    proto("message User {");
    for (int i = 0; i < 2; i++) {
      assertThatThrownBy(this::run)
          .isInstanceOf(CodegenException.class)
          .hasMessageStartingWith(protos.resolve("user.proto") + ":4:");
    }
    assertThat(output).doesNotExist();
  }

  @Test
  void differencesAreToldAndNothingIsWritten() throws Exception {
    assertThat(generation("1", true).differences())
        .contains("missing " + output.resolve("user/UserOuterClass.java"));
    assertThat(output).doesNotExist();
    run();
    assertThat(generation("1", true).differences()).isEmpty();
  }
}
