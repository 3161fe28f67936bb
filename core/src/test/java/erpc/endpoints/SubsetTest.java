package erpc.endpoints;

import static org.assertj.core.api.Assertions.assertThat;

import erpc.Tries;
import erpc.discovery.Endpoint;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SubsetTest {
  private static List<Endpoint> endpoints(int size, int zones) {
    return IntStream.range(0, size)
        .mapToObj(i -> Endpoint.of("10.0.0.1:" + (i + 1), 100, "zone" + i % zones))
        .collect(Collectors.toCollection(ArrayList::new));
  }

  private static Set<String> chosen(List<Endpoint> endpoints, int clients, long seed) {
    BitSet indexes = Subset.of(endpoints, clients, seed);
    return indexes.stream()
        .mapToObj(i -> endpoints.get(i).address())
        .collect(Collectors.toCollection(TreeSet::new));
  }

  @Test
  void isLargeEnoughForServersToBeCalledByTwentyClientsEach() {
    assertThat(Subset.size(1_000, 1_000)).isEqualTo(100);
    assertThat(Subset.size(1_000, 100)).isEqualTo(200);
    assertThat(Subset.size(1_000, 10)).isEqualTo(1_000);
    assertThat(Subset.size(10_000, 300)).isEqualTo(667);
    assertThat(Subset.size(50, 1_000_000)).isEqualTo(50);
    assertThat(Subset.size(Integer.MAX_VALUE, 1)).isEqualTo(Integer.MAX_VALUE);
  }

  @Test
  void isOffBelowAThousandEndpointsIfNobodyKnowsHowManyClientsThereAre() {
    assertThat(Subset.size(999, 0)).isEqualTo(999);
    assertThat(Subset.size(1_000, 0)).isEqualTo(100);
    assertThat(Subset.size(20_000, 0)).isEqualTo(2_000);
    assertThat(Subset.of(endpoints(999, 3), 0, 7).cardinality()).isEqualTo(999);
  }

  @Test
  void whateverTheListItHoldsWhatItPromises() {
    Tries.of(200, SubsetTest::holdsWhatItPromises);
  }

  private static void holdsWhatItPromises(RandomGenerator chance) {
    int clients = chance.nextInt(2_000);
    long seed = chance.nextLong();
    List<Endpoint> all = endpoints(1 + chance.nextInt(1_500), 1 + chance.nextInt(4));
    Set<String> before = chosen(all, clients, seed);
    int size = Subset.size(all.size(), clients);
    // So many of each zone, or all that it has.
    all.stream()
        .collect(Collectors.groupingBy(Endpoint::zone))
        .forEach((zone, there) ->
            assertThat(there.stream().filter(each -> before.contains(each.address())).count())
                .isEqualTo(Math.min(size, there.size())));
    // The order of the list plays no part.
    List<Endpoint> shuffled = new ArrayList<>(all);
    java.util.Collections.shuffle(shuffled, new java.util.Random(seed));
    assertThat(chosen(shuffled, clients, seed)).isEqualTo(before);
    // One that leaves is replaced by one at most, and nothing else changes but with the size.
    Endpoint gone = all.remove(chance.nextInt(all.size()));
    Set<String> after = chosen(all, clients, seed);
    Set<String> left = new TreeSet<>(before);
    left.removeAll(after);
    left.remove(gone.address());
    Set<String> came = new TreeSet<>(after);
    came.removeAll(before);
    int change = size - Subset.size(all.size(), clients);
    int zones = (int) all.stream().map(Endpoint::zone).distinct().count();
    assertThat(left.size()).isLessThanOrEqualTo(change * zones);
    assertThat(came.size()).isLessThanOrEqualTo(1);
  }

  @Test
  void aDrainedEndpointTakesNoPlace() {
    List<Endpoint> all = endpoints(300, 1);
    all.replaceAll(each ->
        Integer.parseInt(each.address().substring(9)) % 2 == 0
            ? Endpoint.of(each.address(), 0, each.zone())
            : each);
    BitSet chosen = Subset.of(all, 1_000_000, 3);
    assertThat(chosen.cardinality()).isEqualTo(100);
    assertThat(chosen.stream()).allMatch(i -> all.get(i).weight() > 0);
    all.replaceAll(each -> Endpoint.of(each.address(), 0, each.zone()));
    assertThat(Subset.of(all, 1_000_000, 3).cardinality()).isEqualTo(100);
  }

  @Test
  void clientsTogetherCoverTheServersEvenly() {
    int clients = 500;
    List<Endpoint> all = endpoints(2_000, 1);
    int size = Subset.size(2_000, clients);
    assertThat(size).isEqualTo(100);
    int[] callers = new int[2_000];
    SplittableRandom seeds = new SplittableRandom(11);
    for (int client = 0; client < clients; client++) {
      Subset.of(all, clients, seeds.nextLong()).stream().forEach(i -> callers[i]++);
    }
    // 25 callers for each, binomial: the sum of squares is that of a chi-square of 2,000.
    double sum =
        IntStream.of(callers).mapToDouble(each -> (each - 25.0) * (each - 25) / 23.75).sum();
    assertThat(sum).isBetween(2_000 - 4 * Math.sqrt(4_000), 2_000 + 4 * Math.sqrt(4_000));
    assertThat(IntStream.of(callers).min().orElse(0)).isGreaterThan(5);
  }

  /** Seeds that differ little, as those of clients that start together may. */
  @Test
  void seedsThatAreNeighboursChooseDifferently() {
    List<Endpoint> all = endpoints(2_000, 1);
    Set<String> common = chosen(all, 1_000, 1);
    common.retainAll(chosen(all, 1_000, 2));
    assertThat(common.size()).isBetween(0, 20); // 5 on average.
  }
}
