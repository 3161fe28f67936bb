package erpc.endpoints;

import static org.assertj.core.api.Assertions.assertThat;

import erpc.balance.Balancer;
import erpc.breaker.EndpointHealth;
import erpc.breaker.MethodLatency;
import erpc.breaker.TryEnd;
import erpc.call.Method;
import erpc.call.Request;
import erpc.call.Status;
import erpc.discovery.Endpoint;
import erpc.settings.Mode;
import erpc.transport.EndpointState;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What verdicts make of picks: whom calls avoid, who finds out, and how shares grow. */
class VerdictsTest {
  private static final long MILLI = TimeUnit.MILLISECONDS.toNanos(1);
  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
  private static final Method<String, String> METHOD =
      Method.unary("demo.hello", String.class, String.class);
  private static final Request<?, ?> REQUEST = Request.of(METHOD, "");
  private static final Request<?, ?> IDEMPOTENT = Request.of(METHOD.idempotent(), "");
  private static final Status FAULT =
      Status.of(Status.Code.INTERNAL, "broken").asRemote().withStarted(Status.Started.YES);

  private final Random random = new Random(11);
  private final List<String> lines = new ArrayList<>();
  private final MethodLatency latency = new MethodLatency(0);
  private Protection protection = Protection.ALL_ON;
  private final Accounting accounting =
      new Accounting(() -> protection, random, Runnable::run, lines::add, 0);

  private long now;

  private class Fake implements Roster.Entry {
    private final Endpoint endpoint;
    private final EndpointRecord record;
    private EndpointState state = EndpointState.READY;
    private int calls;

    Fake(String address, String zone) {
      endpoint = Endpoint.of(address, 100, zone);
      record = accounting.record(address, now);
    }

    @Override
    public Endpoint endpoint() {
      return endpoint;
    }

    @Override
    public EndpointState state() {
      return state;
    }

    @Override
    public boolean isFull() {
      return false;
    }

    @Override
    public int inFlight() {
      return calls;
    }

    @Override
    public void countInAll() {}

    @Override
    public EndpointRecord record() {
      return record;
    }

    @Override
    public boolean isShared() {
      return true;
    }

    @Override
    public void connect() {}
  }

  private List<Fake> fakes(int count) {
    return IntStream.rangeClosed(1, count).mapToObj(i -> new Fake("127.0.0.1:" + i, "")).toList();
  }

  /** The first half in one zone, the second in another. */
  private List<Fake> inTwoZones(int count) {
    return IntStream.rangeClosed(1, count)
        .mapToObj(i -> new Fake("127.0.0.1:" + i, i <= count / 2 ? "here" : "there"))
        .toList();
  }

  private Roster roster(List<Fake> entries) {
    accounting.listed(entries.stream().map(Fake::record).toList(), List.of(), now);
    Roster roster = new Roster(entries, "here", () -> 0, accounting, now);
    for (int i = 0; i < entries.size(); i++) {
      int index = i;
      entries.get(i).record.onJudged(nanos -> roster.judged(index, nanos));
    }
    return roster;
  }

  private int pick(Roster roster, Request<?, ?> request) {
    TryPick pick = new TryPick(roster, request, null, List.of(), random, now);
    return roster.pick(Balancer.Pick::draw, pick);
  }

  private int[] picks(Roster roster, int times) {
    int[] counts = new int[roster.size()];
    for (int i = 0; i < times; i++) {
      counts[pick(roster, REQUEST)]++;
    }
    return counts;
  }

  private void fails(Fake at, int times) {
    for (int i = 0; i < times; i++) {
      accounting.ended(
          at.record, latency, FAULT, TryEnd.PLAIN, Accounting.Kind.UNARY, now, now + MILLI);
    }
  }

  private void succeeds(Fake at) {
    accounting.succeeded(at.record, latency, now, now + MILLI);
  }

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
