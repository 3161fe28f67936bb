package erpc.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Threads for handlers while virtual threads are stalled. */
class SpareThreadsTest {
  private final SpareThreads threads = new SpareThreads(1, Runnable::run);

  @Test
  void whoAsksForAThreadDoesNotStartIt() throws Exception {
    threads.ready();
    CompletableFuture<String> ran = new CompletableFuture<>();
    threads.execute(() -> ran.complete(Thread.currentThread().getName()));
    assertThat(ran.get(20, TimeUnit.SECONDS)).startsWith("erpc-spare-").doesNotContain("starter");
  }

  @Test
  void refusesMoreThanItMayHaveAndTakesTheNextOnceOneIsDone() throws Exception {
    CountDownLatch end = new CountDownLatch(1);
    CountDownLatch begun = new CountDownLatch(1);
    threads.execute(() -> {
      begun.countDown();
      try {
        end.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    });
    begun.await();
    assertThatThrownBy(() -> threads.execute(() -> {}))
        .isInstanceOf(RejectedExecutionException.class);
    end.countDown();
    CountDownLatch next = new CountDownLatch(1);
    await()
        .until(() -> {
          try {
            threads.execute(next::countDown);
            return true;
          } catch (RejectedExecutionException e) {
            return false;
          }
        });
    assertThat(next.await(20, TimeUnit.SECONDS)).isTrue();
  }
}
