package erpc.balance;

import static org.assertj.core.api.Assertions.assertThat;

import erpc.Tries;
import java.util.Arrays;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What every balancer promises of whatever it may be given. */
class BalancerPropertiesTest {
  @Test
  void picksOnlyWhatMayBePicked() {
    Tries.of(200, chance -> picksOnlyWhatMayBePicked(candidates(chance)));
  }

  private static void picksOnlyWhatMayBePicked(FakeCandidates candidates) {
    boolean allZero = IntStream.of(candidates.weights).allMatch(weight -> weight == 0);
    boolean any =
        IntStream.range(0, candidates.size())
            .anyMatch(i -> !candidates.excluded[i] && candidates.weights[i] > 0);
    for (Balancer balancer : BalancerTest.all(3)) {
      Balancer.Picker picker = balancer.picker(candidates);
      for (int i = 0; i < 50; i++) {
        int index = picker.pick(candidates);
        if (allZero) {
          assertThat(index).isEqualTo(Balancer.NONE);
        } else {
          assertThat(index).isBetween(0, candidates.size() - 1);
          assertThat(candidates.weights[index]).isPositive();
          assertThat(any && candidates.excluded[index]).isFalse();
        }
      }
    }
  }

  private static FakeCandidates candidates(RandomGenerator chance) {
    int size = chance.nextInt(41);
    int allowed = chance.nextInt(3); // none, about half, all
    int[] weights = new int[size];
    int[] inFlight = new int[size];
    Arrays.setAll(weights, i -> weight(chance));
    Arrays.setAll(inFlight, i -> chance.nextInt(4) == 0 ? 0 : chance.nextInt((1 << 30) + 1));
    FakeCandidates made = FakeCandidates.weighted(weights).inFlight(inFlight);
    for (int i = 0; i < size; i++) {
      made.excluded[i] = allowed == 0 || (allowed == 1 && chance.nextBoolean());
    }
    return made;
  }

  private static int weight(RandomGenerator chance) {
    return switch (chance.nextInt(3)) {
      case 0 -> 0;
      case 1 -> chance.nextInt(201);
      default -> 1 << 30;
    };
  }
}
