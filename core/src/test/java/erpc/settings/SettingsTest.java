package erpc.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SettingsTest {
  enum Kind {
    AUTO,
    IO_URING
  }

  /** One key of each type that there may be. */
  static final class All extends Configurable {
    static final All DEFAULTS = new All();

    private Duration timeout = Duration.ofSeconds(1);
    private int maxAttempts = 3;
    private long many = 4;
    private boolean on;
    private double share = 1;
    private int maxMessageBytes = 4 << 20;
    private long maxHeldBytes = 8;
    private Kind kind = Kind.AUTO;
    private String name = "n";
    private @Nullable String compression;
    private @Nullable Path key;
    private List<String> hosts = List.of();
    private Inner connection = Inner.DEFAULTS;
    private @Nullable Inner tls;

    private All() {}

    @Override
    protected void check() {
      Ranges.positive("maxAttempts", maxAttempts);
      Ranges.positive("timeout", timeout);
    }
  }

  /** Settings that are part of others. */
  public static final class Inner extends Configurable {
    public static final Inner DEFAULTS = new Inner();

    private int least = 1;
    private int most = 9;

    private Inner() {}

    static Inner of(int least, int most) {
      return changed(
          DEFAULTS,
          copy -> {
            copy.least = least;
            copy.most = most;
          });
    }

    @Override
    protected void check() {
      if (least > most) {
        throw new IllegalArgumentException("least " + least + " is more than most " + most);
      }
    }
  }

  @TempDir Path folder;
  private final Map<String, String> properties = new HashMap<>();
  private final Map<String, String> environment = new HashMap<>();

  private void file(String... lines) throws IOException {
    Files.write(folder.resolve(Settings.DEFAULT_FILE), List.of(lines));
  }

  private All read() {
    Settings settings = Settings.of(properties, environment, folder);
    All read = settings.read("client", All.DEFAULTS);
    settings.check();
    return read;
  }

  private void assertRefused(String... problems) {
    assertThatThrownBy(this::read)
        .isInstanceOfSatisfying(
            SettingsException.class,
            e -> assertThat(e.getMessage().lines()).containsExactlyInAnyOrder(problems));
  }

  @Test
  void leavesTheDefaultsWhereNothingIsSaid() {
    assertThat(read()).isSameAs(All.DEFAULTS);
  }

  @Test
  void takesPropertiesBeforeEnvironmentBeforeFile() throws IOException {
    file("erpc.client.timeout = 2s", "erpc.client.name=file", "erpc.client.many=7");
    environment.put("ERPC_CLIENT_TIMEOUT", "3s");
    environment.put("ERPC_CLIENT_NAME", "environment");
    properties.put("erpc.client.timeout", "4s");
    All all = read();
    assertThat(all.timeout).isEqualTo(Duration.ofSeconds(4));
    assertThat(all.name).isEqualTo("environment");
    assertThat(all.many).isEqualTo(7);
  }

  @Test
  void readsEveryType() {
    environment.put("ERPC_CLIENT_MAX_MESSAGE_BYTES", "64KiB");
    environment.put("ERPC_CLIENT_MAX_HELD_BYTES", "3 GiB");
    environment.put("ERPC_CLIENT_MAX_ATTEMPTS", "5");
    environment.put("ERPC_CLIENT_MANY", "5000000000");
    environment.put("ERPC_CLIENT_ON", "true");
    environment.put("ERPC_CLIENT_KIND", "io_uring");
    environment.put("ERPC_CLIENT_COMPRESSION", "gzip");
    environment.put("ERPC_CLIENT_KEY", "/etc/key.pem");
    environment.put("ERPC_CLIENT_HOSTS", "a, b,");
    environment.put("ERPC_CLIENT_CONNECTION_MOST", "11");
    environment.put("ERPC_CLIENT_TLS_LEAST", "2");
    properties.put("erpc.client.share", "0.5");
    assertThat(read())
        .isEqualTo(
            Configurable.changed(
                All.DEFAULTS,
                all -> {
                  all.maxAttempts = 5;
                  all.many = 5_000_000_000L;
                  all.on = true;
                  all.share = 0.5;
                  all.maxMessageBytes = 64 << 10;
                  all.maxHeldBytes = 3L << 30;
                  all.kind = Kind.IO_URING;
                  all.compression = "gzip";
                  all.key = Path.of("/etc/key.pem");
                  all.hosts = List.of("a", "b");
                  all.connection = Inner.of(1, 11);
                  all.tls = Inner.of(2, 9);
                }));
  }

  @ParameterizedTest
  @CsvSource({"250ms,250", "10s,10000", "5m,300000", "2h,7200000", "1d,86400000", "1 s,1000"})
  void readsDurations(String text, long millis) {
    properties.put("erpc.client.timeout", text);
    assertThat(read().timeout).isEqualTo(Duration.ofMillis(millis));
  }

  @Test
  void takesAnEmptyValueForNone() throws IOException {
    environment.put("ERPC_CLIENT_NAME", " ");
    file("erpc.client.name=file");
    assertThat(read().name).isEqualTo("file");
  }

  @Test
  void namesEveryMistakeAtOnceAndWhereItIs() throws IOException {
    file("# a comment \\", "erpc.client.timeout=5 parsecs", "", "erpc.client.timout=5s");
    environment.put("ERPC_CLIENT_MAX_MESSAGE_BYTES", "4 elephants");
    environment.put("ERPC_CLIENT_MAX_ATEMPTS", "1");
    properties.put("erpc.client.on", "yes");
    properties.put("erpc.client.maxAttempts", "0");
    properties.put("erpc.client.kind", "magic");
    properties.put("erpc.client.many", "1.5");
    properties.put("erpc.clients", "1");
    assertRefused(
        "erpc.client.timeout: '5 parsecs' is not a duration (write 250ms, 10s, 5m); it is set in erpc.properties line 2",
        "unknown setting 'erpc.client.timout' in erpc.properties line 4; did you mean 'erpc.client.timeout'?",
        "erpc.client.maxMessageBytes: '4 elephants' is not a size (write 4MiB, 64KiB, 1GiB, or a number of bytes); it is set in the environment",
        "unknown setting 'ERPC_CLIENT_MAX_ATEMPTS' in the environment; did you mean 'ERPC_CLIENT_MAX_ATTEMPTS'?",
        "erpc.client.on: 'yes' is not true or false; it is set among the system properties",
        "erpc.client.maxAttempts: maxAttempts must be positive, not 0; it is set among the system properties",
        "erpc.client.kind: 'magic' is not one of auto, io_uring; it is set among the system properties",
        "erpc.client.many: '1.5' is not a whole number up to 9223372036854775807; it is set among the system properties",
        "unknown setting 'erpc.clients' among the system properties; did you mean 'erpc.client.on'?");
  }

  @Test
  void namesEveryKeyThatIsRefused() {
    properties.put("erpc.client.maxAttempts", "-1");
    properties.put("erpc.client.timeout", "0s");
    assertRefused(
        "erpc.client.maxAttempts: maxAttempts must be positive, not -1; it is set among the system properties",
        "erpc.client.timeout: timeout must be positive, not PT0S; it is set among the system properties");
  }

  @Test
  void takesTogetherWhatOnlyTogetherIsRight() {
    properties.put("erpc.client.connection.least", "20");
    properties.put("erpc.client.connection.most", "30");
    assertThat(read().connection).isEqualTo(Inner.of(20, 30));
  }

  @Test
  void refusesTooMuch() {
    properties.put("erpc.client.timeout", "999999999d");
    properties.put("erpc.client.maxMessageBytes", "2GiB");
    properties.put("erpc.client.maxAttempts", "3000000000");
    assertRefused(
        "erpc.client.timeout: '999999999d' is not a duration of less than 292 years; it is set among the system properties",
        "erpc.client.maxMessageBytes: '2GiB' is not a size up to 2147483647 bytes; it is set among the system properties",
        "erpc.client.maxAttempts: '3000000000' is not a whole number up to 2147483647; it is set among the system properties");
  }

  @Test
  void readsTheFileThatIsNamed() throws IOException {
    Path other = Files.writeString(folder.resolve("other.properties"), "erpc.client.many=1\n");
    environment.put("ERPC_CONFIG", other.toString());
    file("erpc.client.many=2");
    assertThat(read().many).isEqualTo(1);
    properties.put("erpc.config", "gone.properties");
    assertRefused("erpc.config: no file gone.properties; set among the system properties");
  }

  @Test
  void refusesAKeyThatIsSetTwiceInTheFile() throws IOException {
    file("erpc.client.many=1", "erpc.client.many=2");
    assertRefused(
        "erpc.client.many is set twice, in erpc.properties line 1 and in erpc.properties line 2");
  }

  @Test
  void readsLinesThatGoOn() throws IOException {
    file("erpc.client.hosts = a,\\", "   b", "erpc.client.many: 3");
    assertThat(read().hosts).containsExactly("a", "b");
    assertThat(read().many).isEqualTo(3);
  }

  @Test
  void saysWhichFileCannotBeRead() throws IOException {
    Files.write(folder.resolve(Settings.DEFAULT_FILE), new byte[] {'a', '=', (byte) 0xff});
    assertThatThrownBy(this::read)
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining(Settings.DEFAULT_FILE);
  }

  @Test
  void leavesToOthersWhatIsTheirs() throws IOException {
    environment.put("ERPC_CENTER_TTL", "5s"); // a section that is not read here
    environment.put("ERPC_JAVA_HOME", "/jdk");
    environment.put("ERPC_CENTER_SERVICE_HOST", "10.0.0.1"); // by Kubernetes
    environment.put("ERPC_CENTER_PORT_8081_TCP_ADDR", "10.0.0.1");
    environment.put("PATH", "/bin");
    properties.put("erpc.long", "true");
    properties.put("erpc.seed", "7");
    properties.put("java.home", "/jdk");
    file("erpc.server.maxInFlight=1", "erpc.center=here:1");
    assertThatCode(this::read).doesNotThrowAnyException();
  }

  @Test
  void escapesWhatItRepeats() {
    properties.put("erpc.\u001b[31m", "1");
    environment.put("ERPC_CLIENT_TIMEOUT", "1\nforged");
    assertThatThrownBy(this::read)
        .satisfies(e -> assertThat(e.getMessage().lines()).hasSize(2))
        .message()
        .doesNotContain("\u001b")
        .contains("'1\\u000aforged'");
  }
}
