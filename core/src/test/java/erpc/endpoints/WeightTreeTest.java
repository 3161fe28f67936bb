package erpc.endpoints;

import static org.assertj.core.api.Assertions.assertThat;

import erpc.Tries;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class WeightTreeTest {
  @Test
  void findsWhatAListFinds() {
    Tries.of(300, WeightTreeTest::findsWhatAListFinds);
  }

  private static void findsWhatAListFinds(RandomGenerator chance) {
    int size = 1 + chance.nextInt(70);
    int[] weights = new int[size];
    WeightTree tree = new WeightTree(size);
    for (int change = 0; change < 100; change++) {
      int index = chance.nextInt(size);
      int weight = chance.nextInt(3) == 0 ? 0 : chance.nextInt(1 << 30);
      tree.add(index, weight - weights[index]);
      weights[index] = weight;
    }
    long place = 0;
    for (int i = 0; i < size; i++) {
      assertThat(tree.before(i)).isEqualTo(place);
      if (weights[i] > 0) {
        assertThat(tree.at(place)).isEqualTo(i);
        assertThat(tree.at(place + weights[i] - 1)).isEqualTo(i);
      }
      place += weights[i];
    }
    assertThat(tree.total()).isEqualTo(place);
    assertThat(tree.at(place)).isEqualTo(size);
  }
}
