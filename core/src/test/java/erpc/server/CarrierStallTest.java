package erpc.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class CarrierStallTest {
  private final List<Thread> threads = new ArrayList<>();
  private final CountDownLatch enough = new CountDownLatch(1);
  private final CarrierStall stall = new CarrierStall();
  private volatile boolean spin = true;

  @AfterEach
  void end() throws Exception {
    spin = false;
    enough.countDown();
    for (Thread thread : threads) {
      thread.join();
    }
  }

  private Thread started(Thread.Builder on, Runnable task) throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    Thread thread =
        on.start(() -> {
          begun.countDown();
          task.run();
        });
    threads.add(thread);
    assertThat(begun.await(20, TimeUnit.SECONDS)).isTrue();
    return thread;
  }

  private void spinForLong() {
    while (spin) {
      Thread.onSpinWait();
    }
  }

  private void waitForLong() {
    try {
      enough.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void aHandlerThatSpinsInBothLooksIsNamedByItsStack() throws Exception {
    stall.suspect(started(Thread.ofVirtual(), this::spinForLong));
    assertThat(stall.look()).isNull();
    assertThat(stall.look())
        .singleElement()
        .asString()
        .contains("at erpc.server.CarrierStallTest.spinForLong");
  }

  @Test
  void oneThatHasEndedBeforeTheSecondLookIsNot() throws Exception {
    Thread thread = started(Thread.ofVirtual(), this::spinForLong);
    stall.suspect(thread);
    assertThat(stall.look()).isNull();
    spin = false;
    thread.join();
    assertThat(stall.look()).isEmpty();
  }

  @Test
  void handlersThatWaitAndThoseOnPlatformThreadsAreNot() throws Exception {
    Thread waits = started(Thread.ofVirtual(), this::waitForLong);
    while (waits.getState() != Thread.State.WAITING) {
      Thread.onSpinWait();
    }
    stall.suspect(waits);
    stall.suspect(started(Thread.ofPlatform(), this::spinForLong));
    stall.suspect(null);
    assertThat(stall.look()).isNull();
    assertThat(stall.look()).isEmpty();
  }

  @Test
  void aHandlerThatWaitsForALockAfterTheFirstLookIsNot() throws Exception {
    Object lock = new Object();
    Thread thread =
        started(
            Thread.ofVirtual(),
            () -> {
              spinForLong();
              synchronized (lock) {
                enough.countDown();
              }
            });
    stall.suspect(thread);
    assertThat(stall.look()).isNull();
    synchronized (lock) {
      spin = false;
      while (thread.getState() != Thread.State.BLOCKED) {
        Thread.onSpinWait();
      }
      assertThat(stall.look()).isEmpty();
    }
  }

  @Test
  void aHandlerThatGoesToWaitAfterTheFirstLookIsNot() throws Exception {
    Thread thread =
        started(
            Thread.ofVirtual(),
            () -> {
              spinForLong();
              waitForLong();
            });
    stall.suspect(thread);
    assertThat(stall.look()).isNull();
    spin = false;
    while (thread.getState() != Thread.State.WAITING) {
      Thread.onSpinWait();
    }
    assertThat(stall.look()).isEmpty();
  }
}
