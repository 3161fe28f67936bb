package erpc.breaker;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class HedgingTest {
  private static final long MILLI = TimeUnit.MILLISECONDS.toNanos(1);

  private final Hedging hedging = new Hedging();
  private final MethodLatency latency = new MethodLatency(0);
  private long nowNanos;

  private void calls(int count, long nanos) {
    for (int i = 0; i < count; i++) {
      nowNanos += TimeUnit.MILLISECONDS.toNanos(10);
      latency.sample(nanos, nowNanos);
    }
  }

  @Test
  void waitsForTheLatencyThatFewCallsPass() {
    calls(95, 10 * MILLI);
    calls(5, 500 * MILLI);
    calls(100, 10 * MILLI);
    assertThat(hedging.called(0.05, latency)).isBetween(10 * MILLI, 12 * MILLI);
    assertThat(hedging.called(0.01, latency)).isBetween(500 * MILLI, 570 * MILLI);
  }

  @Test
  void waitsForAMillisecondAtLeast() {
    calls(100, 1_000);
    assertThat(hedging.called(0.05, latency)).isEqualTo(MILLI);
  }

  @Test
  void doesNothingWhileFewCallsAreKnown() {
    calls(MethodLatency.LEAST_SAMPLES - 2, MILLI);
    assertThat(hedging.called(0.05, latency)).isEqualTo(Hedging.NEVER);
  }

  @Test
  void savesUpToTenHedgesAndNoneFromNothing() {
    assertThat(hedging.take()).isFalse();
    for (int i = 0; i < 19; i++) {
      hedging.called(0.05, latency);
    }
    assertThat(hedging.take()).isFalse();
    hedging.called(0.05, latency);
    assertThat(hedging.take()).isTrue();
    assertThat(hedging.take()).isFalse();
    for (int i = 0; i < 10_000; i++) {
      hedging.called(0.05, latency);
    }
    int taken = 0;
    while (hedging.take()) {
      taken++;
    }
    assertThat(taken).isEqualTo(Hedging.MOST_SAVED);
  }

  @Test
  void noExtraLoadIsNoHedge() {
    calls(100, MILLI);
    assertThat(hedging.called(0, latency)).isEqualTo(Hedging.NEVER);
    assertThat(hedging.take()).isFalse();
  }
}
