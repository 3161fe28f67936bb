package erpc.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class HandlerThreadsTest {
  /** Threads that have been asked for and not run yet. */
  private final List<Runnable> asked = new ArrayList<>();

  private final List<Integer> ran = new ArrayList<>();

  private boolean stalled;
  private Executor threads = asked::add;

  private final HandlerThreads started =
      new HandlerThreads(task -> threads.execute(task), () -> stalled);

  private HandlerThreads.Startable handler(int number) {
    return handler(number, this);
  }

  private HandlerThreads.Startable handler(int number, Object owner) {
    return new HandlerThreads.Startable() {
      @Override
      public Thread newThread() {
        throw new UnsupportedOperationException();
      }

      @Override
      public void startOn(Executor on) {
        on.execute(() -> ran.add(number));
      }

      @Override
      public Object owner() {
        return owner;
      }
    };
  }

  private void add(int count) {
    for (int i = 0; i < count; i++) {
      started.add(handler(i));
    }
  }

  private void runAsked() {
    while (!asked.isEmpty()) {
      asked.removeFirst().run();
    }
  }

  @Test
  void oneThatCannotBeStartedKeepsNobodyBehindIt() {
    HandlerThreads.Startable broken =
        new HandlerThreads.Startable() {
          @Override
          public Thread newThread() {
            throw new UnsupportedOperationException();
          }

          @Override
          public void startOn(Executor on) {
            throw new IllegalStateException("a test");
          }

          @Override
          public Object owner() {
            return this;
          }
        };
    // More often than there may be threads that start handlers.
    int rounds = 2 * HandlerThreads.MOST_STARTERS;
    for (int i = 0; i < rounds; i++) {
      started.add(broken);
      add(3);
      started.run();
      runAsked();
    }
    assertThat(ran).hasSize(3 * rounds);
  }

  @Test
  void theFirstOfATurnAsksForTheTurnsEnd() {
    assertThat(started.add(handler(0))).isTrue();
    assertThat(started.add(handler(1))).isFalse();
    started.run();
    assertThat(started.add(handler(2))).isTrue();
  }

  @Test
  void aFewGetTheirThreadsOneByOneAndNoneBeforeTheTurnEnds() {
    add(2);
    assertThat(asked).isEmpty();
    started.run();
    assertThat(asked).hasSize(2);
    runAsked();
    assertThat(ran).containsExactly(0, 1);
  }

  @Test
  void manyAreStartedByOneThreadEachOnOneOfItsOwn() {
    add(5);
    started.run();
    assertThat(asked).hasSize(1);
    asked.removeFirst().run();
    assertThat(asked).hasSize(5);
    runAsked();
    assertThat(ran).containsExactly(0, 1, 2, 3, 4);
  }

  @Test
  void aLongTurnStartsThemBeforeItsEnd() {
    add(HandlerThreads.MOST_TOGETHER + 1);
    runAsked();
    assertThat(ran).hasSize(HandlerThreads.MOST_TOGETHER);
    started.run();
    runAsked();
    assertThat(ran).hasSize(HandlerThreads.MOST_TOGETHER + 1);
  }

  @Test
  void noneWaitsForAnotherThreadWhileThreadsAreStalled() {
    stalled = true;
    add(5);
    started.run();
    assertThat(asked).hasSize(5);
  }

  @Test
  void withoutAThreadToStartThemTheyAreStartedOneByOne() {
    int[] askedFor = {0};
    threads =
        task -> {
          if (askedFor[0]++ == 0) {
            throw new OutOfMemoryError("no more threads");
          }
          asked.add(task);
        };
    add(5);
    started.run();
    runAsked();
    assertThat(ran).containsExactlyElementsOf(IntStream.range(0, 5).boxed().toList());
  }

  @Test
  void aTurnLeavesNothingForTheNext() {
    add(5);
    started.run();
    runAsked();
    started.run();
    assertThat(asked).isEmpty();
    assertThat(ran).hasSize(5);
  }

  /** So many that all threads which start handlers are taken. */
  private static final int FLOOD = HandlerThreads.MOST_STARTERS * HandlerThreads.MOST_TOGETHER;

  @Test
  void beyondWhatIsStartedAtATimeConnectionsTakeTurns() {
    add(2 * FLOOD);
    started.run();
    assertThat(asked).hasSize(HandlerThreads.MOST_STARTERS);
    started.add(handler(-1, "honest"));
    started.run();
    assertThat(asked).hasSize(HandlerThreads.MOST_STARTERS);
    runAsked();
    assertThat(ran).hasSize(2 * FLOOD + 1).doesNotHaveDuplicates();
    assertThat(ran.indexOf(-1)).isLessThan(FLOOD + HandlerThreads.MOST_TOGETHER);
  }

  @Test
  void threadsThatStartHandlersGiveWayToThoseTheyHaveStarted() {
    add(2 * FLOOD);
    started.run();
    asked.removeFirst().run();
    int next = asked.size() - 1;
    assertThat(ran).isEmpty();
    for (int i = 0; i < next; i++) {
      asked.removeFirst().run();
    }
    assertThat(ran).hasSize(HandlerThreads.MOST_TOGETHER);
  }

  @Test
  void whatIsHeldGetsThreadsOnceTheyAreStalled() {
    add(FLOOD + 40);
    started.run();
    stalled = true;
    add(1);
    started.run();
    assertThat(asked).hasSize(HandlerThreads.MOST_STARTERS + 41);
    runAsked();
    assertThat(ran).hasSize(FLOOD + 41);
  }

  @Test
  void whatIsHeldIsStartedOneByOneIfThereAreNoMoreThreadsToStartIt() {
    add(FLOOD + 40);
    started.run();
    List<Runnable> starters = new ArrayList<>(asked);
    asked.clear();
    int[] left = {HandlerThreads.MOST_TOGETHER};
    threads =
        task -> {
          if (left[0]-- == 0) {
            throw new OutOfMemoryError("no more threads");
          }
          asked.add(task);
        };
    starters.forEach(Runnable::run);
    runAsked();
    assertThat(ran).hasSize(FLOOD + 40).doesNotHaveDuplicates();
  }

  @Test
  void aFloodLeavesNothingForTheNext() {
    add(2 * FLOOD);
    started.run();
    runAsked();
    ran.clear();
    add(2);
    started.run();
    assertThat(asked).hasSize(2);
    add(FLOOD);
    assertThat(asked).hasSize(2 + HandlerThreads.MOST_STARTERS);
  }
}
