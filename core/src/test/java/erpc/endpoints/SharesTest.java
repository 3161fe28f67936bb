package erpc.endpoints;

import static org.assertj.core.api.Assertions.assertThat;

import erpc.balance.Balancer;
import erpc.breaker.EndpointHealth;
import erpc.settings.Mode;
import erpc.transport.EndpointState;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How many calls go where: shares that grow, panic, zones, subsets. */
class SharesTest extends JudgedEndpoints {
  @Test
  void theShareOfAnEndpointThatIsBackGrowsWithinASecond() {
    List<Fake> entries = fakes(2);
    Roster roster = roster(entries);
    fails(entries.get(0), 5);
    for (int i = 0; i < 3; i++) {
      now += SECOND;
      succeeds(entries.get(0));
    }
    now += MILLI;
    int atOnce = picks(roster, 2_000)[0];
    now += SECOND / 2;
    int later = picks(roster, 2_000)[0];
    now += SECOND;
    int atLast = picks(roster, 2_000)[0];
    assertThat(atOnce).isBetween(100, 300);
    assertThat(later).isBetween(500, 950);
    assertThat(atLast).isBetween(900, 1_100);
  }

  @Test
  void belowHalfOfTheWeightBrokenOnesGetWhatTheOthersCannotTake() {
    List<Fake> entries = fakes(10);
    Roster roster = roster(entries);
    for (int i = 0; i < 8; i++) {
      fails(entries.get(i), 5);
    }
    int[] counts = picks(roster, 10_000);
    int broken = Arrays.stream(counts, 0, 8).sum();
    assertThat(broken).isBetween(5_700, 6_300); // 1 − 2 × 0.2
    protection = new Protection(EndpointHealth.Modes.ALL_ON, Mode.OFF, Mode.ON, true, true, true);
    assertThat(Arrays.stream(picks(roster, 1_000), 0, 8).sum()).isZero();
  }

  @Test
  void whereAllAreBrokenCallsStillGoSomewhere() {
    List<Fake> entries = fakes(3);
    Roster roster = roster(entries);
    entries.forEach(each -> fails(each, 5));
    assertThat(Arrays.stream(picks(roster, 300)).min().getAsInt()).isGreaterThan(50);
  }

  @Test
  void anEndpointThatJoinsLaterStartsWithATenthOfItsShare() {
    List<Fake> entries = new ArrayList<>(fakes(1));
    Roster unused = roster(entries);
    now += SECOND;
    entries.add(new Fake("127.0.0.1:99", ""));
    Roster roster = roster(entries);
    int atFirst = picks(roster, 2_200)[1];
    now += 30 * SECOND;
    int halfway = picks(roster, 3_000)[1];
    now += 31 * SECOND;
    int atLast = picks(roster, 2_000)[1];
    assertThat(atFirst).isBetween(130, 280);
    assertThat(halfway).isBetween(880, 1_120);
    assertThat(atLast).isBetween(900, 1_100);
  }

  @Test
  void callsStayInTheirZoneAndGoOnInAnotherWhenItIsLost() {
    List<Fake> entries = inTwoZones(8);
    Roster roster = roster(entries);
    assertThat(Arrays.stream(picks(roster, 400), 4, 8).sum()).isZero();
    for (int i = 0; i < 3; i++) {
      entries.get(i).state = EndpointState.BACKING_OFF;
      roster.refile(i);
    }
    now += MILLI;
    int[] counts = picks(roster, 1_000);
    // One of four is 25 % of the zone's work, of which 70 % were enough.
    assertThat(counts[3]).as("%s", Arrays.toString(counts)).isBetween(250, 700);
    entries.get(3).state = EndpointState.BACKING_OFF;
    roster.refile(3);
    now += MILLI;
    assertThat(Arrays.stream(picks(roster, 400), 4, 8).sum()).isEqualTo(400);
  }

  @Test
  void ofVeryManyEndpointsAClientCallsAPart() {
    List<Fake> entries = fakes(2_000);
    Roster roster = roster(entries);
    long called = Arrays.stream(picks(roster, 20_000)).filter(each -> each > 0).count();
    assertThat(called).isEqualTo(200);
  }

  @Test
  void newEndpointsAreNoReasonForPanicThoughTheyHaveLittleOfTheirShareYet() {
    List<Fake> entries = new ArrayList<>(fakes(1));
    Roster unused = roster(entries);
    now += SECOND;
    for (int i = 0; i < 3; i++) {
      entries.add(new Fake("127.0.0.1:8" + i, ""));
    }
    entries.remove(0);
    Roster roster = roster(entries);
    fails(entries.get(0), 5);
    assertThat(picks(roster, 500)[0]).isZero();
    assertThat(lines).hasSize(1);
  }

  @Test
  void panicIsSaidWhenItBeginsAndWhenItIsOver() {
    List<Fake> entries = fakes(4);
    Roster roster = roster(entries);
    for (int i = 0; i < 3; i++) {
      fails(entries.get(i), 5);
    }
    now += 2 * MILLI;
    int unused = pick(roster, REQUEST);
    assertThat(lines).last().asString().startsWith("panic: 1 of 4 endpoints");
  }

  @Test
  void aShareThatGrowsCountsWithEveryBalancer() {
    for (String name : List.of("round_robin", "p2c", "least_request", "random")) {
      List<Fake> entries = new ArrayList<>(fakes(1));
      Roster unused = roster(entries);
      now += 120 * SECOND;
      entries.add(new Fake("127.0.0.1:9" + name.length(), ""));
      Roster roster = roster(entries);
      entries.forEach(each -> each.calls = 3);
      Balancer.Picker picker = Balancer.named(name).picker(roster);
      int fresh = 0;
      for (int i = 0; i < 2_000; i++) {
        TryPick pick = new TryPick(roster, REQUEST, null, List.of(), random, now);
        fresh += roster.pick(picker, pick);
      }
      assertThat(fresh).as(name).isBetween(60, 450); // A tenth of the other's share.
    }
  }

  @Test
  void aReportOfTheServersLoadCountsLessAndLess() {
    EndpointRecord record = fakes(1).get(0).record;
    record.reports(new erpc.protocol.ServerLoad(0, 40), now);
    assertThat(record.load(3, now)).isEqualTo(40);
    assertThat(record.load(3, now + SECOND / 2)).isEqualTo(20);
    assertThat(record.load(3, now + 2 * SECOND)).isEqualTo(3);
  }
}
