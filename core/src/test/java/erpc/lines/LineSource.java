package erpc.lines;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import erpc.call.Metadata;
import erpc.call.Status;
import erpc.call.Ticker;
import erpc.protocol.MessageSource;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/** Messages that have come as lines and that nobody has taken. */
final class LineSource implements MessageSource {
  private record Message(int encoding, byte[] bytes) {}

  private final Ticker ticker;
  private final Runnable onInterrupt;

  @GuardedBy("this")
  private final ArrayDeque<Message> waiting = new ArrayDeque<>();

  @GuardedBy("this")
  private IntConsumer onTaken = bytes -> {};

  @GuardedBy("this")
  private int heldBytes;

  @GuardedBy("this")
  private long receivedBytes;

  @GuardedBy("this")
  private boolean touched;

  @GuardedBy("this")
  private boolean discarding;

  @GuardedBy("this")
  private long waitingSinceNanos;

  @GuardedBy("this")
  private @Nullable Status end;

  @GuardedBy("this")
  private Metadata headers = Metadata.EMPTY;

  @GuardedBy("this")
  private Metadata trailers = Metadata.EMPTY;

  private int encoding; // the reader's

  LineSource(Ticker ticker, Runnable onInterrupt) {
    this.ticker = ticker;
    this.onInterrupt = onInterrupt;
  }

  // ---- the connection's side

  /** What is told how much the reader has taken. */
  synchronized void filledBy(IntConsumer taken) {
    onTaken = taken;
  }

  /** False if its sender has sent more than it may. */
  boolean add(int encoding, byte[] bytes) {
    IntConsumer taken;
    synchronized (this) {
      touched = true;
      if (!discarding && end == null) {
        int cost = Words.cost(bytes.length);
        boolean allowed = heldBytes == 0 || heldBytes + cost <= Words.WINDOW_BYTES;
        heldBytes += cost;
        receivedBytes += bytes.length;
        waiting.add(new Message(encoding, bytes));
        notifyAll();
        return allowed;
      }
      taken = onTaken;
    }
    taken.accept(Words.cost(bytes.length));
    return true;
  }

  /** Since when its reader has waited for the other side, on the ticker; 0 if it does not. */
  synchronized long waitingSinceNanos() {
    return waiting.isEmpty() ? waitingSinceNanos : 0;
  }

  synchronized int heldBytes() {
    return heldBytes;
  }

  // ---- both

  @Override
  public synchronized void headers(Metadata value) {
    headers = value;
  }

  @Override
  public synchronized void end(Status status, Metadata trailing) {
    if (end == null) {
      end = status;
      trailers = trailing;
      notifyAll();
    }
  }

  @Override
  public void discard() {
    IntConsumer taken;
    int dropped;
    synchronized (this) {
      discarding = true;
      dropped = heldBytes;
      heldBytes = 0;
      waiting.clear();
      taken = onTaken;
      notifyAll();
    }
    if (dropped > 0) {
      taken.accept(dropped);
    }
  }

  // ---- the reader's side

  @Override
  public @Nullable ByteBuffer next() {
    Message next;
    IntConsumer taken;
    synchronized (this) {
      next = awaited();
      if (next == null) {
        return null;
      }
      heldBytes -= Words.cost(next.bytes().length);
      taken = onTaken;
    }
    encoding = next.encoding();
    taken.accept(Words.cost(next.bytes().length));
    return ByteBuffer.wrap(next.bytes());
  }

  @GuardedBy("this")
  private @Nullable Message awaited() {
    boolean interrupted = false;
    waitingSinceNanos = ticker.nanos();
    while (waiting.isEmpty() && end == null && !discarding) {
      try {
        wait();
      } catch (InterruptedException e) {
        interrupted = true;
        onInterrupt.run();
      }
    }
    waitingSinceNanos = 0;
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    return waiting.poll();
  }

  @Override
  public synchronized boolean hasNext() {
    return !waiting.isEmpty() || end != null || discarding;
  }

  @Override
  public int encoding() {
    return encoding;
  }

  @Override
  public synchronized long receivedBytes() {
    return receivedBytes;
  }

  @Override
  public synchronized boolean isUntouched() {
    return !touched;
  }

  @Override
  public synchronized @Nullable Status end() {
    return end;
  }

  @Override
  public synchronized Metadata headers() {
    return headers;
  }

  @Override
  public synchronized Metadata trailers() {
    return trailers;
  }
}
