package erpc.protocol.own;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import erpc.call.Metadata;
import erpc.call.Status;
import erpc.call.Ticker;
import erpc.protocol.MessageSource;
import io.netty.buffer.ByteBuf;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Messages of one stream that have arrived and that nobody has taken yet. The event loop puts them
 * in, one thread takes them out and waits for more. They lie one behind the other in {@linkplain
 * InboxPart parts}, so that a flood of tiny ones holds little more memory than their bytes; the
 * reader takes a part away with one lock, and gives it back when it is empty.
 *
 * <p>What is in here has not been given back to the sender as credit; taking it does that.
 */
final class Inbox implements MessageSource {
  private static final int FIRST_BYTES = 512;

  /** Parts have at most this size, unless one message takes more. */
  private static final int PART_BYTES = 16 * 1024;

  /**
   * Empty parts are kept for half of what a sender may have under way, while the reader is busy.
   */
  private static final int MOST_SPARES = Wire.STREAM_WINDOW / 2 / PART_BYTES;

  /** Taken bytes that are worth telling the event loop. */
  private static final int REPORT_BYTES = Wire.STREAM_WINDOW / 4;

  private static final VarHandle WAITER;

  static {
    try {
      WAITER = MethodHandles.lookup().findVarHandle(Inbox.class, "waiter", Thread.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final Ticker ticker;
  private final Runnable onInterrupt;
  private final AtomicInteger taken = new AtomicInteger();
  private final AtomicBoolean reportDue = new AtomicBoolean();

  /** The stream that fills it; null until there is one. Written by whoever makes the try. */
  private volatile @Nullable Stream stream;

  /**
   * Written by the reader before it looks whether it has to park; taken out, by compare-and-set, by
   * whoever wakes it.
   */
  private volatile @Nullable Thread waiter;

  // Written by the reader, the time before the mark; the event loop's wheel reads them.
  private volatile long waitingSinceNanos;
  private volatile boolean waiting;

  /** Set by the event loop with the first message, for good. */
  private volatile boolean touched;

  @GuardedBy("this")
  private @Nullable InboxPart first;

  @GuardedBy("this")
  private @Nullable InboxPart last;

  @GuardedBy("this")
  private @Nullable InboxPart spare;

  @GuardedBy("this")
  private int spares;

  @GuardedBy("this")
  private boolean readerWaits;

  @GuardedBy("this")
  private boolean creditDeferred;

  @GuardedBy("this")
  private boolean discarding;

  @GuardedBy("this")
  private long receivedBytes;

  @GuardedBy("this")
  private @Nullable Status endStatus;

  @GuardedBy("this")
  private Metadata headers = Metadata.EMPTY;

  @GuardedBy("this")
  private Metadata trailers = Metadata.EMPTY;

  /** What its reader reads, and nobody else touches. */
  private @Nullable InboxPart reading;

  /**
   * An empty one.
   *
   * @param onInterrupt told when the waiting thread is interrupted, on that thread; it should end
   *     the call
   */
  Inbox(Ticker ticker, Runnable onInterrupt) {
    this.ticker = ticker;
    this.onInterrupt = onInterrupt;
  }

  // ---- the event loop's side

  void setStream(Stream from) {
    stream = from;
  }

  /**
   * Puts a message in. What it owes is the credit that is due to its sender once it is taken.
   *
   * @return false if nobody wants it, so that its credit is to be {@linkplain #collect collected}
   *     now: no reader will tell
   */
  boolean add(int encoding, ByteBuf in, int length, int owed) {
    if (!touched) {
      touched = true;
    }
    boolean wanted;
    synchronized (this) {
      wanted = !discarding && endStatus == null;
      if (wanted) {
        InboxPart to = last;
        if (to == null || !to.hasRoomFor(length)) {
          to = append(to, length);
        }
        to.put(encoding, in, length, owed);
        receivedBytes += length;
        readerWaits = false;
      }
    }
    if (!wanted) {
      taken.addAndGet(owed);
      return false;
    }
    wake();
    return true;
  }

  /** A part with room behind the one that has none, if there is one. */
  @GuardedBy("this")
  private InboxPart append(@Nullable InboxPart before, int length) {
    int wanted = before == null ? FIRST_BYTES : Math.min(PART_BYTES, 2 * before.size());
    int least = Math.max(wanted, InboxPart.sizeFor(length));
    InboxPart part = spare;
    if (part == null) {
      part = new InboxPart(least);
    } else {
      spare = part.next;
      spares--;
      part = part.size() < least ? new InboxPart(least) : part;
      part.next = null;
    }
    if (before == null) {
      first = part;
    } else {
      before.next = part;
    }
    last = part;
    return part;
  }

  /**
   * A part of a message that is not whole yet has arrived. Its credit may be given back at once if
   * the reader waits for just this message; else it has to wait until the reader has taken those
   * before it.
   */
  synchronized boolean deferCredit() {
    boolean defers = !readerWaits && !discarding && endStatus == null;
    creditDeferred |= defers;
    return defers;
  }

  /** Whether credit for parts that had to wait is due now; asking settles it. */
  synchronized boolean takeDeferredCredit() {
    boolean due = creditDeferred && (readerWaits || discarding || endStatus != null);
    if (due) {
      creditDeferred = false;
    }
    return due;
  }

  /** Whether all that is here, and all that comes, is thrown away. */
  synchronized boolean isDiscarding() {
    return discarding;
  }

  /** Credit of what was taken since this was asked last. */
  int collect() {
    reportDue.set(false);
    return taken.get() == 0 ? 0 : taken.getAndSet(0);
  }

  @Override
  public synchronized void headers(Metadata value) {
    headers = value;
  }

  @Override
  public void end(Status status, Metadata trailing) {
    synchronized (this) {
      if (endStatus != null) {
        return;
      }
      endStatus = status;
      trailers = trailing;
    }
    wake();
  }

  private void wake() {
    Thread thread = waiter;
    // Once: or each message until it runs would wake it. Compared: the next reader may wait by now.
    if (thread != null && WAITER.compareAndSet(this, thread, null)) {
      LockSupport.unpark(thread);
    }
  }

  /** Since when its reader has waited for the other side, on the ticker; 0 if it does not. */
  long waitingSince() {
    return waiting && !hasParts() ? waitingSinceNanos : 0;
  }

  /** There may be some that the reader has only not been woken for yet. */
  private synchronized boolean hasParts() {
    return first != null;
  }

  // ---- the reader's side

  @Override
  public boolean isUntouched() {
    return !touched;
  }

  @Override
  public @Nullable ByteBuffer next() {
    InboxPart part = reading;
    if (part == null || part.isRead()) {
      part = refill();
      if (part == null) {
        return null;
      }
    }
    ByteBuffer message = part.take();
    take(part.owed());
    return message;
  }

  @Override
  public boolean hasNext() {
    InboxPart part = reading;
    return (part != null && !part.isRead()) || swap(false);
  }

  @Override
  public int encoding() {
    InboxPart part = reading;
    return part == null ? 0 : part.encoding();
  }

  @Override
  public synchronized long receivedBytes() {
    return receivedBytes;
  }

  @Override
  public synchronized @Nullable Status end() {
    return endStatus;
  }

  @Override
  public synchronized Metadata headers() {
    return headers;
  }

  @Override
  public synchronized Metadata trailers() {
    return trailers;
  }

  private void take(int owed) {
    int sum = taken.addAndGet(owed);
    Stream from = stream;
    // Little is told when there is time, much at once; anything if other streams wait for it.
    if (from != null && (sum >= REPORT_BYTES || from.isCreditShort())) {
      report(from);
    }
  }

  private void report(Stream from) {
    if (reportDue.compareAndSet(false, true)) {
      from.creditWasTaken();
    }
  }

  /** The next part, waiting until there is one; null at the end. */
  private @Nullable InboxPart refill() {
    if (swap(false)) {
      return reading;
    }
    boolean interrupted = false;
    Thread reader = Thread.currentThread();
    waitingSinceNanos = ticker.nanos();
    waiting = true;
    try {
      for (waiter = reader; !swap(true); waiter = reader) {
        // Telling the event loop may have parked, too, and used up the waking.
        if (waiter != null) {
          LockSupport.park(this);
        }
        if (!interrupted && Thread.interrupted()) {
          interrupted = true;
          onInterrupt.run();
        }
      }
    } finally {
      waiting = false;
      waiter = null;
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
    return reading;
  }

  /** True if there was a part, or the end of it all, which leaves nothing to read. */
  private boolean swap(boolean waits) {
    boolean due;
    synchronized (this) {
      InboxPart part = first;
      keepSpare(reading, waits);
      reading = part;
      if (part != null) {
        first = part.next;
        last = first == null ? null : last;
        part.next = null;
        return true;
      }
      if (endStatus != null || discarding) {
        return true;
      }
      readerWaits |= waits;
      due = creditDeferred && waits;
    }
    Stream from = stream;
    if (from != null && (due || (taken.get() > 0 && from.isCreditShort()))) {
      report(from);
    }
    return false;
  }

  /** Keeps an emptied part for what is to come; only that one if the reader has to wait. */
  @GuardedBy("this")
  private void keepSpare(@Nullable InboxPart part, boolean waits) {
    if (waits && spare != null) {
      spare.next = null;
      spares = 1;
    }
    if (part != null && part.size() <= PART_BYTES && spares < MOST_SPARES) {
      part.clear();
      part.next = spare;
      spare = part;
      spares++;
    }
  }

  @Override
  public void discard() {
    int owed = 0;
    synchronized (this) {
      discarding = true;
      for (InboxPart part = first; part != null; part = part.next) {
        owed += part.owedForAll();
      }
      first = null;
      last = null;
      spare = null;
      spares = 0;
    }
    taken.addAndGet(owed);
    wake();
    Stream from = stream;
    if (from != null) {
      report(from);
    }
  }
}
