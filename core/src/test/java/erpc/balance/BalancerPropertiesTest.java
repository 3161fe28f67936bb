package erpc.balance;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** What every balancer promises of whatever it may be given. */
class BalancerPropertiesTest {
  @Property(seed = "7", tries = 500)
  void picksOnlyWhatMayBePicked(@ForAll("candidates") FakeCandidates candidates) {
    boolean allZero = IntStream.of(candidates.weights).allMatch(weight -> weight == 0);
    boolean any =
        IntStream.range(0, candidates.size())
            .anyMatch(i -> !candidates.excluded[i] && (allZero || candidates.weights[i] > 0));
    for (Balancer balancer : BalancerTest.all(3)) {
      for (int i = 0; i < 50; i++) {
        int index = balancer.pick(candidates);
        if (!any) {
          assertThat(index).isEqualTo(Balancer.NONE);
        } else {
          assertThat(index).isBetween(0, candidates.size() - 1);
          assertThat(candidates.excluded[index]).isFalse();
          assertThat(allZero || candidates.weights[index] > 0).isTrue();
        }
      }
    }
  }

  @Provide
  Arbitrary<FakeCandidates> candidates() {
    Arbitrary<Integer> weight =
        Arbitraries.oneOf(
            Arbitraries.just(0), Arbitraries.integers().between(0, 200), Arbitraries.just(1 << 30));
    Arbitrary<Integer> inFlight = Arbitraries.integers().between(0, 1 << 30);
    Arbitrary<Boolean> excluded = Arbitraries.of(true, false);
    return Arbitraries.integers()
        .between(0, 40)
        .flatMap(size ->
            Combinators.combine(
                    weight.array(int[].class).ofSize(size),
                    inFlight.array(int[].class).ofSize(size),
                    excluded.array(boolean[].class).ofSize(size))
                .as(BalancerPropertiesTest::candidates));
  }

  private static FakeCandidates candidates(int[] weights, int[] inFlight, boolean[] excluded) {
    FakeCandidates made = FakeCandidates.weighted(weights).inFlight(inFlight);
    System.arraycopy(excluded, 0, made.excluded, 0, excluded.length);
    return made;
  }
}
