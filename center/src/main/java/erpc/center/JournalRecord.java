package erpc.center;

import erpc.center.Engine.Change;
import erpc.center.Engine.Put;
import erpc.center.Engine.Remove;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * One record of the journal: a head with length and checksums, then the changes of one batch or a
 * part of a snapshot.
 *
 * <pre>
 *   head     length of body, 4 bytes | CRC32C of those 4 | CRC32C of body
 *   body     kind, 1 byte | revision, 8 | count of changes, 4 | changes
 *   change   1 (put) or 2 (remove) | length of key, 2 | key, UTF-8 | for put: length of value, 4 | value
 * </pre>
 *
 * All numbers are big-endian. The length has a checksum of its own, so that a damaged length in the
 * middle is not taken for a record that was cut short at the end.
 *
 * @param kind {@link #BATCH} or {@link #SNAPSHOT_PART}
 */
record JournalRecord(byte kind, long revision, List<Change> changes) {
  static final byte BATCH = 'B';
  static final byte SNAPSHOT_PART = 'S';

  static final int HEAD_BYTES = 12;

  /** More than any batch within the engine's limits needs. */
  static final int MAX_BODY_BYTES = 2 * Engine.MAX_BATCH_BYTES;

  private static final int BODY_START_BYTES = 1 + 8 + 4;
  private static final byte PUT = 1;
  private static final byte REMOVE = 2;

  /** Head and body. */
  byte[] encode() {
    List<byte[]> keys = new ArrayList<>(changes.size());
    int size = BODY_START_BYTES;
    for (Change change : changes) {
      byte[] key = change.key().getBytes(StandardCharsets.UTF_8);
      keys.add(key);
      size += 1 + 2 + key.length + (change instanceof Put put ? 4 + put.value().length : 0);
    }
    ByteBuffer out = ByteBuffer.allocate(HEAD_BYTES + size);
    out.position(HEAD_BYTES).put(kind).putLong(revision).putInt(changes.size());
    for (int i = 0; i < keys.size(); i++) {
      encode(changes.get(i), keys.get(i), out);
    }
    out.putInt(0, size);
    out.putInt(4, crc(out.array(), 0, 4));
    out.putInt(8, crc(out.array(), HEAD_BYTES, size));
    return out.array();
  }

  private static void encode(Change change, byte[] key, ByteBuffer out) {
    out.put(change instanceof Put ? PUT : REMOVE).putShort((short) key.length).put(key);
    if (change instanceof Put put) {
      out.putInt(put.value().length).put(put.value());
    }
  }

  /** The length that a head declares, or -1 if the head is damaged. */
  static int bodyLength(byte[] head) {
    ByteBuffer in = ByteBuffer.wrap(head);
    int length = in.getInt(0);
    boolean sound =
        in.getInt(4) == crc(head, 0, 4) && length >= BODY_START_BYTES && length <= MAX_BODY_BYTES;
    return sound ? length : -1;
  }

  /** Whether the body is the one that the head was written for. */
  static boolean matches(byte[] head, byte[] body) {
    return ByteBuffer.wrap(head).getInt(8) == crc(body, 0, body.length);
  }

  /**
   * Reads a body whose checksum is right.
   *
   * @throws IllegalArgumentException if it makes no sense all the same
   */
  static JournalRecord decode(byte[] body) {
    ByteBuffer in = ByteBuffer.wrap(body);
    try {
      byte kind = in.get();
      long revision = in.getLong();
      int count = in.getInt();
      List<Change> changes = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        changes.add(change(in));
      }
      if (in.hasRemaining() || (kind != BATCH && kind != SNAPSHOT_PART)) {
        throw new IllegalArgumentException(
            "kind " + kind + " with " + in.remaining() + " bytes too many");
      }
      return new JournalRecord(kind, revision, List.copyOf(changes));
    } catch (BufferUnderflowException e) {
      throw new IllegalArgumentException("the record is shorter than what it holds", e);
    }
  }

  private static Change change(ByteBuffer in) {
    byte operation = in.get();
    String key = new String(bytes(in, Short.toUnsignedInt(in.getShort())), StandardCharsets.UTF_8);
    return switch (operation) {
      case PUT -> new Put(key, bytes(in, in.getInt()));
      case REMOVE -> new Remove(key);
      default -> throw new IllegalArgumentException("operation " + operation + " is unknown");
    };
  }

  private static byte[] bytes(ByteBuffer in, int count) {
    if (count < 0 || count > in.remaining()) {
      throw new BufferUnderflowException();
    }
    byte[] bytes = new byte[count];
    in.get(bytes);
    return bytes;
  }

  private static int crc(byte[] bytes, int offset, int count) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, offset, count);
    return (int) crc.getValue();
  }
}
