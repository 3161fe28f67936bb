package erpc.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import erpc.client.ClientSettings;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.reflect.Field;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is read first tells the mistakes in all; what others put into the environment is theirs. */
class WholeSettingsTest {
  @TempDir Path folder;
  private final Map<String, String> properties = new HashMap<>();
  private final Map<String, String> environment = new HashMap<>();

  private void readTheClientsAlone() {
    Settings settings = Settings.of(properties, environment, folder);
    var unused = settings.read("client", ClientSettings.DEFAULTS);
    settings.check();
  }

  @Test
  void tellsMistakesInWhatIsReadLaterAsWell() throws IOException {
    properties.put("erpc.client.timeout", "soon");
    properties.put("erpc.server.maxInFlight", "0");
    properties.put("erpc.server.tls.alsoPlain", "maybe");
    properties.put("erpc.loops", "-1");
    properties.put("erpc.center", "localhost");
    environment.put("ERPC_SERVER_DRAIN_GRACE", "-1s");
    Files.writeString(
        folder.resolve(Settings.DEFAULT_FILE),
        "erpc.transport=pigeon\nerpc.server.maxInFlite=1\nerpc.advertise=256.1.1.1\n");
    assertThatThrownBy(this::readTheClientsAlone)
        .isInstanceOf(SettingsException.class)
        .satisfies(e ->
            assertThat(e.getMessage().lines().map(line -> line.replaceFirst("[:;].*", "")))
                .containsExactlyInAnyOrder(
                    "erpc.client.timeout",
                    "erpc.server.maxInFlight",
                    "erpc.server.tls.alsoPlain",
                    "erpc.loops",
                    "erpc.center",
                    "erpc.server.drainGrace",
                    "erpc.transport",
                    "unknown setting 'erpc.server.maxInFlite' in erpc.properties line 2",
                    "erpc.advertise"));
  }

  @ParameterizedTest
  @CsvSource({
    "ERPC_PORT, tcp://10.0.0.1:8877",
    "ERPC_SERVICE_HOST, 10.0.0.1",
    "ERPC_SERVICE_PORT, 8877",
    "ERPC_SERVICE_PORT_GRPC, 8877",
    "ERPC_PORT_8877_TCP, tcp://10.0.0.1:8877",
    "ERPC_PORT_8877_TCP_PROTO, tcp",
    "ERPC_PORT_8877_TCP_PORT, 8877",
    "ERPC_PORT_8877_TCP_ADDR, 10.0.0.1",
    "ERPC_CENTER_PORT, tcp://10.0.0.1:8081",
    "ERPC_CLIENT_SERVICE_HOST, 10.0.0.1",
    "ERPC_CENTER_SERVICE_PORT, 8081",
    "ERPC_LOOPS_PORT_1_UDP_ADDR, 10.0.0.1",
  })
  void passesOverWhatKubernetesMakesOfAService(String name, String value) {
    environment.put(name, value);
    assertThat(warningsOf(this::readTheClientsAlone)).isEmpty();
  }

  @Test
  void noKeyIsSpelledLikeWhatKubernetesMakes() {
    for (SettingsProvider.Entry each : KnownSettings.ALL) {
      String prefix = each.section().isEmpty() ? "erpc." : "erpc." + each.section() + ".";
      for (Field key : Keys.of(each.defaults().getClass()).fields()) {
        assertThat(Source.environmentName(prefix + key.getName()))
            .doesNotMatch(Settings.SERVICE_LINK);
      }
    }
  }

  @Test
  void warnsOnceOfAllThatTheEnvironmentHoldsAndIsNotErpcs() {
    environment.put("ERPC_TEAM", "blue");
    environment.put("ERPC_CLIENT_COLOUR\u001b[31m", "red");
    environment.put("ERPC_SERVER_URL", "http://demo");
    String warnings =
        warningsOf(() -> {
          readTheClientsAlone();
          readTheClientsAlone();
        });
    assertThat(warnings.lines())
        .singleElement()
        .asString()
        .contains("WARN", "ERPC_CLIENT_COLOUR\\u001b[31m, ERPC_SERVER_URL, ERPC_TEAM");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ERPC_CLIENT_TIMEOU",
        "ERPC_CLIENT_TIMEOUTS",
        "ERPC_CLIENT_TIMEOYT",
        "ERPC_CLIENT_TIMEUOT",
        "ERPC_CLEINT_TIMEOUT",
        "ERPC_CLIENT_Timeout",
        "ERPC_SERVER_MAX_INFLIGHT",
        "ERPC_CENTRE"
      })
  void stopsAtWhatIsOneSlipAwayFromAKey(String name) {
    environment.put(name, "1s");
    if (name.equals("ERPC_CENTRE")) { // two letters have changed places
      assertThat(Nearest.isOneSlip(name, "ERPC_CENTER")).isTrue();
    }
    assertThatThrownBy(this::readTheClientsAlone)
        .isInstanceOf(SettingsException.class)
        .hasMessageStartingWith("unknown setting '" + name + "' in the environment; did you mean");
  }

  @Test
  void staysStrictWithPropertiesAndFile() throws IOException {
    properties.put("erpc.port", "tcp://10.0.0.1:8877");
    Files.writeString(folder.resolve(Settings.DEFAULT_FILE), "erpc.team=blue\n");
    assertThatThrownBy(this::readTheClientsAlone)
        .hasMessageContaining("unknown setting 'erpc.port' among the system properties")
        .hasMessageContaining("unknown setting 'erpc.team' in erpc.properties line 1");
  }

  @Test
  void readsAFileThatBeginsWithAMarkOfItsEncoding() throws IOException {
    Files.writeString(
        folder.resolve(Settings.DEFAULT_FILE), "\uFEFFerpc.center=a:1\r\nerpc.loops=2\r\n");
    assertThatCode(this::readTheClientsAlone).doesNotThrowAnyException();
  }

  @Test
  void saysThatAFileIsInAnotherEncoding() throws IOException {
    Files.write(
        folder.resolve(Settings.DEFAULT_FILE),
        "\uFEFFerpc.loops=2".getBytes(StandardCharsets.UTF_16LE));
    assertThatThrownBy(this::readTheClientsAlone)
        .hasMessageContaining("erpc.properties: it is not UTF-8; save it as that");
  }

  @Test
  void goesOnWithoutSettingsThatAreNamedAndNotThere() throws IOException {
    Path services = Files.createDirectories(folder.resolve("META-INF/services"));
    Files.writeString(services.resolve(SettingsProvider.class.getName()), "erpc.gone.Settings\n");
    URL[] broken = {folder.toUri().toURL()};
    try (URLClassLoader loader = new URLClassLoader(broken, KnownSettings.class.getClassLoader())) {
      assertThat(KnownSettings.find(loader)).containsAll(KnownSettings.ALL);
    }
  }

  @Test
  void knowsItsOwnSettingsWhateverTheThreadsClassLoader() {
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    thread.setContextClassLoader(null);
    try {
      assertThat(KnownSettings.find(KnownSettings.class.getClassLoader()))
          .extracting(SettingsProvider.Entry::section)
          .containsAll(List.of("", "client", "server"));
    } finally {
      thread.setContextClassLoader(before);
    }
  }

  private static String warningsOf(Runnable action) {
    PrintStream before = System.err;
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    System.setErr(new PrintStream(printed, true, StandardCharsets.UTF_8));
    try {
      action.run();
    } finally {
      System.setErr(before);
    }
    return printed.toString(StandardCharsets.UTF_8);
  }
}
