package erpc.protocol.own;

import erpc.call.Metadata;
import erpc.call.Status;
import erpc.call.Ticker;
import erpc.codec.MessageBytes;
import erpc.codec.Ownership;
import erpc.protocol.MemoryBudget;
import erpc.protocol.MessageSink;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Messages that one thread sends on a stream. It may be a little ahead of what the other side and
 * the network take, then it waits.
 */
final class Outbox implements MessageSink {
  /** Bytes that may have been sent by the thread and not yet been written to the socket. */
  static final int AHEAD_BYTES = 64 * 1024;

  /** A shorter message is sent as part of a batch; it is none that the memory budget counts. */
  private static final int SHORT_BYTES = MemoryBudget.CALL_BYTES;

  private static final byte[] NOTHING = {};

  /** The first array for batches, which doubles each time it is full. */
  private static final int FIRST_FRAMES_BYTES = 256;

  private static final int MOST_FRAMES_BYTES = 4 * 1024;

  private static final Status GONE =
      Status.of(Status.Code.UNAVAILABLE, "the connection is closed")
          .withStarted(Status.Started.MAYBE);

  private static final VarHandle CLAIMED;
  private static final VarHandle END;
  private static final VarHandle WAITER;

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      CLAIMED = lookup.findVarHandle(Outbox.class, "claimed", boolean.class);
      END = lookup.findVarHandle(Outbox.class, "endStatus", Status.class);
      WAITER = lookup.findVarHandle(Outbox.class, "waiter", Thread.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final Ticker ticker;
  private final MemoryBudget memory;
  private final Runnable onInterrupt;

  /** Bytes that have left, or never will; the sender counts those it has sent. */
  private final AtomicLong releasedBytes = new AtomicLong();

  /**
   * Set by the event loop once frames may follow the REQUEST, whose number that publishes. Taken
   * back by whoever tries the call again, with the lock held, while the sender has not committed.
   */
  private volatile @Nullable Stream stream;

  /** Set by whoever ends it first, by compare-and-set. */
  private volatile @Nullable Status endStatus;

  /**
   * Written by the sender before it looks whether it has to park; taken out, by compare-and-set, by
   * whoever wakes it.
   */
  volatile @Nullable Thread waiter;

  // Written by the sender, the time before the mark; the event loop's wheel reads them.
  private volatile long waitingSinceNanos;
  private volatile boolean waiting;

  /** Set by the sender, for good, with the lock held: before that the stream may be taken back. */
  private volatile boolean committed;

  /** Once so many bytes have left, the sender is woken. Written by the sender before the waiter. */
  private volatile long wakeAtBytes;

  /** Written by whoever sends; so each sender sees what is below as the one before has left it. */
  private volatile boolean claimed;

  // The sender's own.
  private final MessageBytes encoded = MessageBytes.reusable(SHORT_BYTES);
  private @Nullable Metadata headers;
  private long sentBytes;
  private long releasedBytesSeen;
  private byte[] frames = NOTHING;
  private int framesUntil;

  /** The last that was queued, if nothing else has been since. */
  private @Nullable StreamBatch lastBatch;

  // The event loop's own.
  private final ArrayDeque<StreamOutbound> pending = new ArrayDeque<>(2);
  private int pendingBytes;

  /**
   * An empty one.
   *
   * @param memory what its messages may hold
   * @param onInterrupt told when the waiting thread is interrupted, on that thread; it should end
   *     the call
   */
  Outbox(Ticker ticker, MemoryBudget memory, Runnable onInterrupt) {
    this.ticker = ticker;
    this.memory = memory;
    this.onInterrupt = onInterrupt;
  }

  // ---- the sender's side

  @Override
  public synchronized boolean reopen() {
    if (!committed) {
      stream = null;
    }
    return !committed;
  }

  /** True if this stream is the one to send on, from now on for good. */
  private boolean commitTo(Stream to) {
    if (committed) {
      return true;
    }
    synchronized (this) {
      committed = stream == to;
      return committed;
    }
  }

  @Override
  public MessageBytes claim() {
    // Two at once would garble frames, and with them the connection of other calls.
    if (!(boolean) CLAIMED.compareAndSet(this, false, true)) {
      throw new IllegalStateException(
          "something is being sent on this stream, by another thread or around this call: one"
              + " message at a time");
    }
    return encoded;
  }

  @Override
  public void release() {
    CLAIMED.setRelease(this, false);
  }

  @Override
  public void headers(Metadata value) {
    headers = value.isEmpty() ? null : value;
  }

  @Override
  public @Nullable Status send(MessageBytes message) {
    int length = message.length();
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
      return endStatus;
    }
    Metadata before = headers;
    if (before != null) {
      headers = null;
      Status ended = submit(to, StreamMessage.headers(to, before));
      if (ended != null) {
        return ended;
      }
    }
    if (length < SHORT_BYTES) {
      return sendShort(to, message);
    }
    boolean lent = message.ownership() == Ownership.LENT;
    byte[] bytes = lent ? Arrays.copyOf(message.array(), length) : message.array();
    return submit(to, StreamMessage.of(to, message.encoding(), bytes, length));
  }

  /** Appends a message to the last batch, or begins another. */
  private @Nullable Status sendShort(Stream to, MessageBytes message) {
    int size = StreamBatch.frameBytes(message.length());
    if (frames.length - framesUntil < size) {
      int wanted = Math.min(MOST_FRAMES_BYTES, 2 * frames.length);
      frames = new byte[Math.max(Math.max(FIRST_FRAMES_BYTES, wanted), size)];
      framesUntil = 0;
      lastBatch = null;
    }
    int from = framesUntil;
    framesUntil += size;
    StreamBatch.putFrame(frames, from, to.id, message);
    StreamBatch last = lastBatch;
    if (last != null && last.append(size)) {
      sentBytes += size;
      return null;
    }
    StreamBatch next = new StreamBatch(to, frames, from, size);
    Status ended = submit(to, next, size);
    if (ended == null) {
      lastBatch = next;
    }
    return ended;
  }

  @Override
  public @Nullable Status finish() {
    var unused = claim();
    try {
      Stream to = awaitRoom();
      return to == null ? endStatus : submit(to, StreamMessage.end(to));
    } finally {
      release();
    }
  }

  private @Nullable Status submit(Stream to, StreamMessage message) {
    message.charge(memory, message.length);
    return submit(to, message, message.aheadBytes());
  }

  private @Nullable Status submit(Stream to, StreamOutbound item, int size) {
    lastBatch = null;
    sentBytes += size;
    OutboundQueue.Offer offer = to.submit(item);
    if (offer == OutboundQueue.Offer.FULL) {
      offer = submitOnceThereIsRoom(to, item, size);
    }
    if (offer == OutboundQueue.Offer.QUEUED || offer == OutboundQueue.Offer.QUEUED_FIRST) {
      return null;
    }
    item.uncharge(memory);
    Status ended = endStatus;
    return ended == null ? GONE : ended; // How the call has ended is about to be said here, too.
  }

  /** The connection's answer once it has room, or the call has ended. */
  private OutboundQueue.Offer submitOnceThereIsRoom(Stream to, StreamOutbound item, int size) {
    boolean interrupted = false;
    Thread sender = Thread.currentThread();
    OutboundQueue.Offer offer = OutboundQueue.Offer.FULL;
    beginWaiting();
    try {
      while (offer == OutboundQueue.Offer.FULL && endStatus == null) {
        waiter = sender;
        if (endStatus == null) {
          to.awaitRoom(size);
        }
        interrupted = heedInterrupt(interrupted);
        offer = to.submit(item);
      }
    } finally {
      waiting = false;
      waiter = null;
      if (interrupted) {
        sender.interrupt();
      }
    }
    if (offer == OutboundQueue.Offer.FULL) {
      to.roomUnused();
    }
    return offer;
  }

  /** The stream, once there is room in it; null if the call has ended. */
  private @Nullable Stream awaitRoom() {
    Stream to = streamWithRoom();
    while (to == null || !commitTo(to)) {
      if (endStatus != null) {
        return null;
      }
      to = parkForRoom();
    }
    return to;
  }

  private @Nullable Stream streamWithRoom() {
    Stream to = stream;
    return endStatus == null && to != null && hasRoom(to) ? to : null;
  }

  private boolean hasRoom(Stream to) {
    int most = to.aheadBytes();
    if (sentBytes - releasedBytesSeen < most) {
      return true;
    }
    releasedBytesSeen =
        releasedBytes.get(); // which the event loop writes, so it is seldom looked at
    long ahead = sentBytes - releasedBytesSeen;
    return ahead == 0 || ahead < most;
  }

  private @Nullable Stream parkForRoom() {
    boolean interrupted = false;
    Thread sender = Thread.currentThread();
    wakeAtBytes = sentBytes - AHEAD_BYTES / 2;
    waiter = sender;
    beginWaiting();
    try {
      for (Stream to = stream; endStatus == null && (to == null || !hasRoom(to)); to = stream) {
        LockSupport.park(this);
        waiter = sender;
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

  @Override
  public void end(Status status) {
    boolean unused = END.compareAndSet(this, null, status);
    wake();
  }

  @Override
  public @Nullable Status end() {
    return endStatus;
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

  /** So many bytes have left, or will never leave. Any thread. */
  void released(int bytes) {
    long all = releasedBytes.addAndGet(bytes);
    if (waiter != null && all > wakeAtBytes) {
      wake();
    }
  }

  boolean hasPending() {
    return !pending.isEmpty();
  }

  /** Bytes of messages that are kept and have not been written. */
  int pendingBytes() {
    return pendingBytes;
  }

  /** How many things are kept. */
  int pendingCount() {
    return pending.size();
  }

  /** The first that is kept, or null. */
  @Nullable StreamOutbound firstPending() {
    return pending.peek();
  }

  /** The first has been written, what is left of it included. */
  void removePending() {
    StreamOutbound written = pending.poll();
    if (written != null) {
      pendingBytes -= written.unsentBytes();
    }
  }

  /** Of the first, a batch, takes out the frames that take so much credit; may be none of them. */
  StreamBatch splitPending(StreamBatch batch, int mostData) {
    StreamBatch some = batch.split(mostData);
    pendingBytes -= some.unsentBytes();
    if (batch.isEmpty()) {
      pending.poll();
    }
    return some;
  }

  /** Puts the first message of the first, a batch, before it, to be sent in parts. */
  StreamMessage cutPending(StreamBatch batch) {
    pendingBytes -= batch.unsentBytes();
    StreamMessage cut = batch.removeFirst();
    pendingBytes += batch.unsentBytes() + cut.unsentBytes();
    if (batch.isEmpty()) {
      pending.poll();
    }
    pending.addFirst(cut);
    return cut;
  }

  /** So much of the first, a message, has been written. */
  void writtenOfPending(int bytes) {
    pendingBytes -= bytes;
  }

  /** Keeps something until there is credit for it. */
  void addPending(StreamOutbound item) {
    pendingBytes += item.unsentBytes();
    boolean joined =
        item instanceof StreamBatch next
            && pending.peekLast() instanceof StreamBatch last
            && last.join(next);
    if (!joined) {
      pending.add(item);
    }
  }

  /** Whether a part of the first message it keeps has been written. The event loop's. */
  boolean isInsideMessage() {
    return pending.peek() instanceof StreamMessage message && message.sent > 0;
  }

  void dropPending() {
    for (StreamOutbound each = pending.poll(); each != null; each = pending.poll()) {
      released(each.aheadBytes());
    }
    pendingBytes = 0;
  }

  private void wake() {
    Thread thread = waiter;
    // Once: or whatever leaves until it runs would wake it. Compared: the next sender may wait now.
    if (thread != null && WAITER.compareAndSet(this, thread, null)) {
      LockSupport.unpark(thread);
    }
  }
}
