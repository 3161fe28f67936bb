package erpc.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

final class CostlyTurnsTest {
  private final CostlyTurns turns = new CostlyTurns(1);
  private final List<String> order = new CopyOnWriteArrayList<>();

  @Test
  void ownersTakeTurnsHoweverManyOfOneWait() throws InterruptedException {
    Object many = new Object();
    Object few = new Object();
    turns.enter(many);
    List<Thread> all =
        List.of(
            waits(many, "many 1", 1),
            waits(many, "many 2", 2),
            waits(many, "many 3", 3),
            waits(few, "few 1", 4));
    turns.leave();
    for (Thread each : all) {
      each.join();
    }
    assertThat(order).containsExactly("many 1", "few 1", "many 2", "many 3");
  }

  @Test
  void anInterruptEndsNoWaitingAndIsKept() throws InterruptedException {
    CountDownLatch kept = new CountDownLatch(1);
    turns.enter(this);
    Thread waiting =
        Thread.ofVirtual()
            .start(() -> {
              turns.enter(order);
              if (Thread.currentThread().isInterrupted()) {
                kept.countDown();
              }
              turns.leave();
            });
    await().until(() -> turns.waiting() == 1);
    waiting.interrupt();
    turns.leave();
    kept.await();
    waiting.join();
    turns.enter(this); // It was given back.
    assertThat(turns.waiting()).isZero();
  }

  private Thread waits(Object owner, String name, int position) {
    Thread thread =
        Thread.ofVirtual()
            .start(() -> {
              turns.enter(owner);
              order.add(name);
              turns.leave();
            });
    await().until(() -> turns.waiting() == position);
    return thread;
  }
}
