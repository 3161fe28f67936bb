package erpc.endpoints;

import static org.assertj.core.api.Assertions.assertThat;

import erpc.call.Request;
import erpc.transport.EndpointState;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What is looked at while some endpoints are not as they should be. */
class UpkeepTest extends JudgedEndpoints {
  private static final int MANY = 2_000;
  private static final Request<?, ?> KEYED =
      IDEMPOTENT.withOptions(IDEMPOTENT.options().withAffinityKey("7"));

  private int tasks;
  private int failed;
  private boolean logFails;

  @Override
  Accounting accounting() {
    return new Accounting(() -> protection, random, this::work, this::log, 0);
  }

  private void work(Runnable task) {
    tasks++;
    try {
      task.run();
    } catch (IllegalStateException e) {
      failed++;
    }
  }

  private void log(String line) {
    if (logFails) {
      logFails = false;
      throw new IllegalStateException("the log is full, says this test");
    }
    lines.add(line);
  }

  private static Protection withZones(boolean zones) {
    return new Protection(
        Protection.ALL_ON.modes(),
        Protection.ALL_ON.panic(),
        Protection.ALL_ON.budget(),
        false,
        zones,
        false);
  }

  private List<Fake> many() {
    protection = withZones(false);
    return fakes(MANY);
  }

  private int picksFor(Roster roster, long nanos) {
    int picks = 0;
    for (long end = now + nanos; now < end; now += MILLI) {
      int unused = pick(roster, IDEMPOTENT);
      picks++;
    }
    return picks;
  }

  private static long looks(List<Fake> entries) {
    return entries.stream().mapToLong(each -> each.looks).sum();
  }

  @Test
  void whileOneIsBrokenAllAreLookedAtOncePerSecond() {
    List<Fake> entries = many();
    Roster roster = roster(entries);
    fails(entries.get(7), 5);
    int unused = picksFor(roster, 1);
    long before = looks(entries);
    tasks = 0;
    int picks = picksFor(roster, 3 * SECOND);
    assertThat(looks(entries) - before).isBetween(3L * MANY, 4L * MANY + 10L * picks);
    assertThat(tasks).as("looks at all").isBetween(2, 4);
  }

  @Test
  void whileAllAreWellNobodyIsLookedAt() {
    List<Fake> entries = many();
    Roster roster = roster(entries);
    int unused = picksFor(roster, 1);
    long before = looks(entries);
    tasks = 0;
    int picks = picksFor(roster, 3 * SECOND);
    assertThat(looks(entries) - before).isLessThan(10L * picks);
    assertThat(tasks).isZero();
  }

  @Test
  void ofVeryManyBrokenOnesEachIsTriedOut() {
    List<Fake> entries = many();
    Roster roster = roster(entries);
    List<Fake> broken = entries.subList(100, 100 + 3 * Upkeep.MOST_DONE_BY_PICKS);
    broken.forEach(each -> fails(each, 5));
    List<Integer> called = new ArrayList<>();
    for (int i = 0; i < 8_000; i++) {
      called.add(pick(roster, IDEMPOTENT));
      now += MILLI;
    }
    assertThat(called).containsAll(IntStream.range(100, 100 + broken.size()).boxed().toList());
  }

  @Test
  void theShareOfOneOfManyGrowsInSteps() {
    List<Fake> entries = many();
    Roster roster = roster(entries);
    Fake back = entries.get(7);
    fails(back, 5);
    for (int i = 0; i < 3; i++) {
      now += SECOND;
      succeeds(back);
    }
    now += MILLI;
    int unused = picksFor(roster, 1);
    List<Long> shares = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      int unusedToo = picksFor(roster, 110 * MILLI);
      shares.add(roster.drawWeight(7));
    }
    assertThat(shares).isSorted().doesNotHaveDuplicates();
    assertThat(shares.getLast()).isEqualTo(roster.drawWeight(8));
  }

  /** For so long, calls that balancers send by a key; where they have been. */
  private Set<Integer> keyedPicksFor(Roster roster, long nanos) {
    Set<Integer> called = new HashSet<>();
    for (long end = now + nanos; now < end; now += MILLI) {
      called.add(pick(roster, KEYED));
    }
    return called;
  }

  /** All answer for ten seconds, one of them slowly, and are compared then. */
  private void makeSlow(Roster roster, List<Fake> entries, Fake slow) {
    for (int i = 0; i < 100; i++) {
      now += 100 * MILLI;
      for (Fake each : entries) {
        long nanos = each == slow ? 50 * MILLI : MILLI;
        accounting.succeeded(each.record, latency, now - nanos, now);
      }
    }
    int unused = pick(roster, REQUEST);
  }

  @Test
  void aSlowOneThatKeyedCallsDoNotFindOutAboutKeepsNoBrokenOneFromIt() {
    List<Fake> entries = fakes(3);
    Roster roster = roster(entries);
    makeSlow(roster, entries, entries.getFirst());
    Set<Integer> unused = keyedPicksFor(roster, SECOND);
    assertThat(roster.upkeep().isWanting(0)).isTrue();
    fails(entries.get(1), 5);
    assertThat(keyedPicksFor(roster, 5 * SECOND)).contains(1);
  }

  @Test
  void oneThatIsWellByNowWantsNoCallAnyMore() {
    List<Fake> entries = fakes(3);
    Roster roster = roster(entries);
    makeSlow(roster, entries, entries.getFirst());
    Set<Integer> unused = keyedPicksFor(roster, SECOND);
    entries.getFirst().record.latency().reset();
    now += SECOND;
    roster.upkeep().catchUp(now);
    assertThat(roster.upkeep().isWanting(0)).isFalse();
  }

  @Test
  void anEndpointThatIsDialledChangesNothingForOtherZones() {
    protection = withZones(true);
    List<Fake> entries = inTwoZones(MANY);
    Roster roster = roster(entries);
    Fake dialled = entries.get(7);
    tasks = 0;
    for (int i = 0; i < 3_000; i++) {
      dialled.state = i % 2 == 0 ? EndpointState.IDLE : EndpointState.CONNECTING;
      roster.refile(7);
      int unused = picksFor(roster, MILLI);
    }
    assertThat(tasks).isLessThanOrEqualTo(4);
  }

  @Test
  void endpointsThatGetOutOfReachOneAfterTheOtherAreLookedAtTogether() {
    protection = withZones(true);
    List<Fake> entries = inTwoZones(MANY);
    Roster roster = roster(entries);
    tasks = 0;
    for (int i = 0; i < 1_000; i++) {
      entries.get(i).state = EndpointState.BACKING_OFF;
      roster.refile(i);
      int unused = picksFor(roster, MILLI);
    }
    assertThat(tasks).isBetween(1, 5);
    int unused = picksFor(roster, SECOND);
    assertThat(roster.share(1_500)).as("all of the work is theirs").isPositive();
  }

  @Test
  void aLookThatFailsIsTakenAgainSoon() {
    List<Fake> entries = many();
    boolean[] fails = {true};
    Fake odd =
        new Fake("127.0.0.1:9999", "") {
          @Override
          public EndpointRecord record() {
            if (tasks > 0 && fails[0]) {
              fails[0] = false;
              throw new IllegalStateException("there is no memory, says this test");
            }
            return super.record();
          }
        };
    List<Fake> all = new ArrayList<>(entries);
    all.add(odd);
    Roster roster = roster(all);
    fails(entries.get(7), 5);
    int unused = picksFor(roster, 1_500 * MILLI);
    assertThat(failed).isOne();
    assertThat(tasks).isGreaterThanOrEqualTo(2);
  }

  @Test
  void aLogThatFailsEndsNoCallAndHidesNoVerdict() {
    List<Fake> entries = fakes(3);
    Roster roster = roster(entries);
    logFails = true;
    fails(entries.get(1), 5);
    assertThat(logFails).isFalse();
    assertThat(picks(roster, 100)[1]).isZero();
  }
}
