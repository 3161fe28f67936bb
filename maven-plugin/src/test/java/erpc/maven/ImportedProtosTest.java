package erpc.maven;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import erpc.codegen.CodegenException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.apache.maven.artifact.Artifact;
import org.apache.maven.artifact.DefaultArtifact;
import org.apache.maven.artifact.handler.DefaultArtifactHandler;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The {@code .proto} files of dependencies' jars. */
class ImportedProtosTest {
  @TempDir Path folder;

  private Path jar(String... entries) throws IOException {
    Path jar = folder.resolve("some.jar");
    try (OutputStream out = Files.newOutputStream(jar);
        ZipOutputStream zip = new ZipOutputStream(out)) {
      for (String each : entries) {
        zip.putNextEntry(new ZipEntry(each));
        zip.write(each.getBytes(StandardCharsets.UTF_8));
        zip.closeEntry();
      }
    }
    return jar;
  }

  private static Artifact artifact(Path file) {
    Artifact artifact =
        new DefaultArtifact(
            "g", "a", "1", "compile", "jar", null, new DefaultArtifactHandler("jar"));
    artifact.setFile(file.toFile());
    return artifact;
  }

  @Test
  void areUnpackedIntoAFolderOfTheirJar() throws Exception {
    Path to = folder.resolve("imports");
    List<Path> found =
        new ImportedProtos(to)
            .of(List.of(artifact(jar("x/One.class", "x/one.proto", "x/y/two.proto"))));
    assertThat(found).containsExactly(to.resolve("g.a-1"));
    assertThat(to.resolve("g.a-1/x/one.proto")).hasContent("x/one.proto");
    assertThat(to.resolve("g.a-1/x/y/two.proto")).exists();
    assertThat(to.resolve("g.a-1/x/One.class")).doesNotExist();
  }

  @Test
  void jarsWithoutAnyAreLeftOutAndFoldersTakenAsTheyAre() throws Exception {
    Path classes = Files.createDirectory(folder.resolve("classes"));
    ImportedProtos imported = new ImportedProtos(folder.resolve("imports"));
    assertThat(imported.of(List.of(artifact(jar("One.class")), artifact(classes))))
        .containsExactly(classes);
  }

  @Test
  void areUnpackedAgainOnlyIfTheJarHasChanged() throws Exception {
    Path to = folder.resolve("to");
    Path jar = jar("one.proto", "two.proto");
    ImportedProtos.unpack(jar, to);
    Files.delete(to.resolve("one.proto"));
    ImportedProtos.unpack(jar, to);
    assertThat(to.resolve("one.proto")).doesNotExist();
    Files.setLastModifiedTime(jar("one.proto"), FileTime.fromMillis(1_000_000_000_000L));
    ImportedProtos.unpack(jar, to);
    assertThat(to.resolve("one.proto")).exists();
    assertThat(to.resolve("two.proto")).doesNotExist();
  }

  @Test
  void anEntryThatLeadsOutIsRefused() throws Exception {
    Path jar = jar("../out.proto");
    assertThatThrownBy(() -> ImportedProtos.unpack(jar, folder.resolve("to")))
        .isInstanceOf(CodegenException.class)
        .hasMessageContaining("leads out of its folder: ../out.proto");
    assertThat(folder.resolve("out.proto")).doesNotExist();
  }
}
