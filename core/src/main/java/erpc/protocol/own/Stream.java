package erpc.protocol.own;

import erpc.call.Status;
import erpc.codec.Ownership;
import erpc.codec.SpareArrays;
import erpc.protocol.MemoryBudget;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One call's frames on a connection. Fields without another note belong to the connection's event
 * loop once the stream was handed to it.
 */
abstract class Stream extends Outbound {
  /** Rough cost of a frame's header and head, for the accounting of what waits. */
  static final int FRAME_OVERHEAD_BYTES = 64;

  static final byte[] NOTHING = {};

  /** Its number on the connection; 0 until its first frame is written. */
  int id;

  /** When the wheel is to look at it, on the connection's ticker: a unary call's end. */
  long deadlineNanos;

  /** When it ends whatever happens, on the connection's ticker. */
  long endNanos;

  /** How long one side of a stream may wait for the other; 0 for a unary call. */
  long progressNanos;

  /**
   * Since when messages wait for the other side to take them, though their sender has finished, on
   * the connection's ticker; 0 if none do.
   */
  long leftWaitingNanos;

  /** What has come on a stream of messages; null for a unary call. */
  @Nullable Inbox inbox;

  /** What is sent on a stream of messages; null if there is one message at most. */
  @Nullable Outbox outbox;

  /** Data of messages in the inbox, or on their way there, that the peer has no credit for. */
  int heldBytes;

  @Nullable Stream tableNext;
  int wheelSlot = -1;
  @Nullable Stream wheelNext;
  @Nullable Stream wheelPrevious;

  /** The message to be sent, and how far it has been. */
  byte[] body = NOTHING;

  int bodySent;
  int bodyLength;
  int encoding;

  private Ownership ownership = Ownership.SHARED;

  /** True while it waits in the connection's round of large messages. */
  boolean sending;

  /** True while it has something to send and waits for credit. */
  boolean heldUp;

  /** What of its messages the connection has counted as waiting, and in which of its two sums. */
  int countedBytes;

  boolean countedApart;

  /** The credit it started with, and what is left of it. */
  int sendWindow;

  int sendCredit;
  int receiveCredit;
  int receivedUncredited;
  @Nullable Assembly assembly;

  /** What it counts as while its message has not begun to come and has to; else 0. */
  long awaited;

  long awaitedSinceNanos;
  private boolean awaitedLate;

  /**
   * Sets what is to be sent. Called before the stream is handed to the connection.
   *
   * @param ownership whose the array is; if it was lent, the stream's until it has been handed over
   */
  final void setBody(int encoding, byte[] bytes, int length, Ownership ownership) {
    this.ownership = ownership;
    this.encoding = encoding;
    this.body = bytes;
    this.bodySent = 0;
    this.bodyLength = length;
  }

  /** Makes a copy of what was lent. */
  @Override
  final void waits() {
    if (ownership == Ownership.LENT) {
      ownership = Ownership.GIVEN;
      body = Arrays.copyOf(body, bodyLength);
    }
  }

  final int bodyLeft() {
    return bodyLength - bodySent;
  }

  /** Bytes of messages that wait to be written. */
  final int unsentBytes() {
    return outbox == null ? bodyLeft() : bodyLeft() + outbox.pendingBytes;
  }

  /** Bytes that were sent and that the reader has not given back as credit. */
  final int unpaidBytes() {
    return sendWindow - sendCredit;
  }

  /** Drops what has not been written. */
  final void forgetUnsent() {
    forgetBody();
    if (outbox != null) {
      outbox.clear();
    }
  }

  /** Has the wheel look at a stream of messages when one side may have waited too long. */
  final void watchProgress(long nowNanos, long limitNanos) {
    progressNanos = limitNanos;
    deadlineNanos = nowNanos + Math.min(endNanos - nowNanos, limitNanos);
  }

  /**
   * What the wheel is to do with it now.
   *
   * @param awakeSinceNanos nobody has waited for the other side since before that
   * @param partsNanos how long something that is not whole may take to go on
   * @return why it ends, or null if it goes on: the next look is then due at {@link #deadlineNanos}
   */
  final @Nullable Status whyExpired(
      long nowNanos, long awakeSinceNanos, String late, long partsNanos) {
    long leftNanos = endNanos - nowNanos;
    if (leftNanos <= 0) {
      return Status.of(Status.Code.DEADLINE_EXCEEDED, late);
    }
    if (progressNanos > 0) {
      long reading = inbox == null ? 0 : later(inbox.waitingSince(), awakeSinceNanos);
      long sending = later(sendingSince(), awakeSinceNanos);
      long waited = Math.max(waited(reading, nowNanos), waited(sending, nowNanos));
      if (waited >= progressNanos) {
        boolean reads = waited(reading, nowNanos) == waited;
        String what = reads ? "no message" : "no room for a message";
        return tooLate(what + " from the other side", progressNanos);
      }
      leftNanos = Math.min(leftNanos, progressNanos - waited);
    }
    Assembly parts = assembly;
    if (parts != null) {
      if (receiveCredit <= Wire.ENCODING_BYTES + Wire.TOTAL_BYTES || isCreditShort()) {
        parts.waitAnew(nowNanos); // Its sender waits for a reader here.
      }
      leftNanos = Math.min(leftNanos, parts.leftNanos(nowNanos, partsNanos));
    } else if (awaited > 0) {
      leftNanos = Math.min(leftNanos, awaitedLeftNanos(nowNanos, partsNanos));
    }
    if (leftNanos <= 0) {
      String what = parts == null ? "no message" : "too little of a message";
      return tooLate(what + " has come", partsNanos);
    }
    deadlineNanos = nowNanos + leftNanos;
    return null;
  }

  private long awaitedLeftNanos(long nowNanos, long limitNanos) {
    long left = limitNanos - (nowNanos - awaitedSinceNanos);
    if (left > 0 || awaitedLate) {
      return left;
    }
    awaitedLate = true; // Once more, or a process that was stopped would not get to read it.
    return Unfinished.SECOND_LOOK_NANOS;
  }

  private static Status tooLate(String what, long limitNanos) {
    return Status.of(
        Status.Code.DEADLINE_EXCEEDED,
        what + " within " + TimeUnit.NANOSECONDS.toMillis(limitNanos) + " ms (progressTimeout)");
  }

  /** Since when messages have waited for the other side; 0 if they do not. */
  private long sendingSince() {
    long sender = outbox == null ? 0 : outbox.waitingSince();
    return sender == 0 ? leftWaitingNanos : sender;
  }

  private static long later(long sinceNanos, long awakeSinceNanos) {
    return sinceNanos == 0 || sinceNanos - awakeSinceNanos >= 0 ? sinceNanos : awakeSinceNanos;
  }

  private static long waited(long sinceNanos, long nowNanos) {
    return sinceNanos == 0 ? -1 : nowNanos - sinceNanos;
  }

  /**
   * Lets go of the message, so that a call which waits for its answer doesn't hold its question.
   */
  final void forgetBody() {
    body = NOTHING;
    ownership = Ownership.SHARED;
    bodySent = 0;
    bodyLength = 0;
  }

  /** All of the message has been written: its array may serve another one. */
  final void bodyWritten() {
    byte[] written = body;
    boolean own = ownership == Ownership.GIVEN;
    forgetBody();
    if (own) {
      SpareArrays.giveBack(written);
    }
  }

  @Override
  final int size() {
    return FRAME_OVERHEAD_BYTES + bodyLength;
  }

  /** Its deadline has passed. */
  abstract void expired();

  /** Its reader has taken messages whose credit is due. Any thread. */
  abstract void creditWasTaken();

  /**
   * Whether the connection has little credit left to give, so that every byte counts. Any thread.
   */
  abstract boolean isCreditShort();

  /** Hands something of this stream to the event loop. Any thread. */
  abstract OutboundQueue.Offer submit(Outbound item);

  /** How far its sender may be ahead of the socket. Any thread. */
  abstract int aheadBytes();

  /** What its messages may hold of the process's memory. Only while it has a connection. */
  abstract MemoryBudget memory();

  /**
   * Parks until the connection's queue may have room for so many bytes, or the thread is unparked
   * or interrupted.
   */
  abstract void awaitRoom(int bytes);

  /** A thread that waited for room doesn't use it. */
  abstract void roomUnused();

  /** Writes something of this stream, or keeps it until it can be written. */
  abstract void send(StreamOutbound item);

  /**
   * Writes one frame with at most this many bytes of the message.
   *
   * @return true if more frames of it are to come
   */
  abstract boolean writeFrame(int mostData);
}
