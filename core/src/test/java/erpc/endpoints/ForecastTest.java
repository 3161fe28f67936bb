package erpc.endpoints;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import erpc.balance.Balancer;
import erpc.balance.ChiSquare;
import erpc.call.CallOptions;
import erpc.call.Request;
import erpc.transport.EndpointState;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The chances that a forecast gives, against what picks then do. */
class ForecastTest extends JudgedEndpoints {
  private static final int PICKS = 200_000;

  private List<Fake> weighted(int... weights) {
    List<Fake> made = new ArrayList<>();
    for (int i = 0; i < weights.length; i++) {
      made.add(new Fake("127.0.0.1:" + (i + 1), weights[i], ""));
    }
    return made;
  }

  private Forecast forecast(Roster roster, Balancer.Picker picker, Request<?, ?> request) {
    return Forecast.of(roster, picker, request, null, now);
  }

  /** How often each is picked, without the calls that find out about broken ones. */
  private int[] picked(Roster roster, Balancer.Picker picker, Request<?, ?> request) {
    int[] counts = new int[roster.size()];
    for (int i = 0; i < PICKS; i++) {
      counts[picker.pick(new TryPick(roster, request, null, List.of(), random, now))]++;
    }
    return counts;
  }

  private void isWhatIsPicked(String balancer, Roster roster) {
    Balancer.Picker picker = Balancer.named(balancer).picker(roster);
    Forecast forecast = forecast(roster, picker, REQUEST);
    assertThat(forecast.picks()).as("%s: exact", balancer).isZero();
    assertThat(sum(forecast)).as(balancer).isEqualTo(1, within(1e-9));
    double[] chances = new double[roster.size()];
    Arrays.setAll(chances, forecast::chance);
    int[] counts = picked(roster, picker, REQUEST);
    assertThat(ChiSquare.p(counts, chances))
        .as("%s: %s of %s", balancer, Arrays.toString(counts), Arrays.toString(chances))
        .isGreaterThan(0.001);
  }

  private static double sum(Forecast forecast) {
    double sum = forecast.ofNone();
    for (int i = 0; i < forecast.size(); i++) {
      sum += forecast.chance(i);
    }
    return sum;
  }

  @ParameterizedTest
  @ValueSource(strings = {"random", "round_robin", "least_request", "p2c", "ring_hash", "maglev"})
  void isByWeightWhereAllAreIdleAndAlike(String balancer) {
    Roster roster = roster(weighted(100, 50, 25, 200, 0, 125, 300));
    isWhatIsPicked(balancer, roster);
    Forecast forecast = forecast(roster, Balancer.named(balancer).picker(roster), REQUEST);
    assertThat(forecast.chance(3)).isEqualTo(0.25, within(1e-9));
    assertThat(forecast.chance(4)).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"random", "round_robin", "least_request", "p2c"})
  void countsCallsInFlightVerdictsSlowStartAndPanic(String balancer) {
    List<Fake> before = weighted(100, 100, 100, 100, 100);
    Roster unused = roster(before);
    now += SECOND;
    List<Fake> entries = joined(before);
    Roster roster = roster(entries);
    for (int i = 0; i < entries.size(); i++) {
      entries.get(i).calls = 1 + i % 3;
      succeeds(entries.get(i));
    }
    isWhatIsPicked(balancer, roster);
    fails(entries.get(1), 5);
    isWhatIsPicked(balancer, roster);
    for (int i = 2; i < 5; i++) {
      fails(entries.get(i), 5);
    }
    isWhatIsPicked(balancer, roster); // 2 of 6 are healthy: panic.
  }

  private List<Fake> joined(List<Fake> before) {
    List<Fake> all = new ArrayList<>(before);
    all.add(new Fake("127.0.0.1:77", 100, ""));
    return all;
  }

  @Test
  void whereAllAreBrokenOrOutOfReachItIsWhatIsPickedToo() {
    List<Fake> entries = weighted(100, 200, 100);
    Roster roster = roster(entries);
    entries.forEach(each -> fails(each, 5));
    isWhatIsPicked("random", roster);
    entries.forEach(each -> each.state = EndpointState.BACKING_OFF);
    for (int i = 0; i < 3; i++) {
      roster.refile(i);
    }
    isWhatIsPicked("random", roster);
  }

  @Test
  void aKeyHasOneEndpoint() {
    Roster roster = roster(fakes(5));
    for (String name : List.of("ring_hash", "maglev")) {
      Balancer.Picker picker = Balancer.named(name).picker(roster);
      for (int i = 0; i < 20; i++) {
        Request<?, ?> keyed = REQUEST.withOptions(CallOptions.NONE.withAffinityKey("user-" + i));
        int picked = picker.pick(new TryPick(roster, keyed, null, List.of(), random, now));
        Forecast forecast = forecast(roster, picker, keyed);
        assertThat(forecast.chance(picked)).isEqualTo(1);
        assertThat(forecast.picks()).isZero();
      }
    }
  }

  @Test
  void whatCannotBeFollowedIsAskedOften() {
    List<Fake> entries = fakes(4);
    Roster roster = roster(entries);
    entries.get(0).full = true; // Draws then depend on looks at others.
    entries.get(1).full = true;
    entries.get(2).full = true;
    entries.get(3).full = true;
    Balancer.Picker picker = Balancer.named("p2c").picker(roster);
    Forecast forecast = forecast(roster, picker, REQUEST);
    assertThat(forecast.picks()).isEqualTo(10_000);
    assertThat(sum(forecast)).isEqualTo(1, within(1e-9));
    assertThat(forecast.chance(0)).isEqualTo(0.25, within(0.03));
  }

  @Test
  void whatABalancerHasLearnedIsAskedForAndLeftAsItIs() {
    List<Fake> entries = fakes(3);
    Roster roster = roster(entries);
    Balancer.Picker picker = Balancer.named("locality_aware").picker(roster);
    int[] counts = new int[3];
    for (int i = 0; i < 30_000; i++) {
      now += MILLI;
      int index = picker.pick(new TryPick(roster, REQUEST, null, List.of(), random, now));
      counts[index]++;
      accounting.succeeded(
          entries.get(index).record, latency, now - (index == 0 ? 50 : 5) * MILLI, now);
    }
    Forecast forecast = forecast(roster, picker, REQUEST);
    assertThat(forecast.picks()).isEqualTo(10_000);
    assertThat(forecast.chance(0)).isLessThan(0.2);
    assertThat(forecast(roster, picker, REQUEST).chance(0)).isEqualTo(forecast.chance(0));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "random",
        "round_robin",
        "least_request",
        "p2c",
        "locality_aware",
        "ring_hash",
        "maglev"
      })
  void picksAfterItAreWhatTheyWouldHaveBeen(String balancer) {
    assertThat(story(balancer, true)).isEqualTo(story(balancer, false));
  }

  /** What is picked, and what is said of it, while one endpoint breaks and comes back. */
  private static List<Object> story(String balancer, boolean explained) {
    JudgedEndpoints world = new JudgedEndpoints() {};
    List<Fake> entries = world.fakes(4);
    Roster roster = world.roster(entries);
    Balancer.Picker picker = Balancer.named(balancer).picker(roster);
    List<Object> told = new ArrayList<>();
    int failed = 0;
    for (int i = 0; i < 3_000; i++) {
      world.now += 10 * MILLI;
      Request<?, ?> request = i % 2 == 0 ? REQUEST : IDEMPOTENT;
      if (explained && i % 7 == 0) {
        TryPick pick = new TryPick(roster, request, null, List.of(), () -> 0, world.now);
        Findings findings = new Findings(roster, pick);
        Forecast unused = Forecast.of(roster, picker, request, null, world.now);
        for (int each = 0; each < 4; each++) {
          Findings.Finding unusedToo = findings.of(each, "");
        }
      }
      TryPick pick = new TryPick(roster, request, null, List.of(), world.random, world.now);
      int index = roster.pick(picker, pick);
      told.add(index);
      if (index == 1 && i > 500 && failed < 8) {
        failed++;
        world.fails(entries.get(index), 1);
      } else {
        world.succeeds(entries.get(index));
      }
    }
    told.addAll(world.lines);
    assertThat(world.lines).as("verdicts").hasSizeGreaterThanOrEqualTo(2);
    return told;
  }

  @Test
  void aPickerThatThrowsOrPicksNobodyIsSaid() {
    Roster roster = roster(fakes(3));
    IllegalStateException wrong = new IllegalStateException("no luck");
    Forecast throwing =
        forecast(
            roster,
            pick -> {
              throw wrong;
            },
            REQUEST);
    assertThat(throwing.ofNone()).isEqualTo(1);
    assertThat(throwing.thrown()).isSameAs(wrong);
    assertThat(forecast(roster, pick -> Balancer.NONE, REQUEST).ofNone()).isEqualTo(1);
    Forecast odd = forecast(roster, pick -> pick.draw() == 0 ? 7 : 1, REQUEST);
    assertThat(odd.outOfRange()).isEqualTo(7);
    assertThat(odd.ofNone()).isEqualTo(1 / 3.0, within(1e-9));
    assertThat(odd.chance(1)).isEqualTo(2 / 3.0, within(1e-9));
  }

  @Test
  void aPickerThatKeepsACountOfItsOwnIsNotTakenForOneThatCanBeFollowed() {
    Roster roster = roster(fakes(3));
    int[] count = new int[1];
    Forecast forecast = forecast(roster, pick -> count[0]++ % 2 == 0 ? pick.draw() : 0, REQUEST);
    assertThat(forecast.picks()).isPositive();
    assertThat(forecast.chance(0)).isEqualTo(2 / 3.0, within(0.03));
  }

  @Test
  void aThousandEndpointsTakeATimeThatOneCanWait() {
    Roster roster = roster(fakes(999));
    long begun = System.nanoTime();
    for (String name : List.of("random", "round_robin", "p2c", "ring_hash")) {
      Balancer.Picker picker = Balancer.named(name).picker(roster);
      Forecast forecast = forecast(roster, picker, REQUEST);
      assertThat(sum(forecast)).as(name).isEqualTo(1, within(1e-9));
      assertThat(forecast.chance(500)).as(name).isEqualTo(1 / 999.0, within(0.0006));
      assertThat(forecast.picks() == 0).as(name).isEqualTo(!name.equals("p2c"));
    }
    assertThat(System.nanoTime() - begun).isLessThan(20 * SECOND);
  }

  @Test
  void aPickerThatAlwaysFailsLeavesNoChance() {
    Roster roster = roster(weighted(100, 200, 100));
    Balancer.Picker lost =
        pick -> {
          long unused = pick.random().nextLong(); // So that its outcomes cannot be counted.
          return Balancer.NONE;
        };
    Forecast forecast = forecast(roster, lost, REQUEST);
    assertThat(forecast.picks()).isPositive();
    assertThat(forecast.ofNone()).isEqualTo(1);
  }
}
