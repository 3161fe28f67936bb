package erpc.protocol;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Arrays;

/**
 * A message of several frames on its way in. Holds what has arrived, never what was only announced.
 */
final class Assembly {
  private static final int FIRST_BYTES = 4 * 1024;

  final int encoding;
  final int total;
  private byte[] bytes;
  private int length;

  /**
   * Credit for what has arrived that its sender has not been given back, on a stream of messages.
   */
  int owed;

  Assembly(int encoding, int total) {
    this.encoding = encoding;
    this.total = total;
    this.bytes = new byte[Math.min(total, FIRST_BYTES)];
  }

  /** Takes the next part; false if it is more than was announced. */
  boolean add(ByteBuf in, int size) {
    if (size > total - length) {
      return false;
    }
    if (length + size > bytes.length) {
      // Doubling costs at most one copy of what has arrived, and never passes the announced total.
      bytes =
          Arrays.copyOf(bytes, (int) Math.min(total, Math.max(2L * bytes.length, length + size)));
    }
    in.readBytes(bytes, length, size);
    length += size;
    return true;
  }

  int length() {
    return length;
  }

  /** Bytes that are held, for what has arrived and what may follow soon. */
  int capacity() {
    return bytes.length;
  }

  boolean isWhole() {
    return length == total;
  }

  /** What has arrived, to be read; it needs no release. */
  ByteBuf buffer() {
    return Unpooled.wrappedBuffer(bytes, 0, length);
  }
}
