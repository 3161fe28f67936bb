package erpc.endpoints;

import static org.assertj.core.api.Assertions.assertThat;

import erpc.breaker.EndpointHealth;
import erpc.breaker.TryEnd;
import erpc.call.Method;
import erpc.call.Request;
import erpc.call.Status;
import erpc.discovery.Endpoint;
import erpc.settings.Mode;
import erpc.transport.EndpointState;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Whom calls avoid, and who finds out whether it works again. */
class VerdictsTest extends JudgedEndpoints {
  @Test
  void anEndpointThatHasFailedFiveTimesInARowGetsNoMoreCalls() {
    List<Fake> entries = fakes(3);
    Roster roster = roster(entries);
    assertThat(Arrays.stream(picks(roster, 300)).min().getAsInt()).isGreaterThan(50);
    fails(entries.get(1), 5);
    assertThat(picks(roster, 300)[1]).isZero();
    assertThat(lines).singleElement().asString().startsWith("127.0.0.1:2 is avoided: 5 failed");
  }

  @Test
  void oneCallPerSecondFindsOutHowABrokenEndpointIsAndThreeGoodOnesClearIt() {
    List<Fake> entries = fakes(3);
    Roster roster = roster(entries);
    fails(entries.get(0), 5);
    for (int second = 1; second <= 3; second++) {
      now += SECOND + 60 * MILLI;
      int probes = 0;
      for (int i = 0; i < 200; i++) {
        probes += pick(roster, IDEMPOTENT) == 0 ? 1 : 0;
      }
      assertThat(probes).as("second %d", second).isEqualTo(1);
      succeeds(entries.get(0));
    }
    assertThat(lines).hasSize(2).last().asString().contains("is back after");
    now += 2 * SECOND;
    int[] counts = picks(roster, 3_000);
    assertThat(counts[0]).as("%s", Arrays.toString(counts)).isBetween(850, 1_150);
  }

  @Test
  void aCallThatMayNotRunTwiceIsSparedForAWhile() {
    List<Fake> entries = fakes(2);
    Roster roster = roster(entries);
    fails(entries.get(0), 5);
    now += SECOND + MILLI;
    assertThat(picks(roster, 100)[0]).isZero();
    now += 300 * MILLI;
    assertThat(picks(roster, 100)[0]).isEqualTo(1);
  }

  @Test
  void nothingGoesToOneThatRefusesConnectionsHoweverBrokenTheOthersAre() {
    List<Fake> entries = fakes(3);
    entries.get(2).state = EndpointState.BACKING_OFF;
    Roster roster = roster(entries);
    fails(entries.get(0), 5);
    fails(entries.get(1), 5);
    assertThat(picks(roster, 300)[2]).isZero();
  }

  @Test
  void onDryRunAVerdictIsSaidAndNothingFollows() {
    Mode dry = Mode.DRY_RUN;
    protection =
        new Protection(
            new EndpointHealth.Modes(dry, dry, dry, dry), Mode.ON, Mode.ON, true, true, true);
    List<Fake> entries = fakes(2);
    Roster roster = roster(entries);
    fails(entries.get(0), 5);
    assertThat(lines).singleElement().asString().contains("would be avoided, were it no dry run");
    assertThat(picks(roster, 200)[0]).isGreaterThan(60);
  }

  @Test
  void aModeThatIsSwitchedOffWhileRunningLetsCallsBack() {
    List<Fake> entries = fakes(2);
    Roster roster = roster(entries);
    fails(entries.get(0), 5);
    assertThat(picks(roster, 100)[0]).isZero();
    Mode off = Mode.OFF;
    protection =
        new Protection(
            new EndpointHealth.Modes(off, off, off, off), Mode.ON, Mode.ON, true, true, true);
    now += 11 * SECOND;
    assertThat(picks(roster, 200)[0]).isGreaterThan(60);
  }

  @Test
  void oneThatLeavesAndComesBackKeepsItsVerdictForAMinute() {
    List<Fake> entries = fakes(2);
    Roster unused = roster(entries);
    fails(entries.get(0), 5);
    EndpointRecord gone = entries.get(0).record;
    accounting.listed(List.of(entries.get(1).record), List.of(gone), now);
    now += 59 * SECOND;
    assertThat(accounting.record(gone.address(), now)).isSameAs(gone);
    accounting.listed(List.of(entries.get(1).record), List.of(gone), now);
    now += 61 * SECOND;
    assertThat(accounting.record(gone.address(), now)).isNotSameAs(gone);
  }

  @Test
  void oneThatFailsMoreThanItsPeersIsEjectedByComparison() {
    List<Fake> entries = fakes(10);
    Roster roster = roster(entries);
    for (int round = 0; round < 200; round++) {
      for (Fake each : entries) {
        succeeds(each);
      }
      if (round % 5 == 0) {
        fails(entries.get(3), 1); // A sixth of its calls: no breaker sees that.
      }
    }
    now += 11 * SECOND;
    assertThat(picks(roster, 500)[3]).isZero();
    assertThat(lines).singleElement().asString().contains("the median of 9 peers is 0 %");
  }

  @Test
  void aBrokenOneIsTriedOutHoweverLongOthersAreBrokenOrSlow() {
    List<Fake> entries = fakes(4);
    Roster roster = roster(entries);
    fails(entries.get(0), 5);
    fails(entries.get(2), 5);
    int[] probes = new int[4];
    for (int i = 0; i < 4_000; i++) {
      now += MILLI;
      int picked = pick(roster, IDEMPOTENT);
      probes[picked]++;
      if (picked == 0) {
        fails(entries.get(0), 1);
      }
    }
    assertThat(probes[0]).isBetween(2, 4);
    assertThat(probes[2]).isBetween(2, 4);
  }

  @Test
  void whereFewCallsAreMadeFewOfThemFindOut() {
    List<Fake> entries = fakes(3);
    Roster roster = roster(entries);
    fails(entries.get(0), 5);
    int probes = 0;
    for (int i = 0; i < 100; i++) {
      now += SECOND;
      if (pick(roster, IDEMPOTENT) == 0) {
        probes++;
        fails(entries.get(0), 1);
      }
    }
    assertThat(probes).isBetween(5, 10);
  }

  @Test
  void aClientOfStreamsAloneFindsOutByStreams() {
    List<Fake> entries = fakes(2);
    Roster roster = roster(entries);
    fails(entries.get(0), 5);
    Request<?, ?> stream =
        Request.of(Method.serverStreaming("demo.watch", String.class, String.class), "");
    int probes = 0;
    for (int i = 0; i < 400; i++) {
      now += 10 * MILLI;
      probes += pick(roster, stream) == 0 ? 1 : 0;
    }
    assertThat(probes).isBetween(1, 3);
  }

  @Test
  void aQuietStreamThatEndsAtItsDeadlineIsNoFailure() {
    List<Fake> entries = fakes(2);
    Roster unused = roster(entries);
    Status late =
        Status.of(Status.Code.DEADLINE_EXCEEDED, "late").withStarted(Status.Started.MAYBE);
    for (int i = 0; i < 10; i++) {
      now += 60 * SECOND;
      accounting.ended(
          entries.get(0).record,
          latency,
          late,
          TryEnd.PLAIN,
          Accounting.Kind.STREAM,
          now - 60 * SECOND,
          now);
    }
    assertThat(lines).isEmpty();
  }

  @Test
  void thatAOneWayCallHasBeenSentIsNoSuccess() {
    List<Fake> entries = fakes(2);
    Roster unused = roster(entries);
    for (int i = 0; i < 5; i++) {
      fails(entries.get(0), 1);
      accounting.ended(
          entries.get(0).record,
          latency,
          Status.OK,
          TryEnd.PLAIN,
          Accounting.Kind.ONEWAY,
          now,
          now + MILLI);
    }
    assertThat(lines).singleElement().asString().contains("5 failed in a row");
  }

  @Test
  void theOnlyEndpointIsNeverJudged() {
    List<Fake> entries = fakes(1);
    Roster unused = roster(entries);
    fails(entries.get(0), 50);
    assertThat(lines).isEmpty();
  }

  @Test
  void onesThatTakeNoCallsAreNotTriedOut() {
    List<Fake> entries = fakes(2);
    Fake drained =
        new Fake("127.0.0.1:77", "") {
          @Override
          public Endpoint endpoint() {
            return Endpoint.of("127.0.0.1:77", 0, "");
          }
        };
    Roster roster = roster(List.of(entries.get(0), entries.get(1), drained));
    fails(drained, 5);
    for (int i = 0; i < 100; i++) {
      now += SECOND / 2;
      assertThat(pick(roster, IDEMPOTENT)).isNotEqualTo(2);
    }
  }
}
