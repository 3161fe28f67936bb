package erpc.bench.simulate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import erpc.balance.Balancer;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class WorldTest {
  private static final Policy RANDOM = Policy.named("random");

  @Test
  void saysTheSameForTheSameSeed() {
    Scenario scenario = Scenarios.named("slow_many").lasting(2);
    for (Policy policy : Policy.usual()) {
      String once = table(scenario, policy, 7);
      assertThat(table(scenario, policy, 7)).isEqualTo(once);
      assertThat(table(scenario, policy, 8)).isNotEqualTo(once);
    }
  }

  private static String table(Scenario scenario, Policy policy, long seed) {
    return Columns.table(scenario, List.of(World.run(scenario, policy, seed)));
  }

  @Test
  void givesAllPoliciesTheSameCalls() {
    Scenario scenario = Scenarios.named("slow_busy").lasting(3);
    assertThat(Policy.usual())
        .extracting(policy -> World.run(scenario, policy, 1).tally().all().calls())
        .allMatch(calls -> calls == World.run(scenario, RANDOM, 1).tally().all().calls());
  }

  /** By theory a call stays 1 / (capacity - rate) in a queue with one core: M/M/1. */
  @ParameterizedTest
  @ValueSource(doubles = {0.3, 0.5, 0.8})
  void waitsAsTheorySays(double load) {
    double capacity = 1_000;
    Operation operation = Operation.idempotent("one", Demand.exponential(1_000 / capacity));
    Scenario scenario =
        Scenario.of("mm1", "", 300, Clients.of(10, load * capacity / 10, operation)).level(1, 1);
    Result result = World.run(scenario, RANDOM, 3);
    double networkMillis = 0.2;
    double expected = 1_000 / (capacity * (1 - load)) + networkMillis;
    assertThat(result.tally().all().meanMillis()).isCloseTo(expected, within(0.04 * expected));
    assertThat(result.servers().busiest()).isCloseTo(load, within(0.02));
  }

  @Test
  void sendsCallsWhereThePolicySays() {
    Balancer first = candidates -> pick -> 0;
    Policy policy = new Policy("first", random -> first, true);
    Scenario scenario = Scenarios.named("healthy").lasting(2);
    Result all = World.run(scenario, policy, 1);
    Result spread = World.run(scenario, RANDOM, 1);
    assertThat(all.servers().skew()).isCloseTo(20, within(1e-6));
    assertThat(all.servers().idleShare()).isCloseTo(0.95, within(1e-6));
    assertThat(all.tally().all().successShare()).isLessThan(0.2);
    assertThat(spread.tally().all().successShare()).isEqualTo(1);
    assertThat(spread.servers().idleShare()).isZero();
  }

  /** With a tenth of very many clients, each of which calls ten times as often. */
  private static Scenario small(Scenario scenario) {
    Clients all = scenario.clients();
    if (all.count() < 1_000) {
      return scenario;
    }
    Clients fewer =
        new Clients(
            all.count() / 10,
            10 * all.perSecond(),
            all.tickSeconds(),
            all.deadlineSeconds(),
            all.trySeconds(),
            all.mix(),
            all.zones());
    return new Scenario(
        scenario.name(),
        scenario.sentence(),
        scenario.seconds(),
        scenario.levels(),
        fewer,
        scenario.surges(),
        scenario.faults());
  }

  static List<Scenario> scenarios() {
    return Scenarios.all();
  }

  @ParameterizedTest
  @MethodSource("scenarios")
  void runsEachScenario(Scenario scenario) {
    Result result = World.run(small(scenario.lasting(3)), Policy.named("least_request"), 1);
    assertThat(result.tally().all().calls()).isGreaterThan(1_000);
    assertThat(result.tally().all().successShare()).isBetween(0.3, 1.0);
    assertThat(result.tally().triesPerCall()).isBetween(0.9, 3.0);
  }

  @Test
  void keepsCallsFromAHungServerBecauseOfVerdicts() {
    Scenario scenario = Scenarios.named("hung_try_timeout").lasting(12);
    Result bare = World.run(scenario, Policy.named("random:bare"), 1);
    Result judged = World.run(scenario, RANDOM, 1);
    assertThat(bare.verdictChanges()).isZero();
    assertThat(bare.tally().triesPerCall()).isGreaterThan(1.03);
    assertThat(judged.verdictChanges()).isGreaterThan(100);
    assertThat(judged.callsToBroken()).isPositive();
    assertThat(judged.tally().triesPerCall()).isLessThan(1.03);
  }

  @Test
  void shedsWhatMayBeShedFirst() {
    Result result = World.run(Scenarios.named("overload").lasting(9), RANDOM, 1);
    Map<String, Tally.Outcomes> methods = result.tally().methods();
    assertThat(methods.get("critical").successShare()).isGreaterThan(0.9);
    assertThat(methods.get("sheddable").successShare())
        .isLessThan(methods.get("default").successShare());
  }

  @Test
  void losesNoCallToARollingRestart() {
    Scenario scenario = Scenarios.named("rolling_restart");
    assertThat(World.run(scenario, RANDOM, 1).tally().all().successShare()).isEqualTo(1);
  }

  @Test
  void addsRetriesLevelByLevelWhereNothingStopsThem() {
    Scenario scenario = small(Scenarios.named("retry_storm").lasting(2));
    List<Double> bare = World.run(scenario, Policy.named("random:bare"), 1).servers().perSecond();
    List<Double> stopped = World.run(scenario, RANDOM, 1).servers().perSecond();
    assertThat(bare.get(2)).isGreaterThan(8 * bare.get(0) / 3);
    assertThat(stopped.get(2)).isLessThan(1.3 * stopped.get(0));
  }
}
