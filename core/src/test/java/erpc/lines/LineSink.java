package erpc.lines;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import erpc.call.Metadata;
import erpc.call.Status;
import erpc.call.Ticker;
import erpc.codec.MessageBytes;
import erpc.protocol.MemoryBudget;
import erpc.protocol.MessageSink;
import org.jspecify.annotations.Nullable;

/** Messages that one thread sends as lines, at most a window ahead of their reader. */
final class LineSink implements MessageSink {
  private static final Status GONE =
      Status.of(Status.Code.UNAVAILABLE, "the connection is closed")
          .withStarted(Status.Started.MAYBE);

  private final Ticker ticker;
  private final MemoryBudget memory;
  private final Runnable onInterrupt;
  private final MessageBytes encoded = MessageBytes.reusable(1 << 10);

  @GuardedBy("this")
  private @Nullable Target target;

  @GuardedBy("this")
  private @Nullable Metadata headers;

  @GuardedBy("this")
  private boolean claimed;

  @GuardedBy("this")
  private boolean touched;

  @GuardedBy("this")
  private long waitingSinceNanos;

  @GuardedBy("this")
  private int untaken;

  @GuardedBy("this")
  private @Nullable Status end;

  /** Where its lines go: one call on one connection. */
  interface Target {
    int id();

    LineConnection connection();
  }

  LineSink(Ticker ticker, MemoryBudget memory, Runnable onInterrupt) {
    this.ticker = ticker;
    this.memory = memory;
    this.onInterrupt = onInterrupt;
  }

  // ---- the connection's side

  /** Lines may be sent from now on. */
  synchronized void open(Target to) {
    target = to;
    notifyAll();
  }

  /** The reader has taken so much; false if it was never sent. */
  synchronized boolean taken(int bytes) {
    untaken -= bytes;
    notifyAll();
    return bytes >= 0 && untaken >= 0;
  }

  /** Since when its sender has waited for the other side, on the ticker; 0 if it does not. */
  synchronized long waitingSinceNanos() {
    return waitingSinceNanos;
  }

  // ---- both

  @Override
  public synchronized void end(Status status) {
    if (end == null) {
      end = status;
      notifyAll();
    }
  }

  @Override
  public synchronized @Nullable Status end() {
    return end;
  }

  @Override
  public synchronized boolean reopen() {
    if (!touched) {
      target = null;
    }
    return !touched;
  }

  // ---- the sender's side

  @Override
  public synchronized MessageBytes claim() {
    if (claimed) {
      throw new IllegalStateException("something is being sent on this stream: one at a time");
    }
    claimed = true;
    return encoded;
  }

  @Override
  public synchronized void release() {
    claimed = false;
  }

  @Override
  public synchronized void headers(Metadata value) {
    headers = value.isEmpty() ? null : value;
  }

  @Override
  public @Nullable Status send(MessageBytes message) {
    int length = message.length();
    if (length >= MemoryBudget.CALL_BYTES && memory.isExhausted()) {
      return memory.refusal().withStarted(Status.Started.MAYBE);
    }
    Target to;
    Metadata before;
    synchronized (this) {
      to = roomAwaited(Words.cost(length));
      if (to == null) {
        return end;
      }
      untaken += Words.cost(length);
      before = headers;
      headers = null;
    }
    if (before != null) {
      to.connection().write(Words.line("HEAD", to.id(), Words.entries(before)));
    }
    return written(
        to, Words.message(to.id(), message.encoding(), message.array(), message.length()));
  }

  @Override
  public @Nullable Status finish() {
    var unused = claim();
    try {
      Target to;
      synchronized (this) {
        to = roomAwaited(0);
      }
      return to == null ? end() : written(to, Words.line("END", to.id()));
    } finally {
      release();
    }
  }

  private @Nullable Status written(Target to, byte[] line) {
    if (to.connection().write(line)) {
      return null;
    }
    Status how = end();
    return how == null ? GONE : how;
  }

  @GuardedBy("this")
  private @Nullable Target roomAwaited(int bytes) {
    boolean interrupted = false;
    waitingSinceNanos = ticker.nanos();
    while (end == null
        && (target == null || (untaken > 0 && untaken + bytes > Words.WINDOW_BYTES))) {
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
    touched |= end == null;
    return end == null ? target : null;
  }
}
