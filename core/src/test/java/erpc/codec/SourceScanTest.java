package erpc.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * No class is resolved by a name from the wire: the ways to do so do not occur in the sources at
 * all.
 */
class SourceScanTest {
  private static final List<String> FORBIDDEN =
      List.of(
          "ObjectInputStream",
          "javax.naming",
          "Class.forName",
          "loadClass(",
          "enableDefaultTyping",
          "activateDefaultTyping",
          "XMLDecoder");

  @Test
  void sourcesDoNotResolveClassesByName() throws IOException {
    Path sources = Path.of(System.getProperty("basedir", "."), "src/main/java");
    try (Stream<Path> paths = Files.walk(sources)) {
      List<Path> files = paths.filter(path -> path.toString().endsWith(".java")).toList();
      assertThat(files).hasSizeGreaterThan(20);
      for (Path file : files) {
        assertThat(Files.readString(file)).as(file.toString()).doesNotContain(FORBIDDEN);
      }
    }
  }
}
