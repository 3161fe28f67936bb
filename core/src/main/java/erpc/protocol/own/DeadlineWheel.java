package erpc.protocol.own;

import erpc.call.LineLimit;
import erpc.call.Thrown;
import erpc.call.Ticker;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.FastThreadLocal;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends streams at their deadlines: one wheel an event loop, touched only by it. Adding and removing
 * are a few stores into the stream itself; nothing is allocated. A deadline is never early and at
 * most two ticks late.
 *
 * <p>A hashed wheel after Varghese and Lauck, "Hashed and Hierarchical Timing Wheels" (1987),
 * scheme 6: far deadlines share slots with near ones and are looked at once a turn.
 */
final class DeadlineWheel implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger("erpc.protocol");
  private static final LineLimit LINES = new LineLimit();
  private static final long TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
  private static final int SLOTS = 512;

  private static final FastThreadLocal<DeadlineWheel> OF_LOOP = new FastThreadLocal<>();

  private final EventExecutor loop;
  private final Ticker ticker;
  private final @Nullable Stream[] slots = new Stream[SLOTS];
  private long lastTick;
  private long dueNanos;
  private long awakeSinceNanos;
  private int size;
  private boolean scheduled;

  DeadlineWheel(EventExecutor loop, Ticker ticker) {
    this.loop = loop;
    this.ticker = ticker;
    long now = ticker.nanos();
    this.lastTick = tickOf(now);
    this.awakeSinceNanos = now;
  }

  /**
   * Since when this event loop has run without standing still for long, on the ticker: what nobody
   * did before that, nobody could.
   */
  long awakeSinceNanos() {
    return awakeSinceNanos;
  }

  /** The wheel of the event loop that calls. */
  static DeadlineWheel ofThisLoop(EventExecutor loop, Ticker ticker) {
    DeadlineWheel wheel = OF_LOOP.get();
    // Tests bring a clock and a loop of their own, several of them to one thread.
    if (wheel == null || wheel.loop != loop || wheel.ticker != ticker) {
      wheel = new DeadlineWheel(loop, ticker);
      OF_LOOP.set(wheel);
    }
    return wheel;
  }

  /** Has {@link Stream#expired()} called once the stream's deadline has passed. */
  void add(Stream stream) {
    if (!scheduled) {
      if (size == 0) {
        lastTick = tickOf(ticker.nanos());
      }
      schedule();
    }
    size++;
    // A deadline in the current or a past tick goes into the next one to be visited.
    long tick = Math.max(tickOf(stream.deadlineNanos) + 1, lastTick + 1);
    int slot = (int) (tick & (SLOTS - 1));
    Stream head = slots[slot];
    stream.wheelSlot = slot;
    stream.wheelPrevious = null;
    stream.wheelNext = head;
    if (head != null) {
      head.wheelPrevious = stream;
    }
    slots[slot] = stream;
  }

  /** Forgets the stream; does nothing if it isn't here. */
  void remove(Stream stream) {
    if (stream.wheelSlot < 0) {
      return;
    }
    Stream previous = stream.wheelPrevious;
    Stream next = stream.wheelNext;
    if (previous == null) {
      slots[stream.wheelSlot] = next;
    } else {
      previous.wheelNext = next;
    }
    if (next != null) {
      next.wheelPrevious = previous;
    }
    stream.wheelSlot = -1;
    stream.wheelPrevious = null;
    stream.wheelNext = null;
    size--;
  }

  int size() {
    return size;
  }

  @Override
  public void run() {
    scheduled = false;
    long now = ticker.nanos();
    if (now - dueNanos >= Heartbeat.STOOD_STILL_NANOS) {
      awakeSinceNanos = now;
    }
    long tick = tickOf(now);
    // After a long stall every slot is due once; more turns would only look at the same streams
    // again.
    long first = Math.max(lastTick + 1, tick - SLOTS + 1);
    lastTick = Math.max(tick, lastTick);
    for (long t = first; t <= tick; t++) {
      visit((int) (t & (SLOTS - 1)), now);
    }
    if (size > 0 && !scheduled) {
      schedule();
    }
  }

  private void visit(int slot, long now) {
    // Ending one stream may end or add others, so the due ones leave the slot before any of them is
    // told.
    Stream due = null;
    Stream next;
    for (Stream stream = slots[slot]; stream != null; stream = next) {
      next = stream.wheelNext;
      if (stream.deadlineNanos - now <= 0) {
        remove(stream);
        stream.wheelNext = due;
        due = stream;
      }
    }
    while (due != null) {
      next = due.wheelNext;
      due.wheelNext = null;
      expire(due);
      due = next;
    }
  }

  /** Whatever goes wrong with one stream, the others on this loop still have their deadlines. */
  private static void expire(Stream stream) {
    try {
      stream.expired();
    } catch (Throwable e) {
      String id = Integer.toUnsignedString(stream.id);
      Thrown.error(LOG, LINES, "ending stream " + id + " at its deadline failed", e);
    }
  }

  private void schedule() {
    dueNanos = ticker.nanos() + TICK_NANOS;
    var unused = loop.schedule(this, TICK_NANOS, TimeUnit.NANOSECONDS);
    scheduled = true; // Only now: without memory for it, the next stream asks again.
  }

  private static long tickOf(long nanos) {
    return Math.floorDiv(nanos, TICK_NANOS);
  }
}
