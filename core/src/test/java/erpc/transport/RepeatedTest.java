package erpc.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.LoggerFactory;

@Timeout(60)
class RepeatedTest {
  private static Repeated start(Duration pause, Runnable task) {
    return Repeated.start("test", pause, task, LoggerFactory.getLogger("erpc.test"), "testing");
  }

  @Test
  void goesOnWhateverItsTaskThrowsAndWhoeverInterruptsIt() {
    AtomicInteger runs = new AtomicInteger();
    Runnable task =
        () -> {
          Thread.currentThread().interrupt();
          if (runs.incrementAndGet() % 2 == 0) {
            throw new AssertionError("thrown on purpose");
          }
        };
    try (Repeated unused = start(Duration.ofMillis(1), task)) {
      await().until(() -> runs.get() > 5);
    }
    int last = runs.get();
    await().during(Duration.ofMillis(50)).until(() -> runs.get() <= last + 1);
  }

  @Test
  void oneThatWasClosedHoldsOnToNothing() {
    WeakReference<Object> held = started(Duration.ofHours(1));
    await()
        .dontCatchUncaughtExceptions() // of loops that other tests have left behind
        .until(() -> {
          System.gc();
          return held.get() == null;
        });
  }

  private static WeakReference<Object> started(Duration pause) {
    Object task = new Object();
    Repeated repeated = start(pause, () -> assertThat(task).isNotNull());
    repeated.close();
    return new WeakReference<>(task);
  }

  @Test
  void credentialsOfAClosedClientAreHeldByNothing() {
    WeakReference<Object> held = shown();
    await()
        .dontCatchUncaughtExceptions() // of loops that other tests have left behind
        .until(() -> {
          System.gc();
          return held.get() == null;
        });
  }

  private static WeakReference<Object> shown() {
    Object secret = new Object();
    Credentials credentials =
        Credentials.bearer(secret::toString).withRefreshInterval(Duration.ofHours(1));
    new Security(null, credentials).close();
    return new WeakReference<>(secret);
  }

  @Test
  void pausesAsLongAsItIsTold() {
    AtomicInteger runs = new AtomicInteger();
    long start = System.nanoTime();
    try (Repeated unused = start(Duration.ofMillis(20), runs::incrementAndGet)) {
      await().until(() -> runs.get() == 3);
    }
    assertThat(System.nanoTime() - start).isGreaterThan(Duration.ofMillis(60).toNanos());
  }
}
