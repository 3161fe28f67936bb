package erpc.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What may be typed after demo, and what is said to what may not. */
class ArgumentsTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  private int run(String... arguments) {
    return Main.run(
        arguments,
        new PrintStream(out, true, StandardCharsets.UTF_8),
        new PrintStream(err, true, StandardCharsets.UTF_8));
  }

  @Test
  void readsProgramAndOption() throws Exception {
    assertThat(new Arguments().program()).isEmpty();
    assertThat(new Arguments("server").program()).isEqualTo("server");
    assertThat(new Arguments("server").port(8877)).isEqualTo(8877);
    assertThat(new Arguments("server", "--port", "0").port(8877)).isZero();
    assertThat(new Arguments("server", "--port=65535").port(8877)).isEqualTo(65_535);
    assertThat(new Arguments("client", "--seconds", "3").seconds())
        .isEqualTo(Duration.ofSeconds(3));
    assertThat(new Arguments("--ports", "1,2").ports(List.of())).containsExactly(1, 2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"x", "-1", "65536", "99999999999", "", "1e3"})
  void refusesWhatIsNoPort(String port) {
    assertThatThrownBy(() -> new Arguments("server", "--port", port).port(1))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("--port takes numbers from 0 to 65535, not '" + port + "'");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "nonsense",
        "server --prot 1",
        "server --port",
        "server --port 1 2",
        "center 5",
        "--ports 1",
        "--ports 5,5",
        "--ports 0,1",
        "client --seconds soon"
      })
  void answersWrongUsageWithTwoAndTheWayToHelp(String typed) {
    assertThat(run(typed.split(" "))).isEqualTo(2);
    assertThat(err.toString(StandardCharsets.UTF_8))
        .startsWith("erpc demo: ")
        .contains("./erpc demo --help")
        .doesNotContain("Exception");
    assertThat(out.size()).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"--help", "-h", "help", "server --help", "center -h", "client help"})
  void helpsEverywhere(String typed) {
    assertThat(run(typed.split(" "))).isZero();
    assertThat(out.toString(StandardCharsets.UTF_8))
        .contains("demo center", "demo server [--port N]", "demo client", "Exit codes");
    assertThat(err.size()).isZero();
  }

  @Test
  void takesOneHostAndPortForItsCenter() throws Exception {
    assertThat(Ports.portOf("127.0.0.1:8081")).isEqualTo(8081);
    for (String bad : List.of("a:1,b:2", "nothing", ":", "")) {
      assertThatThrownBy(() -> Ports.portOf(bad))
          .isInstanceOf(DemoFailure.class)
          .hasMessageContaining("ERPC_CENTER");
    }
  }

  @Test
  void countsCallsByWhoAnswered() {
    Tally tally = new Tally();
    tally.answered("b");
    tally.answered("a");
    tally.answered("b");
    tally.failedOne();
    Tally total = new Tally();
    total.add(tally);
    total.add(tally);
    assertThat(total).hasToString("8 calls of demo.echo: 2 by a, 4 by b, 2 failed");
    assertThat(total.failed()).isEqualTo(2);
  }
}
