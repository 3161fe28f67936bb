package erpc.protocol.own;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * Some messages of an {@link Inbox}, one behind the other in an array. First its event loop's,
 * which fills it, then its reader's, which empties it: neither touches it while it is the other's.
 */
final class InboxPart {
  /** Encoding, and length and what is owed as varints. */
  private static final int MOST_HEAD_BYTES = 1 + 5 + 5;

  private static final int VARINT_BITS = 7;

  private final byte[] bytes;
  private final ByteBuffer view;
  private int at;
  private int until;
  private int encoding;
  private int owed;

  /** What is owed for all messages in it, taken or not. */
  private int owedForAll;

  /** The one to be read after this; the inbox's. */
  @Nullable InboxPart next;

  InboxPart(int size) {
    bytes = new byte[size];
    view = ByteBuffer.wrap(bytes);
  }

  /** The size at which a message finds room in an empty one. */
  static int sizeFor(int messageBytes) {
    return MOST_HEAD_BYTES + messageBytes;
  }

  int size() {
    return bytes.length;
  }

  boolean hasRoomFor(int messageBytes) {
    return bytes.length - until >= MOST_HEAD_BYTES + messageBytes;
  }

  /** Puts a message behind the others. */
  void put(int encoding, ByteBuf in, int length, int owed) {
    bytes[until++] = (byte) encoding;
    boolean ordinary = owed == length + Wire.ENCODING_BYTES;
    putVarint((long) length << 1 | (ordinary ? 0 : 1));
    if (!ordinary) {
      putVarint(owed);
    }
    in.readBytes(bytes, until, length);
    until += length;
    owedForAll += owed;
  }

  private void putVarint(long value) {
    long left = value;
    while (left >= 1 << VARINT_BITS) {
      bytes[until++] = (byte) (left | 1 << VARINT_BITS);
      left >>>= VARINT_BITS;
    }
    bytes[until++] = (byte) left;
  }

  int owedForAll() {
    return owedForAll;
  }

  boolean isRead() {
    return at == until;
  }

  /** The next message, valid until the one after it; there must be one. */
  ByteBuffer take() {
    encoding = bytes[at++] & 0xff;
    long word = varint();
    int length = (int) (word >>> 1);
    owed = (word & 1) == 0 ? length + Wire.ENCODING_BYTES : (int) varint();
    int end = at + length;
    view.order(ByteOrder.BIG_ENDIAN).limit(end).position(at);
    at = end;
    return view;
  }

  private long varint() {
    long value = 0;
    int shift = 0;
    byte b;
    do {
      b = bytes[at++];
      value |= (long) (b & (1 << VARINT_BITS) - 1) << shift;
      shift += VARINT_BITS;
    } while (b < 0);
    return value;
  }

  /** The encoding of the message that was taken last. */
  int encoding() {
    return encoding;
  }

  /** What is owed for the message that was taken last. */
  int owed() {
    return owed;
  }

  /** Makes it as if new. */
  void clear() {
    at = 0;
    until = 0;
    owedForAll = 0;
  }
}
