package erpc.protocol;

import erpc.call.Metadata;
import erpc.call.Status;
import erpc.call.Ticker;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Messages of one stream that have arrived and that nobody has taken yet. The event loop puts them
 * in, one thread takes them out and waits for more. They lie one behind the other in an array, so
 * that a flood of tiny ones holds little more memory than their bytes; a reader that finds its own
 * array empty swaps it for the one that was filled meanwhile.
 *
 * <p>What is in here has not been given back to the sender as credit; taking it does that.
 */
public final class Inbox {
  private static final byte[] NOTHING = {};
  private static final int FIRST_BYTES = 512;

  /** A larger array is not kept once it is empty. */
  private static final int MOST_KEPT_BYTES = 64 * 1024;

  /** Taken bytes that are worth telling the event loop. */
  private static final int REPORT_BYTES = Wire.STREAM_WINDOW / 4;

  /** Encoding, and length and what is owed as varints. */
  private static final int MOST_HEAD_BYTES = 1 + 5 + 5;

  private static final int VARINT_BITS = 7;

  private final Ticker ticker;
  private final Runnable onInterrupt;
  private final AtomicInteger taken = new AtomicInteger();
  private final AtomicBoolean reportDue = new AtomicBoolean();

  /** The stream that fills it; null until there is one. */
  private volatile @Nullable Stream stream;

  private volatile @Nullable Thread waiter;
  private volatile long waitingSinceNanos;
  private volatile boolean waiting;
  private volatile boolean touched;

  // Guarded by this.
  private byte[] filling = NOTHING;
  private int filled;
  private boolean starving;
  private boolean partsWait;
  private boolean discarding;
  private @Nullable Status end;
  private Metadata headers = Metadata.EMPTY;
  private Metadata trailers = Metadata.EMPTY;

  // The reader's own.
  private byte[] reading = NOTHING;
  private int at;
  private int until;
  private int encoding;

  /**
   * An empty one.
   *
   * @param onInterrupt told when the waiting thread is interrupted, on that thread; it should end
   *     the call
   */
  public Inbox(Ticker ticker, Runnable onInterrupt) {
    this.ticker = ticker;
    this.onInterrupt = onInterrupt;
  }

  // ---- the event loop's side

  void filledBy(Stream from) {
    stream = from;
  }

  /** Puts a message in. What it owes is the credit that is due to its sender once it is taken. */
  void add(int encoding, ByteBuf in, int length, int owed) {
    synchronized (this) {
      touched = true;
      if (discarding || end != null) {
        taken.addAndGet(owed);
      } else {
        room(MOST_HEAD_BYTES + length);
        filling[filled++] = (byte) encoding;
        boolean ordinary = owed == length + Wire.ENCODING_BYTES;
        putVarint((long) length << 1 | (ordinary ? 0 : 1));
        if (!ordinary) {
          putVarint(owed);
        }
        in.readBytes(filling, filled, length);
        filled += length;
        starving = false;
      }
    }
    wake();
  }

  private void room(int bytes) {
    if (filling.length - filled < bytes) {
      int wanted = Math.max(FIRST_BYTES, Math.max(2 * filling.length, filled + bytes));
      filling = Arrays.copyOf(filling, wanted);
    }
  }

  private void putVarint(long value) {
    long left = value;
    while (left >= 1 << VARINT_BITS) {
      filling[filled++] = (byte) (left | 1 << VARINT_BITS);
      left >>>= VARINT_BITS;
    }
    filling[filled++] = (byte) left;
  }

  /**
   * A part of a message that is not whole yet has arrived. Its credit may be given back at once if
   * the reader waits for just this message; else it has to wait until the reader has taken those
   * before it.
   */
  synchronized boolean defersParts() {
    boolean defers = !starving && !discarding;
    partsWait |= defers;
    return defers;
  }

  /** Whether credit for parts that had to wait is due now; asking settles it. */
  synchronized boolean partsAreDue() {
    boolean due = partsWait && (starving || discarding);
    if (due) {
      partsWait = false;
    }
    return due;
  }

  /** Credit of what was taken since this was asked last. */
  int collect() {
    reportDue.set(false);
    return taken.get() == 0 ? 0 : taken.getAndSet(0);
  }

  /** What came before the first message. */
  public synchronized void headers(Metadata value) {
    headers = value;
  }

  /** There will be no more messages; the first end counts. Any thread. */
  public void end(Status status, Metadata trailing) {
    synchronized (this) {
      if (end != null) {
        return;
      }
      end = status;
      trailers = trailing;
    }
    wake();
  }

  private void wake() {
    Thread thread = waiter;
    if (thread != null) {
      LockSupport.unpark(thread);
    }
  }

  /** Since when its reader has waited, on the ticker; 0 if it does not. */
  long waitingSince() {
    return waiting ? waitingSinceNanos : 0;
  }

  // ---- the reader's side

  /** Whether a message has ever been put in. Any thread. */
  public boolean isUntouched() {
    return !touched;
  }

  /**
   * Waits for the next message.
   *
   * @return its bytes, valid until the next call; null at the end, see {@link #end()}
   */
  public @Nullable ByteBuffer next() {
    if (at == until && !refill()) {
      return null;
    }
    encoding = reading[at++];
    long word = varint();
    int length = (int) (word >>> 1);
    int owed = (word & 1) == 0 ? length + Wire.ENCODING_BYTES : (int) varint();
    ByteBuffer message = ByteBuffer.wrap(reading, at, length);
    at += length;
    take(owed);
    return message;
  }

  /** Whether {@link #next} would return without waiting. The reader's. */
  boolean hasNext() {
    return at < until || swap(false);
  }

  /** Codec and compression of the message that {@link #next} returned last. */
  public int encoding() {
    return encoding & 0xff;
  }

  /** How it ended, or null if it has not. Any thread. */
  public synchronized @Nullable Status end() {
    return end;
  }

  /** What came before the first message; complete once there was one. Any thread. */
  public synchronized Metadata headers() {
    return headers;
  }

  /** What came with the end. Any thread. */
  public synchronized Metadata trailers() {
    return trailers;
  }

  private long varint() {
    long value = 0;
    int shift = 0;
    byte b;
    do {
      b = reading[at++];
      value |= (long) (b & (1 << VARINT_BITS) - 1) << shift;
      shift += VARINT_BITS;
    } while (b < 0);
    return value;
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

  /** Swaps the empty array for the filled one, waiting until there is one; false at the end. */
  private boolean refill() {
    if (swap(false)) {
      return until > 0;
    }
    boolean interrupted = false;
    waiter = Thread.currentThread();
    waitingSinceNanos = ticker.nanos();
    waiting = true;
    try {
      while (!swap(true)) {
        LockSupport.park(this);
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
    return until > 0;
  }

  /** True if there was something or the end, which leaves nothing to read. */
  private boolean swap(boolean waits) {
    boolean due;
    synchronized (this) {
      if (filled > 0) {
        byte[] empty = reading.length > MOST_KEPT_BYTES ? NOTHING : reading;
        reading = filling;
        at = 0;
        until = filled;
        filling = empty;
        filled = 0;
        return true;
      }
      at = 0;
      until = 0;
      if (end != null) {
        return true;
      }
      starving |= waits;
      due = partsWait && waits;
    }
    Stream from = stream;
    if (from != null && (due || (taken.get() > 0 && from.isCreditShort()))) {
      report(from);
    }
    return false;
  }

  /** Throws away what is here and what comes still. Any thread, at any time. */
  public void discard() {
    int owed;
    synchronized (this) {
      discarding = true;
      owed = owedOf(filling, filled);
      filling = NOTHING;
      filled = 0;
    }
    taken.addAndGet(owed);
    Stream from = stream;
    if (from != null) {
      report(from);
    }
  }

  private static int owedOf(byte[] records, int length) {
    Inbox walker = new Inbox(() -> 0, () -> {});
    walker.reading = records;
    walker.until = length;
    while (walker.at < length) {
      var unused = walker.next();
    }
    return walker.taken.get();
  }
}
