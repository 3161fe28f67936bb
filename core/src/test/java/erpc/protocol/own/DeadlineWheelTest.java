package erpc.protocol.own;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import erpc.protocol.ManualTicker;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.concurrent.EventExecutor;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Deadlines on a clock and a loop that stand still until they are moved. */
class DeadlineWheelTest {
  private static final long MILLI = TimeUnit.MILLISECONDS.toNanos(1);
  private static final long TICK = 10 * MILLI;

  private final EmbeddedChannel channel = new EmbeddedChannel();
  private ManualTicker ticker = new ManualTicker();
  private DeadlineWheel wheel = new DeadlineWheel(channel.eventLoop(), ticker);

  private final class Entry extends TestStream {
    long expiredAt = -1;
    Runnable then = () -> {};

    Entry(long deadlineNanos) {
      dueAt(deadlineNanos);
    }

    boolean isExpired() {
      return expiredAt != -1;
    }

    @Override
    void expired() {
      assertThat(isExpired()).as("expires once").isFalse();
      expiredAt = ticker.nanos();
      then.run();
    }
  }

  DeadlineWheelTest() {
    channel.freezeTime();
  }

  private Entry add(long afterNanos) {
    Entry entry = new Entry(ticker.nanos() + afterNanos);
    wheel.add(entry);
    return entry;
  }

  private void advance(long nanos) {
    ticker.advance(Duration.ofNanos(nanos));
    channel.advanceTimeBy(nanos, TimeUnit.NANOSECONDS);
    channel.runScheduledPendingTasks();
  }

  @Test
  void turnsAgainAfterATurnCouldNotBeScheduled() {
    int[] scheduled = {0};
    EventExecutor scarce =
        (EventExecutor)
            Proxy.newProxyInstance(
                EventExecutor.class.getClassLoader(),
                new Class<?>[] {EventExecutor.class},
                (proxy, method, arguments) -> {
                  if (scheduled[0]++ == 0) {
                    throw new OutOfMemoryError("made by this test");
                  }
                  return method.invoke(channel.eventLoop(), arguments);
                });
    wheel = new DeadlineWheel(scarce, ticker);
    assertThatThrownBy(() -> add(MILLI)).isInstanceOf(OutOfMemoryError.class);
    Entry next = add(MILLI);
    for (int i = 0; i < 4; i++) {
      advance(TICK);
    }
    assertThat(next.isExpired()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1_000_000_007, -1_000_000_007, -1, Long.MAX_VALUE / 4})
  void isNeverEarlyAndAtMostTwoTicksLate(long origin) {
    ticker = new ManualTicker(origin);
    wheel = new DeadlineWheel(channel.eventLoop(), ticker);
    Random random = new Random(42);
    List<Entry> entries = new ArrayList<>();
    for (int i = 0; i < 2_000; i++) {
      entries.add(add(random.nextLong(-2 * TICK, 12_000 * MILLI)));
      if (i % 4 == 0) {
        advance(MILLI * random.nextInt(1, 4));
      }
    }
    for (int step = 0; step < 14_000; step++) {
      advance(MILLI);
    }
    assertThat(wheel.size()).isZero();
    long added = origin;
    for (Entry entry : entries) {
      assertThat(entry.isExpired()).isTrue();
      long due = Math.max(entry.dueNanos(), added);
      assertThat(entry.expiredAt - entry.dueNanos()).isNotNegative();
      if (entry.dueNanos() - added > 2 * TICK + 2_000 * 3 * MILLI) {
        assertThat(entry.expiredAt - due).isLessThanOrEqualTo(2 * TICK + MILLI);
      }
    }
  }

  @Test
  void endsOneThatIsOverAlreadyWithinTwoTicks() {
    Entry entry = add(-5 * TICK);
    advance(TICK);
    advance(TICK);
    assertThat(entry.isExpired()).isTrue();
  }

  @Test
  void looksAtFarDeadlinesOnceATurnAndKeepsThem() {
    Entry far = add(Duration.ofDays(40).toNanos());
    Entry near = add(50 * MILLI);
    for (int i = 0; i < 2_000; i++) {
      advance(TICK);
    }
    assertThat(near.isExpired()).isTrue();
    assertThat(far.isExpired()).isFalse();
    assertThat(wheel.size()).isOne();
  }

  @Test
  void forgetsWhatIsRemoved() {
    List<Entry> entries = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      entries.add(add(100 * MILLI));
    }
    for (int i = 0; i < 100; i += 2) {
      wheel.remove(entries.get(i));
      wheel.remove(entries.get(i));
    }
    assertThat(wheel.size()).isEqualTo(50);
    for (int i = 0; i < 20; i++) {
      advance(TICK);
    }
    for (int i = 0; i < 100; i++) {
      assertThat(entries.get(i).isExpired()).isEqualTo(i % 2 == 1);
    }
    assertThat(wheel.size()).isZero();
  }

  @Test
  void endsAllThatIsDueAfterALongStall() {
    List<Entry> due = new ArrayList<>();
    for (int i = 1; i <= 1_000; i++) {
      due.add(add(60L * i * MILLI));
    }
    Entry later = add(Duration.ofMinutes(10).toNanos());
    advance(Duration.ofMinutes(5).toNanos());
    assertThat(due).allMatch(Entry::isExpired);
    assertThat(later.isExpired()).isFalse();
    assertThat(wheel.size()).isOne();
  }

  @Test
  void restsWhenItIsEmptyAndWakesForTheNext() {
    add(TICK);
    advance(3 * TICK);
    advance(3 * TICK);
    assertThat(channel.hasPendingTasks()).as("nothing is scheduled").isFalse();
    advance(Duration.ofMinutes(1).toNanos());
    Entry next = add(TICK);
    advance(TICK);
    advance(TICK);
    advance(TICK);
    assertThat(next.isExpired()).isTrue();
  }

  @Test
  void letsOneThatEndsEndAndAddOthers() {
    Entry first = add(TICK);
    Entry second = add(TICK);
    List<Entry> added = new ArrayList<>();
    first.then =
        () -> {
          wheel.remove(second);
          added.add(add(TICK));
        };
    second.then = () -> added.add(add(TICK));
    for (int i = 0; i < 6; i++) {
      advance(TICK);
    }
    assertThat(first.isExpired()).isTrue();
    assertThat(added).isNotEmpty().allMatch(Entry::isExpired);
    assertThat(wheel.size()).isZero();
  }

  @Test
  void goesOnWhenOneFails() {
    Entry bad = add(TICK);
    bad.then =
        () -> {
          throw new IllegalStateException("a stream that cannot be ended, as this test wants it");
        };
    List<Entry> others = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      others.add(add(i * MILLI));
    }
    for (int i = 0; i < 10; i++) {
      advance(TICK);
    }
    assertThat(others).allMatch(Entry::isExpired);
  }
}
