package erpc.breaker;

import static org.assertj.core.api.Assertions.assertThat;

import erpc.breaker.Comparison.Ejection;
import erpc.breaker.Comparison.Tally;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ComparisonTest {
  /** Endpoints with so many calls each, of which these shares fail. */
  private static List<Tally> tallies(long calls, double... failing) {
    List<Tally> all = new ArrayList<>();
    for (double each : failing) {
      long failed = Math.round(calls * each);
      all.add(new Tally(calls - failed, failed));
    }
    return all;
  }

  private static List<Integer> ejected(List<Tally> tallies) {
    return Comparison.of(tallies, 0).stream().map(Ejection::index).toList();
  }

  @Test
  void oneThatFailsMoreThanItsPeersIsEjected() {
    List<Ejection> found = Comparison.of(tallies(1_000, 0.001, 0.3, 0, 0.002, 0.001), 0);
    assertThat(found)
        .containsExactly(
            new Ejection(1, "300 of 1000 failed in 10 s, the median of 4 peers is 0.1 %"));
  }

  @Test
  void threeOfTenThatFailDoNotHideEachOther() {
    List<Tally> tallies = tallies(1_000, 0.4, 0.5, 0.6, 0, 0, 0.01, 0, 0.01, 0, 0);
    assertThat(ejected(tallies)).containsExactly(2);
    // The others follow, as far as a tenth may be ejected.
    List<Tally> more = new ArrayList<>(tallies);
    for (int i = 0; i < 20; i++) {
      more.add(new Tally(1_000, 0));
    }
    assertThat(ejected(more)).containsExactly(2, 1, 0);
  }

  @Test
  void atMostATenthIsEjectedThoseThatAreIncluded() {
    double[] failing = new double[40];
    for (int i = 0; i < 10; i++) {
      failing[i] = 0.5 + i / 100.0;
    }
    List<Tally> tallies = tallies(1_000, failing);
    assertThat(ejected(tallies)).containsExactly(9, 8, 7, 6);
    assertThat(Comparison.of(tallies, 3)).hasSize(1);
    assertThat(Comparison.of(tallies, 4)).isEmpty();
    assertThat(Comparison.of(tallies, 40)).isEmpty();
  }

  @Test
  void fewerThanFiveEndpointsAreNotCompared() {
    assertThat(ejected(tallies(1_000, 0.9, 0, 0, 0))).isEmpty();
    List<Tally> fewCalls = tallies(1_000, 0.9, 0, 0, 0);
    fewCalls.add(new Tally(49, 0));
    assertThat(ejected(fewCalls)).isEmpty();
  }

  @Test
  void oneThatFailsNearlyAlwaysIsEjectedByFewerCalls() {
    assertThat(ejected(tallies(60, 0.9, 0, 0, 0, 0))).containsExactly(0);
    assertThat(ejected(tallies(60, 0.8, 0, 0, 0, 0))).isEmpty();
    assertThat(ejected(tallies(100, 0.8, 0, 0, 0, 0))).containsExactly(0);
  }

  @Test
  void whereAllFailAlikeNobodyIsEjectedForASmallDifference() {
    assertThat(ejected(tallies(1_000, 0.30, 0.31, 0.32, 0.33, 0.34))).isEmpty();
    assertThat(ejected(tallies(1_000, 0, 0, 0, 0, 0.04))).isEmpty();
  }

  @Test
  void chanceAloneEjectsNobody() {
    SplittableRandom random = new SplittableRandom(11);
    for (int round = 0; round < 1_000; round++) {
      List<Tally> tallies = new ArrayList<>();
      for (int endpoint = 0; endpoint < 20; endpoint++) {
        long failed = 0;
        for (int call = 0; call < 200; call++) {
          failed += random.nextDouble() < 0.01 ? 1 : 0;
        }
        tallies.add(new Tally(200 - failed, failed));
      }
      assertThat(ejected(tallies)).isEmpty();
    }
  }

  @Test
  void medianOfThoseThatAreCalledIsWhatPeersFail() {
    List<Tally> tallies = tallies(10, 0.1, 0.2, 0.9);
    tallies.add(new Tally(0, 0));
    assertThat(Comparison.medianFailing(tallies)).isEqualTo(0.2);
    assertThat(Comparison.medianFailing(List.of())).isNaN();
  }
}
