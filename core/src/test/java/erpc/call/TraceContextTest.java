package erpc.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import erpc.Tries;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Trace contexts as W3C's standard has them. */
class TraceContextTest {
  private static final String EXAMPLE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

  @Test
  void theExampleOfTheStandardIsReadAndWritten() {
    TraceContext read = TraceContext.parse(EXAMPLE);
    assertThat(read.traceIdText()).isEqualTo("4bf92f3577b34da6a3ce929d0e0e4736");
    assertThat(read.spanIdText()).isEqualTo("00f067aa0ba902b7");
    assertThat(read.traceIdHigh()).isEqualTo(0x4bf92f3577b34da6L);
    assertThat(read.traceIdLow()).isEqualTo(0xa3ce929d0e0e4736L);
    assertThat(read.spanId()).isEqualTo(0x00f067aa0ba902b7L);
    assertThat(read.isSampled()).isTrue();
    assertThat(read).hasToString(EXAMPLE);
    assertThat(read.withSampled(false)).hasToString(EXAMPLE.replaceAll("01$", "00"));
  }

  @Test
  void flagsThatNobodyKnowsYetArePassedOn() {
    TraceContext read = TraceContext.parse(EXAMPLE.replaceAll("01$", "fe"));
    assertThat(read.flags()).isEqualTo(0xfe);
    assertThat(read.isSampled()).isFalse();
    assertThat(read.withSampled(true).flags()).isEqualTo(0xff);
  }

  @Test
  void laterVersionsAreReadAsFarAsTheyAreKnown() {
    TraceContext known = TraceContext.parse(EXAMPLE);
    assertThat(TraceContext.parse("cc" + EXAMPLE.substring(2))).isEqualTo(known);
    assertThat(TraceContext.parse("cc" + EXAMPLE.substring(2) + "-more")).isEqualTo(known);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "00",
        "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
        "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01more",
        "00_4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e473g-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-\u0661\u0661"
      })
  void whatIsMalformedIsRefused(String text) {
    assertThatThrownBy(() -> TraceContext.parse(text)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void whatIsRefusedIsToldEscaped() {
    assertThatThrownBy(() -> TraceContext.parse("00-\r\nx"))
        .hasMessageContaining("traceparent")
        .hasMessageNotContaining("\n");
  }

  @Test
  void partsThatMakeNoContextAreRefused() {
    assertThatThrownBy(() -> TraceContext.of(0, 0, 1, 0)).hasMessageContaining("trace id");
    assertThatThrownBy(() -> TraceContext.of(0, 1, 0, 0)).hasMessageContaining("span id");
    assertThatThrownBy(() -> TraceContext.of(1, 1, 1, 256)).hasMessageContaining("one byte");
    assertThat(TraceContext.of(1, 0, 1, 0).traceIdText()).endsWith("0000000000000000");
  }

  @Test
  void aChildIsAnotherSpanOfTheSameTrace() {
    TraceContext root = TraceContext.root(new Random(7), true);
    TraceContext child = root.child(new Random(8));
    assertThat(child.traceIdText()).isEqualTo(root.traceIdText());
    assertThat(child.spanId()).isNotEqualTo(root.spanId());
    assertThat(child.isSampled()).isTrue();
    assertThat(child.withSpanId(root.spanId())).isEqualTo(root).hasSameHashCodeAs(root);
  }

  @Test
  void whatIsWrittenIsReadAgain() {
    Tries.of(
        200,
        random -> {
          TraceContext any = TraceContext.root(random, random.nextBoolean());
          assertThat(TraceContext.parse(any.toString())).isEqualTo(any);
        });
  }
}
