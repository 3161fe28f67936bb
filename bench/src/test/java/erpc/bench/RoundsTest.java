package erpc.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import erpc.bench.Comparison.Triple;
import erpc.bench.Rounds.Length;
import erpc.bench.Rounds.Who;
import erpc.bench.driver.Figures;
import erpc.bench.driver.Usage;
import erpc.bench.driver.Work;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RoundsTest {
  private static final int WARM = 12;
  private static final Work WORK = Work.async(256);

  private final List<Who> started = new ArrayList<>();
  private final List<Who> turns = new ArrayList<>();
  private final List<Work> works = new ArrayList<>();
  private final Map<Who, Integer> open = new EnumMap<>(Who.class);
  private int failsAfter = Integer.MAX_VALUE;

  /** What a call costs grows with every turn, as on a machine that becomes slower. */
  private int cost = 100;

  private final class Fake implements Ends {
    private final Who who;

    Fake(Who who) {
      this.who = who;
      started.add(who);
      open.merge(who, 1, Integer::sum);
    }

    @Override
    public Figures run(Work work, int seconds) throws IOException {
      works.add(work);
      if (seconds != WARM) {
        turns.add(who);
        if (turns.size() > failsAfter) {
          throw new IOException("the process of " + who + " has ended");
        }
        cost++;
      }
      long nanos = 1_000_000_000L * seconds;
      return new Figures(
          1_000L * seconds, nanos, 0, 0, 0, new Usage(cost * 1_000L, 0, 0), Usage.NOTHING);
    }

    @Override
    public void close() {
      open.merge(who, -1, Integer::sum);
    }
  }

  private Comparison measure(Work work, Length length) throws Exception {
    Nearness nearness = new Nearness(() -> 50, Double.POSITIVE_INFINITY, 0, 0);
    return new Rounds(Fake::new, nearness, length).measure(work, (number, pair) -> {});
  }

  @Test
  void everyoneTakesTurnsThereAndBack() throws Exception {
    var unused = measure(WORK, new Length(1, 1, WARM, 1));
    assertThat(turns)
        .containsExactly(Who.OTHER, Who.TODAY, Who.AGAIN, Who.AGAIN, Who.TODAY, Who.OTHER);
  }

  @Test
  void aMachineThatBecomesSlowerDoesSoForAll() throws Exception {
    Comparison comparison = measure(WORK, new Length(12, 4, WARM, 1));
    assertThat(comparison.pairs()).hasSize(12);
    for (Triple pair : comparison.pairs()) {
      assertThat(pair.cpu()).isEqualTo(1);
      assertThat(pair.itself()).isEqualTo(1);
    }
  }

  @Test
  void whoBeginsChangesFromPairToPair() throws Exception {
    var unused = measure(WORK, new Length(6, 1, WARM, 1));
    Map<Who, Integer> first = new EnumMap<>(Who.class);
    for (int i = 0; i < turns.size(); i += 6) {
      first.merge(turns.get(i), 1, Integer::sum);
    }
    assertThat(first).hasSize(3).allSatisfy((who, times) -> assertThat(times).isEqualTo(2));
  }

  @Test
  void startsProcessesAnewAndEndsThemAll() throws Exception {
    Comparison comparison = measure(WORK, new Length(10, 4, WARM, 1));
    assertThat(comparison.pairs()).hasSize(10);
    assertThat(started).hasSize(12);
    assertThat(open).hasSize(3).allSatisfy((who, left) -> assertThat(left).isZero());
  }

  @Test
  void startsNothingForWhichThereIsNoPair() throws Exception {
    assertThat(measure(WORK, new Length(2, 5, WARM, 1)).pairs()).hasSize(2);
    assertThat(started).hasSize(6);
  }

  @Test
  void endsAllProcessesIfOneFails() {
    failsAfter = 4;
    assertThatThrownBy(() -> measure(WORK, new Length(10, 5, WARM, 1)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("has ended");
    assertThat(open).hasSize(3).allSatisfy((who, left) -> assertThat(left).isZero());
  }

  @Test
  void aFixedRateIsHalfTheOthersPeakAndTheSameForAll() throws Exception {
    var unused = measure(Work.rate(1), new Length(4, 2, WARM, 1));
    assertThat(works).filteredOn(work -> work.kind() == Work.Kind.RATE).isNotEmpty();
    assertThat(works)
        .filteredOn(work -> work.kind() == Work.Kind.RATE)
        .allMatch(work -> work.perSecond() == 500);
  }
}
