package erpc.protocol;

import erpc.call.Status;
import io.netty.util.internal.PlatformDependent;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How many bytes of messages a process may hold: those that arrive, wait for a reader or a handler,
 * or wait to be sent. Counting never fails; who is about to take on more asks first, and refuses it
 * with RESOURCE_EXHAUSTED. So the bound may be passed by what is under way at that moment, a read
 * buffer a connection and a message a thread, for which the rest of the memory is there.
 * Thread-safe.
 */
public final class MemoryBudget {
  /**
   * What a call that is in flight counts as, its smaller messages included. A message below this
   * size is not counted by itself, so that small calls pay nothing.
   */
  public static final int CALL_BYTES = 1 << 10;

  private static final int STANDARD_DIVISOR = 4;

  /** What connections hold and don't count may be this part of the limit, all together. */
  private static final int UNCOUNTED_DIVISOR = 8;

  private static final int LEAST_STEP_BYTES = 512;

  private final long limit;
  private final AtomicLong held = new AtomicLong();
  private final AtomicInteger connections = new AtomicInteger();

  /** Written by whoever opens or closes a connection: who writes last has counted them all. */
  private volatile int stepBytes = MemoryShare.STEP_BYTES;

  private final Incomplete incomplete;

  /**
   * A budget.
   *
   * @param limit the most bytes to hold, or 0 for a quarter of what the process has: of its heap or
   *     of its direct memory, whichever is smaller
   */
  public MemoryBudget(long limit) {
    this.limit =
        limit > 0
            ? limit
            : Math.min(Runtime.getRuntime().maxMemory(), PlatformDependent.maxDirectMemory())
                / STANDARD_DIVISOR;
    this.incomplete = new Incomplete(this.limit / 2);
  }

  /** The most bytes to hold. */
  public long limitBytes() {
    return limit;
  }

  /** Whether nothing more should be taken on. */
  public boolean isExhausted() {
    return held.get() >= limit;
  }

  /** Whether so many calls may be in flight beside what is held. */
  public boolean hasRoomFor(int calls) {
    return held.get() + (long) calls * CALL_BYTES <= limit;
  }

  /**
   * Counts a message if it is not a small one.
   *
   * @return as how many bytes, to be {@linkplain #release released} once: all of them, or 0
   */
  public int charge(int messageBytes) {
    if (messageBytes < CALL_BYTES) {
      return 0;
    }
    held.addAndGet(messageBytes);
    return messageBytes;
  }

  /** Gives back what was counted. */
  public void release(int charged) {
    if (charged > 0) {
      held.addAndGet(-charged);
    }
  }

  /** Counts more or, if negative, less. */
  public void add(long bytes) {
    held.addAndGet(bytes);
  }

  /** Bytes that are held now. */
  public long heldBytes() {
    return held.get();
  }

  /** Frames, messages and calls that have begun to come and are not whole. */
  public Incomplete incomplete() {
    return incomplete;
  }

  /** A connection has opened, or closed: the more there are, the more exactly each counts. */
  public void connections(int more) {
    int count = connections.addAndGet(more);
    int counted;
    do {
      long each = limit / UNCOUNTED_DIVISOR / Math.max(1, count);
      stepBytes = (int) Math.max(LEAST_STEP_BYTES, Math.min(MemoryShare.STEP_BYTES, each));
      counted = count;
      count = connections.get(); // Another thread may have counted, and written before this one.
    } while (count != counted);
  }

  /** In what steps a connection counts what it holds. */
  int stepBytes() {
    return stepBytes;
  }

  /** What is said when there is no room. */
  public Status refusal() {
    return Status.of(
        Status.Code.RESOURCE_EXHAUSTED,
        "messages and calls under way hold as much memory as they may: "
            + limit
            + " bytes (maxBufferedBytes)");
  }
}
