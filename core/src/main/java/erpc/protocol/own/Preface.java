package erpc.protocol.own;

import io.netty.buffer.ByteBuf;

/**
 * What the other side says before its first frame, and so how far what it has begun goes. Belongs
 * to the connection's event loop; any thread may ask whether it is over.
 */
final class Preface implements Unread.Length {
  /** That more of it has yet to come. */
  static final int INCOMPLETE = -1;

  /** Set by the event loop, for good. */
  private volatile boolean complete;

  /** Whether it has come, and was understood. */
  boolean isComplete() {
    return complete;
  }

  /**
   * Reads it.
   *
   * @return the version that the peer speaks, which may be another one than this side's; or {@link
   *     #INCOMPLETE}
   */
  int read(ByteBuf in) {
    if (in.readableBytes() < Wire.PREFACE_BYTES) {
      return INCOMPLETE;
    }
    int preface = in.readInt();
    if (preface >>> 8 != Wire.MAGIC) {
      throw new ProtocolViolation(
          String.format("the peer doesn't speak erpc: its first bytes are %08x", preface));
    }
    int version = preface & 0xff;
    complete = version == Wire.VERSION;
    return version;
  }

  @Override
  public int of(ByteBuf begun) {
    if (!complete) {
      return Wire.PREFACE_BYTES;
    }
    return begun.readableBytes() < Wire.HEADER_BYTES
        ? Wire.HEADER_BYTES
        : Wire.HEADER_BYTES + Payload.length(begun.getInt(begun.readerIndex()));
  }
}
