package erpc.protocol.own;

import erpc.call.Metadata;
import erpc.call.Printable;
import erpc.call.RpcException;
import erpc.call.Status;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;

/** Metadata as a block of a head: entries of {@code u8} length, key, {@code u16} length, value. */
final class MetadataBlock {
  private MetadataBlock() {}

  static void write(Metadata metadata, ByteBuf out) {
    for (Metadata.Entry entry : metadata.entries()) {
      out.writeByte(entry.key().length());
      out.writeCharSequence(entry.key(), StandardCharsets.US_ASCII);
      byte[] value = entry.toBytes();
      out.writeShort(value.length);
      out.writeBytes(value);
    }
  }

  /**
   * Reads the block from the reader index to the end.
   *
   * @throws ProtocolViolation if entries pass the block's end
   * @throws RpcException INVALID_ARGUMENT if an entry breaks the grammar, RESOURCE_EXHAUSTED if a
   *     limit is passed
   */
  static Metadata read(ByteBuf in, int end) {
    int length = end - in.readerIndex();
    if (length > Metadata.MAX_BYTES) {
      throw tooMuch("metadata of " + length + " bytes passes the limit of " + Metadata.MAX_BYTES);
    }
    Metadata.Builder metadata = Metadata.builder();
    for (int entries = 0; in.readerIndex() < end; entries++) {
      if (entries == Metadata.MAX_ENTRIES) {
        throw tooMuch("metadata has more than " + Metadata.MAX_ENTRIES + " entries");
      }
      byte[] key = bytes(in, in.readUnsignedByte(), end);
      if (end - in.readerIndex() < Short.BYTES) {
        throw new ProtocolViolation("metadata block ends inside an entry");
      }
      add(
          metadata,
          new String(key, StandardCharsets.ISO_8859_1),
          bytes(in, in.readUnsignedShort(), end));
    }
    return metadata.build();
  }

  private static void add(Metadata.Builder metadata, String key, byte[] value) {
    try {
      metadata.addRaw(key, value);
    } catch (IllegalArgumentException e) {
      throw new RpcException(
          Status.Code.INVALID_ARGUMENT, Printable.of(String.valueOf(e.getMessage())));
    }
  }

  private static byte[] bytes(ByteBuf in, int size, int end) {
    if (size > end - in.readerIndex()) {
      throw new ProtocolViolation("metadata entry of " + size + " bytes passes its block's end");
    }
    byte[] bytes = new byte[size];
    in.readBytes(bytes);
    return bytes;
  }

  private static RpcException tooMuch(String message) {
    return new RpcException(Status.Code.RESOURCE_EXHAUSTED, message);
  }
}
