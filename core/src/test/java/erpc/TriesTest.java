package erpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TriesTest {
  private static List<Long> made(long seed, int count) {
    List<Long> made = new ArrayList<>();
    Tries.of(seed, count, chance -> made.add(chance.nextLong()));
    return made;
  }

  @Test
  void givesEachCaseAChanceOfItsOwn() {
    assertThat(made(1, 1_000)).hasSize(1_000).doesNotHaveDuplicates();
  }

  @Test
  void namesTheSeedThatMakesTheCaseThatFailsTheFirst() {
    long third = made(5, 3).getLast();
    assertThatThrownBy(
            () -> Tries.of(5, 9, chance -> assertThat(chance.nextLong()).isNotEqualTo(third)))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("case 3 of 9")
        .hasMessageContaining("-Derpc.seed=7 ")
        .hasRootCauseInstanceOf(AssertionError.class);
    assertThat(made(7, 1)).containsExactly(third);
  }
}
