package erpc.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class SchedulerTest {
  private final Scheduler scheduler = Scheduler.system();
  private final BlockingQueue<Thread> ran = new LinkedBlockingQueue<>();

  private void run() {
    ran.add(Thread.currentThread());
  }

  @Test
  void runsEachTaskOnAVirtualThreadOfItsOwn() throws InterruptedException {
    scheduler.schedule(this::run, Duration.ZERO);
    scheduler.schedule(this::run, Duration.ofMillis(1));
    Thread first = ran.poll(10, TimeUnit.SECONDS);
    Thread second = ran.poll(10, TimeUnit.SECONDS);
    assertThat(first).isNotNull().isNotSameAs(second);
    assertThat(first.isVirtual()).isTrue();
    assertThat(second).isNotNull();
    assertThat(second.isVirtual()).isTrue();
  }

  @Test
  void aTaskThatBlocksHoldsUpNobody() throws InterruptedException {
    CountDownLatch never = new CountDownLatch(1);
    scheduler.schedule(
        () -> {
          try {
            never.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        },
        Duration.ZERO);
    scheduler.schedule(this::run, Duration.ofMillis(5));
    assertThat(ran.poll(10, TimeUnit.SECONDS)).isNotNull();
    never.countDown();
  }

  @Test
  void aCancelledTaskDoesNotRun() throws InterruptedException {
    Scheduler.Task cancelled = scheduler.schedule(this::run, Duration.ofMillis(50));
    cancelled.cancel();
    CountDownLatch later = new CountDownLatch(1);
    scheduler.schedule(later::countDown, Duration.ofMillis(60));
    assertThat(later.await(10, TimeUnit.SECONDS)).isTrue();
    assertThat(ran).isEmpty();
  }

  @Test
  void aTaskIsStartedOnceThereIsAThreadForIt() throws InterruptedException {
    AtomicInteger made = new AtomicInteger();
    ThreadFactory scarce =
        task -> {
          if (made.incrementAndGet() == 1) {
            throw new OutOfMemoryError("unable to create a thread, says this test");
          }
          return Thread.ofVirtual().unstarted(task);
        };
    new SystemScheduler(scarce).schedule(this::run, Duration.ZERO);
    assertThat(ran.poll(10, TimeUnit.SECONDS)).isNotNull();
  }
}
