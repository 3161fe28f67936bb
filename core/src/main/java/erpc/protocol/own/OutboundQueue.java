package erpc.protocol.own;

import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Many producers, one consumer that takes all there is: a stack (R. K. Treiber, 1986) that the
 * consumer turns over. Items are their own links, so nothing is allocated, and a producer sees from
 * the item before its own whether the queue was empty (then it wakes the consumer, one wake-up a
 * batch) and how many bytes wait.
 */
final class OutboundQueue {
  /** The queue's answer to an offer. */
  enum Offer {
    /** Taken; the consumer is awake already. */
    QUEUED,
    /** Taken; the caller must wake the consumer. */
    QUEUED_FIRST,
    /** Refused: too many bytes wait. */
    FULL,
    /** Refused: the connection has closed. */
    CLOSED
  }

  private static final Outbound CLOSED =
      new Outbound() {
        @Override
        int size() {
          return 0;
        }

        @Override
        void accepted() {}

        @Override
        void write() {}

        @Override
        void dropped() {}
      };

  private final AtomicReference<@Nullable Outbound> last = new AtomicReference<>();

  Offer offer(Outbound item, long limit) {
    while (true) {
      Outbound before = last.get();
      if (before == CLOSED) {
        return Offer.CLOSED;
      }
      int waiting = before == null ? 0 : before.queuedBytes;
      if (waiting >= limit) {
        return Offer.FULL;
      }
      item.queuedBefore = before;
      // As many as any limit allows are enough to know.
      item.queuedBytes = (int) Math.min(Integer.MAX_VALUE, (long) waiting + item.size());
      if (last.compareAndSet(before, item)) {
        return before == null ? Offer.QUEUED_FIRST : Offer.QUEUED;
      }
    }
  }

  /** Bytes that wait here, a moment old; none once it is closed. Any thread. */
  long waitingBytes() {
    Outbound newest = last.get();
    return newest == null || newest == CLOSED ? 0 : newest.queuedBytes;
  }

  /**
   * Takes everything, oldest first, linked by {@code queuedBefore} (which now names the one after).
   */
  @Nullable Outbound takeAll() {
    if (last.get() == null || last.get() == CLOSED) {
      return null;
    }
    return turnedOver(last.getAndSet(null));
  }

  /** Takes everything and refuses whatever comes later. */
  @Nullable Outbound close() {
    return turnedOver(last.getAndSet(CLOSED));
  }

  private static @Nullable Outbound turnedOver(@Nullable Outbound newest) {
    Outbound done = null;
    Outbound item = newest == CLOSED ? null : newest;
    while (item != null) {
      Outbound before = item.queuedBefore;
      item.queuedBefore = done;
      done = item;
      item = before;
    }
    return done;
  }
}
