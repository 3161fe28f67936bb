package erpc.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class RelayTest {
  private final AtomicLong clock = new AtomicLong();

  /** Threads that have been started and have not run yet. */
  private final ArrayDeque<Runnable> threads = new ArrayDeque<>();

  private final Relay relay = new Relay(threads::add, clock::get);
  private final List<String> ran = new ArrayList<>();

  private void runOne() {
    threads.remove().run();
  }

  @Test
  void oneThreadRunsAllThatIsThereInOrder() {
    relay.execute(() -> ran.add("a"));
    relay.execute(() -> ran.add("b"));
    relay.execute(() -> ran.add("c"));
    assertThat(threads).hasSize(1);
    runOne();
    assertThat(ran).containsExactly("a", "b", "c");
  }

  @Test
  void whileOthersWaitASecondThreadStandsBy() {
    relay.execute(() -> {
      // As if it blocked here: the thread that was started before it runs what waits.
      assertThat(threads).hasSize(1);
      runOne();
      ran.add("a");
    });
    relay.execute(() -> ran.add("b"));
    runOne();
    assertThat(ran).containsExactly("b", "a");
  }

  @Test
  void aTaskThatComesWhileAnotherRunsGetsAThread() {
    relay.execute(() -> {
      assertThat(threads).isEmpty();
      relay.execute(() -> ran.add("later"));
      assertThat(threads).hasSize(1);
    });
    runOne();
    assertThat(ran).containsExactly("later");
  }

  @Test
  void aThreadEndsAfterSomeTasks() {
    for (int i = 0; i < Relay.MOST_TASKS + 1; i++) {
      relay.execute(() -> ran.add("x"));
    }
    runOne();
    assertThat(ran).hasSize(Relay.MOST_TASKS);
    runOne();
    assertThat(ran).hasSize(Relay.MOST_TASKS + 1);
  }

  @Test
  void aThreadEndsAfterSomeTime() {
    relay.execute(() -> clock.addAndGet(Relay.MOST_NANOS));
    relay.execute(() -> ran.add("b"));
    runOne();
    assertThat(ran).isEmpty();
    runOne();
    assertThat(ran).containsExactly("b");
  }

  @Test
  void aTaskThatThrowsTakesNothingWithIt() {
    relay.execute(() -> {
      throw new IllegalStateException("on purpose");
    });
    relay.execute(() -> ran.add("b"));
    runOne();
    assertThat(ran).containsExactly("b");
  }

  @Test
  void anInterruptOfOneTaskIsNotTheNextOnes() {
    relay.execute(() -> Thread.currentThread().interrupt());
    relay.execute(() -> ran.add("interrupted: " + Thread.currentThread().isInterrupted()));
    runOne();
    assertThat(ran).containsExactly("interrupted: false");
  }

  @Test
  void whatGotNoThreadRunsWithTheNext() {
    AtomicInteger tries = new AtomicInteger();
    Relay poor =
        new Relay(
            work -> {
              if (tries.incrementAndGet() == 1) {
                throw new OutOfMemoryError("no threads");
              }
              threads.add(work);
            },
            clock::get);
    assertThatThrownBy(() -> poor.execute(() -> ran.add("a"))).hasMessage("no threads");
    poor.execute(() -> ran.add("b"));
    runOne();
    assertThat(ran).containsExactly("a", "b");
  }

  @Test
  void everyTaskOfManyProducersRunsThoughSomeBlock() throws InterruptedException {
    int producers = 8;
    int each = 20_000;
    CountDownLatch all = new CountDownLatch(producers * each);
    CountDownLatch last = new CountDownLatch(1);
    for (int p = 0; p < producers; p++) {
      Thread.startVirtualThread(() -> {
        for (int i = 0; i < each; i++) {
          boolean blocks = i % 100 == 0;
          Relay.ofProcess()
              .execute(() -> {
                all.countDown();
                if (blocks) {
                  await(last);
                }
              });
        }
      });
    }
    assertThat(all.await(60, TimeUnit.SECONDS)).as("left: " + all.getCount()).isTrue();
    last.countDown();
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
