package erpc.breaker;

import static org.assertj.core.api.Assertions.assertThat;

import erpc.breaker.Outcome.Latency;
import erpc.breaker.Outcome.Retry;
import erpc.breaker.Outcome.Verdict;
import erpc.call.Status;
import erpc.call.Status.Code;
import erpc.call.Status.Started;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** What every status means, told code by code. */
class OutcomeTest {
  private static final long MILLI = 1_000_000L;

  /**
   * The row of each code: said here before and after it may have started; said by the server,
   * likewise; passed on by it, likewise.
   */
  private static final String ROWS =
      """
      OK                  OK          OK        OK                  OK        OK                 OK
      CANCELLED           CANCELLED   CANCELLED CANCELLED           CANCELLED PASSED_END         PASSED_END
      UNKNOWN             LOCAL       LOCAL     FAULT               FAULT     PASSED_FAULT       PASSED_FAULT
      INVALID_ARGUMENT    LOCAL       LOCAL     TURNED_AWAY         ANSWERED  PASSED_ANSWER      PASSED_ANSWER
      DEADLINE_EXCEEDED   NEVER_OUT   LATE      LATE_BY_OTHER_CLOCK LATE      PASSED_END         PASSED_END
      NOT_FOUND           LOCAL       LOCAL     TURNED_AWAY         ANSWERED  PASSED_ANSWER      PASSED_ANSWER
      ALREADY_EXISTS      LOCAL       LOCAL     TURNED_AWAY         ANSWERED  PASSED_ANSWER      PASSED_ANSWER
      PERMISSION_DENIED   LOCAL       LOCAL     TURNED_AWAY         ANSWERED  PASSED_ANSWER      PASSED_ANSWER
      RESOURCE_EXHAUSTED  LOCAL       LOCAL     OVERLOADED          EXHAUSTED PASSED_OVERLOAD    PASSED_END
      FAILED_PRECONDITION LOCAL       LOCAL     TURNED_AWAY         ANSWERED  PASSED_ANSWER      PASSED_ANSWER
      ABORTED             LOCAL       LOCAL     TURNED_AWAY         ABORTED   PASSED_ABORTED     PASSED_ABORTED
      OUT_OF_RANGE        LOCAL       LOCAL     TURNED_AWAY         ANSWERED  PASSED_ANSWER      PASSED_ANSWER
      UNIMPLEMENTED       LOCAL       LOCAL     TURNED_AWAY         ANSWERED  PASSED_ANSWER      PASSED_ANSWER
      INTERNAL            LOCAL       LOCAL     FAULT               FAULT     PASSED_FAULT       PASSED_FAULT
      UNAVAILABLE         NOT_REACHED LOST      REFUSED             LOST      PASSED_UNAVAILABLE PASSED_UNAVAILABLE
      DATA_LOSS           LOCAL       LOCAL     FAULT               FAULT     PASSED_FAULT       PASSED_FAULT
      UNAUTHENTICATED     LOCAL       LOCAL     TURNED_AWAY         ANSWERED  PASSED_ANSWER      PASSED_ANSWER
      """;

  private static Status status(Code code, boolean remote, Started started, boolean passedOn) {
    Status status = Status.of(code, "a test");
    Status placed = (remote ? status.asRemote() : status).withStarted(started);
    return passedOn ? placed.asPassedOn() : placed;
  }

  @TestFactory
  Stream<DynamicTest> everyStatusHasItsRow() {
    List<DynamicTest> tests = new ArrayList<>();
    for (String line : ROWS.lines().toList()) {
      String[] row = line.split(" +", -1);
      Code code = Code.valueOf(row[0]);
      for (Started started : Started.values()) {
        for (boolean remote : new boolean[] {false, true}) {
          for (boolean passedOn : new boolean[] {false, true}) {
            int column = 1 + (remote ? 2 : 0) + (remote && passedOn ? 2 : 0);
            String expected = row[column + (started == Started.NO ? 0 : 1)];
            Status status = status(code, remote, started, passedOn);
            tests.add(
                DynamicTest.dynamicTest(
                    status + (passedOn ? ", passed on" : ""),
                    () ->
                        assertThat(Outcome.of(status, TryEnd.PLAIN))
                            .isEqualTo(Outcome.valueOf(expected))));
          }
        }
      }
    }
    assertThat(tests).hasSize(Code.values().length * 12);
    return tests.stream();
  }

  @Test
  void whatATryKnowsOfItsEndTellsTheRestApart() {
    Status full = status(Code.RESOURCE_EXHAUSTED, false, Started.NO, false);
    assertThat(Outcome.of(full, TryEnd.NO_ROOM)).isEqualTo(Outcome.BACKLOG);
    Status refused = status(Code.UNAVAILABLE, true, Started.NO, false);
    assertThat(Outcome.of(refused, TryEnd.GOING)).isEqualTo(Outcome.NOT_REACHED);
    Status lost = status(Code.UNAVAILABLE, true, Started.MAYBE, false);
    assertThat(Outcome.of(lost, TryEnd.GOING)).isEqualTo(Outcome.LOST);
    Status late = status(Code.DEADLINE_EXCEEDED, false, Started.MAYBE, false);
    assertThat(Outcome.of(late, TryEnd.TIMED_OUT)).isEqualTo(Outcome.TRY_TIMED_OUT);
    Status neverLeft = status(Code.DEADLINE_EXCEEDED, false, Started.NO, false);
    assertThat(Outcome.of(neverLeft, TryEnd.TIMED_OUT)).isEqualTo(Outcome.NOT_REACHED);
    Status waited = status(Code.DEADLINE_EXCEEDED, true, Started.NO, false);
    assertThat(Outcome.of(waited, TryEnd.TIMED_OUT)).isEqualTo(Outcome.EXPIRED_WAITING);
  }

  @Test
  void columnsAreThoseOfTheDesign() {
    Map<Outcome, List<Object>> table =
        Map.ofEntries(
            row(Outcome.OK, Verdict.SUCCESS, Latency.SAMPLE, Retry.NEVER),
            row(Outcome.LOST, Verdict.FAILURE, Latency.PENALTY, Retry.IF_IDEMPOTENT),
            row(Outcome.FAULT, Verdict.FAILURE, Latency.PENALTY, Retry.IF_LISTED),
            row(Outcome.LATE, Verdict.FAILURE_IF_SLOW, Latency.AT_LEAST_WAITED, Retry.NEVER),
            row(
                Outcome.TRY_TIMED_OUT,
                Verdict.FAILURE,
                Latency.AT_LEAST_WAITED,
                Retry.IF_IDEMPOTENT),
            row(
                Outcome.EXPIRED_WAITING,
                Verdict.FAILURE_IF_SLOW,
                Latency.AT_LEAST_WAITED,
                Retry.ELSEWHERE),
            row(Outcome.OVERLOADED, Verdict.NONE, Latency.PENALTY, Retry.ELSEWHERE),
            row(Outcome.NOT_REACHED, Verdict.NONE, Latency.NONE, Retry.FREE),
            row(Outcome.CANCELLED, Verdict.NONE, Latency.IF_ABOVE_AVERAGE, Retry.NEVER),
            row(Outcome.ANSWERED, Verdict.SUCCESS, Latency.SAMPLE, Retry.NEVER),
            row(Outcome.ABORTED, Verdict.SUCCESS, Latency.SAMPLE, Retry.IF_LISTED),
            row(Outcome.LOCAL, Verdict.NONE, Latency.NONE, Retry.NEVER),
            row(Outcome.BACKLOG, Verdict.NONE, Latency.NONE, Retry.BACKLOG));
    table.forEach((outcome, columns) ->
        assertThat(List.<Object>of(outcome.verdict(), outcome.latency(), outcome.retry()))
            .as(outcome.name())
            .isEqualTo(columns));
  }

  private static Map.Entry<Outcome, List<Object>> row(
      Outcome outcome, Verdict verdict, Latency latency, Retry retry) {
    return Map.entry(outcome, List.of(verdict, latency, retry));
  }

  @Test
  void whatIsPassedOnNeverCountsAgainstWhoPassedItOnAndIsNoSampleOfItsLatency() {
    for (Outcome each : Outcome.values()) {
      if (each.name().startsWith("PASSED_")) {
        assertThat(each.isFailure(Long.MAX_VALUE, 1)).as(each.name()).isFalse();
        assertThat(each.latency()).as(each.name()).isIn(Latency.NONE, Latency.PENALTY);
      }
    }
  }

  @Test
  void whoFailsFastSinceItReachesNobodyDrawsNoCallsByThat() {
    for (Code code : List.of(Code.UNAVAILABLE, Code.INTERNAL, Code.UNKNOWN, Code.DATA_LOSS)) {
      Outcome passedOn = Outcome.of(status(code, true, Started.YES, true), TryEnd.PLAIN);
      assertThat(passedOn.latency()).as(code.name()).isEqualTo(Latency.PENALTY);
    }
    Status overload = status(Code.RESOURCE_EXHAUSTED, true, Started.NO, true);
    assertThat(Outcome.of(overload, TryEnd.PLAIN).latency()).isEqualTo(Latency.PENALTY);
  }

  @Test
  void onlyWhatHasRunGivesAFastSample() {
    for (Code code : Code.values()) {
      if (code != Code.OK) {
        Outcome refused = Outcome.of(status(code, true, Started.NO, false), TryEnd.PLAIN);
        assertThat(refused.latency()).as(code.name()).isNotEqualTo(Latency.SAMPLE);
      }
    }
  }

  @Test
  void deadlineCountsAgainstAnEndpointOnlyIfTheTryHadBeenOutForLong() {
    assertThat(Outcome.LATE.isFailure(50 * MILLI, 0)).isFalse();
    assertThat(Outcome.LATE.isFailure(51 * MILLI, 0)).isTrue();
    assertThat(Outcome.LATE.isFailure(51 * MILLI, 25 * MILLI)).isTrue();
    assertThat(Outcome.LATE.isFailure(200 * MILLI, 100 * MILLI)).isFalse();
    assertThat(Outcome.LATE.isFailure(201 * MILLI, 100 * MILLI)).isTrue();
    assertThat(Outcome.LOST.isFailure(0, 100 * MILLI)).isTrue();
    assertThat(Outcome.OK.isFailure(Long.MAX_VALUE, 0)).isFalse();
  }
}
