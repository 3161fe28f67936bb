package erpc.protocol.own;

import erpc.protocol.ConnectionSettings;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Threads;

/**
 * Handing a call from its thread to the event loop: the queue alone, without waking anybody.
 * Whoever finds it empty takes all of it, where in a connection that thread wakes the event loop.
 */
@State(Scope.Benchmark)
public class HandOffBenchmark {
  private static final int BATCH = 64;
  private static final long LIMIT = ConnectionSettings.DEFAULTS.maxBacklogBytes();
  private static final long FULL_NANOS = TimeUnit.MICROSECONDS.toNanos(10);

  private final OutboundQueue queue = new OutboundQueue();

  /** Something to hand over. */
  private static final class Item extends Outbound {
    @Override
    int size() {
      return Stream.FRAME_OVERHEAD_BYTES;
    }

    @Override
    void accepted() {}

    @Override
    void write() {}

    @Override
    void dropped() {}
  }

  /** One thread's items, used again and again. */
  @State(Scope.Thread)
  public static class Items {
    private final Item[] items = new Item[BATCH];

    public Items() {
      for (int i = 0; i < items.length; i++) {
        items[i] = new Item();
      }
    }
  }

  /**
   * One thread hands over one item and takes it. Bounded by two atomic operations on a line that
   * this core owns; it allocates the item.
   */
  @Benchmark
  @Threads(1)
  public int oneThread() {
    return offerAndTake();
  }

  /**
   * Four threads do the same on one queue; the time is each thread's, so four items pass in it.
   * Bounded by how fast a cache line moves between cores, and by the scheduler if there are fewer
   * cores than threads; it allocates the item.
   */
  @Benchmark
  @Threads(4)
  public int fourThreads() {
    return offerAndTake();
  }

  private int offerAndTake() {
    Item item = new Item();
    OutboundQueue.Offer offer = queue.offer(item, LIMIT);
    while (offer == OutboundQueue.Offer.FULL) {
      LockSupport.parkNanos(FULL_NANOS);
      offer = queue.offer(item, LIMIT);
    }
    return offer == OutboundQueue.Offer.QUEUED_FIRST ? count(queue.takeAll()) : 0;
  }

  /**
   * One thread hands over 64 items, and they are taken at once; the time is that of one. Bounded by
   * one atomic operation an item; it allocates nothing.
   */
  @Benchmark
  @Threads(1)
  @OperationsPerInvocation(BATCH)
  public int batch(Items mine) {
    for (Item item : mine.items) {
      OutboundQueue.Offer unused = queue.offer(item, LIMIT);
    }
    return count(queue.takeAll());
  }

  private static int count(@Nullable Outbound oldest) {
    int count = 0;
    for (Outbound item = oldest; item != null; item = item.queuedBefore) {
      count++;
    }
    return count;
  }
}
