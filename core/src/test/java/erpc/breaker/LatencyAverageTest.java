package erpc.breaker;

import static org.assertj.core.api.Assertions.assertThat;

import erpc.breaker.Outcome.Latency;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;

class LatencyAverageTest {
  private static final long MILLI = 1_000_000L;
  private static final long SECOND = 1_000_000_000L;
  private static final double AVOIDED = 3;

  // No constant of the compiler's, which would object that the sums below overflow, as clocks may.
  private final long start = Math.addExact(Long.MAX_VALUE - 5 * SECOND, 0);
  private final LatencyAverage average = new LatencyAverage();

  private void sample(double relative, long nowNanos) {
    average.ended(Latency.SAMPLE, relative, AVOIDED, nowNanos);
  }

  @Test
  void nothingIsKnownAtFirst() {
    assertThat(average.at(start)).isZero();
    assertThat(average.isAvoided(AVOIDED, start)).isFalse();
  }

  @Test
  void slowCallCountsAtOnceAndIsForgottenWithinTensOfSeconds() {
    sample(1, start);
    sample(20, start + MILLI);
    assertThat(average.at(start + MILLI)).isCloseTo(20, Percentage.withPercentage(1));
    assertThat(average.at(start + 10 * SECOND))
        .isCloseTo(20 / Math.E, Percentage.withPercentage(1));
    assertThat(average.at(start + 60 * SECOND)).isLessThan(0.1);
  }

  @Test
  void quickCallsBringItDownBySteps() {
    sample(2, start);
    for (long i = 1; i <= 1_000; i++) {
      sample(1, start + i * 10 * MILLI);
    }
    assertThat(average.at(start + 10 * SECOND)).isBetween(1.3, 1.5);
  }

  @Test
  void quickFailureIsNoQuickSample() {
    sample(1, start);
    average.ended(Latency.PENALTY, 0.01, AVOIDED, start);
    assertThat(average.at(start)).isEqualTo(2);
    average.ended(Latency.PENALTY, 0.01, AVOIDED, start);
    assertThat(average.at(start)).isEqualTo(4);
    average.ended(Latency.PENALTY, 7.5, AVOIDED, start);
    assertThat(average.at(start)).isEqualTo(8);
  }

  @Test
  void whatFailuresHaveMadeOfItIsForgottenAfterFiftyGoodSamples() {
    sample(1, start);
    average.ended(Latency.PENALTY, 0.01, AVOIDED, start);
    for (int i = 1; i <= 30; i++) {
      sample(1, start + i * MILLI);
    }
    average.ended(Latency.PENALTY, 0.01, 100, start + 30 * MILLI);
    for (int i = 1; i <= 49; i++) {
      average.ended(Latency.SAMPLE, 1.2, 100, start + (30 + i) * MILLI);
    }
    assertThat(average.at(start + 80 * MILLI)).isGreaterThan(3);
    average.ended(Latency.SAMPLE, 1.2, 100, start + 80 * MILLI);
    assertThat(average.at(start + 80 * MILLI)).isCloseTo(1.2, Percentage.withPercentage(1));
  }

  @Test
  void slownessThatIsNoFailuresIsNotForgottenSo() {
    sample(2, start);
    for (int i = 1; i <= 100; i++) {
      sample(1, start + i * MILLI);
    }
    assertThat(average.at(start + 100 * MILLI)).isGreaterThan(1.9);
  }

  @Test
  void penaltiesHaveAnEnd() {
    for (int i = 0; i < 1_000; i++) {
      average.ended(Latency.PENALTY, 1, AVOIDED, start);
    }
    assertThat(average.at(start)).isEqualTo(30);
  }

  @Test
  void whatWasGivenUpCountsOnlyAboveTheAverage() {
    sample(2, start);
    average.ended(Latency.IF_ABOVE_AVERAGE, 1, AVOIDED, start);
    average.ended(Latency.AT_LEAST_WAITED, 1, AVOIDED, start);
    average.ended(Latency.NONE, 20, AVOIDED, start);
    assertThat(average.at(start)).isEqualTo(2);
    average.ended(Latency.AT_LEAST_WAITED, 5, AVOIDED, start);
    assertThat(average.at(start)).isEqualTo(5);
    average.ended(Latency.IF_ABOVE_AVERAGE, 6, AVOIDED, start);
    assertThat(average.at(start)).isEqualTo(6);
  }

  @Test
  void threeGoodSamplesReplaceTheAverageOfOneThatIsAvoided() {
    sample(20, start);
    sample(1, start);
    sample(1.5, start);
    assertThat(average.isAvoided(AVOIDED, start)).isTrue();
    sample(0.5, start);
    assertThat(average.at(start)).isEqualTo(1);
    assertThat(average.isAvoided(AVOIDED, start)).isFalse();
  }

  @Test
  void badSampleBetweenThemBeginsAnew() {
    sample(20, start);
    sample(1, start);
    sample(1, start);
    sample(4, start);
    sample(1, start);
    sample(1, start);
    assertThat(average.isAvoided(AVOIDED, start)).isTrue();
    sample(1, start);
    assertThat(average.isAvoided(AVOIDED, start)).isFalse();
  }

  @Test
  void goodSamplesFromBeforeItWasSlowAgainDoNotCount() {
    sample(4, start);
    sample(1, start);
    sample(1, start);
    long later = start + 10 * SECOND; // It is no more avoided by now.
    sample(20, later);
    sample(1, later);
    assertThat(average.isAvoided(AVOIDED, later)).isTrue();
  }

  @Test
  void goodSamplesFromBeforeItsPeersBecameQuickerDoNotCount() {
    sample(4, start);
    sample(1, start);
    sample(1, start);
    long later = start + 5 * SECOND;
    sample(1, later); // By now it is not avoided, and this one counts as it does elsewhere.
    average.ended(Latency.SAMPLE, 0.1, 1, later);
    assertThat(average.isAvoided(1, later)).isTrue();
  }

  @Test
  void callThatFindsOutIsDueWhateverTheClockShows() {
    assertThat(average.takeProbe(-5 * SECOND)).isTrue();
    assertThat(average.takeProbe(-5 * SECOND + MILLI)).isFalse();
    assertThat(average.takeProbe(-4 * SECOND)).isTrue();
    assertThat(average.takeProbe(-SECOND)).isTrue(); // Then the next one is due at 0.
    assertThat(average.takeProbe(-MILLI)).isFalse();
  }

  @Test
  void oneThatIsAvoidedGetsACallEachSecond() {
    int probes = 0;
    for (int i = 0; i <= 10_000; i++) {
      probes += average.takeProbe(i * MILLI) ? 1 : 0;
    }
    assertThat(probes).isEqualTo(11);
  }

  @Test
  void readingsOfTheClockAMomentApartDoNoHarm() {
    sample(2, start);
    assertThat(average.at(start - 5 * MILLI)).isEqualTo(2);
    sample(1, start - 5 * MILLI);
    assertThat(average.at(start)).isEqualTo(2);
  }

  @Test
  void nothingIsLeftOfWhatWasReset() {
    sample(20, start);
    average.reset();
    assertThat(average.at(start)).isZero();
    sample(1, start);
    assertThat(average.at(start)).isEqualTo(1);
  }
}
