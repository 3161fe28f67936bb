package erpc.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TargetAdviceTest {
  @ParameterizedTest
  @CsvSource({
    "127.0.0.1:8877/demo.echo, ip://127.0.0.1:8877/demo.echo",
    "[::1]:8877/demo.echo, ip://[::1]:8877/demo.echo",
    "localhost:8877/demo.echo, dns://localhost:8877/demo.echo",
    ":8877/demo.echo, ip://127.0.0.1:8877/demo.echo",
    "'a:1,b:2/demo.echo', 'list://a:1,b:2/demo.echo'",
    "127.0.0.1:8877/demo/echo, ip://127.0.0.1:8877/demo.echo",
    "ip://127.0.0.1:8877/demo/echo, ip://127.0.0.1:8877/demo.echo",
    "ip:127.0.0.1:8877/demo.echo, ip://127.0.0.1:8877/demo.echo",
    "http://127.0.0.1:8877/demo/echo, ip://127.0.0.1:8877/demo.echo",
    "127.0.0.1:8877, ip://127.0.0.1:8877/SERVICE.METHOD",
    "ip://127.0.0.1:8877/demo, ip://127.0.0.1:8877/SERVICE.METHOD",
    "127.0.0.1/demo.echo, ip://127.0.0.1:PORT/demo.echo",
    "localhost/demo.echo, dns://localhost:PORT/demo.echo",
    "demo/echo, demo.echo",
    "/demo/echo, demo.echo",
    "demo::echo, demo.echo",
    "demo#echo, demo.echo",
    "a.b.Demo/Echo, a.b.Demo.Echo",
    "unix:/run/demo.sock/demo.echo, unix:///run/demo.sock/demo.echo",
  })
  void saysWhatToWriteInstead(String typed, String meant) {
    assertThatThrownBy(() -> Target.parse(typed))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("'" + typed + "' is no address of a method: write " + meant);
    if (!meant.contains("SERVICE.METHOD")) {
      assertThatCode(() -> Target.parse(meant)).doesNotThrowAnyException();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"demo", "", "dé.mo", "demo.", "{}", "demo echo", "\u001b[31m/x y"})
  void saysWhatIsWrongWhereNobodyCanTellWhatWasMeant(String typed) {
    assertThatThrownBy(() -> Target.parse(typed))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("method name ");
  }

  @Test
  void escapesWhatItRepeats() {
    assertThatThrownBy(() -> Target.parse("a\u001b:1/demo.echo"))
        .message()
        .contains("\\u001b")
        .doesNotContain("\u001b");
    assertThat(Meant.address("a".repeat(5000) + "/b")).isNull();
  }
}
