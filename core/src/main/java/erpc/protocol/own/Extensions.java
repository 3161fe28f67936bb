package erpc.protocol.own;

import io.netty.buffer.ByteBuf;

/**
 * The extension block of a head: {@code u8} id, {@code u8} length and so many bytes, again and
 * again. Ids that are not known here are skipped, and so is what stands behind the known fields of
 * a known one.
 */
final class Extensions {
  static final int REQUEST_CRITICALITY = 1;
  static final int CRITICALITY_BYTES = 1;

  static final int RESPONSE_LOAD = 1;
  static final int LOAD_BYTES = 2 * Integer.BYTES;
  static final int RESPONSE_PASSED_ON = 2;

  /** Of each: its id and its length. */
  static final int ENTRY_BYTES = 2;

  /** Stands for "there are no more". */
  static final int NONE = -1;

  private final ByteBuf in;
  private final int end;
  private int next;
  private int bytes;

  /**
   * Those of a block; the reader index is then at its first entry.
   *
   * @throws ProtocolViolation if the block passes its frame's end
   */
  Extensions(ByteBuf in, int frameEnd) {
    this.in = in;
    Payload.need(in, frameEnd, Short.BYTES, "extension");
    int length = in.readUnsignedShort();
    Payload.need(in, frameEnd, length, "extension");
    next = in.readerIndex();
    end = next + length;
  }

  /**
   * Goes to the next one, whose bytes are then the next to be read.
   *
   * @return its id, or {@link #NONE}: the reader index is then behind the block
   * @throws ProtocolViolation if it passes the block's end
   */
  int next() {
    in.readerIndex(next);
    if (next == end) {
      return NONE;
    }
    Payload.need(in, end, ENTRY_BYTES, "extension");
    int id = in.readUnsignedByte();
    bytes = in.readUnsignedByte();
    Payload.need(in, end, bytes, "extension");
    next = in.readerIndex() + bytes;
    return id;
  }

  /**
   * Checks that the one it is at has its fields.
   *
   * @throws ProtocolViolation if it is shorter
   */
  void need(int fields) {
    if (bytes < fields) {
      throw new ProtocolViolation("an extension of " + bytes + " bytes, which needs " + fields);
    }
  }

  int u8() {
    return in.readUnsignedByte();
  }

  long u32() {
    return in.readUnsignedInt();
  }

  /** Writes the id and length of one, whose bytes follow. */
  static void begin(ByteBuf out, int id, int bytes) {
    out.writeByte(id).writeByte(bytes);
  }
}
