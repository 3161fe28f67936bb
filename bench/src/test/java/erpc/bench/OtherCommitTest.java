package erpc.bench;

import static org.assertj.core.api.Assertions.assertThat;

import erpc.bench.OtherCommit.Listed;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class OtherCommitTest {
  private final OtherCommit other = new OtherCommit("abc1234", Path.of("jars"));

  @Test
  void hasEveryCellThatItListsAsTheyAreListedToday() {
    List<Listed> listed = new ArrayList<>();
    for (Cell cell : Cell.all()) {
      listed.add(Objects.requireNonNull(Listed.of(Bench.listed(cell))));
    }
    assertThat(Cell.all())
        .isNotEmpty()
        .allSatisfy(cell -> assertThat(other.lacks(cell, listed)).isEmpty());
  }

  @Test
  void takesNoOtherLineForACell() {
    assertThat(Listed.of("a warning: of something")).isNull();
    assertThat(Listed.of("")).isNull();
  }

  @Test
  void lacksWhatItDoesNotListOrMeansOtherwise() {
    Cell cell = Cell.named("async-32");
    assertThat(other.lacks(cell, List.of())).isEqualTo("abc1234 has no cell 'async-32'");
    assertThat(other.lacks(cell, List.of(new Listed("async-32", "other", List.of("erpc")))))
        .isEqualTo("abc1234 has another cell of this name: 'other'");
    assertThat(other.lacks(cell, List.of(new Listed("async-32", cell.title(), List.of("netty")))))
        .isEqualTo("abc1234 does not measure erpc in its cell 'async-32'");
  }
}
