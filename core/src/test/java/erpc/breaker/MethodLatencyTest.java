package erpc.breaker;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;

class MethodLatencyTest {
  private static final long MICRO = 1_000L;
  private static final long MILLI = 1_000_000L;
  private static final long SECOND = 1_000_000_000L;

  // No constant of the compiler's, which would object that the sums below overflow, as clocks may.
  private final long start = Math.addExact(Long.MAX_VALUE - 5 * SECOND, 0);
  private final MethodLatency latency = new MethodLatency(start);

  private void samples(long nanos, int count, long fromNanos, long everyNanos) {
    for (int i = 0; i < count; i++) {
      latency.sample(nanos, fromNanos + i * everyNanos);
    }
  }

  @Test
  void knowsNothingAtFirstAndSomethingAfterTheFirstCall() {
    assertThat(latency.averageNanos()).isZero();
    assertThat(latency.medianNanos()).isZero();
    assertThat(latency.percentileNanos(0.99)).isZero();
    assertThat(latency.relative(5 * MILLI)).isEqualTo(1);
    latency.sample(10 * MILLI, start);
    assertThat(latency.averageNanos()).isCloseTo(10 * MILLI, Percentage.withPercentage(7));
    assertThat(latency.relative(20 * MILLI)).isBetween(1.8, 2.2);
  }

  @Test
  void figuresAreAnEighthOffAtMostFromMicrosecondsToAMinute() {
    for (long nanos = 2 * MICRO; nanos < 60 * SECOND; nanos = nanos * 3 / 2 + 1) {
      MethodLatency one = new MethodLatency(0);
      one.sample(nanos, 0);
      assertThat(one.averageNanos()).isCloseTo(nanos, Percentage.withPercentage(7));
      assertThat(one.medianNanos()).isBetween(nanos, nanos + nanos / 8 + 1);
    }
  }

  @Test
  void extremesHaveBucketsOfTheirOwn() {
    latency.sample(0, start);
    assertThat(latency.medianNanos()).isLessThan(2 * MICRO);
    MethodLatency other = new MethodLatency(0);
    other.sample(Long.MAX_VALUE, 0);
    other.sample(-1, 0);
    assertThat(other.percentileNanos(1)).isGreaterThan(60 * SECOND);
  }

  @Test
  void percentilesAreThoseOfTheSamples() {
    SplittableRandom random = new SplittableRandom(3);
    for (int i = 0; i < 20_000; i++) {
      latency.sample((1 + random.nextLong(100)) * MILLI, start + i * MILLI / 10);
    }
    latency.sample(MILLI, start + 3 * SECOND);
    assertThat(latency.medianNanos()).isBetween(47 * MILLI, 60 * MILLI);
    assertThat(latency.percentileNanos(0.95)).isBetween(90 * MILLI, 110 * MILLI);
    assertThat(latency.averageNanos()).isCloseTo(50 * MILLI, Percentage.withPercentage(8));
  }

  @Test
  void whatWasLongAgoIsForgotten() {
    samples(100 * MILLI, 1_000, start, MILLI);
    samples(MILLI, 100, start + 35 * SECOND, 20 * MILLI);
    assertThat(latency.percentileNanos(1)).isLessThan(2 * MILLI);
  }

  @Test
  void lastFiguresStayWhileNobodyCalls() {
    samples(100 * MILLI, 1_000, start, MILLI);
    latency.sample(100 * MILLI, start + 3_600 * SECOND);
    assertThat(latency.medianNanos()).isBetween(100 * MILLI, 113 * MILLI);
  }
}
