package erpc.center;

import java.nio.ByteBuffer;

/** How a fence's epoch lies in the engine's data: eight bytes, big-endian. */
final class Epochs {
  private Epochs() {}

  static byte[] encode(long epoch) {
    return ByteBuffer.allocate(Long.BYTES).putLong(epoch).array();
  }

  /** The epoch; a value that no fence has written counts as none. */
  static long decode(byte[] value) {
    return value.length == Long.BYTES ? ByteBuffer.wrap(value).getLong() : Long.MIN_VALUE;
  }
}
