package erpc.tools;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where Maven's local repository is looked for. */
class LocalRepositoryTest {
  @TempDir Path home;

  private Path folder(Map<String, String> environment) {
    Map<String, String> properties = Map.of("user.home", home.toString());
    return new LocalRepository(properties::get, environment::get).folder();
  }

  @Test
  void isInTheHomeFolderUnlessSomebodySaysOtherwise() {
    assertThat(folder(Map.of())).isEqualTo(home.resolve(".m2/repository"));
  }

  @Test
  void isWhereMavensArgumentsSay() {
    assertThat(folder(Map.of("MAVEN_ARGS", "-B -Dmaven.repo.local=/a/b -q")))
        .isEqualTo(Path.of("/a/b"));
    assertThat(folder(Map.of("MAVEN_OPTS", "-Dmaven.repo.local=\"/a b\"")))
        .isEqualTo(Path.of("/a b"));
    Map<String, String> property = Map.of("maven.repo.local", "/c", "user.home", "/h");
    assertThat(new LocalRepository(property::get, name -> null).folder()).isEqualTo(Path.of("/c"));
  }

  @Test
  void isWhereTheSettingsSay() throws Exception {
    Path settings = home.resolve(".m2/settings.xml");
    Files.createDirectories(settings.getParent());
    Files.writeString(settings, "<!-- <localRepository>/no</localRepository> -->");
    assertThat(folder(Map.of())).isEqualTo(home.resolve(".m2/repository"));
    Files.writeString(settings, "<localRepository> ${user.home}/own </localRepository>");
    assertThat(folder(Map.of())).isEqualTo(home.resolve("own"));
  }

  @Test
  void programsAreFoundOnThePath() {
    assertThat(LocalRepository.isOnPath("sh", "/nowhere::/bin")).isTrue();
    assertThat(LocalRepository.isOnPath("sh", "/nowhere")).isFalse();
    assertThat(LocalRepository.isOnPath("sh", null)).isFalse();
  }
}
