package erpc.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import org.junit.jupiter.api.Test;

class NearnessTest {
  private static final long PATIENT = Long.MAX_VALUE;

  private final Deque<Double> seen = new ArrayDeque<>();
  private int runs;

  private double during(double wanted, long patienceNanos, Double... probes) throws Exception {
    seen.addAll(Arrays.asList(probes));
    return new Nearness(seen::remove, wanted, 0, patienceNanos).during(() -> runs++);
  }

  @Test
  void aRunWaitsUntilProcessorsAreNear() throws Exception {
    assertThat(during(100, PATIENT, 450.0, 450.0, 60.0, 70.0)).isEqualTo(70);
    assertThat(runs).isEqualTo(1);
  }

  @Test
  void aRunIsRepeatedIfProcessorsWereTakenApartMeanwhile() throws Exception {
    assertThat(during(100, PATIENT, 60.0, 450.0, 60.0, 60.0)).isEqualTo(60);
    assertThat(runs).isEqualTo(2);
  }

  @Test
  void withoutPatienceItIsTakenAsItIs() throws Exception {
    assertThat(during(100, 0, 450.0, 60.0)).isEqualTo(450);
    assertThat(runs).isEqualTo(1);
  }

  @Test
  void whoDoesNotAskForNearnessDoesNotWait() throws Exception {
    assertThat(during(Double.POSITIVE_INFINITY, PATIENT, 450.0, 460.0)).isEqualTo(460);
    assertThat(runs).isEqualTo(1);
  }

  @Test
  void itIsDescribedByItsMedianAndItsRange() {
    assertThat(Nearness.describe(new double[] {58.4, 70, 489}))
        .isEqualTo("a word between two processors and back: 70 ns (58 to 489)");
    assertThat(Nearness.describe(new double[] {Double.NaN})).isEmpty();
    assertThat(Nearness.describe(new double[] {})).isEmpty();
  }

  @Test
  void aWordBetweenTwoProcessorsTakesSomeTime() {
    double nanos = HandOver.nanos();
    if (Runtime.getRuntime().availableProcessors() < 2) {
      assertThat(nanos).isNaN();
    } else {
      assertThat(nanos).isPositive().isFinite();
    }
  }
}
