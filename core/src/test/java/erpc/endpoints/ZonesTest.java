package erpc.endpoints;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import erpc.Tries;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ZonesTest {
  /** Two in each of three zones. */
  private static final List<String> THREE = List.of("a", "a", "b", "b", "c", "c");

  private static int[] equal(int size) {
    int[] weights = new int[size];
    Arrays.fill(weights, 100);
    return weights;
  }

  private static double[] weights(String client, double... healthy) {
    return Zones.weights(client, THREE, equal(6), healthy);
  }

  @Test
  void callsStayLocalWhereTheZoneHasItsShare() {
    assertThat(weights("a", 100, 100, 100, 100, 100, 100)).containsExactly(300, 300, 0, 0, 0, 0);
  }

  @Test
  void callsStayLocalWithSeventyPercentOfTheShare() {
    // 142 of 542, where a third is fair: 78.6 %.
    assertThat(weights("a", 42, 100, 100, 100, 100, 100)[2]).isZero();
    assertThat(weights("a", 20, 100, 100, 100, 100, 100)[2]).isPositive();
  }

  @Test
  void whatTheZoneCannotDoGoesWhereThereIsRoom() {
    // 100 of 500: it can do 100 / 0.7 = 142.9, and its callers have 166.7.
    double[] got = weights("a", 100, 0, 100, 100, 100, 100);
    double stays = 500 * (100 / 0.7) / (500.0 / 3);
    assertThat(got[0]).isCloseTo(stays, within(1e-9));
    assertThat(got[1]).isZero();
    assertThat(got[2]).isCloseTo((500 - stays) / 4, within(1e-9));
    // One that has no room beyond its own callers' work gets nothing.
    double[] some = weights("a", 0, 0, 50, 50, 200, 200);
    assertThat(some[0] + some[1] + some[2] + some[3]).isZero();
    assertThat(some[4]).isEqualTo(250);
  }

  @Test
  void aZoneWhereAllAreBrokenIsLeft() {
    assertThat(weights("a", 0, 0, 100, 100, 100, 100)).containsExactly(0, 0, 100, 100, 100, 100);
  }

  @Test
  void losingAsMuchInEachZoneMovesNothing() {
    assertThat(weights("a", 50, 0, 50, 0, 50, 0)).containsExactly(150, 0, 0, 0, 0, 0);
  }

  @Test
  void isOffWithFewEndpointsOrWithoutAZone() {
    double[] all = {100, 100, 100, 100, 100, 100};
    assertThat(weights("", all)).containsExactly(all);
    assertThat(weights("elsewhere", all)).containsExactly(all);
    assertThat(weights("a", 0, 0, 0, 0, 0, 0)).containsOnly(0);
    List<String> zones = List.of("a", "a", "b", "b", "c");
    double[] five = {1, 2, 3, 4, 5};
    assertThat(Zones.weights("a", zones, equal(5), five)).containsExactly(five);
    // A drained one is none of six.
    int[] drained = {100, 100, 100, 100, 100, 0};
    assertThat(Zones.weights("a", THREE, drained, all)).containsExactly(all);
  }

  /**
   * Whatever is where: if callers are spread like endpoints, no zone is asked for more than it can
   * do.
   */
  @Test
  void noZoneIsOverloadedByCallersOfAll() {
    Tries.of(1_000, ZonesTest::noZoneIsOverloaded);
  }

  private static void noZoneIsOverloaded(RandomGenerator chance) {
    int size = 6 + chance.nextInt(30);
    int zoneCount = 1 + chance.nextInt(5);
    List<String> zones =
        Stream.generate(() -> "zone" + chance.nextInt(zoneCount)).limit(size).toList();
    int[] registered = new int[size];
    double[] healthy = new double[size];
    for (int i = 0; i < size; i++) {
      registered[i] = 1 + chance.nextInt(300);
      healthy[i] = chance.nextInt(3) == 0 ? 0 : registered[i] * chance.nextDouble();
    }
    double allHealthy = Arrays.stream(healthy).sum();
    double allRegistered = IntStream.of(registered).sum();
    double[] load = new double[size];
    for (String zone : zones.stream().distinct().collect(Collectors.toList())) {
      double[] weights = Zones.weights(zone, zones, registered, healthy);
      double callers =
          IntStream.range(0, size)
                  .filter(i -> zones.get(i).equals(zone))
                  .map(i -> registered[i])
                  .sum()
              / allRegistered;
      assertThat(Arrays.stream(weights).sum()).isCloseTo(allHealthy, within(1e-6));
      for (int i = 0; i < size; i++) {
        assertThat(weights[i]).isNotNegative();
        load[i] += callers * weights[i];
      }
    }
    for (int i = 0; i < size; i++) {
      // All callers' load is as much as all healthy ones weigh: 1 / 0.7 of that is the most.
      assertThat(load[i]).isLessThanOrEqualTo(healthy[i] / Zones.ENOUGH + 1e-6);
    }
  }
}
