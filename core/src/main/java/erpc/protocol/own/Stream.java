package erpc.protocol.own;

import erpc.call.Status;
import erpc.codec.Ownership;
import erpc.codec.SpareArrays;
import erpc.protocol.MemoryBudget;
import io.netty.buffer.ByteBuf;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * One call's frames on a connection: its number, its end, the message that it sends, and its parts,
 * which others own and which are made for those calls only that need them. Belongs to the
 * connection's event loop once the stream was handed to it.
 */
abstract class Stream extends DeadlineWheel.Node {
  /** Rough cost of a frame's header and head, for the accounting of what waits. */
  static final int FRAME_OVERHEAD_BYTES = 64;

  static final byte[] NOTHING = {};

  /** Its number on the connection; 0 until its first frame is written. */
  int id;

  /** The next one in its bucket, the {@link StreamTable}'s. */
  @Nullable Stream tableNext;

  // The message that it sends, if that is one at most.
  private byte[] body = NOTHING;
  private int bodyLength;
  private byte encoding;

  /** Whose the array is, as the number of an {@link Ownership}: there is one of these a call. */
  private byte ownership;

  /** What few need, made once it is; if it is a stream of messages, its {@link Messages}. */
  private @Nullable StreamParts parts;

  /** Its first frame is written with this number. */
  final void setId(int number) {
    id = number;
  }

  // ---- its end

  /** When it ends whatever happens, on the connection's ticker. Any thread. */
  final long deadlineNanos() {
    StreamParts of = parts;
    return of == null ? dueNanos() : of.deadlineNanos;
  }

  /** Says when it ends, on the connection's ticker; before it has any parts. */
  final void setDeadline(long nanos) {
    dueAt(nanos);
  }

  // ---- the message that it sends

  /**
   * Sets what is to be sent. Called before the stream is handed to the connection.
   *
   * @param ownership whose the array is; if it was lent, the stream's until it has been handed over
   */
  final void setBody(int encoding, byte[] bytes, int length, Ownership ownership) {
    this.ownership = number(ownership);
    this.encoding = (byte) encoding;
    this.body = bytes;
    this.bodyLength = length;
    setBodySent(0);
  }

  @SuppressWarnings("EnumOrdinal") // It goes nowhere else.
  private static byte number(Ownership of) {
    return (byte) of.ordinal();
  }

  private boolean isBody(Ownership of) {
    return ownership == number(of);
  }

  private int bodySent() {
    StreamParts of = parts;
    return of == null ? 0 : of.bodySent();
  }

  /** Without parts there is nothing to note: all of it has been written, or none. */
  private void setBodySent(int bytes) {
    StreamParts of = parts;
    if (of != null) {
      of.setBodySent(bytes);
    }
  }

  /** Makes a copy of what was lent. */
  @Override
  final void copyLent() {
    if (isBody(Ownership.LENT)) {
      ownership = number(Ownership.GIVEN);
      body = Arrays.copyOf(body, bodyLength);
    }
  }

  final int encoding() {
    return encoding & 0xff;
  }

  final int bodyLength() {
    return bodyLength;
  }

  /** What the whole message takes as one data part. */
  final int wholeDataBytes() {
    return Wire.ENCODING_BYTES + bodyLength;
  }

  /** Writes the bytes of the whole message. */
  final void writeWhole(ByteBuf out) {
    out.writeBytes(body, 0, bodyLength);
  }

  /** As {@link MessageCut#dataBytes}. */
  final int nextDataBytes(int mostData) {
    return MessageCut.dataBytes(bodyLength, bodySent(), mostData);
  }

  /** As {@link MessageCut#isLast}. */
  final boolean isNextLast(int mostData) {
    return MessageCut.isLast(bodyLength, bodySent(), mostData);
  }

  /** Writes the next data part of the message. */
  final void writeNext(ByteBuf out, int mostData) {
    setBodySent(MessageCut.write(out, encoding, body, bodyLength, bodySent(), mostData));
  }

  /**
   * Lets go of the message, so that a call which waits for its answer doesn't hold its question.
   */
  final void forgetBody() {
    setBody(0, NOTHING, 0, Ownership.SHARED);
  }

  /** All of the message has been written: its array may serve another one. */
  final void bodyWritten() {
    byte[] written = body;
    boolean own = isBody(Ownership.GIVEN);
    forgetBody();
    if (own) {
      SpareArrays.giveBack(written);
    }
  }

  /** Bytes of messages that wait to be written. */
  final int unsentBytes() {
    Outbox out = outbox();
    return bodyLength - bodySent() + (out == null ? 0 : out.pendingBytes());
  }

  /** Whether a part of a message has been written, and others are to follow. */
  final boolean isInsideMessage() {
    Outbox out = outbox();
    return bodySent() > 0 || (out != null && out.isInsideMessage());
  }

  /** Drops what has not been written. */
  final void forgetUnsent() {
    forgetBody();
    Outbox out = outbox();
    if (out != null) {
      out.dropPending();
    }
  }

  @Override
  final int size() {
    return FRAME_OVERHEAD_BYTES + bodyLength;
  }

  // ---- its parts

  /** What few need, or null if it has not needed any of it. */
  final @Nullable StreamParts partsIfAny() {
    return parts;
  }

  /** The same, made if there is none yet. */
  final StreamParts parts() {
    StreamParts found = parts;
    if (found == null) {
      found = new StreamParts(dueNanos());
      parts = found;
    }
    return found;
  }

  /** It begins again: all of them were of a call that is over. */
  final void forgetParts() {
    parts = null;
  }

  /** What it may send; null while all that it sends at a time fits into a frame. */
  final @Nullable SendWindow sendWindow() {
    StreamParts of = parts;
    return of == null ? null : of.sendWindow();
  }

  /** What it has to take; null while all that has come was one frame's message. */
  final Inflow.@Nullable Window receiveWindow() {
    StreamParts of = parts;
    return of == null ? null : of.receiveWindow();
  }

  /** What it counts as while its message has not begun to come and has to; else null. */
  final Unfinished.@Nullable Awaited awaited() {
    StreamParts of = parts;
    return of == null ? null : of.awaited();
  }

  /** Makes it a stream of messages, the first look at which is due soon enough. */
  final void startMessages(Messages made, long nowNanos) {
    parts = made;
    dueAt(made.firstLookNanos(nowNanos));
  }

  /** What it has of a stream of messages; null for a unary call. */
  final @Nullable Messages messages() {
    return parts instanceof Messages of ? of : null;
  }

  /** What has come on a stream of messages; null for a unary call. */
  final @Nullable Inbox inbox() {
    Messages of = messages();
    return of == null ? null : of.inbox;
  }

  /** What is sent on a stream of messages; null if there is one message at most. */
  final @Nullable Outbox outbox() {
    Messages of = messages();
    return of == null ? null : of.outbox;
  }

  /** A message of several frames on its way in, or null. */
  final @Nullable Assembly assembly() {
    Inflow.Window of = receiveWindow();
    return of == null ? null : of.assembly();
  }

  /**
   * What the wheel is to do with it now.
   *
   * @param awakeSinceNanos nobody has waited for the other side since before that
   * @param partsNanos how long something that is not whole may take to go on
   * @return why it ends, or null if it goes on: the next look is then due
   */
  final @Nullable Status whyExpired(
      long nowNanos, long awakeSinceNanos, String late, long partsNanos) {
    long leftNanos = deadlineNanos() - nowNanos;
    if (leftNanos <= 0) {
      return Status.of(Status.Code.DEADLINE_EXCEEDED, late);
    }
    Messages of = messages();
    if (of != null) {
      long waitNanos = of.leftNanos(nowNanos, awakeSinceNanos);
      if (waitNanos <= 0) {
        return of.tooLate(nowNanos, awakeSinceNanos);
      }
      leftNanos = Math.min(leftNanos, waitNanos);
    }
    Inflow.Window window = receiveWindow();
    Assembly begun = assembly();
    Unfinished.Awaited whole = awaited();
    if (begun != null && window != null) {
      if (window.isSpent() || isCreditShort()) {
        begun.restartTimeout(nowNanos); // Its sender waits for a reader here.
      }
      leftNanos = Math.min(leftNanos, begun.leftNanos(nowNanos, partsNanos));
    } else if (whole != null) {
      leftNanos = Math.min(leftNanos, whole.leftNanos(nowNanos, partsNanos));
    }
    if (leftNanos <= 0) {
      String what = begun == null ? "no message" : "too little of a message";
      return Messages.tooLate(what + " has come", partsNanos);
    }
    dueAt(nowNanos + leftNanos);
    return null;
  }

  // ---- its connection

  /** The connection that it is on. */
  abstract Connection<?> connection();

  /** Its reader has taken messages whose credit is due. Any thread. */
  void creditWasTaken() {
    connection().outflow.onLoop(() -> connection().giveCreditBack(this), Outflow.LOOP_GONE);
  }

  /**
   * Whether the connection has little credit left to give, so that every byte counts. Any thread.
   */
  boolean isCreditShort() {
    return connection().published.isCreditShort();
  }

  /** Hands something of this stream to the event loop. Any thread. */
  OutboundQueue.Offer submit(Outbound item) {
    return connection().outflow.submit(item);
  }

  /** How far its sender may be ahead of the socket. Any thread. */
  int aheadBytes() {
    return connection().published.aheadBytes();
  }

  /** What its messages may hold of the process's memory. */
  MemoryBudget memory() {
    return connection().memory;
  }

  /**
   * Parks until the connection's queue may have room for so many bytes, or the thread is unparked
   * or interrupted.
   */
  void awaitRoom(int bytes) {
    connection().outflow.awaitRoom(Long.MAX_VALUE, bytes);
  }

  /** A thread that waited for room doesn't use it. */
  public void roomUnused() {
    connection().outflow.roomUnused();
  }

  // ---- what the two sides differ in

  /** Writes something of this stream, or keeps it until it can be written. */
  abstract void send(StreamOutbound item);

  /**
   * Writes one frame with at most this many bytes of the message.
   *
   * @return true if more frames of it are to come
   */
  abstract boolean writeFrame(int mostData);

  @Override
  public String toString() {
    return "stream " + Integer.toUnsignedString(id);
  }
}
