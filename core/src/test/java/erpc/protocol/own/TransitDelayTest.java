package erpc.protocol.own;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What a receiver tells from ticks. Times are milliseconds. */
class TransitDelayTest {
  private final TransitDelay delay = new TransitDelay();

  private int excess(long tick, long now) {
    return delay.excessMillis((int) tick, TimeUnit.MILLISECONDS.toNanos(now));
  }

  @Test
  void tellsNothingFromTheFirstTick() {
    assertThat(excess(123_456, 7)).isZero();
  }

  @Test
  void tellsHowMuchLongerThanUsualBytesWereOnTheirWay() {
    assertThat(excess(1_000, 500)).isZero();
    assertThat(excess(2_000, 1_503)).isEqualTo(3);
    assertThat(excess(3_000, 12_500)).isEqualTo(10_000);
    assertThat(excess(14_000, 13_500)).isZero();
  }

  @Test
  void findsAQuickerWayThanTheFirst() {
    assertThat(excess(1_000, 9_000)).isZero();
    assertThat(excess(2_000, 2_000 + 500)).isZero();
    assertThat(excess(3_000, 3_000 + 8_000)).isEqualTo(7_500);
  }

  @Test
  void countsAcrossTheWrapOfTheTick() {
    long tick = 0xffff_ff00L;
    assertThat(excess(tick, 5)).isZero();
    assertThat(excess(tick + 0x200, 5 + 0x200 + 40)).isEqualTo(40);
  }

  @Test
  void countsWithClocksBelowZero() {
    assertThat(excess(10, -5_000)).isZero();
    assertThat(excess(20, -4_890)).isEqualTo(100);
  }

  @Test
  void followsADriftWithinTwoWindows() {
    // The sender's clock loses 1 ms a second.
    int late = 0;
    for (int second = 0; second < 3_600; second++) {
      late = excess(second * 999L, second * 1_000L);
      assertThat(late).isBetween(0, 120);
    }
    assertThat(late).isGreaterThan(0);
  }

  @Test
  void remembersTheSmallestOfAtLeastAWindow() {
    assertThat(excess(0, 0)).isZero();
    for (int second = 1; second < 60; second++) {
      assertThat(excess(second * 1_000L, second * 1_000L + 50)).isEqualTo(50);
    }
    assertThat(excess(61_000, 61_050)).as("the window before still counts").isEqualTo(50);
    assertThat(excess(121_000, 121_050)).as("then it is forgotten").isZero();
  }

  @Test
  void forgetsWhatIsOldAfterALongSilence() {
    assertThat(excess(0, 0)).isZero();
    assertThat(excess(3_600_000, 3_600_000 + 180)).isZero();
  }

  private static long nanos(long millis) {
    return TimeUnit.MILLISECONDS.toNanos(millis);
  }

  @Test
  void tellsByAQuestionThatTheSendersClockStoodStill() {
    assertThat(excess(1_000, 500)).isZero();
    assertThat(delay.asks(nanos(500))).isFalse();
    // Two seconds are missing from its clock from now on.
    assertThat(excess(2_000, 3_500)).isEqualTo(2_000);
    assertThat(delay.doubtMillis()).isEqualTo(2_000);
    assertThat(delay.asks(nanos(3_500))).isTrue();
    assertThat(excess(2_001, 3_501)).isEqualTo(2_000);
    assertThat(delay.doubtMillis()).isEqualTo(2_000);
    assertThat(delay.asks(nanos(3_501))).as("one question at a time").isFalse();
    assertThat(excess(2_004, 3_504)).isEqualTo(2_000);
    delay.answered(nanos(3_500), nanos(3_504));
    assertThat(delay.doubtMillis()).isZero();
    assertThat(excess(2_100, 3_600)).isEqualTo(5); // as long as the answer may have taken
    assertThat(excess(9_000, 11_100)).as("bytes that lay are still told").isEqualTo(605);
  }

  @Test
  void tellsByAQuestionThatBytesLay() {
    assertThat(excess(1_000, 500)).isZero();
    assertThat(excess(2_000, 3_500)).isEqualTo(2_000);
    assertThat(delay.asks(nanos(3_500))).isTrue();
    assertThat(excess(4_002, 3_502)).isZero();
    assertThat(delay.doubtMillis()).isZero();
    delay.answered(nanos(3_500), nanos(3_502));
    assertThat(excess(5_000, 4_502)).isEqualTo(2);
  }

  @Test
  void believesNoAnswerToWhatWasNotAsked() {
    assertThat(excess(1_000, 500)).isZero();
    assertThat(excess(2_000, 3_500)).isEqualTo(2_000);
    delay.answered(nanos(3_500), nanos(3_501));
    assertThat(delay.asks(nanos(3_500))).isTrue();
    delay.answered(nanos(1), nanos(3_501));
    assertThat(excess(2_001, 3_501)).isEqualTo(2_000);
  }

  @Test
  void doubtsNothingThatGrowsSlowly() {
    assertThat(excess(1_000, 500)).isZero();
    for (int i = 1; i <= 20; i++) {
      assertThat(excess(1_000 + i, 500 + 51L * i)).isEqualTo(50 * i);
    }
    assertThat(delay.doubtMillis()).isZero();
  }
}
