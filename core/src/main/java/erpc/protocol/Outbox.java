package erpc.protocol;

import erpc.call.Metadata;
import erpc.call.Status;
import erpc.call.Ticker;
import java.util.ArrayDeque;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Messages that one thread sends on a stream. It may be a little ahead of what the other side and
 * the network take, then it waits.
 */
public final class Outbox {
  /** Bytes that may have been sent by the thread and not yet been written to the socket. */
  static final int AHEAD_BYTES = 64 * 1024;

  private static final Status GONE =
      Status.of(Status.Code.UNAVAILABLE, "the connection is closed")
          .withStarted(Status.Started.MAYBE);

  private final Ticker ticker;
  private final MemoryBudget memory;
  private final Runnable onInterrupt;
  private final AtomicInteger queuedBytes = new AtomicInteger();

  /** Set once frames may follow its REQUEST. */
  private volatile @Nullable Stream stream;

  private volatile @Nullable Status end;
  private volatile @Nullable Thread waiter;
  private volatile long waitingSinceNanos;
  private volatile boolean waiting;
  private volatile boolean touched;
  private @Nullable Metadata headers; // the sender's own

  // The event loop's own.
  final ArrayDeque<StreamMessage> pending = new ArrayDeque<>(2);
  int pendingBytes;

  /**
   * An empty one.
   *
   * @param memory what its messages may hold
   * @param onInterrupt told when the waiting thread is interrupted, on that thread; it should end
   *     the call
   */
  public Outbox(Ticker ticker, MemoryBudget memory, Runnable onInterrupt) {
    this.ticker = ticker;
    this.memory = memory;
    this.onInterrupt = onInterrupt;
  }

  // ---- the sender's side

  /**
   * Makes it wait for another stream, if nothing has been sent on the one it has. Any thread.
   *
   * @return false if something was
   */
  public synchronized boolean reopen() {
    if (!touched) {
      stream = null;
    }
    return !touched;
  }

  /** True if this stream is the one to send on, from now on for good. */
  private boolean touch(Stream to) {
    if (touched) {
      return true;
    }
    synchronized (this) {
      touched = stream == to;
      return touched;
    }
  }

  /** Metadata that goes before the first message; a handler's only. */
  public void headers(Metadata value) {
    headers = value.isEmpty() ? null : value;
  }

  /**
   * Sends a message, waiting for room; the array belongs to the stream from now on.
   *
   * @return null if it was queued, or how the call has ended or why the message is refused
   */
  public @Nullable Status send(int encoding, byte[] bytes, int length) {
    if (length >= MemoryBudget.CALL_BYTES && memory.isExhausted()) {
      return memory.refusal().withStarted(Status.Started.MAYBE);
    }
    int charged = memory.charge(length);
    Stream to;
    try {
      to = awaitRoom();
    } finally {
      memory.release(charged);
    }
    if (to == null) {
      return end;
    }
    Metadata before = headers;
    if (before != null) {
      headers = null;
      Status ended = submit(to, StreamMessage.headers(to, before));
      if (ended != null) {
        return ended;
      }
    }
    return submit(to, StreamMessage.of(to, encoding, bytes, length));
  }

  /**
   * Says that no message will follow.
   *
   * @return null if it was queued, or how the call has ended
   */
  public @Nullable Status finish() {
    Stream to = awaitRoom();
    if (to == null) {
      return end;
    }
    return submit(to, StreamMessage.end(to));
  }

  private @Nullable Status submit(Stream to, StreamMessage message) {
    int size = message.size();
    message.charge(memory, message.length);
    queuedBytes.addAndGet(size);
    while (true) {
      OutboundQueue.Offer offer = to.submit(message);
      Status ended = end;
      if (offer == OutboundQueue.Offer.QUEUED || offer == OutboundQueue.Offer.QUEUED_FIRST) {
        return null;
      }
      if (ended != null) {
        message.uncharge(memory);
        return ended;
      }
      if (offer == OutboundQueue.Offer.CLOSED) {
        message.uncharge(memory);
        return GONE; // How the call has ended is about to be said here, too.
      }
      beginWaiting();
      try {
        to.awaitRoom();
        heedInterrupt(false);
      } finally {
        waiting = false;
      }
    }
  }

  /** The stream, once there is room in it; null if the call has ended. */
  private @Nullable Stream awaitRoom() {
    Stream to = roomNow();
    while (to == null || !touch(to)) {
      if (end != null) {
        return null;
      }
      to = roomAwaited();
    }
    return to;
  }

  private @Nullable Stream roomNow() {
    Stream to = stream;
    return end == null && to != null && hasRoom(to) ? to : null;
  }

  private boolean hasRoom(Stream to) {
    int queued = queuedBytes.get();
    return queued == 0 || queued < to.aheadBytes();
  }

  private @Nullable Stream roomAwaited() {
    boolean interrupted = false;
    waiter = Thread.currentThread();
    beginWaiting();
    try {
      for (Stream to = stream; end == null && (to == null || !hasRoom(to)); to = stream) {
        LockSupport.park(this);
        interrupted = heedInterrupt(interrupted);
      }
    } finally {
      waiting = false;
      waiter = null;
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
    return stream;
  }

  private void beginWaiting() {
    waitingSinceNanos = ticker.nanos();
    waiting = true;
  }

  private boolean heedInterrupt(boolean before) {
    if (!before && Thread.interrupted()) {
      onInterrupt.run();
      return true;
    }
    return before;
  }

  /** The call has ended: nothing more is sent. The first end counts. Any thread. */
  public void end(Status status) {
    if (end == null) {
      end = status;
    }
    wake();
  }

  /** How the call has ended, or null if it has not. Any thread. */
  public @Nullable Status end() {
    return end;
  }

  // ---- the event loop's side

  /** Frames may be written from now on. Any thread. */
  void open(Stream on) {
    stream = on;
    wake();
  }

  /** Since when its sender has waited, on the ticker; 0 if it does not. */
  long waitingSince() {
    return waiting ? waitingSinceNanos : 0;
  }

  /** A message has left, or will never leave. */
  void left(StreamMessage message) {
    int before = queuedBytes.getAndAdd(-message.size());
    if (before - message.size() < AHEAD_BYTES / 2 && waiter != null) {
      wake();
    }
  }

  void keep(StreamMessage message) {
    pending.add(message);
    pendingBytes += message.bytesLeft();
  }

  void clear() {
    for (StreamMessage each = pending.poll(); each != null; each = pending.poll()) {
      left(each);
    }
    pendingBytes = 0;
  }

  private void wake() {
    Thread thread = waiter;
    if (thread != null) {
      LockSupport.unpark(thread);
    }
  }
}
