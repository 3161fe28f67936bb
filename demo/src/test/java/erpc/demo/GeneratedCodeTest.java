package erpc.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The generated code that is checked in is what its {@code .proto} files give now. */
class GeneratedCodeTest {
  private static final Path DEMO = Documents.ROOT.resolve("demo/src");

  @Test
  void theDemosServiceIsThatOfItsFile() throws Exception {
    isFresh(DEMO.resolve("main"), List.of("demo.proto"));
  }

  @Test
  void theGuidesServicesAreThoseOfItsFiles() throws Exception {
    isFresh(DEMO.resolve("test"), List.of("stock.proto", "feed.proto"));
  }

  @Test
  void thePageCountsTheLinesThatTheDemoHas() throws Exception {
    long lines = Files.readString(DEMO.resolve("main/java/erpc/demo/Greeter.java")).lines().count();
    assertThat(Documents.text("docs/generated-code.md"))
        .contains("| lines of generated code, without messages | " + lines + " |");
  }

  private static void isFresh(Path sources, List<String> files) throws Exception {
    Map<String, String> wanted = Generated.services(sources.resolve("proto"), files);
    assertThat(wanted).hasSameSizeAs(files);
    for (Map.Entry<String, String> each : wanted.entrySet()) {
      Path file = sources.resolve("java").resolve(each.getKey());
      if (Boolean.getBoolean("generated.write")) {
        Files.writeString(file, each.getValue());
      }
      assertThat(Files.readString(file))
          .as(
              "%s is stale; write it anew with: mvn -pl demo -am test -Dtest=GeneratedCodeTest"
                  + " -Dsurefire.failIfNoSpecifiedTests=false -Dgenerated.write=true",
              file)
          .isEqualTo(each.getValue());
    }
  }
}
