package erpc.bench.simulate;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class EventsTest {
  private final Events events = new Events();

  @Test
  void happenByTheirTimes() {
    RandomGenerator random = Chance.of(1, "times", 0);
    long[] delays = random.longs(5_000, 0, 100_000).toArray();
    List<Long> happened = new ArrayList<>();
    for (long delay : delays) {
      events.in(delay, () -> happened.add(events.nowNanos() - Events.BEGIN_NANOS));
    }
    events.run(Events.BEGIN_NANOS + 100_000);
    Arrays.sort(delays);
    assertThat(happened).containsExactlyElementsOf(Arrays.stream(delays).boxed().toList());
  }

  @Test
  void happenInTheOrderInWhichTheyWereAskedForAtTheSameTime() {
    List<Integer> happened = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      int number = i;
      events.in(i % 2, () -> happened.add(number));
    }
    events.run(Events.BEGIN_NANOS + 1);
    List<Integer> expected = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      expected.add(i < 50 ? 2 * i : 2 * (i - 50) + 1);
    }
    assertThat(happened).isEqualTo(expected);
  }

  @Test
  void maySetOffOthers() {
    List<Long> times = new ArrayList<>();
    events.in(
        10,
        () -> {
          times.add(events.nowNanos() - Events.BEGIN_NANOS);
          events.in(5, () -> times.add(events.nowNanos() - Events.BEGIN_NANOS));
        });
    events.run(Events.BEGIN_NANOS + 12);
    assertThat(times).containsExactly(10L);
    events.run(Events.BEGIN_NANOS + 20);
    assertThat(times).containsExactly(10L, 15L);
    assertThat(events.nowNanos()).isEqualTo(Events.BEGIN_NANOS + 20);
  }
}
