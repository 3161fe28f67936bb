package erpc.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import erpc.call.Ticker;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class PollingTest {
  private final ManualScheduler scheduler = new ManualScheduler();
  private final AtomicInteger looks = new AtomicInteger();
  private final Delivery delivery = new Delivery("test://", new Heard());

  @Test
  void eachLookSaysWhenTheNextOneIs() {
    try (var watch =
        Polling.start(
            scheduler,
            Ticker.system(),
            delivery,
            () -> Duration.ofSeconds(looks.incrementAndGet()))) {
      assertThat(looks).hasValue(0);
      scheduler.advance(Duration.ZERO);
      assertThat(looks).hasValue(1);
      scheduler.advance(Duration.ofSeconds(1));
      assertThat(looks).hasValue(2);
      scheduler.advance(Duration.ofSeconds(1));
      assertThat(looks).hasValue(2);
      scheduler.advance(Duration.ofSeconds(1));
      assertThat(looks).hasValue(3);
    }
  }

  @Test
  void aLookThatThrowsNeitherEndsTheWatchNorSpins() {
    try (var watch =
        Polling.start(
            scheduler,
            Ticker.system(),
            delivery,
            () -> {
              looks.incrementAndGet();
              throw new IllegalStateException("a look's fault, made by this test");
            })) {
      scheduler.advance(Duration.ofSeconds(61));
      assertThat(looks).hasValue(3);
    }
  }

  @Test
  void aLookThatMeetsAnErrorDoesNotEndTheWatch() {
    try (var watch =
        Polling.start(
            scheduler,
            Ticker.system(),
            delivery,
            () -> {
              looks.incrementAndGet();
              throw new StackOverflowError("made by this test");
            })) {
      scheduler.advance(Duration.ofSeconds(61));
      assertThat(looks).hasValue(3);
    }
  }

  @Test
  void aWatchGoesOnWhenTheNextLookCannotBeScheduledAtOnce() {
    AtomicInteger asked = new AtomicInteger();
    Scheduler failing =
        (task, delay) -> {
          if (asked.incrementAndGet() == 2) {
            throw new OutOfMemoryError("made by this test");
          }
          return scheduler.schedule(task, delay);
        };
    try (var watch =
        Polling.start(
            failing,
            Ticker.system(),
            delivery,
            () -> Duration.ofSeconds(looks.incrementAndGet()))) {
      scheduler.advance(Duration.ofSeconds(1));
      assertThat(looks).hasValue(2);
    }
  }

  @Test
  void aWatchClosedBeforeItsFirstLookTakesNone() {
    Polling.start(
            scheduler, Ticker.system(), delivery, () -> Duration.ofSeconds(looks.incrementAndGet()))
        .close();
    scheduler.advance(Duration.ofHours(1));
    assertThat(looks).hasValue(0);
  }
}
