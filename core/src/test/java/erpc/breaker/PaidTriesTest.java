package erpc.breaker;

import static org.assertj.core.api.Assertions.assertThat;

import erpc.breaker.Tries.Action;
import erpc.breaker.Tries.Kind;
import erpc.breaker.Tries.Plan;
import erpc.call.FailureMode;
import erpc.call.Status;
import erpc.call.Status.Code;
import erpc.call.Status.Started;
import java.time.Duration;
import java.util.Set;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What another try costs, and who gets none. */
class PaidTriesTest {
  private static final long MILLI = 1_000_000L;
  private static final long DEADLINE_NANOS = 60_000 * MILLI;
  private static final Status LOST = Status.of(Code.UNAVAILABLE, "lost").withStarted(Started.MAYBE);
  private static final Status NOT_REACHED = Status.of(Code.UNAVAILABLE, "refused");
  private static final Status OVERLOADED =
      Status.of(Code.RESOURCE_EXHAUSTED, "too much").asRemote();

  private final RetryBudget budget = new RetryBudget();

  private Plan plan(FailureMode mode, boolean stopped, @Nullable MethodLatency latency) {
    return new Plan(3, mode, true, Set.of(Code.ABORTED), stopped, budget, latency);
  }

  private static Tries tries(Plan plan) {
    return new Tries(plan, new SplittableRandom(7), DEADLINE_NANOS, 1);
  }

  private Tries tries() {
    return tries(plan(FailureMode.FAILOVER, false, null));
  }

  private static Action failed(Tries tries, Status status) {
    return tries.failed(status, TryEnd.PLAIN, true, true, 0);
  }

  private void spendAll() {
    while (budget.take()) {
      assertThat(budget.tokens()).isNotNegative();
    }
  }

  @Test
  void retryTakesATokenAndCarriesTheMark() {
    Tries tries = tries();
    assertThat(tries.isMarked()).isFalse();
    assertThat(failed(tries, LOST).kind()).isEqualTo(Kind.TRY);
    assertThat(tries.isMarked()).isTrue();
    assertThat(budget.tokens()).isEqualTo(9);
  }

  @Test
  void whatNoServerHasHadIsFreeAndUnmarked() {
    spendAll();
    Tries tries = tries(plan(FailureMode.FAILOVER, true, null));
    assertThat(failed(tries, NOT_REACHED).kind()).isEqualTo(Kind.TRY);
    assertThat(tries.isMarked()).isFalse();
  }

  @Test
  void withoutATokenTheCallEndsAndSaysThatAnotherIsOfNoUse() {
    spendAll();
    for (Status status : new Status[] {LOST, OVERLOADED}) {
      Action action = failed(tries(), status);
      assertThat(action.kind()).isEqualTo(Kind.END);
      assertThat(action.status().code()).isEqualTo(status.code());
      assertThat(action.status().retryAfter()).isEqualTo(Status.NEVER_AGAIN);
    }
  }

  @Test
  void callThatRanOutOfTriesSaysThatAnotherIsOfNoUse() {
    Tries tries = tries();
    failed(tries, LOST);
    tries.ready(0);
    failed(tries, LOST);
    tries.ready(0);
    Action last = failed(tries, LOST);
    assertThat(last.kind()).isEqualTo(Kind.END);
    assertThat(last.status().retryAfter()).isEqualTo(Status.NEVER_AGAIN);
  }

  @Test
  void callThatReachedNobodySaysNothingOfAnother() {
    Tries tries = tries();
    for (int i = 0; i < 2; i++) {
      assertThat(failed(tries, NOT_REACHED).kind()).isEqualTo(Kind.TRY);
      tries.ready(0);
    }
    Action last = failed(tries, NOT_REACHED);
    assertThat(last.kind()).isEqualTo(Kind.END);
    assertThat(last.status().retryAfter()).isNull();
  }

  @Test
  void tryThatExpiredWaitingAtAServerIsPaidFor() {
    Status expired = Status.of(Code.DEADLINE_EXCEEDED, "in its queue").asRemote();
    Tries tries = tries(Plan.of(3, false)); // It was not started, so it need not be idempotent.
    assertThat(tries.failed(expired, TryEnd.TIMED_OUT, true, true, 0).kind()).isEqualTo(Kind.WAIT);
    assertThat(tries.isMarked()).isTrue();
    assertThat(tries().failed(expired, TryEnd.TIMED_OUT, true, true, 0).kind())
        .isEqualTo(Kind.WAIT);
    assertThat(budget.tokens()).isEqualTo(9);
    spendAll();
    assertThat(tries().failed(expired, TryEnd.TIMED_OUT, true, true, 0).kind()).isEqualTo(Kind.END);
  }

  @Test
  void callThatMayNotBeTriedAgainSaysNothingOfAnother() {
    Plan once = Plan.of(1, true);
    assertThat(failed(tries(once), LOST).status().retryAfter()).isNull();
    Plan notIdempotent = Plan.of(3, false);
    assertThat(failed(tries(notIdempotent), LOST).status().retryAfter()).isNull();
  }

  @Test
  void whatWasMadeOnBehalfOfARetryIsNotTriedAgain() {
    Tries tries = tries(plan(FailureMode.FAILOVER, true, null));
    assertThat(failed(tries, LOST).kind()).isEqualTo(Kind.END);
    assertThat(failed(tries, OVERLOADED).kind()).isEqualTo(Kind.END);
    assertThat(budget.tokens()).isEqualTo(10);
  }

  @Test
  void answerThatSaysNeverAgainIsObeyed() {
    for (Status each : new Status[] {LOST, NOT_REACHED, OVERLOADED}) {
      Action action = failed(tries(), each.withRetryAfter(Status.NEVER_AGAIN));
      assertThat(action.kind()).as(each.toString()).isEqualTo(Kind.END);
    }
    assertThat(budget.tokens()).isEqualTo(10);
  }

  @Test
  void onlyServerIsLeftAloneForAsLongAsItAsksAndHalfAsLongAgainAtMost() {
    Status busy = OVERLOADED.withRetryAfter(Duration.ofSeconds(2));
    for (int i = 0; i < 100; i++) {
      long wait = tries().failed(busy, TryEnd.PLAIN, true, false, 0).waitNanos();
      if (wait > 0) {
        assertThat(wait).isBetween(2_000 * MILLI, 3_000 * MILLI);
      }
      budget.succeeded();
    }
    Status forLong = OVERLOADED.withRetryAfter(Duration.ofDays(1));
    assertThat(tries(Plan.of(3, true)).failed(forLong, TryEnd.PLAIN, true, false, 0).waitNanos())
        .isBetween(10_000 * MILLI, 15_000 * MILLI);
    // Others are not asked to wait.
    assertThat(tries(Plan.of(3, true)).failed(forLong, TryEnd.PLAIN, true, true, 0).waitNanos())
        .isLessThanOrEqualTo(50 * MILLI);
  }

  @Test
  void noRetryIfLessIsLeftThanTheMedianTakes() {
    MethodLatency latency = new MethodLatency(0);
    for (int i = 1; i < 100; i++) {
      latency.sample(100 * MILLI, i * MILLI);
    }
    Plan plan = plan(FailureMode.FAILOVER, false, latency);
    long late = DEADLINE_NANOS - 90 * MILLI;
    assertThat(tries(plan).failed(LOST, TryEnd.PLAIN, true, true, late).kind()).isEqualTo(Kind.END);
    assertThat(budget.tokens()).isEqualTo(10);
    long early = DEADLINE_NANOS - 130 * MILLI;
    assertThat(tries(plan).failed(LOST, TryEnd.PLAIN, true, true, early).kind())
        .isEqualTo(Kind.TRY);
  }

  @Test
  void tryThatItsOwnTimeoutEndsIsFollowedByAnotherIfTheCallIsIdempotent() {
    Status late = Status.of(Code.DEADLINE_EXCEEDED, "tryTimeout").withStarted(Started.MAYBE);
    assertThat(tries().failed(late, TryEnd.TIMED_OUT, true, true, 0).kind()).isEqualTo(Kind.TRY);
    assertThat(tries().failed(late, TryEnd.PLAIN, true, true, 0).kind()).isEqualTo(Kind.END);
    assertThat(tries(Plan.of(3, false)).failed(late, TryEnd.TIMED_OUT, true, true, 0).kind())
        .isEqualTo(Kind.END);
  }

  @Test
  void codesThatTheMethodListsAreTriedAgain() {
    Status aborted = Status.of(Code.ABORTED, "").asRemote().withStarted(Started.YES);
    assertThat(failed(tries(), aborted).kind()).isEqualTo(Kind.TRY);
    Status internal = Status.of(Code.INTERNAL, "").asRemote().withStarted(Started.YES);
    assertThat(failed(tries(), internal).kind()).isEqualTo(Kind.END);
  }

  @Test
  void failfastGoesElsewhereOnlyIfNoServerHasHadIt() {
    Plan failfast = plan(FailureMode.FAILFAST, false, null);
    assertThat(failed(tries(failfast), NOT_REACHED).kind()).isEqualTo(Kind.TRY);
    assertThat(tries(failfast).failed(NOT_REACHED, TryEnd.PLAIN, true, false, 0).kind())
        .isEqualTo(Kind.END);
    assertThat(failed(tries(failfast), LOST).kind()).isEqualTo(Kind.END);
    assertThat(failed(tries(failfast), OVERLOADED).kind()).isEqualTo(Kind.END);
    assertThat(budget.tokens()).isEqualTo(10);
  }
}
