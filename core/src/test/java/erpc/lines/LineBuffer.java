package erpc.lines;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** What has come of the line that comes now. Confined to its connection's event loop. */
final class LineBuffer {
  private static final int SPARE_BYTES = 64;

  private final ByteBuf bytes = Unpooled.buffer(SPARE_BYTES);
  private final int mostOfAMessage;
  private long sinceNanos;

  /**
   * None yet.
   *
   * @param maxMessageBytes how many bytes the message of a line may have
   */
  LineBuffer(int maxMessageBytes) {
    mostOfAMessage = maxMessageBytes / 3 * 4 + 64;
  }

  /** How many bytes of these belong to the line that comes now, its end left out. */
  static int partOf(ByteBuf in) {
    int length = in.bytesBefore((byte) '\n');
    return length < 0 ? in.readableBytes() : length;
  }

  /**
   * Takes this part, and what ends the line if that has come.
   *
   * @return the line if it is whole now, else null
   * @throws Words.Broken if it is longer than a line may be
   */
  @Nullable String take(ByteBuf in, int part, long nowNanos) {
    if (isEmpty()) {
      sinceNanos = nowNanos;
    }
    bytes.writeBytes(in, part);
    int most = isMessage() ? mostOfAMessage : Words.MOST_BYTES;
    if (size() > most) {
      throw new Words.Broken("a line of more than " + most + " bytes");
    }
    if (!in.isReadable()) {
      return null;
    }
    in.skipBytes(1);
    String line = bytes.toString(StandardCharsets.ISO_8859_1);
    if (bytes.capacity() > Words.MOST_BYTES) {
      bytes.clear().capacity(SPARE_BYTES);
    }
    bytes.clear();
    return line;
  }

  private boolean isMessage() {
    return size() > 4
        && bytes.getByte(0) == 'S'
        && bytes.getByte(1) == 'A'
        && bytes.getByte(2) == 'Y'
        && bytes.getByte(3) == ' ';
  }

  boolean isEmpty() {
    return !bytes.isReadable();
  }

  int size() {
    return bytes.readableBytes();
  }

  /** When the line began, or the one before if none has. */
  long sinceNanos() {
    return sinceNanos;
  }

  void clear() {
    bytes.clear();
  }

  /** Gives its memory back; nothing comes any more. */
  void free() {
    bytes.clear().capacity(0);
  }
}
