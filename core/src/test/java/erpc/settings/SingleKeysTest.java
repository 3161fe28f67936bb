package erpc.settings;

import static org.assertj.core.api.Assertions.assertThatCode;

import erpc.discovery.DiscoverySettings;
import erpc.server.ServerSettings;
import erpc.transport.ReactorSettings;
import java.lang.reflect.Field;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Keys without a section are known to whoever checks, though it read others. */
class SingleKeysTest {
  private static final Map<String, String> GOOD =
      Map.of(
          "center",
          "a:1",
          "advertise",
          "a",
          "transport",
          "nio",
          "tls",
          "jdk",
          "dns",
          "jdk",
          "busyPoll",
          "true",
          "partition",
          "0/3");

  static Stream<String> keys() {
    return Stream.of(ReactorSettings.class, DiscoverySettings.class)
        .flatMap(type -> Keys.of(type).fields().stream())
        .map(Field::getName);
  }

  @ParameterizedTest
  @MethodSource("keys")
  void areKnownToAServerThatDoesNotReadThem(String key, @TempDir Path directory) {
    Map<String, String> set = Map.of("erpc." + key, GOOD.getOrDefault(key, "1"));
    for (List<SettingsProvider.Entry> known :
        List.of(KnownSettings.ALL, List.<SettingsProvider.Entry>of())) {
      Settings settings = Settings.of(set, Map.of(), directory, known);
      var unused = settings.read("server", ServerSettings.DEFAULTS);
      assertThatCode(settings::check).doesNotThrowAnyException();
    }
  }
}
