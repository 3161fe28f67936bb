package erpc.tools;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code erpc gen}, with the protoc that the build of this repository has fetched. */
@Tag("processes")
class GenCommandTest {
  private static final String GREETER =
      """
      edition = "2023";
      package demo;
      message HelloRequest { string name = 1; }
      message HelloReply { string text = 1; }
      service Greeter { rpc Hello(HelloRequest) returns (HelloReply); }
      """;

  @TempDir Path folder;

  private Path protos;
  private Path made;

  @BeforeEach
  void write() throws IOException {
    protos = Files.createDirectory(folder.resolve("protos"));
    made = folder.resolve("made");
    Files.writeString(protos.resolve("greeter.proto"), GREETER);
  }

  private ErpcCommand gen(String... arguments) {
    String[] all = new String[arguments.length + 4];
    all[0] = "gen";
    all[1] = "-o";
    all[2] = made.toString();
    all[3] = protos.toString();
    System.arraycopy(arguments, 0, all, 4, arguments.length);
    return ErpcCommand.run(all);
  }

  @Test
  void generatesServicesAndMessages() {
    ErpcCommand run = gen();
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out()).contains("in " + made + ": ", " written, 0 deleted");
    assertThat(made.resolve("demo/Greeter.java")).content().contains("interface Greeter");
    assertThat(gen().out()).contains(": 0 written, 0 deleted");
  }

  @Test
  void generatesServicesAlone() {
    assertThat(gen("--no-messages").out()).startsWith("1 file in ");
  }

  @Test
  void checkNamesWhatIsStale() throws IOException {
    assertThat(gen("--check").err()).contains("erpc: missing " + made.resolve("demo/Greeter.java"));
    assertThat(gen().code()).isZero();
    assertThat(gen("--check").code()).isZero();
    Files.writeString(made.resolve("demo/Greeter.java"), "edited");
    ErpcCommand run = gen("--check");
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err()).isEqualTo("erpc: stale %s%n", made.resolve("demo/Greeter.java"));
    assertThat(made.resolve("demo/Greeter.java")).hasContent("edited");
  }

  @Test
  void aBrokenFileIsToldInTheWordsOfProtoc() throws IOException {
    Files.writeString(protos.resolve("greeter.proto"), GREETER + "service {}\n");
    ErpcCommand run = gen();
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err())
        .startsWith(protos.resolve("greeter.proto") + ":6:")
        .contains("Expected")
        .hasLineCount(1);
    assertThat(made).doesNotExist();
  }

  @Test
  void aProtocThatIsNotThereIsNamed() {
    ErpcCommand run = gen("--protoc", folder.resolve("none").toString());
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err()).contains("cannot run protoc").contains("none");
  }

  @Test
  void wrongUsageIsSaid() {
    assertThat(ErpcCommand.run("gen", "greeter.proto").code()).isEqualTo(2);
    assertThat(ErpcCommand.run("gen", "-o", made.toString()).code()).isEqualTo(2);
    assertThat(gen("--nonsense").code()).isEqualTo(2);
  }
}
