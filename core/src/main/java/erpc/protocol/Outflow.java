package erpc.protocol;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * What waits to be written on a connection: what other threads have queued, what the socket has no
 * room for, and messages of several frames that take turns. All of it is bounded by {@link
 * ConnectionSettings#maxBacklogBytes()}. What isn't marked otherwise belongs to the connection's
 * event loop.
 */
final class Outflow<S extends Stream> {
  /** How long a thread that waits for room parks before it looks again by itself. */
  private static final long ROOM_POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

  /** A frame for less than a message's prefix and a byte would be all header. */
  private static final int LEAST_CREDIT = Wire.ENCODING_BYTES + Wire.TOTAL_BYTES;

  private final Connection<S> connection;
  private final long limit;
  private final OutboundQueue queue = new OutboundQueue();
  private final ArrayDeque<Outbound> kept = new ArrayDeque<>(4);
  private final ArrayDeque<S> sending = new ArrayDeque<>(4);
  private final Queue<Thread> waitingForRoom = new ConcurrentLinkedQueue<>();
  private final Runnable drainTask = this::drain;

  private long waitingBytes;

  /** The last published value of what waits, for other threads. */
  private volatile long backlogBytes;

  private int credit = Wire.CONNECTION_WINDOW;
  private int streamWindow = Wire.STREAM_WINDOW;

  Outflow(Connection<S> connection) {
    this.connection = connection;
    this.limit = connection.settings.maxBacklogBytes();
  }

  // ---- what comes from other threads

  /** Parks until there may be room, for a moment at most. Not on an event loop. */
  void awaitRoom() {
    awaitRoom(ROOM_POLL_NANOS);
  }

  /** Hands something to be written to the event loop. Any thread. */
  OutboundQueue.Offer submit(Outbound item) {
    if (connection.loop.inEventLoop()) {
      return submitHere(item);
    }
    OutboundQueue.Offer offer = queue.offer(item, limit - backlogBytes);
    if (offer == OutboundQueue.Offer.QUEUED_FIRST) {
      connection.loop.execute(drainTask);
    }
    return offer;
  }

  private OutboundQueue.Offer submitHere(Outbound item) {
    if (connection.closedStatus() != null) {
      return OutboundQueue.Offer.CLOSED;
    }
    if (waitingBytes >= limit && item.isRefusable()) {
      return OutboundQueue.Offer.FULL;
    }
    boolean alone = !connection.inBatch;
    if (alone) {
      connection.nowNanos = connection.ticker.nanos();
    }
    item.accepted();
    writeOrKeep(item);
    if (alone) {
      connection.flushAndSettle();
    }
    return OutboundQueue.Offer.QUEUED;
  }

  /**
   * Parks until there may be room, at most so long; returns early when it likes. Not on an event
   * loop.
   */
  void awaitRoom(long mostNanos) {
    Thread thread = Thread.currentThread();
    waitingForRoom.add(thread);
    try {
      if (connection.closedStatus() == null) {
        LockSupport.parkNanos(this, Math.min(mostNanos, ROOM_POLL_NANOS));
      }
    } finally {
      waitingForRoom.remove(thread);
    }
  }

  private void wakeWaiting() {
    for (Thread thread = waitingForRoom.poll(); thread != null; thread = waitingForRoom.poll()) {
      LockSupport.unpark(thread);
    }
  }

  /** Takes all that was queued, writes what there is room for and keeps the rest. */
  void drain() {
    Outbound item = queue.takeAll();
    boolean outer = connection.inBatch;
    if (!outer) {
      connection.nowNanos = connection.ticker.nanos();
    }
    connection.inBatch = true;
    while (item != null) {
      Outbound next = item.queuedBefore;
      item.queuedBefore = null;
      item.accepted();
      writeOrKeep(item);
      item = next;
    }
    connection.inBatch = outer;
    if (!outer) {
      connection.flushAndSettle();
    }
  }

  private void writeOrKeep(Outbound item) {
    if (connection.closedStatus() != null) {
      item.dropped();
    } else if (kept.isEmpty() && connection.isWritable()) {
      item.write();
    } else {
      item.keptBytes = item.size();
      kept.add(item);
      waitingBytes += item.keptBytes;
    }
  }

  /** The socket has room again: writes what was kept. */
  void catchUp() {
    connection.nowNanos = connection.ticker.nanos();
    boolean outer = connection.inBatch;
    connection.inBatch = true;
    while (!kept.isEmpty() && connection.isWritable()) {
      Outbound item = kept.poll();
      if (item != null) {
        waitingBytes -= item.keptBytes;
        item.write();
      }
    }
    connection.inBatch = outer;
  }

  // ---- credit and large messages

  /** The peer has room for more on the connection. */
  void addCredit(int amount) {
    credit = sum(credit, amount);
  }

  /** The peer has room for more on a stream. */
  void addCredit(S stream, int amount) {
    stream.sendCredit = sum(stream.sendCredit, amount);
    if (stream.countedBytes > 0 && !stream.sending) {
      stream.sending = true;
      sending.add(stream);
    }
  }

  private static int sum(int credit, int amount) {
    if (credit > Integer.MAX_VALUE - amount) {
      throw new ProtocolViolation("CREDIT past 2^31 - 1");
    }
    return credit + amount;
  }

  /** The peer's setting for the credit of new streams, which only ever rises. */
  void raiseStreamWindow(int window) {
    streamWindow = Math.max(streamWindow, window);
  }

  /** Credit that a new stream of ours starts with. */
  int streamWindow() {
    return streamWindow;
  }

  /** Whether so many bytes may be sent at once, on a stream that has sent nothing yet. */
  boolean canSendAtOnce(int dataBytes) {
    return dataBytes <= Wire.MAX_DATA_BYTES && dataBytes <= credit && dataBytes <= streamWindow;
  }

  /** Whether so many bytes may be sent at once, on a stream that is open. */
  boolean canSendAtOnce(S stream, int dataBytes) {
    return dataBytes <= Wire.MAX_DATA_BYTES
        && dataBytes <= credit
        && dataBytes <= stream.sendCredit;
  }

  void spend(int dataBytes) {
    connection.floods.sentData();
    credit -= dataBytes;
  }

  /** Queues a message that takes several frames, or waits for credit. */
  void sendLater(S stream) {
    if (!stream.sending) {
      stream.sending = true;
      sending.add(stream);
    }
    recount(stream);
  }

  /**
   * Gives each waiting message one frame in turn, as long as the socket and the credit take them.
   */
  void sendRound() {
    while (credit > LEAST_CREDIT && connection.closedStatus() == null && connection.isWritable()) {
      S stream = sending.poll();
      if (stream == null) {
        return;
      }
      stream.sending = false;
      if (stream.sendCredit <= LEAST_CREDIT) {
        // Its CREDIT brings it back.
        continue;
      }
      int most = Math.min(Wire.MAX_DATA_BYTES, Math.min(stream.sendCredit, credit));
      boolean more = stream.writeFrame(most);
      recount(stream);
      if (more) {
        stream.sending = true;
        sending.add(stream);
      }
    }
  }

  /** Whether another round would send something, or find out that nothing can be sent. */
  boolean hasSendable() {
    return !sending.isEmpty() && credit > LEAST_CREDIT && connection.isWritable();
  }

  /** Brings the sum of what waits up to date with what is left of one message. */
  private void recount(S stream) {
    int left = stream.unsentBytes();
    waitingBytes += left - stream.countedBytes;
    stream.countedBytes = left;
  }

  /** A stream has ended: nothing more of its message is sent. */
  void stopSending(S stream) {
    if (stream.sending) {
      stream.sending = false;
      sending.remove(stream);
    }
    stream.forgetUnsent();
    recount(stream);
  }

  // ---- how much waits

  /** Whether as many bytes wait as may, these in the socket's own queue included. */
  boolean isFullWith(long unwrittenBytes) {
    return waitingBytes + unwrittenBytes > limit;
  }

  /**
   * Whether more waits than threads that are made to wait could have brought about, which is at
   * most one message over the limit: it comes from replies made on the event loop, which cannot
   * wait.
   */
  boolean isOverfull() {
    return waitingBytes > limit + 2L * connection.settings.maxMessageBytes();
  }

  /** Bytes that waited a moment ago. Any thread. */
  long backlogBytes() {
    return backlogBytes;
  }

  boolean isEmpty() {
    return kept.isEmpty() && sending.isEmpty();
  }

  boolean hasKept() {
    return !kept.isEmpty();
  }

  /** Tells other threads how much waits, and wakes those that wait for room if there is some. */
  void publish() {
    if (backlogBytes != waitingBytes) {
      backlogBytes = waitingBytes;
    }
    if (waitingBytes < limit) {
      wakeWaiting();
    }
  }

  /** Takes nothing more and drops what waits; returns the streams whose messages were under way. */
  List<S> close() {
    Outbound item = queue.close();
    while (item != null) {
      Outbound next = item.queuedBefore;
      item.queuedBefore = null;
      item.dropped();
      item = next;
    }
    for (Outbound waiting = kept.poll(); waiting != null; waiting = kept.poll()) {
      waiting.dropped();
    }
    List<S> unfinished = new ArrayList<>(sending);
    sending.clear();
    wakeWaiting();
    return unfinished;
  }
}
