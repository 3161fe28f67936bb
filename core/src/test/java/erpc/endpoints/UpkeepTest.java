package erpc.endpoints;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What is looked at while some endpoints are not as they should be. */
class UpkeepTest extends JudgedEndpoints {
  private static final int MANY = 2_000;

  private int tasks;

  @Override
  Accounting accounting() {
    return new Accounting(() -> protection, random, this::work, lines::add, 0);
  }

  private void work(Runnable task) {
    tasks++;
    task.run();
  }

  private List<Fake> many() {
    protection =
        new Protection(
            Protection.ALL_ON.modes(),
            Protection.ALL_ON.panic(),
            Protection.ALL_ON.budget(),
            false,
            false,
            false);
    return fakes(MANY);
  }

  private int picksFor(Roster roster, long nanos) {
    int picks = 0;
    for (long end = now + nanos; now < end; now += MILLI) {
      int unused = pick(roster, IDEMPOTENT);
      picks++;
    }
    return picks;
  }

  private static long looks(List<Fake> entries) {
    return entries.stream().mapToLong(each -> each.looks).sum();
  }

  @Test
  void whileOneIsBrokenAllAreLookedAtOncePerSecond() {
    List<Fake> entries = many();
    Roster roster = roster(entries);
    fails(entries.get(7), 5);
    int unused = picksFor(roster, 1);
    long before = looks(entries);
    tasks = 0;
    int picks = picksFor(roster, 3 * SECOND);
    assertThat(looks(entries) - before).isBetween(3L * MANY, 4L * MANY + 10L * picks);
    assertThat(tasks).as("looks at all").isBetween(2, 4);
  }

  @Test
  void whileAllAreWellNobodyIsLookedAt() {
    List<Fake> entries = many();
    Roster roster = roster(entries);
    int unused = picksFor(roster, 1);
    long before = looks(entries);
    tasks = 0;
    int picks = picksFor(roster, 3 * SECOND);
    assertThat(looks(entries) - before).isLessThan(10L * picks);
    assertThat(tasks).isZero();
  }

  @Test
  void ofVeryManyBrokenOnesEachIsTriedOut() {
    List<Fake> entries = many();
    Roster roster = roster(entries);
    List<Fake> broken = entries.subList(100, 100 + 3 * Upkeep.MOST_DONE_BY_PICKS);
    broken.forEach(each -> fails(each, 5));
    List<Integer> called = new ArrayList<>();
    for (int i = 0; i < 8_000; i++) {
      called.add(pick(roster, IDEMPOTENT));
      now += MILLI;
    }
    assertThat(called).containsAll(IntStream.range(100, 100 + broken.size()).boxed().toList());
  }

  @Test
  void theShareOfOneOfManyGrowsInSteps() {
    List<Fake> entries = many();
    Roster roster = roster(entries);
    Fake back = entries.get(7);
    fails(back, 5);
    for (int i = 0; i < 3; i++) {
      now += SECOND;
      succeeds(back);
    }
    now += MILLI;
    int unused = picksFor(roster, 1);
    List<Long> shares = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      int unusedToo = picksFor(roster, 110 * MILLI);
      shares.add(roster.drawWeight(7));
    }
    assertThat(shares).isSorted().doesNotHaveDuplicates();
    assertThat(shares.getLast()).isEqualTo(roster.drawWeight(8));
  }
}
