package erpc.bench;

import static org.assertj.core.api.Assertions.assertThat;

import erpc.bench.Comparison.Taken;
import erpc.bench.Comparison.Triple;
import erpc.bench.Comparison.Verdict;
import erpc.bench.driver.Figures;
import erpc.bench.driver.Usage;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class ComparisonTest {
  private static final long SECOND = 1_000_000_000;

  /** A thousand calls in a second, at so many microseconds each. */
  private static Taken micros(double each) {
    return new Taken(1_000, SECOND, Math.round(each * 1e6));
  }

  private static Triple pair(double other, double today, double again) {
    return new Triple(micros(other), micros(today), micros(again));
  }

  private static Comparison tenTimes(Triple pair) {
    return new Comparison(Collections.nCopies(10, pair));
  }

  @Test
  void whatCostsAsMuchAsItMayIsMet() {
    assertThat(tenTimes(pair(1, 1.05, 1.05)).verdict()).isEqualTo(Verdict.MET);
    assertThat(tenTimes(pair(1, 0.5, 0.5)).verdict()).isEqualTo(Verdict.MET);
  }

  @Test
  void whatCostsMoreIsMissed() {
    assertThat(tenTimes(pair(1, 1.051, 1.051)).verdict()).isEqualTo(Verdict.MISSED);
  }

  @Test
  void isVoidIfTheSameCodeDiffersFromItself() {
    assertThat(tenTimes(pair(1, 1, 1.03)).verdict()).isEqualTo(Verdict.MET);
    assertThat(tenTimes(pair(1, 1, 0.97)).verdict()).isEqualTo(Verdict.MET);
    for (double again : new double[] {0.969, 1.031}) {
      Comparison comparison = tenTimes(pair(1, 1, again));
      assertThat(comparison.verdict()).isEqualTo(Verdict.VOID);
      assertThat(comparison.whyVoid())
          .contains("has to be within 0.97 to 1.03", "this run proves nothing");
    }
  }

  @Test
  void isVoidRatherThanMissed() {
    assertThat(tenTimes(pair(1, 2, 3)).verdict()).isEqualTo(Verdict.VOID);
  }

  @Test
  void fewerThanTenPairsAreNotJudged() {
    Comparison nine = new Comparison(Collections.nCopies(9, pair(1, 1, 1)));
    assertThat(nine.verdict()).isEqualTo(Verdict.VOID);
    assertThat(nine.whyVoid()).isEqualTo("9 pairs are not judged, it takes 10");
    assertThat(new Comparison(List.of()).verdict()).isEqualTo(Verdict.VOID);
    assertThat(new Comparison(List.of()).line()).isEqualTo("no pairs");
  }

  @Test
  void judgesTheMedianOfThePairsSoThatASingleOneDecidesNothing() {
    List<Triple> pairs = new ArrayList<>(Collections.nCopies(6, pair(2, 2, 2)));
    pairs.addAll(Collections.nCopies(4, pair(2, 20, 20)));
    Comparison comparison = new Comparison(pairs);
    assertThat(comparison.median(Triple::cpu)).isEqualTo(1);
    assertThat(comparison.verdict()).isEqualTo(Verdict.MET);
  }

  @Test
  void theMedianOfAnEvenNumberLiesBetweenTheTwoInTheMiddle() {
    Comparison comparison = new Comparison(List.of(pair(1, 1.2, 1), pair(1, 1.1, 1)));
    assertThat(comparison.median(Triple::cpu)).isCloseTo(1.15, offset());
  }

  private static org.assertj.core.data.Offset<Double> offset() {
    return org.assertj.core.data.Offset.offset(1e-9);
  }

  @Test
  void comparesRatiosOfPairsNotOfMedians() {
    // The machine halves its speed from pair to pair; each pair by itself says the same.
    Comparison comparison = new Comparison(List.of(pair(1, 1.1, 1.1), pair(2, 2.2, 2.2)));
    assertThat(comparison.median(Triple::cpu)).isCloseTo(1.1, offset());
  }

  @Test
  void aRunWithoutCallsIsVoid() {
    Triple nothing = new Triple(Taken.NOTHING, Taken.NOTHING, Taken.NOTHING);
    assertThat(tenTimes(nothing).verdict()).isEqualTo(Verdict.VOID);
  }

  @Test
  void addsTheTurnsOfAPairAndBothEnds() {
    Figures turn =
        new Figures(1_000, SECOND, 0, 0, 0, new Usage(2_000_000, 0, 0), new Usage(1_000_000, 0, 0));
    Taken taken = Taken.NOTHING.plus(turn).plus(turn);
    assertThat(taken).isEqualTo(new Taken(2_000, 2 * SECOND, 6_000_000));
    assertThat(taken.cpuMicros()).isEqualTo(3);
    assertThat(taken.perSecond()).isEqualTo(1_000);
  }

  @Test
  void namesFiguresAndLimitsInItsLine() {
    assertThat(tenTimes(pair(1, 1.02, 1.02)).line())
        .isEqualTo(
            "CPU a call 1.020 (1.020 to 1.020; at most 1.05), 1.020 µs after 1.000 µs;"
                + " calls/s 1.000; A/A 1.000; 10 pairs");
  }
}
