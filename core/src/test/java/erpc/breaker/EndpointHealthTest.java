package erpc.breaker;

import static org.assertj.core.api.Assertions.assertThat;

import erpc.breaker.EndpointHealth.Change;
import erpc.breaker.EndpointHealth.Mechanism;
import erpc.breaker.EndpointHealth.Modes;
import erpc.breaker.EndpointHealth.Verdict;
import erpc.call.Status;
import erpc.settings.Mode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import org.assertj.core.data.Offset;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class EndpointHealthTest {
  private static final long MILLI = 1_000_000L;
  private static final long SECOND = 1_000_000_000L;
  private static final Modes ON = Modes.ALL_ON;
  private static final Modes DRY =
      new Modes(Mode.DRY_RUN, Mode.DRY_RUN, Mode.DRY_RUN, Mode.DRY_RUN);
  private static final Modes OFF = new Modes(Mode.OFF, Mode.OFF, Mode.OFF, Mode.OFF);
  private static final Modes ONLY_SHARE = new Modes(Mode.OFF, Mode.ON, Mode.OFF, Mode.OFF);
  private static final Modes ONLY_AVERAGES = new Modes(Mode.OFF, Mode.OFF, Mode.ON, Mode.OFF);

  private final EndpointHealth health = new EndpointHealth();
  private final List<Change> changes = new ArrayList<>();

  // The clock wraps around; no constant of the compiler's, which would object to that.
  private long now = Math.addExact(Long.MAX_VALUE - 5 * SECOND, 0);

  private void note(@Nullable Change change) {
    if (change != null) {
      changes.add(change);
    }
  }

  private void succeed(Modes modes) {
    note(health.succeeded(now, modes, now));
  }

  private void fail(Modes modes) {
    note(health.failed(now, modes, () -> 0.001, now));
  }

  private void breakByFive(Modes modes) {
    for (int i = 0; i < 5; i++) {
      fail(modes);
    }
  }

  private Change last() {
    return changes.getLast();
  }

  // ---- triggers

  @Test
  void fiveFailuresInARowBreak() {
    for (int i = 0; i < 5; i++) {
      assertThat(health.verdict(now)).isEqualTo(Verdict.HEALTHY);
      fail(ON);
      now += 300 * MILLI;
    }
    assertThat(health.verdict(now)).isEqualTo(Verdict.BROKEN);
    assertThat(health.share(ON, now)).isZero();
    assertThat(changes)
        .containsExactly(
            new Change(
                Verdict.BROKEN,
                Mechanism.IN_A_ROW,
                true,
                "is avoided: 5 failed in a row within 1.2 s, peers 0.1 %"));
  }

  @Test
  void successBetweenThemBeginsTheRowAnew() {
    for (int i = 0; i < 4; i++) {
      for (int j = 0; j < 4; j++) {
        fail(new Modes(Mode.ON, Mode.OFF, Mode.OFF, Mode.OFF));
      }
      succeed(ON);
    }
    assertThat(changes).isEmpty();
  }

  @Test
  void halfOfTwentyCallsWithinTenSecondsBreak() {
    for (int i = 0; i < 9; i++) {
      succeed(ONLY_SHARE);
      fail(ONLY_SHARE);
      now += 500 * MILLI;
    }
    fail(ONLY_SHARE); // Ten of those since the first failure, and eight successes.
    assertThat(changes).isEmpty();
    fail(ONLY_SHARE);
    assertThat(changes).isEmpty();
    fail(ONLY_SHARE);
    assertThat(last().text()).isEqualTo("is avoided: 12 of 20 failed within 10 s, peers 0.1 %");
  }

  @Test
  void callsOfMoreThanTenSecondsAgoDoNotCount() {
    for (int i = 0; i < 200; i++) { // One per second: never twenty within ten.
      fail(ONLY_SHARE);
      now += SECOND;
    }
    assertThat(changes).isEmpty();
  }

  @Test
  void fewFailuresAmongManySuccessesDoNotBreak() {
    for (int i = 0; i < 10_000; i++) {
      for (int j = 0; j < 99; j++) {
        succeed(ON);
      }
      fail(ON);
      now += MILLI;
    }
    assertThat(changes).isEmpty();
  }

  @Test
  void burstOfFailuresAfterManySuccessesIsSeenBesideThem() {
    fail(ONLY_SHARE);
    for (int i = 0; i < 600; i++) { // A minute, ten per second.
      now += 100 * MILLI;
      succeed(ONLY_SHARE);
    }
    for (int i = 0; i < 80; i++) {
      fail(ONLY_SHARE);
    }
    assertThat(changes).isEmpty();
    for (int i = 0; i < 30; i++) {
      fail(ONLY_SHARE);
    }
    assertThat(changes).hasSize(1);
  }

  @Test
  void averagesFindWhatFailsOneInFiveForLong() {
    SplittableRandom random = new SplittableRandom(5);
    int calls = 0;
    while (changes.isEmpty() && calls < 100_000) {
      calls++;
      now += MILLI;
      if (random.nextInt(5) == 0) {
        fail(ONLY_AVERAGES);
      } else {
        succeed(ONLY_AVERAGES);
      }
    }
    assertThat(calls).isBetween(100, 1_000);
    assertThat(last().by()).isEqualTo(Mechanism.AVERAGES);
    assertThat(last().text()).contains("of about the last").contains("failed, peers 0.1 %");
  }

  @Test
  void averagesBearWhatFailsOneInFifty() {
    SplittableRandom random = new SplittableRandom(5);
    for (int i = 0; i < 200_000; i++) {
      now += MILLI;
      if (random.nextInt(50) == 0) {
        fail(ONLY_AVERAGES);
      } else {
        succeed(ONLY_AVERAGES);
      }
    }
    assertThat(changes).isEmpty();
  }

  @Test
  void comparisonEjects() {
    note(health.ejected("9 of 10 failed", ON, now));
    assertThat(last().by()).isEqualTo(Mechanism.COMPARISON);
    assertThat(health.isEjected()).isTrue();
    assertThat(health.share(ON, now)).isZero();
    assertThat(health.ejected("again", ON, now)).isNull();
  }

  @Test
  void tallyIsWhatCameSinceTheLastOne() {
    succeed(ON);
    succeed(ON);
    fail(ON);
    assertThat(health.takeTally()).isEqualTo(new Comparison.Tally(2, 1));
    fail(ON);
    assertThat(health.takeTally()).isEqualTo(new Comparison.Tally(0, 1));
  }

  // ---- recovery

  @Test
  void probesComeOncePerSecondAndThreeSuccessesClear() {
    breakByFive(ON);
    long broken = now;
    List<Long> probes = new ArrayList<>();
    while (health.verdict(now) == Verdict.BROKEN) {
      now += MILLI;
      if (health.takeProbe(ON, now)) {
        probes.add((now - broken) / MILLI);
        succeed(ON);
      }
    }
    assertThat(probes).containsExactly(1_000L, 2_000L, 3_000L);
    assertThat(last().verdict()).isEqualTo(Verdict.RECOVERING);
    assertThat(last().text()).isEqualTo("is back after 3.0 s: 3 calls in a row have succeeded");
  }

  @Test
  void oneThatBreaksAgainAndAgainIsBackSoonAfterItsRepairToo() {
    for (int i = 0; i < 5; i++) {
      breakByFive(ON);
      while (health.verdict(now) == Verdict.BROKEN) {
        now += MILLI;
        if (health.takeProbe(ON, now)) {
          succeed(ON);
        }
      }
    }
    breakByFive(ON);
    long broken = now;
    int good = 0;
    while (health.verdict(now) == Verdict.BROKEN) {
      now += MILLI;
      if (health.takeProbe(ON, now)) {
        good++;
        succeed(ON);
      }
    }
    assertThat(good).isEqualTo(24);
    assertThat(now - broken).isLessThan(4 * SECOND);
  }

  @Test
  void oneThatFailsIsTriedOncePerSecondHoweverOftenItHasBroken() {
    breakByFive(ON);
    for (int i = 0; i < 3; i++) {
      succeed(ON);
    }
    now += SECOND;
    breakByFive(ON);
    long broken = now;
    int probes = 0;
    while (now - broken < 10 * SECOND) {
      now += MILLI;
      if (health.takeProbe(ON, now)) {
        probes++;
        fail(ON);
      }
    }
    assertThat(probes).isBetween(9, 10);
  }

  @Test
  void probeThatFailsBeginsAnewButComesNoLater() {
    breakByFive(ON);
    succeed(ON);
    succeed(ON);
    fail(ON);
    succeed(ON);
    succeed(ON);
    assertThat(health.verdict(now)).isEqualTo(Verdict.BROKEN);
    succeed(ON);
    assertThat(health.verdict(now)).isEqualTo(Verdict.RECOVERING);
  }

  @Test
  void aProbeThatHungWhileOthersSucceededDoesNotBeginAnew() {
    breakByFive(ON);
    long broken = now;
    now = broken + 2 * SECOND;
    succeed(ON);
    now = broken + 3 * SECOND;
    succeed(ON);
    long hangsSince = broken + SECOND;
    note(health.failed(hangsSince, ON, () -> 0.001, broken + 3_500 * MILLI));
    now = broken + 4 * SECOND;
    succeed(ON);
    assertThat(health.verdict(now)).isEqualTo(Verdict.RECOVERING);
  }

  @Test
  void shareGrowsFromATenthToAllWithinASecond() {
    breakByFive(ON);
    for (int i = 0; i < 3; i++) {
      succeed(ON);
    }
    assertThat(health.share(ON, now)).isEqualTo(0.1);
    assertThat(health.share(ON, now + 500 * MILLI)).isCloseTo(0.55, Offset.offset(1e-9));
    assertThat(health.share(ON, now + SECOND)).isEqualTo(1);
    assertThat(health.verdict(now + SECOND)).isEqualTo(Verdict.HEALTHY);
  }

  @Test
  void callsFromBeforeTheVerdictClearNothing() {
    long before = now;
    now += MILLI;
    breakByFive(ON);
    for (int i = 0; i < 100; i++) {
      assertThat(health.succeeded(before, ON, now)).isNull();
    }
    assertThat(health.verdict(now)).isEqualTo(Verdict.BROKEN);
  }

  private int successesUntilBack() {
    int count = 0;
    while (health.verdict(now) == Verdict.BROKEN) {
      succeed(ON);
      count++;
    }
    return count;
  }

  @Test
  void oneThatBreaksAgainSoonNeedsMoreSuccesses() {
    for (int expected : new int[] {3, 6, 12, 24, 24}) {
      breakByFive(ON);
      assertThat(successesUntilBack()).isEqualTo(expected);
      now += 29 * SECOND;
    }
    now += 2 * SECOND;
    breakByFive(ON);
    assertThat(successesUntilBack()).isEqualTo(3);
  }

  // ---- modes

  @Test
  void dryRunSaysItsVerdictAndNothingFollows() {
    breakByFive(DRY);
    assertThat(health.verdict(now)).isEqualTo(Verdict.BROKEN);
    assertThat(health.share(DRY, now)).isEqualTo(1);
    assertThat(health.takeProbe(DRY, now + 2 * SECOND)).isFalse();
    assertThat(last().isEnforced()).isFalse();
    assertThat(last().text())
        .isEqualTo(
            "would be avoided, were it no dry run: 5 failed in a row within 0.0 s, peers 0.1 %");
  }

  @Test
  void dryRunRecoversAsSlowlyAsProbesWould() {
    breakByFive(DRY);
    long broken = now;
    while (health.verdict(now) == Verdict.BROKEN) {
      now += MILLI;
      succeed(DRY);
    }
    assertThat(now - broken).isBetween(3 * SECOND, 4 * SECOND);
    assertThat(changes).hasSize(2);
  }

  @Test
  void whatIsOffSaysNothing() {
    for (int i = 0; i < 1_000; i++) {
      fail(OFF);
    }
    note(health.ejected("9 of 10 failed", OFF, now));
    assertThat(changes).isEmpty();
    assertThat(health.verdict(now)).isEqualTo(Verdict.HEALTHY);
  }

  @Test
  void verdictOfADryRunDoesNotKeepAnotherMechanismFromActing() {
    Modes mixed = new Modes(Mode.DRY_RUN, Mode.ON, Mode.OFF, Mode.OFF);
    for (int i = 0; i < 20; i++) {
      fail(mixed);
    }
    assertThat(changes.stream().map(Change::by))
        .containsExactly(Mechanism.IN_A_ROW, Mechanism.SHARE);
    assertThat(health.share(mixed, now)).isZero();
  }

  @Test
  void modeThatChangesHoldsAtOnce() {
    breakByFive(ON);
    assertThat(health.share(OFF, now)).isEqualTo(1);
    assertThat(health.share(DRY, now)).isEqualTo(1);
    assertThat(health.share(ON, now)).isZero();
  }

  // ---- what it asks for

  @Test
  void thoseWhomItAsksForTheMostDoNotAllComeBackAtOnce() {
    SplittableRandom random = new SplittableRandom(3);
    Status busy =
        Status.of(Status.Code.RESOURCE_EXHAUSTED, "busy")
            .asRemote()
            .withRetryAfter(Duration.ofSeconds(10));
    int back = 0;
    for (int i = 0; i < 100; i++) {
      health.asked(busy, random, now);
      back += health.isLeftAlone(now + 12_500 * MILLI) ? 0 : 1;
    }
    assertThat(back).isBetween(30, 70);
  }

  @Test
  void isLeftAloneForAsLongAsItAsksTenSecondsAndAHalfMoreAtMost() {
    SplittableRandom random = new SplittableRandom(3);
    Status busy = Status.of(Status.Code.RESOURCE_EXHAUSTED, "busy").asRemote();
    assertThat(health.isLeftAlone(now)).isFalse();
    health.asked(busy, random, now);
    assertThat(health.isLeftAlone(now)).isFalse();
    health.asked(busy.withRetryAfter(Duration.ofSeconds(2)), random, now);
    assertThat(health.isLeftAlone(now + 1_999 * MILLI)).isTrue();
    assertThat(health.isLeftAlone(now + 3 * SECOND)).isFalse();
    health.asked(busy.withRetryAfter(Duration.ofDays(2)), random, now);
    assertThat(health.isLeftAlone(now + 9 * SECOND)).isTrue();
    assertThat(health.isLeftAlone(now + 15 * SECOND)).isFalse();
    assertThat(health.share(ON, now)).isEqualTo(1); // First tries go there.
  }

  @Test
  void statusThatSaysNeverAgainSaysItOfTheCallAlone() {
    Status never =
        Status.of(Status.Code.UNAVAILABLE, "").asRemote().withRetryAfter(Status.NEVER_AGAIN);
    health.asked(never, new SplittableRandom(3), now);
    assertThat(health.isLeftAlone(now)).isFalse();
  }

  // ---- threads

  @Test
  void failuresAreSeenBesideThreadsThatSucceed() throws Exception {
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      threads.add(
          Thread.ofPlatform()
              .start(() -> {
                for (int call = 0; call < 100_000; call++) {
                  Objects.requireNonNull(health).succeeded(now, OFF, now);
                }
              }));
    }
    for (int call = 0; call < 100_000; call++) {
      fail(OFF);
    }
    for (Thread each : threads) {
      each.join();
    }
    assertThat(health.takeTally()).isEqualTo(new Comparison.Tally(300_000, 100_000));
    breakByFive(ON);
    assertThat(health.verdict(now)).isEqualTo(Verdict.BROKEN);
  }
}
