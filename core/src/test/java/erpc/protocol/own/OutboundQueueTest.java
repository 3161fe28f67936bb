package erpc.protocol.own;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Many producers, one consumer, no item lost. */
class OutboundQueueTest {
  private static final class Item extends Outbound {
    final int producer;
    final int number;

    Item(int producer, int number) {
      this.producer = producer;
      this.number = number;
    }

    @Override
    int size() {
      return 10;
    }

    @Override
    void accepted() {}

    @Override
    void write() {}

    @Override
    void dropped() {}
  }

  private final OutboundQueue queue = new OutboundQueue();

  private static List<Item> list(@Nullable Outbound first) {
    List<Item> items = new ArrayList<>();
    for (Outbound item = first; item != null; item = item.queuedBefore) {
      items.add((Item) item);
    }
    return items;
  }

  @Test
  void handsOutTheOldestFirstAndTellsWhoWakesTheConsumer() {
    assertThat(queue.offer(new Item(0, 0), 100)).isEqualTo(OutboundQueue.Offer.QUEUED_FIRST);
    assertThat(queue.offer(new Item(0, 1), 100)).isEqualTo(OutboundQueue.Offer.QUEUED);
    assertThat(list(queue.takeAll())).extracting(item -> item.number).containsExactly(0, 1);
    assertThat(queue.takeAll()).isNull();
    assertThat(queue.offer(new Item(0, 2), 100)).isEqualTo(OutboundQueue.Offer.QUEUED_FIRST);
  }

  @Test
  void refusesWhatPassesTheLimit() {
    assertThat(queue.offer(new Item(0, 0), 0)).isEqualTo(OutboundQueue.Offer.FULL);
    for (int i = 0; i < 3; i++) {
      assertThat(queue.offer(new Item(0, i), 25)).isNotEqualTo(OutboundQueue.Offer.FULL);
    }
    assertThat(queue.offer(new Item(0, 3), 25)).isEqualTo(OutboundQueue.Offer.FULL);
    assertThat(list(queue.takeAll())).hasSize(3);
    assertThat(queue.offer(new Item(0, 3), 25)).isEqualTo(OutboundQueue.Offer.QUEUED_FIRST);
  }

  @Test
  void handsOutTheRestWhenItClosesAndRefusesWhatComesLater() {
    queue.offer(new Item(0, 0), 100);
    assertThat(list(queue.close())).hasSize(1);
    assertThat(queue.offer(new Item(0, 1), 100)).isEqualTo(OutboundQueue.Offer.CLOSED);
    assertThat(queue.takeAll()).isNull();
    assertThat(queue.close()).isNull();
  }

  @Test
  @Timeout(60)
  void losesNothingAndKeepsEachProducersOrder() throws Exception {
    int producers = 8;
    int each = 20_000;
    Semaphore wake = new Semaphore(0);
    AtomicLong refused = new AtomicLong();
    CountDownLatch closed = new CountDownLatch(producers);
    for (int p = 0; p < producers; p++) {
      int producer = p;
      Thread.startVirtualThread(() -> {
        for (int i = 0; i < each; ) {
          switch (queue.offer(new Item(producer, i), 2_000)) {
            case QUEUED_FIRST -> {
              wake.release();
              i++;
            }
            case QUEUED -> i++;
            case FULL -> {
              refused.incrementAndGet();
              Thread.onSpinWait();
            }
            case CLOSED -> throw new IllegalStateException("closed");
          }
        }
        closed.countDown();
      });
    }
    int[] next = new int[producers];
    int taken = 0;
    while (taken < producers * each) {
      assertThat(wake.tryAcquire(30, TimeUnit.SECONDS)).as("the consumer is woken").isTrue();
      List<Item> batch = list(queue.takeAll());
      assertThat(batch.size()).isLessThanOrEqualTo(201);
      for (Item item : batch) {
        assertThat(item.number).isEqualTo(next[item.producer]++);
      }
      taken += batch.size();
    }
    assertThat(closed.await(10, TimeUnit.SECONDS)).isTrue();
    assertThat(queue.takeAll()).isNull();
    assertThat(next).containsOnly(each);
  }
}
