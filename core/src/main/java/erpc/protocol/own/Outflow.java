package erpc.protocol.own;

import erpc.call.Status;
import erpc.call.Thrown;
import erpc.protocol.ConnectionSettings;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * What waits to be written on a connection: what other threads have queued, what the socket has no
 * room for, and messages of several frames that take turns. All of it is bounded by {@link
 * ConnectionSettings#maxBacklogBytes()}. What isn't marked otherwise belongs to the connection's
 * event loop.
 */
final class Outflow<S extends Stream> {
  /** A sender of messages may be ahead by this part of what its connection may still keep. */
  private static final int AHEAD_DIVISOR = 8;

  /** How often what is queued is taken before what was written is flushed. */
  private static final int MOST_ROUNDS = 8;

  /**
   * After so much of large messages what was written is flushed: four frames, two of the writer's
   * buffers. Measured: both more and less are dearer; see docs/decisions.md.
   */
  private static final int ROUND_BYTES = 64 * 1024;

  /** How a connection ends that is used after the event loops were closed. */
  static final Status LOOP_GONE =
      Status.of(
          Status.Code.UNAVAILABLE, "the reactor has been closed, and its event loops with it");

  /** How a connection ends that the other side has closed. */
  static final Status CLOSED_BY_PEER =
      Status.of(Status.Code.UNAVAILABLE, "the connection was closed by the peer");

  private final Connection<S> connection;
  private final long limit;
  private final OutboundQueue queue = new OutboundQueue();
  private final ArrayDeque<Outbound> kept = new ArrayDeque<>(4);
  private final ArrayDeque<S> sending = new ArrayDeque<>(4);

  /** Streams that have used up their share of the connection's credit, the least first. */
  private final TreeSet<S> overShare =
      new TreeSet<>(
          Comparator.comparingInt((S stream) -> window(stream).unpaidBytes())
              .thenComparingInt(stream -> stream.id));

  private final RoomQueue waitingForRoom = new RoomQueue();
  private final Runnable writeQueuedTask = this::writeQueued;

  /** What waits for the socket, or for credit that every stream needs. */
  private long waitingBytes;

  /** What streams of messages keep until their own readers take something. */
  private long heldUpBytes;

  private int credit = Wire.CONNECTION_WINDOW;
  private int streamWindow = Wire.STREAM_WINDOW;

  Outflow(Connection<S> connection) {
    this.connection = connection;
    this.limit = connection.settings.maxBacklogBytes();
  }

  // ---- what comes from other threads

  /** Hands something to be written to the event loop. Any thread. */
  OutboundQueue.Offer submit(Outbound item) {
    if (connection.loop.inEventLoop()) {
      return submitHere(item);
    }
    item.copyLent();
    OutboundQueue.Offer offer = queue.offer(item, limit - connection.published.backlogBytes());
    if (offer == OutboundQueue.Offer.QUEUED_FIRST) {
      onLoop(writeQueuedTask, LOOP_GONE);
    }
    return offer;
  }

  /**
   * Runs something on the event loop. If that is gone, a connection that was open has ended with
   * it, and one that was to be opened ends here: or all that is queued would wait for ever. Any
   * thread.
   */
  void onLoop(Runnable task, Status ifGone) {
    try {
      connection.loop.execute(task);
    } catch (RejectedExecutionException e) {
      connection.markClosed(ifGone);
    }
  }

  private OutboundQueue.Offer submitHere(Outbound item) {
    if (connection.whyClosed() != null) {
      return OutboundQueue.Offer.CLOSED;
    }
    if (waitingBytes >= limit && item.isRefusable()) {
      return OutboundQueue.Offer.FULL;
    }
    boolean alone = !connection.batch.isOpen();
    if (alone) {
      connection.batch.readClock();
    }
    item.accepted();
    writeOrKeep(item);
    item.copyLent();
    if (alone) {
      connection.lateFlush.soon();
    }
    return OutboundQueue.Offer.QUEUED;
  }

  /**
   * Parks until there may be room, at most so long, or until the thread is unparked or interrupted.
   * Who then does without says so by {@link #roomUnused}. Not on an event loop.
   *
   * @param bytes what there is to be room for
   */
  void awaitRoom(long mostNanos, int bytes) {
    RoomQueue.Waiter waiter = waitingForRoom.enter(bytes);
    try {
      // Looked at once more: what makes room from now on finds this thread waiting.
      if (connection.whyClosed() == null && roomNow() <= 0) {
        LockSupport.parkNanos(this, mostNanos);
      }
    } finally {
      waitingForRoom.leave(waiter);
    }
  }

  /** A thread that waited for room doesn't use it: another one may. Any thread. */
  void roomUnused() {
    waitingForRoom.wake(roomNow());
  }

  /** Room among what waits, here and in the queue. Any thread. */
  private long roomNow() {
    return limit - connection.published.backlogBytes() - queue.waitingBytes();
  }

  /** Takes all that was queued, writes what there is room for and keeps the rest. */
  void writeQueued() {
    boolean began = connection.batch.beginIfNone();
    // What is queued meanwhile leaves with the same flush, which is dearer than all of it.
    for (int round = 0; round < MOST_ROUNDS && writeAll(queue.takeAll()); round++) {
      continue;
    }
    if (began) {
      connection.batch.leave();
      connection.flushBatch();
    }
  }

  /** Writes or keeps what was queued; false if that was nothing, or more than there is room for. */
  private boolean writeAll(@Nullable Outbound first) {
    for (Outbound item = first; item != null; ) {
      Outbound next = item.queuedBefore;
      item.queuedBefore = null;
      item.accepted();
      writeOrKeep(item);
      item = next;
    }
    return first != null && kept.isEmpty();
  }

  private void writeOrKeep(Outbound item) {
    if (connection.whyClosed() != null) {
      item.dropped();
    } else if (kept.isEmpty() && connection.isWritable()) {
      writeOrClose(item);
    } else {
      item.queuedBytes = item.size();
      kept.add(item);
      waitingBytes += item.queuedBytes;
    }
  }

  /** Writes it now, or ends the connection. */
  void writeOrClose(Outbound item) {
    try {
      item.write();
    } catch (Throwable thrown) {
      closeBroken(thrown);
      item.dropped();
    }
  }

  /**
   * Ends the connection, and all its calls, when something could not be written, as when there is
   * no memory for a buffer: half a frame would garble what follows, and who waits behind it would
   * do so for ever.
   */
  void closeBroken(Throwable thrown) {
    ConnectionLog.broke(connection.address(), "cannot write on", thrown);
    String text = "the connection broke: " + Thrown.describe(thrown);
    connection.close(Status.of(Status.Code.UNAVAILABLE, text));
  }

  /** The socket has room again: writes what was kept. */
  void writeKept() {
    boolean began = connection.batch.beginIfNone();
    while (!kept.isEmpty() && connection.isWritable()) {
      Outbound item = kept.poll();
      if (item != null) {
        waitingBytes -= item.queuedBytes;
        writeOrClose(item);
      }
    }
    if (began) {
      connection.batch.leave();
    }
  }

  // ---- credit and large messages

  /** The peer has room for more on the connection. */
  void addCredit(int amount) {
    credit = SendWindow.sum(credit, amount);
    while (!overShare.isEmpty() && hasRoom(overShare.first())) {
      resume(overShare.first());
    }
  }

  /** What a stream may send, which it gets by being asked for. */
  private SendWindow window(S stream) {
    SendWindow found = stream.sendWindow();
    if (found == null) {
      found = new SendWindow(streamWindow);
      stream.parts().setSendWindow(found);
    }
    return found;
  }

  /** The peer has room for more on a stream. */
  void addCredit(S stream, int amount) {
    SendWindow window = window(stream);
    boolean wasHeldUp = window.heldUp;
    if (wasHeldUp) {
      overShare.remove(stream); // before its place in there changes
    }
    window.add(amount);
    Messages messages = stream.messages();
    if (messages != null) {
      messages.someTaken(connection.batch.nowNanos());
    }
    if (wasHeldUp) {
      resume(stream);
    }
  }

  /** It may have room again: it takes its turn with the others. */
  private void resume(S stream) {
    overShare.remove(stream);
    window(stream).heldUp = false;
    sendLater(stream);
  }

  /** It has no room: its reader, or those of other streams, must take something first. */
  private void holdUp(S stream, SendWindow window) {
    window.heldUp = true;
    if (window.isOpen(stream.isInsideMessage())) {
      overShare.add(stream);
    }
    recount(stream, window);
  }

  /** Bytes that a stream may send now. */
  private int room(S stream, SendWindow window) {
    return window.room(credit, stream.outbox() != null);
  }

  private boolean hasRoom(S stream) {
    return window(stream).hasRoom(credit, stream.outbox() != null, stream.isInsideMessage());
  }

  /** The peer's setting for the credit of new streams, which only ever rises. */
  void raiseStreamWindow(int window) {
    streamWindow = Math.max(streamWindow, window);
  }

  /** Whether so many bytes may be sent at once, on a stream that has sent nothing yet. */
  boolean canSendAtOnce(int dataBytes) {
    return dataBytes <= Wire.SENT_DATA_BYTES && dataBytes <= credit && dataBytes <= streamWindow;
  }

  /** Whether so many bytes may be sent at once, on a stream that is open. */
  boolean canSendAtOnce(S stream, int dataBytes) {
    return dataBytes <= Wire.SENT_DATA_BYTES && dataBytes <= room(stream, window(stream));
  }

  /** A frame of so much data of a stream is written. */
  void spend(S stream, int dataBytes) {
    spend(stream, dataBytes, 1);
  }

  /** Frames of so much data of a stream together are written. */
  void spend(S stream, int dataBytes, int frames) {
    connection.floods.sentData(frames, dataBytes);
    credit -= dataBytes;
    SendWindow window = stream.sendWindow();
    if (window != null) { // Else that was all that the stream sends.
      window.spend(dataBytes);
    }
  }

  /** Queues a message that takes several frames, or waits for credit. */
  void sendLater(S stream) {
    SendWindow window = window(stream);
    if (!window.inRound && !window.heldUp) {
      window.inRound = true;
      sending.add(stream);
    }
    recount(stream, window);
  }

  /**
   * Gives each waiting message one frame in turn, as long as the socket and the credit take them
   * and it is not time for a flush.
   */
  void sendRound() {
    int before = credit;
    while (before - credit < ROUND_BYTES - Wire.SENT_DATA_BYTES
        && credit > SendWindow.LEAST_CREDIT
        && connection.whyClosed() == null
        && connection.isWritable()) {
      S stream = sending.poll();
      if (stream == null) {
        return;
      }
      SendWindow window = window(stream);
      window.inRound = false;
      if (!hasRoom(stream)) {
        // CREDIT brings it back.
        holdUp(stream, window);
        continue;
      }
      boolean more;
      try {
        more = stream.writeFrame(Math.min(Wire.SENT_DATA_BYTES, room(stream, window)));
      } catch (Throwable thrown) {
        closeBroken(thrown);
        stream.dropped(); // It may be in no table yet.
        return;
      }
      recount(stream, window);
      if (more) {
        window.inRound = true;
        sending.add(stream);
      }
    }
  }

  /** Whether another round would send something, or find out that nothing can be sent. */
  boolean hasSendable() {
    return !sending.isEmpty() && credit > SendWindow.LEAST_CREDIT && connection.isWritable();
  }

  /**
   * Brings the sums of what waits up to date with what is left of one stream. What a stream of
   * messages keeps for a reader that stands still is bounded by itself, and must not use up the
   * room of others.
   */
  private void recount(S stream, SendWindow window) {
    count(window, -window.countedBytes);
    window.countedApart = window.heldUp && stream.outbox() != null;
    window.countedBytes = stream.unsentBytes();
    count(window, window.countedBytes);
  }

  private void count(SendWindow window, int bytes) {
    if (window.countedApart) {
      heldUpBytes += bytes;
    } else {
      waitingBytes += bytes;
    }
  }

  /** A stream has ended: nothing more of its message is sent. */
  void stopSending(S stream) {
    stream.forgetUnsent();
    SendWindow window = stream.sendWindow();
    if (window == null) {
      return;
    }
    if (window.inRound) {
      window.inRound = false;
      sending.remove(stream);
    }
    if (window.heldUp) {
      overShare.remove(stream);
      window.heldUp = false;
    }
    recount(stream, window);
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
    return connection.published.backlogBytes();
  }

  /** All bytes that wait here. */
  long heldBytes() {
    return waitingBytes + heldUpBytes;
  }

  boolean isEmpty() {
    return kept.isEmpty() && sending.isEmpty();
  }

  boolean hasKept() {
    return !kept.isEmpty();
  }

  /** Tells other threads how much waits, and wakes those that wait for room if there is some. */
  void publish() {
    connection.published.setBacklogBytes(waitingBytes);
    // At least a byte, which is a message.
    long share = Math.max(1, (limit - heldUpBytes) / AHEAD_DIVISOR);
    connection.published.setAheadBytes((int) Math.min(Outbox.AHEAD_BYTES, share));
    waitingForRoom.wake(limit - waitingBytes);
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
    waitingForRoom.wake(Long.MAX_VALUE);
    return unfinished;
  }
}
