package erpc.endpoints;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import erpc.breaker.EndpointHealth;
import erpc.breaker.TryEnd;
import erpc.call.CallOptions;
import erpc.call.Criticality;
import erpc.call.Request;
import erpc.call.Status;
import erpc.endpoints.Findings.Finding;
import erpc.protocol.ServerLoad;
import erpc.settings.Mode;
import erpc.transport.EndpointState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which piece says what of an endpoint, in words and numbers. */
class FindingsTest extends JudgedEndpoints {
  private static final Request<?, ?> SHEDDABLE =
      REQUEST.withOptions(CallOptions.NONE.withCriticality(Criticality.SHEDDABLE));

  private Findings findings(Roster roster, Request<?, ?> request) {
    return new Findings(roster, new TryPick(roster, request, null, List.of(), random, now));
  }

  private Finding finding(Roster roster, int index) {
    return findings(roster, REQUEST).of(index, "refused");
  }

  private static void says(Finding finding, String by, String why) {
    assertThat(finding.leftOutBy()).isEqualTo(by);
    assertThat(finding.why()).isEqualTo(why);
  }

  @Test
  void ofOneThatIsWellThereIsNothingToSay() {
    Finding finding = finding(roster(fakes(2)), 0);
    says(finding, "", "");
    assertThat(finding.weight()).isEqualTo(100);
    assertThat(finding.verdict()).isEmpty();
    assertThat(finding.startingShare()).isEqualTo(1);
    assertThat(finding.leftAloneNanos()).isZero();
  }

  @Test
  void aBrokenOneIsSaidToBeWithItsNumbers() {
    List<Fake> entries = fakes(3);
    Roster roster = roster(entries);
    for (int i = 0; i < 5; i++) {
      fails(entries.get(0), 1);
      now += 100 * MILLI;
    }
    now += 100 * MILLI;
    says(
        finding(roster, 0),
        "verdict",
        "broken for 0.2 s: 5 failed in a row within 0.4 s; next probe in 0.8 s; 0 of 3 successes");
    assertThat(finding(roster, 0).weight()).isZero();
    now += SECOND;
    assertThat(finding(roster, 0).why())
        .endsWith("; a probe is due; 0 of 3 successes; one of the next ten calls is the probe");
    succeeds(entries.get(0));
    assertThat(finding(roster, 0).why()).contains("; 1 of 3 successes");
    succeeds(entries.get(0));
    succeeds(entries.get(0));
    now += 200 * MILLI;
    Finding back = finding(roster, 0);
    says(back, "", "recovers for 0.2 s: 3 calls in a row have succeeded; has 28 %");
    assertThat(back.weight()).isEqualTo(28, within(1.0));
  }

  @Test
  void aVerdictOnDryRunLeavesNobodyOutAndIsSaid() {
    EndpointHealth.Modes dry = new EndpointHealth.Modes(Mode.DRY_RUN, Mode.OFF, Mode.OFF, Mode.OFF);
    protection = new Protection(dry, Mode.ON, Mode.ON, true, true, true);
    List<Fake> entries = fakes(3);
    Roster roster = roster(entries);
    fails(entries.get(0), 5);
    says(
        finding(roster, 0),
        "",
        "called though broken for 0.0 s: 5 failed in a row within 0.0 s; 0 of 3 successes;"
            + " failuresInARow is DRY_RUN");
    assertThat(finding(roster, 0).weight()).isEqualTo(100);
  }

  @Test
  void inPanicBrokenOnesAreNotLeftOut() {
    List<Fake> entries = fakes(5);
    Roster roster = roster(entries);
    for (int i = 0; i < 4; i++) {
      fails(entries.get(i), 5);
    }
    assertThat(findings(roster, REQUEST).panic())
        .isEqualTo("20 % of the weight is healthy: broken ones get 60 % of the calls");
    Finding finding = finding(roster, 0);
    assertThat(finding.leftOutBy()).isEmpty();
    assertThat(finding.why()).startsWith("broken for 0.0 s: 5 failed in a row");
  }

  @Test
  void oneOfNoWeightOneThatRefusesAndOneThatIsNotConnectedYet() {
    List<Fake> entries = new ArrayList<>(fakes(3));
    entries.add(new Fake("127.0.0.1:4", 0, ""));
    Roster roster = roster(entries);
    entries.get(0).state = EndpointState.BACKING_OFF;
    entries.get(1).state = EndpointState.CONNECTING;
    roster.refile(0);
    roster.refile(1);
    says(finding(roster, 0), "connection", "refused");
    says(finding(roster, 1), "connection", "connecting, and others are; refused");
    says(finding(roster, 2), "", "");
    says(finding(roster, 3), "weight", "its weight is 0: it takes no calls while another one does");
  }

  @Test
  void oneThatIsFull() {
    List<Fake> entries = fakes(2);
    Roster roster = roster(entries);
    entries.get(0).full = true;
    entries.get(0).calls = 1_024;
    says(finding(roster, 0), "full", "there is no room for another call: 1024 in flight");
  }

  @Test
  void aServerThatWantsToBeLeftAloneIsByCallsThatMayBeShed() {
    List<Fake> entries = fakes(2);
    Roster roster = roster(entries);
    Status busy =
        Status.of(Status.Code.RESOURCE_EXHAUSTED, "busy")
            .withRetryAfter(Duration.ofSeconds(4))
            .asRemote();
    accounting.ended(
        entries.get(0).record, latency, busy, TryEnd.PLAIN, Accounting.Kind.UNARY, now, now);
    double left = entries.get(0).record.health().leftAloneNanos(now) / (double) SECOND;
    assertThat(left).isBetween(4.0, 6.0);
    String says =
        String.format(
            java.util.Locale.ROOT, "its server wants to be left alone for another %.1f s", left);
    says(findings(roster, SHEDDABLE).of(0, ""), "retry_after", says + "; this call may be shed");
    says(finding(roster, 0), "", says + ", which holds for retries and calls that may be shed");
  }

  @Test
  void anotherZoneAndWhatSpills() {
    List<Fake> entries = inTwoZones(8);
    Roster roster = roster(entries);
    says(
        finding(roster, 7),
        "zone",
        "in zone there; calls stay in the client's zone: 400 of 400 of the weight in the client's"
            + " zone here is healthy, 70 % of its fair share is enough");
    assertThat(finding(roster, 0).why()).isEmpty();
    for (int i = 0; i < 3; i++) {
      entries.get(i).state = EndpointState.BACKING_OFF;
      roster.refile(i);
    }
    now += MILLI;
    Finding spilled = finding(roster, 7);
    assertThat(spilled.leftOutBy()).isEmpty();
    assertThat(spilled.why())
        .isEqualTo(
            "in zone there; calls leave the client's zone: 100 of 400 of the weight in the"
                + " client's zone here is healthy");
    assertThat(spilled.weight()).isBetween(1.0, 99.0);
  }

  @Test
  void aPartOfVeryMany() {
    Roster roster = roster(fakes(1_000));
    Findings findings = findings(roster, REQUEST);
    assertThat(findings.subset()).isEqualTo(100);
    int out = 0;
    for (int i = 0; i < 1_000; i++) {
      Finding each = findings.of(i, "");
      out += each.leftOutBy().equals("subset") ? 1 : 0;
    }
    assertThat(out).isEqualTo(900);
  }

  @Test
  void aNewOneAndASlowOne() {
    List<Fake> entries = new ArrayList<>(fakes(3));
    Roster unused = roster(entries);
    now += 10 * SECOND;
    entries.add(new Fake("127.0.0.1:99", ""));
    Roster roster = roster(entries);
    now += 12 * SECOND;
    says(finding(roster, 3), "", "listed for 12.0 s, counts with 20 %");
    assertThat(finding(roster, 3).startingShare()).isEqualTo(0.2, within(1e-9));
    assertThat(finding(roster, 3).weight()).isEqualTo(20, within(0.1));
    entries.forEach(this::succeeds);
    for (int i = 0; i < 10; i++) {
      accounting.succeeded(entries.get(0).record, latency, now - 100 * MILLI, now);
    }
    now += 10 * SECOND;
    assertThat(finding(roster, 0).why()).startsWith("slow: more than ");
    assertThat(finding(roster, 0).latency()).isGreaterThan(3);
  }

  @Test
  void whatTheServerSaysOfItsLoadWhileThatIsFresh() {
    List<Fake> entries = fakes(2);
    Roster roster = roster(entries);
    entries.get(0).calls = 3;
    entries.get(0).record.reports(new ServerLoad(250, 40), now);
    Finding finding = finding(roster, 0);
    assertThat(finding.load()).isEqualTo(40);
    assertThat(finding.reported()).isEqualTo(new ServerLoad(250, 40));
    now += 2 * SECOND;
    assertThat(finding(roster, 0).load()).isEqualTo(3);
    assertThat(finding(roster, 0).reported()).isNull();
  }
}
