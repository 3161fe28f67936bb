package erpc.call;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** What is said of a method beside its messages. */
class MethodTraitsTest {
  private static final Method<String, String> PLAIN =
      Method.unary("demo.hello", String.class, String.class);

  @Test
  void aChangeOfOneKeepsAllOthers() {
    List<UnaryOperator<Method<String, String>>> changes =
        List.of(
            Method::idempotent,
            method -> method.maxMessageBytes(5),
            method -> method.progressTimeout(Duration.ofMillis(6)),
            method -> method.timeout(Duration.ofMillis(7)),
            method -> method.describedAs("Says hello.\nTwice."));
    for (int first = 0; first < changes.size(); first++) {
      Method<String, String> method = PLAIN;
      for (int i = 0; i < changes.size(); i++) {
        method = changes.get((first + i) % changes.size()).apply(method);
      }
      assertThat(method.isIdempotent()).isTrue();
      assertThat(method.maxMessageBytes()).isEqualTo(5);
      assertThat(method.progressTimeout()).isEqualTo(Duration.ofMillis(6));
      assertThat(method.timeout()).isEqualTo(Duration.ofMillis(7));
      assertThat(method.description()).isEqualTo("Says hello.\nTwice.");
    }
    assertThat(PLAIN.description()).isEmpty();
  }
}
