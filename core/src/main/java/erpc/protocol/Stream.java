package erpc.protocol;

import org.jspecify.annotations.Nullable;

/**
 * One call's frames on a connection. Fields without another note belong to the connection's event
 * loop once the stream was handed to it.
 */
abstract class Stream extends Outbound {
  /** Rough cost of a frame's header and head, for the accounting of what waits. */
  static final int FRAME_OVERHEAD_BYTES = 64;

  /** Its number on the connection; 0 until its first frame is written. */
  int id;

  /** When it ends, on the connection's ticker. */
  long deadlineNanos;

  @Nullable Stream tableNext;
  int wheelSlot = -1;
  @Nullable Stream wheelNext;
  @Nullable Stream wheelPrevious;

  /** The message to be sent, and how far it has been. */
  byte[] body = NOTHING;

  int bodySent;
  int bodyLength;
  int encoding;

  /** True while it waits in the connection's round of large messages. */
  boolean sending;

  /** What of its message the connection has counted as waiting. */
  int countedBytes;

  int sendCredit;
  int receiveCredit;
  int receivedUncredited;
  @Nullable Assembly assembly;

  private static final byte[] NOTHING = {};

  /** Sets what is to be sent. Called before the stream is handed to the connection. */
  final void setBody(int encoding, byte[] bytes, int length) {
    this.encoding = encoding;
    this.body = bytes;
    this.bodySent = 0;
    this.bodyLength = length;
  }

  final int bodyLeft() {
    return bodyLength - bodySent;
  }

  /**
   * Lets go of the message, so that a call which waits for its answer doesn't hold its question.
   */
  final void forgetBody() {
    body = NOTHING;
    bodySent = 0;
    bodyLength = 0;
  }

  @Override
  final int size() {
    return FRAME_OVERHEAD_BYTES + bodyLength;
  }

  /** Its deadline has passed. */
  abstract void expired();

  /**
   * Writes one frame with at most this many bytes of the message.
   *
   * @return true if more frames of it are to come
   */
  abstract boolean writeFrame(int mostData);
}
