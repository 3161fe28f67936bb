package erpc.protocol.own;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who is woken when there is room. */
@Timeout(60)
class RoomQueueTest {
  private final RoomQueue queue = new RoomQueue();
  private final BlockingQueue<String> woken = new LinkedBlockingQueue<>();
  private final List<Thread> threads = new ArrayList<>();

  @AfterEach
  void stop() {
    threads.forEach(Thread::interrupt);
  }

  private Thread waits(String name, int bytes) {
    int before = queue.size();
    Thread thread =
        Thread.startVirtualThread(() -> {
          RoomQueue.Waiter waiter = queue.enter(bytes);
          LockSupport.park(queue);
          boolean interrupted = Thread.interrupted();
          queue.leave(waiter);
          woken.add(interrupted ? name + " left" : name);
        });
    threads.add(thread);
    await().pollDelay(1, TimeUnit.MILLISECONDS).until(() -> queue.size() == before + 1);
    return thread;
  }

  @Test
  void asManyAsThereIsRoomForTheLongestWaitingFirst() throws Exception {
    waits("a", 10);
    waits("b", 10);
    waits("c", 10);
    queue.wake(0);
    assertThat(queue.size()).isEqualTo(3);
    queue.wake(10);
    assertThat(woken.poll(10, TimeUnit.SECONDS)).isEqualTo("a");
    assertThat(queue.size()).isEqualTo(2);
    // One fits if there is any room at all.
    queue.wake(11);
    assertThat(List.of(woken.poll(10, TimeUnit.SECONDS), woken.poll(10, TimeUnit.SECONDS)))
        .containsExactlyInAnyOrder("b", "c");
    assertThat(queue.size()).isZero();
  }

  @Test
  void oneThatHasGivenUpIsPassedOver() throws Exception {
    waits("a", 10);
    Thread middle = waits("b", 10);
    waits("c", 10);
    middle.interrupt();
    assertThat(woken.poll(10, TimeUnit.SECONDS)).isEqualTo("b left");
    queue.wake(10);
    assertThat(woken.poll(10, TimeUnit.SECONDS)).isEqualTo("a");
    queue.wake(10);
    assertThat(woken.poll(10, TimeUnit.SECONDS)).isEqualTo("c");
    assertThat(queue.size()).isZero();
  }
}
