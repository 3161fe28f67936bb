package erpc.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class WatchdogTest {
  private static Thread runs(Watchdog watchdog) throws Exception {
    CompletableFuture<Thread> thread = new CompletableFuture<>();
    watchdog.start(() -> thread.complete(Thread.currentThread()));
    return thread.get(20, TimeUnit.SECONDS);
  }

  @Test
  void handlersRunOnVirtualThreadsUnlessTheseAreStalled() throws Exception {
    Watchdog watchdog = new Watchdog(Thread::startVirtualThread, Runnable::run);
    assertThat(runs(watchdog).isVirtual()).isTrue();
    watchdog.stalled = true;
    assertThat(runs(watchdog)).isSameAs(Thread.currentThread());
  }

  @Test
  void aHandlerForWhichThereIsNoSpareThreadWaitsForACarrier() throws Exception {
    Watchdog watchdog =
        new Watchdog(
            Thread::startVirtualThread,
            task -> {
              throw new RejectedExecutionException("all are taken");
            });
    watchdog.stalled = true;
    assertThat(runs(watchdog).isVirtual()).isTrue();
  }

  @Test
  void carriersAreStalledWhileATaskWaitsForOneForLongerThanATenthOfASecond() {
    Deque<Runnable> waiting = new ArrayDeque<>();
    Watchdog watchdog = new Watchdog(waiting::add, Runnable::run);
    watchdog.look(millis(0));
    watchdog.look(millis(99));
    assertThat(watchdog.isStalled()).isFalse();
    watchdog.look(millis(100));
    assertThat(watchdog.isStalled()).isTrue();
    watchdog.look(millis(5_000));
    assertThat(watchdog.isStalled()).isTrue();
    assertThat(waiting).hasSize(1);
    waiting.remove().run();
    watchdog.look(millis(5_050));
    assertThat(watchdog.isStalled()).isFalse();
  }

  private static Watchdog.Handlers beginning(AtomicLong begun) {
    return new Watchdog.Handlers() {
      @Override
      public void show(Consumer<Thread> to) {}

      @Override
      public long begun() {
        return begun.get();
      }
    };
  }

  @Test
  void carriersAreAsManyAsTheJdkWasTold() {
    assertThat(Watchdog.carriers(7)).isEqualTo(7);
    assertThat(Watchdog.carriers(null)).isEqualTo(Runtime.getRuntime().availableProcessors());
    assertThat(Watchdog.carriers(0)).isEqualTo(Runtime.getRuntime().availableProcessors());
  }

  @Test
  void anEarlyLookExpectsLessOfAQueue() {
    Watchdog watchdog = new Watchdog(task -> {}, Runnable::run);
    AtomicLong begun = new AtomicLong();
    watchdog.know(beginning(begun));
    long many = 4L * Runtime.getRuntime().availableProcessors();
    watchdog.look(millis(0));
    begun.addAndGet(2 * many);
    watchdog.look(millis(100));
    begun.addAndGet(Math.ceilDiv(many, 50));
    watchdog.look(millis(101)); // A server that was closed has woken it.
    assertThat(watchdog.isStalled()).isFalse();
  }

  @Test
  void aLateLookExpectsMoreOfAQueue() {
    Watchdog watchdog = new Watchdog(task -> {}, Runnable::run);
    AtomicLong begun = new AtomicLong();
    watchdog.know(beginning(begun));
    watchdog.look(millis(0));
    begun.addAndGet(4L * Runtime.getRuntime().availableProcessors());
    watchdog.look(millis(1_000));
    assertThat(watchdog.isStalled()).isTrue();
  }

  @Test
  void aQueueThatMovesIsNoStall() {
    Deque<Runnable> waiting = new ArrayDeque<>();
    Watchdog watchdog = new Watchdog(waiting::add, Runnable::run);
    AtomicLong begun = new AtomicLong();
    watchdog.know(beginning(begun));
    long many = 4L * Runtime.getRuntime().availableProcessors();
    watchdog.look(millis(0));
    for (int at = 50; at <= 1_000; at += 50) {
      begun.addAndGet(many);
      watchdog.look(millis(at));
      assertThat(watchdog.isStalled()).isFalse();
    }
    begun.addAndGet(many - 1); // Each of them takes long by now.
    watchdog.look(millis(1_050));
    assertThat(watchdog.isStalled()).isTrue();
  }

  @Test
  void itsThreadEndsWithTheLastServerAndComesAgainWithTheNext() {
    Watchdog watchdog = new Watchdog(Thread::startVirtualThread, Runnable::run);
    Watchdog.Handlers one = to -> {};
    Watchdog.Handlers two = to -> {};
    Set<Thread> others = watchdogs();
    for (int i = 0; i < 2; i++) {
      watchdog.watch(Stream.of(), one);
      watchdog.watch(Stream.of(), two);
      Set<Thread> own = watchdogs();
      own.removeAll(others);
      assertThat(own).hasSize(1);
      Thread thread = own.iterator().next();
      assertThat(thread.getContextClassLoader()).isSameAs(Watchdog.class.getClassLoader());
      watchdog.forget(one);
      assertThat(thread.isAlive()).isTrue();
      watchdog.forget(two);
      await().atMost(20, TimeUnit.SECONDS).until(() -> !thread.isAlive());
    }
  }

  /** Or a loop that is blocked before the first look has passed would never be named. */
  @Test
  void itLooksBeforeItWaits() {
    ConcurrentLinkedQueue<Runnable> probes = new ConcurrentLinkedQueue<>();
    Watchdog watchdog = new Watchdog(probes::add, Runnable::run);
    Watchdog.Handlers server = to -> {};
    Set<Thread> others = watchdogs();
    watchdog.watch(Stream.of(), server);
    watchdog.forget(server);
    await()
        .atMost(20, TimeUnit.SECONDS)
        .until(() -> {
          Set<Thread> own = watchdogs();
          own.removeAll(others);
          return own.isEmpty();
        });
    assertThat(probes).hasSize(1);
  }

  private static Set<Thread> watchdogs() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().equals("erpc-watchdog"))
        .collect(Collectors.toCollection(HashSet::new));
  }

  @Test
  void probeThatCouldNotBeSentIsNotTakenForALateOne() {
    Deque<Runnable> waiting = new ArrayDeque<>();
    boolean[] scarce = {true};
    Watchdog watchdog =
        new Watchdog(
            task -> {
              if (scarce[0]) {
                throw new OutOfMemoryError("no thread, says this test");
              }
              waiting.add(task);
            },
            Runnable::run);
    assertThatThrownBy(() -> watchdog.look(millis(0))).isInstanceOf(OutOfMemoryError.class);
    scarce[0] = false;
    watchdog.look(millis(5_000));
    assertThat(watchdog.isStalled()).isFalse();
    assertThat(waiting).hasSize(1);
  }

  private static StackTraceElement frame(String type, String method) {
    return new StackTraceElement(type, method, "File.java", 1);
  }

  @Test
  void anEventLoopThatStartsAThreadForTheLibraryIsNotBlamed() {
    StackTraceElement start0 = frame("java.lang.Thread", "start0");
    StackTraceElement start = frame("java.lang.Thread", "start");
    StackTraceElement pool = frame("java.util.concurrent.ForkJoinPool", "signalWork");
    StackTraceElement library = frame("erpc.server.Watchdog", "start");
    StackTraceElement user = frame("demo.Handler", "handle");
    StackTraceElement[][] own = {{start0, start, pool, library, user}, {start0, library}};
    StackTraceElement[][] others = {{start0, start, user, library}, {user, library}, {}};
    assertThat(Stream.of(own)).allMatch(Watchdog::startsThread);
    assertThat(Stream.of(others)).noneMatch(Watchdog::startsThread);
  }

  private static long millis(long value) {
    return TimeUnit.MILLISECONDS.toNanos(value);
  }
}
