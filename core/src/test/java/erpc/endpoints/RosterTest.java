package erpc.endpoints;

import static org.assertj.core.api.Assertions.assertThat;

import erpc.Tries;
import erpc.balance.Balancer;
import erpc.call.CallOptions;
import erpc.call.Method;
import erpc.call.Request;
import erpc.discovery.Endpoint;
import erpc.transport.EndpointState;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a try finds among many endpoints, and how many it looks at. */
class RosterTest {
  private static final Request<?, ?> REQUEST =
      Request.of(Method.unary("demo.hello", String.class, String.class), "")
          .withOptions(CallOptions.NONE.withAffinityKey("user-7"));

  private static final EndpointState[] STATES = EndpointState.values();

  private static final int MANY = 10_000;

  private static final Accounting ACCOUNTING =
      new Accounting(() -> Protection.ALL_ON, new Random(1), Runnable::run, line -> {}, 0);

  private final Random random = new Random(7);

  /** What each pick of these tests has looked at. */
  private long asked;

  private final class Fake implements Roster.Entry {
    private final Endpoint endpoint;
    private final EndpointRecord record;
    private EndpointState state = EndpointState.READY;
    private boolean full;
    private int inFlight;
    private int dials;

    Fake(int number, int weight) {
      endpoint = Endpoint.of("127.0.0.1:" + (number + 1), weight, "");
      record = ACCOUNTING.record(endpoint.address(), 0);
    }

    @Override
    public Endpoint endpoint() {
      return endpoint;
    }

    @Override
    public EndpointState state() {
      asked++;
      return state;
    }

    @Override
    public boolean isFull() {
      asked++;
      return full;
    }

    @Override
    public int inFlight() {
      asked++;
      return inFlight;
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
    public void connect() {
      dials++;
      state = EndpointState.CONNECTING;
    }
  }

  private List<Fake> alike(int size) {
    return weighted(IntStream.generate(() -> 100).limit(size).toArray());
  }

  private List<Fake> weighted(int... weights) {
    return IntStream.range(0, weights.length).mapToObj(i -> new Fake(i, weights[i])).toList();
  }

  private static Roster roster(List<Fake> entries) {
    return new Roster(entries, "", () -> 0, ACCOUNTING, true, 0);
  }

  private TryPick pick(Roster roster, List<Fake> tried) {
    return new TryPick(roster, REQUEST, null, tried, random, 0);
  }

  private int[] draws(Roster roster, List<Fake> tried, int times) {
    int[] counts = new int[roster.size()];
    for (int i = 0; i < times; i++) {
      counts[pick(roster, tried).draw()]++;
    }
    return counts;
  }

  private static Balancer[] all() {
    return Stream.of(
            "round_robin",
            "random",
            "least_request",
            "p2c",
            "locality_aware",
            "ring_hash",
            "maglev")
        .map(Balancer::named)
        .toArray(Balancer[]::new);
  }

  // ---- bounds

  @ParameterizedTest
  @ValueSource(
      strings = {"READY", "CONNECTING", "BACKING_OFF", "one READY", "one has room", "mixed"})
  void noPickLooksAtMoreThanAFewOfTenThousand(String kind) {
    List<Fake> entries = alike(MANY);
    for (int i = 0; i < MANY; i++) {
      Fake each = entries.get(i);
      boolean chosen = i == 6_130;
      each.full = kind.equals("one has room") && !chosen;
      each.inFlight = i % 3;
      each.state =
          switch (kind) {
            case "one READY" -> chosen ? EndpointState.READY : EndpointState.BACKING_OFF;
            case "one has room" -> EndpointState.READY;
            case "mixed" -> STATES[i % STATES.length];
            default -> EndpointState.valueOf(kind);
          };
    }
    Roster roster = roster(entries);
    List<Fake> tried = List.of(entries.get(6_129), entries.get(1), entries.get(2));
    for (Balancer balancer : all()) {
      Balancer.Picker picker = balancer.picker(roster);
      for (int i = 0; i < 200; i++) {
        asked = 0;
        roster.connectSome();
        assertThat(picker.pick(pick(roster, i % 2 == 0 ? List.of() : tried))).isNotNegative();
        assertThat(asked).as("%s, %s", kind, balancer).isLessThanOrEqualTo(300);
      }
    }
  }

  @Test
  void theOnlyOneThatIsConnectedIsFoundAmongTenThousand() {
    List<Fake> entries = alike(MANY);
    entries.forEach(each -> each.state = EndpointState.BACKING_OFF);
    Roster roster = roster(entries);
    entries.get(6_130).state = EndpointState.READY;
    roster.refile(6_130);
    for (Balancer balancer : all()) {
      Balancer.Picker picker = balancer.picker(roster);
      for (int i = 0; i < 100; i++) {
        assertThat(picker.pick(pick(roster, List.of()))).isEqualTo(6_130);
      }
    }
  }

  @Test
  void idleOnesAreConnectedAFewAtAPick() {
    List<Fake> entries = alike(100);
    entries.forEach(each -> each.state = EndpointState.IDLE);
    Roster roster = roster(entries);
    roster.connectSome();
    assertThat(entries.stream().filter(each -> each.dials == 1)).hasSize(16);
    for (int i = 0; i < 10; i++) {
      roster.connectSome();
    }
    assertThat(entries).allMatch(each -> each.dials == 1);
    roster.refile(42);
    entries.get(42).state = EndpointState.IDLE;
    roster.refile(42);
    roster.connectSome();
    assertThat(entries.get(42).dials).isEqualTo(2);
  }

  @Test
  void aDrainedOneIsNotConnected() {
    List<Fake> entries = weighted(100, 0, 100);
    entries.forEach(each -> each.state = EndpointState.IDLE);
    roster(entries).connectSome();
    assertThat(entries.stream().map(each -> each.dials)).containsExactly(1, 0, 1);
  }

  // ---- what is found

  @Test
  void drawsByWeightAmongThoseThatAreReady() {
    List<Fake> entries = weighted(100, 400, 0, 100, 200);
    entries.get(1).state = EndpointState.CONNECTING;
    int[] counts = draws(roster(entries), List.of(), 40_000);
    assertThat(counts[1] + counts[2]).isZero();
    assertThat(counts[0]).isBetween(9_500, 10_500);
    assertThat(counts[3]).isBetween(9_500, 10_500);
    assertThat(counts[4]).isBetween(19_500, 20_500);
  }

  @Test
  void allAreAlikeWhereAllHaveWeightZero() {
    int[] counts = draws(roster(weighted(0, 0, 0)), List.of(), 3_000);
    assertThat(IntStream.of(counts)).allMatch(count -> count > 850 && count < 1_150);
  }

  @Test
  void honoursWeightsThatAreFarApartAmongManyOfWhichMostAreGone() {
    int[] weights = new int[1_000];
    Arrays.fill(weights, 1);
    weights[170] = 900;
    List<Fake> entries = weighted(weights);
    for (int i = 0; i < 1_000; i++) {
      entries.get(i).state = i % 10 == 0 ? EndpointState.READY : EndpointState.BACKING_OFF;
    }
    int[] counts = draws(roster(entries), List.of(), 10_000);
    assertThat(counts[170]).isBetween(8_900, 9_120); // of 900 / 999
  }

  @Test
  void theShareOfOneThatWasTriedGoesToAllOthersByWeight() {
    List<Fake> entries = weighted(100, 100, 100, 200);
    int[] counts = draws(roster(entries), List.of(entries.get(1)), 40_000);
    assertThat(counts[1]).isZero();
    assertThat(counts[0]).isBetween(9_500, 10_500);
    assertThat(counts[3]).isBetween(19_500, 20_500);
  }

  /** From choosy to anything, by hand, for any state of up to as many as are all looked at. */
  @Test
  void takesTheBestThereIs() {
    Tries.of(500, this::takesTheBestThereIs);
  }

  private void takesTheBestThereIs(RandomGenerator chance) {
    List<Fake> entries = alike(1 + chance.nextInt(TryPick.STRETCH));
    List<Fake> tried = new ArrayList<>();
    int allowed = 1 + chance.nextInt(STATES.length);
    for (Fake each : entries) {
      each.state = STATES[chance.nextInt(allowed)];
      each.full = chance.nextInt(3) == 0;
      if (chance.nextInt(3) == 0) {
        tried.add(each);
      }
    }
    Roster roster = roster(entries);
    int best = entries.stream().mapToInt(each -> rank(each, tried)).min().orElseThrow();
    for (Balancer balancer : all()) {
      int index = balancer.picker(roster).pick(pick(roster, tried));
      assertThat(rank(entries.get(index), tried)).isEqualTo(best);
    }
  }

  private static int rank(Fake one, List<Fake> tried) {
    boolean ready = one.state == EndpointState.READY;
    boolean possible = one.state == EndpointState.IDLE || one.state == EndpointState.CONNECTING;
    if (!ready && (!possible || one.full)) {
      return 5;
    }
    if (one.full) {
      return 4;
    }
    return (ready ? 0 : 1) + (tried.contains(one) ? 2 : 0);
  }

  @Test
  void oneThatIsNoLongerUsableAndHasNotSaidSoIsFiledAnew() {
    List<Fake> entries = alike(2);
    Roster roster = roster(entries);
    entries.get(0).state = EndpointState.IDLE;
    assertThat(draws(roster, List.of(), 100)).containsExactly(0, 100);
    roster.connectSome();
    assertThat(entries.get(0).dials).isEqualTo(1);
  }

  @Test
  void anotherOneIsAsGoodOrNone() {
    List<Fake> entries = alike(3);
    Roster roster = roster(entries);
    entries.get(2).state = EndpointState.CONNECTING;
    roster.refile(2);
    TryPick pick = pick(roster, List.of());
    assertThat(pick.drawAnother(0)).isEqualTo(1);
    assertThat(pick.drawAnother(2)).isEqualTo(Balancer.NONE);
  }
}
