package erpc.protocol.own;

import io.netty.buffer.ByteBuf;

/**
 * How a message is cut into the data parts of frames: the only place that knows. The first part
 * says how the message is encoded and, if others follow, how long it is.
 */
final class MessageCut {
  private MessageCut() {}

  private static boolean isWhole(int length, int sent, int mostData) {
    return sent == 0 && Wire.ENCODING_BYTES + length <= mostData;
  }

  private static int prefixBytes(int length, int sent, int mostData) {
    if (sent > 0) {
      return 0;
    }
    return isWhole(length, sent, mostData)
        ? Wire.ENCODING_BYTES
        : Wire.ENCODING_BYTES + Wire.TOTAL_BYTES;
  }

  /**
   * The next data part of a message.
   *
   * @param length of the message
   * @param sent how much of that has been sent
   * @param mostData the most bytes that it may take, enough for a prefix and a byte
   */
  static int dataBytes(int length, int sent, int mostData) {
    int prefix = prefixBytes(length, sent, mostData);
    return prefix + Math.min(mostData - prefix, length - sent);
  }

  /** Whether that ends the message. */
  static boolean isLast(int length, int sent, int mostData) {
    return isWhole(length, sent, mostData) || (sent > 0 && length - sent <= mostData);
  }

  /**
   * Writes it.
   *
   * @return how much of the message has been sent then
   */
  static int write(ByteBuf out, int encoding, byte[] message, int length, int sent, int mostData) {
    int prefix = prefixBytes(length, sent, mostData);
    if (prefix > 0) {
      out.writeByte(encoding);
    }
    if (prefix > Wire.ENCODING_BYTES) {
      out.writeInt(length);
    }
    int bytes = Math.min(mostData - prefix, length - sent);
    out.writeBytes(message, sent, bytes);
    return sent + bytes;
  }
}
