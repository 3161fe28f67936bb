package erpc.codegen;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.RuntimeVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Runs protoc, the one that the build of this repository has fetched. */
@Tag("processes")
class ProtocTest {
  private static final String GREETER =
      """
      edition = "2023";
      package demo;
      option java_package = "demo";
      option java_multiple_files = true;
      import "google/protobuf/timestamp.proto";
      message HelloRequest { string name = 1; google.protobuf.Timestamp at = 2; }
      message HelloReply { string text = 1; }
      service Greeter { rpc Hello(HelloRequest) returns (HelloReply); }
      """;

  @TempDir Path folder;

  static Protoc protoc() {
    String version = RuntimeVersion.MAJOR + "." + RuntimeVersion.MINOR + "." + RuntimeVersion.PATCH;
    String home = System.getProperty("user.home");
    String kept = System.getProperty("protoc.folder"); // its folder in the local repository
    Path repository =
        kept == null
            ? Path.of(home, ".m2", "repository")
            : Path.of(kept).resolve("../../../../..").normalize();
    return Protoc.at(
        Protoc.in(repository, version)
            .orElseThrow(() -> new AssertionError("no protoc; mvn -pl core compile fetches it")));
  }

  private Path file(String name, String text) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.writeString(file, text);
  }

  private SortedMap<String, String> generate(boolean messages, Path... files) throws Exception {
    return protoc().generate(new Protoc.Input(List.of(folder), List.of(files), messages));
  }

  private String refusal(Path... files) {
    try {
      return generate(true, files).keySet() + " were generated";
    } catch (CodegenException e) {
      return e.getMessage();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void generatesServicesAndTheirMessages() throws Exception {
    SortedMap<String, String> made = generate(true, file("demo/greeter.proto", GREETER));
    assertThat(made)
        .containsKeys("demo/Greeter.java", "demo/HelloRequest.java", "demo/HelloReply.java");
    assertThat(made.get("demo/Greeter.java")).contains("interface Greeter");
  }

  @Test
  void aBinaryThatNobodyMayRunIsRunAllTheSame() throws Exception {
    Path greeter = file("demo/greeter.proto", GREETER);
    Path locked = Files.copy(Corpus.protoc(), folder.resolve("protoc-locked"));
    assertThat(locked.toFile().setExecutable(false, false)).isTrue();
    assertThat(Files.isExecutable(locked)).isFalse();
    assertThat(
            Protoc.at(locked)
                .generate(new Protoc.Input(List.of(folder), List.of(greeter), true))
                .keySet())
        .contains("demo/Greeter.java", "demo/HelloReply.java");
  }

  @Test
  void generatesServicesAlone() throws Exception {
    assertThat(generate(false, file("demo/greeter.proto", GREETER)).keySet())
        .containsExactly("demo/Greeter.java");
  }

  @Test
  void theSameFilesGiveTheSameText() throws Exception {
    Path greeter = file("demo/greeter.proto", GREETER);
    assertThat(generate(true, greeter)).isEqualTo(generate(true, greeter));
  }

  @Test
  void whatIsOnlyImportedIsNotGenerated() throws Exception {
    file("types.proto", "edition = \"2023\"; package types; message Kind {}");
    Path user =
        file(
            "user.proto",
            """
            edition = "2023";
            import "types.proto";
            message User { types.Kind kind = 1; }
            """);
    assertThat(generate(true, user).keySet()).noneMatch(each -> each.startsWith("types"));
  }

  @Test
  void aBrokenFileIsToldInTheWordsOfProtoc() throws Exception {
    Path broken =
        file("demo/broken.proto", "edition = \"2023\";\nmessage Broken {\n  string = 1\n}");
    assertThat(refusal(broken))
        .startsWith(broken + ":3:10: Expected")
        .doesNotContain("Exception")
        .doesNotEndWith("\n");
  }

  @Test
  void aCycleIsToldInTheWordsOfProtoc() throws Exception {
    file("a.proto", "edition = \"2023\"; import \"b.proto\";");
    Path b = file("b.proto", "edition = \"2023\"; import \"a.proto\";");
    assertThat(refusal(b)).contains("b.proto").contains("recursively imports itself");
  }

  @Test
  void warningsArePassedOn() throws Exception {
    file("types.proto", "edition = \"2023\";");
    Path user = file("user.proto", "edition = \"2023\"; import \"types.proto\";");
    List<String> warnings = new ArrayList<>();
    protoc()
        .warningsTo(warnings::add)
        .generate(new Protoc.Input(List.of(folder), List.of(user), true));
    assertThat(warnings)
        .singleElement()
        .asString()
        .contains("user.proto")
        .contains("types.proto is unused");
  }

  @Test
  void aFileThatIsNotThereOrInNoFolderIsNamed() throws Exception {
    assertThat(refusal(folder.resolve("none.proto"))).contains("there is no file", "none.proto");
    assertThat(refusal(folder)).contains("is a folder");
    Path lone = file("lone.proto", "edition = \"2023\";");
    Protoc.Input input = new Protoc.Input(List.of(folder.resolve("other")), List.of(lone), true);
    assertThatThrownBy(() -> protoc().generate(input))
        .isInstanceOf(CodegenException.class)
        .hasMessageContaining("lone.proto is below none of the folders");
  }

  @Test
  void aFileBringsItsOwnFolderIfNoOtherHasIt() throws Exception {
    Path lone = file("lone.proto", "edition = \"2023\"; message Lone {}");
    Protoc.Input input = Protoc.Input.of(List.of(), List.of(lone), true);
    assertThat(input.imports()).containsExactly(folder);
    assertThat(protoc().generate(input)).isNotEmpty();
  }

  @Test
  void aFolderStandsForAllItsFiles() throws Exception {
    Path b = file("b/b.proto", "edition = \"2023\"; import \"a.proto\"; message B { A a = 1; }");
    Path a = file("a.proto", "edition = \"2023\"; message A {}");
    Path unused = file("note.txt", "not for protoc");
    Protoc.Input input = Protoc.Input.of(List.of(), List.of(folder), true);
    assertThat(input.files()).containsExactly(a, b);
    assertThat(protoc().generate(input)).hasSizeGreaterThan(1);
  }

  @Test
  void noFilesNeedNoProtoc() throws Exception {
    Protoc none = Protoc.at(folder.resolve("none"));
    assertThat(none.generate(new Protoc.Input(List.of(), List.of(), true))).isEmpty();
  }

  @Test
  void aProtocThatCannotBeRunIsNamed() throws Exception {
    Path any = file("any.proto", "edition = \"2023\";");
    Protoc.Input input = new Protoc.Input(List.of(folder), List.of(any), true);
    assertThatThrownBy(() -> Protoc.at(folder.resolve("none")).generate(input))
        .isInstanceOf(CodegenException.class)
        .hasMessageContaining("cannot run protoc")
        .hasMessageContaining("none");
  }

  @Test
  void aProtocThatDoesNotEndIsEnded() throws Exception {
    Path any = file("any.proto", "edition = \"2023\";");
    Protoc.Input input = new Protoc.Input(List.of(folder), List.of(any), true);
    Path slow = file("slow", "#!/bin/sh\nexec sleep 60\n");
    assertThatThrownBy(() -> Protoc.at(slow).within(Duration.ofMillis(200)).generate(input))
        .isInstanceOf(CodegenException.class)
        .hasMessageContaining("did not end within its timeout of 200 ms");
    Path silent = file("silent", "#!/bin/sh\nexit 3\n");
    assertThatThrownBy(() -> Protoc.at(silent).generate(input))
        .hasMessageContaining("ended with exit code 3 and said nothing");
  }

  @Test
  void aFolderThatProtocCannotBeToldOfIsRefused() throws Exception {
    Path odd = file("a=b/any.proto", "edition = \"2023\";");
    Protoc.Input input = Protoc.Input.of(List.of(), List.of(odd.getParent()), true);
    assertThatThrownBy(() -> protoc().generate(input))
        .hasMessageContaining("protoc cannot be told of the folder")
        .hasMessageContaining("a=b");
  }

  @ParameterizedTest
  @CsvSource({
    "Linux, amd64, linux-x86_64",
    "Linux, aarch64, linux-aarch_64",
    "Mac OS X, aarch64, osx-aarch_64",
    "Windows 11, amd64, windows-x86_64",
    "Windows 11, aarch64, windows-x86_64",
    "Linux, sparc, none",
    "Plan 9, amd64, none"
  })
  void machinesHaveTheNamesOfTheArtifact(String os, String machine, String expected) {
    assertThat(Protoc.classifier(os, machine).orElse("none")).isEqualTo(expected);
  }
}
