package erpc.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class WatchdogTest {
  private static Thread runs(Watchdog watchdog) throws Exception {
    CompletableFuture<Thread> thread = new CompletableFuture<>();
    watchdog.start(() -> thread.complete(Thread.currentThread()));
    return thread.get(20, TimeUnit.SECONDS);
  }

  @Test
  void handlersRunOnVirtualThreadsUnlessTheseAreStalled() throws Exception {
    Watchdog watchdog = new Watchdog(Runnable::run);
    assertThat(runs(watchdog).isVirtual()).isTrue();
    watchdog.stalled = true;
    assertThat(runs(watchdog)).isSameAs(Thread.currentThread());
  }

  @Test
  void aHandlerForWhichThereIsNoSpareThreadWaitsForACarrier() throws Exception {
    Watchdog watchdog =
        new Watchdog(task -> {
          throw new RejectedExecutionException("all are taken");
        });
    watchdog.stalled = true;
    assertThat(runs(watchdog).isVirtual()).isTrue();
  }
}
