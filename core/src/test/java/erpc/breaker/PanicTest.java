package erpc.breaker;

import static org.assertj.core.api.Assertions.assertThat;

import erpc.settings.Mode;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class PanicTest {
  @Test
  void unhealthyOnesGetTheShareThatHealthyOnesLackTwice() {
    for (double h = 0.01; h < 0.5; h += 0.01) {
      double unhealthy = (1 - h) * Panic.factor(h, 1, Mode.ON);
      assertThat(unhealthy / (h + unhealthy)).isCloseTo(1 - 2 * h, Offset.offset(1e-9));
    }
  }

  @Test
  void thereIsNoPanicWhileHalfIsHealthy() {
    assertThat(Panic.factor(5, 10, Mode.ON)).isZero();
    assertThat(Panic.factor(10, 10, Mode.ON)).isZero();
    assertThat(Panic.factor(4, 10, Mode.OFF)).isZero();
    assertThat(Panic.factor(4, 10, Mode.DRY_RUN)).isZero();
  }

  @Test
  void clientWhoseEndpointsAreAllBrokenStillTries() {
    for (Mode each : Mode.values()) {
      assertThat(Panic.factor(0, 10, each)).isEqualTo(1);
    }
  }

  @Test
  void panicIsToldOnceWithNumbersAndSoIsItsEnd() {
    Panic panic = new Panic();
    assertThat(panic.changed(10, 10, 10, 10, Mode.ON)).isNull();
    assertThat(panic.changed(4, 10, 3, 10, Mode.ON))
        .isEqualTo(
            "panic: 3 of 10 endpoints (40 % of the weight) are healthy; unhealthy ones get 20 %"
                + " of the calls");
    assertThat(panic.changed(3, 10, 2, 10, Mode.ON)).isNull();
    assertThat(panic.changed(6, 10, 7, 10, Mode.ON))
        .isEqualTo("panic is over: 7 of 10 endpoints (60 % of the weight) are healthy");
  }

  @Test
  void dryRunSaysWhatWouldBe() {
    assertThat(new Panic().changed(4, 10, 4, 10, Mode.DRY_RUN))
        .startsWith("would panic, were it no dry run: 4 of 10 endpoints");
    assertThat(new Panic().changed(4, 10, 4, 10, Mode.OFF)).isNull();
  }
}
