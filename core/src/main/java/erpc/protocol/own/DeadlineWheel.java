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
 * scheme 6: far deadlines share slots with near ones and are looked at once per turn.
 */
final class DeadlineWheel implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger("erpc.protocol");
  private static final LineLimit LINES = new LineLimit();
  private static final long TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
  private static final int SLOTS = 512;

  private static final FastThreadLocal<DeadlineWheel> OF_LOOP = new FastThreadLocal<>();

  /** Something that has a deadline, as a link of the wheel, which alone changes it. */
  abstract static class Node extends Outbound {
    private long dueNanos;
    private short slot = -1; // there are few, and there is one of these a call
    private @Nullable Node next;
    private @Nullable Node previous;

    /** When the wheel is to look at it, on the ticker. */
    final long dueNanos() {
      return dueNanos;
    }

    /** Says when, before it is added. */
    final void dueAt(long nanos) {
      dueNanos = nanos;
    }

    /** The time it was due at has come; it is in the wheel no more. */
    abstract void expired();
  }

  private final EventExecutor loop;
  private final Ticker ticker;
  private final @Nullable Node[] slots = new Node[SLOTS];
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

  /** Has {@link Node#expired()} called once the time it is due at has passed. */
  void add(Node node) {
    if (!scheduled) {
      if (size == 0) {
        lastTick = tickOf(ticker.nanos());
      }
      schedule();
    }
    size++;
    // A deadline in the current or a past tick goes into the next one to be visited.
    long tick = Math.max(tickOf(node.dueNanos) + 1, lastTick + 1);
    int slot = (int) (tick & (SLOTS - 1));
    Node head = slots[slot];
    node.slot = (short) slot;
    node.previous = null;
    node.next = head;
    if (head != null) {
      head.previous = node;
    }
    slots[slot] = node;
  }

  /** Looks at it then, if that is earlier than it was to. */
  void hurry(Node node, long dueNanos) {
    if (node.dueNanos - dueNanos > 0) {
      boolean here = node.slot >= 0;
      remove(node);
      node.dueNanos = dueNanos;
      if (here) {
        add(node);
      }
    }
  }

  /** Forgets it; does nothing if it isn't here. */
  void remove(Node node) {
    if (node.slot < 0) {
      return;
    }
    Node previous = node.previous;
    Node next = node.next;
    if (previous == null) {
      slots[node.slot] = next;
    } else {
      previous.next = next;
    }
    if (next != null) {
      next.previous = previous;
    }
    node.slot = -1;
    node.previous = null;
    node.next = null;
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
    Node due = null;
    Node next;
    for (Node node = slots[slot]; node != null; node = next) {
      next = node.next;
      if (node.dueNanos - now <= 0) {
        remove(node);
        node.next = due;
        due = node;
      }
    }
    while (due != null) {
      next = due.next;
      due.next = null;
      expire(due);
      due = next;
    }
  }

  /** Whatever goes wrong with one, the others on this loop still have their deadlines. */
  private static void expire(Node node) {
    try {
      node.expired();
    } catch (Throwable e) {
      Thrown.error(LOG, LINES, "ending " + node + " at its deadline failed", e);
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
