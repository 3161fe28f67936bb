package erpc.protocol;

import erpc.call.Metadata;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/** Reads the head of a REQUEST into a {@link CallHead}. */
final class RequestHead {
  private RequestHead() {}

  /**
   * Reads the head; the reader index is then at the data part.
   *
   * @throws ProtocolViolation if fields pass the frame's end
   * @throws erpc.call.RpcException if the head can be told from the data, but its metadata breaks
   *     grammar or limits; the reader index is then at the data part all the same
   */
  static void read(CallHead head, ByteBuf in, int end) {
    int start = in.readerIndex();
    Payload.need(in, end, 1, "fields");
    int fields = in.readUnsignedByte();
    if ((fields & Wire.REQUEST_RESERVED) != 0) {
      throw new ProtocolViolation("a head with the reserved bit");
    }
    route(head, fields, in, end);
    head.timeoutNanos = CallHead.NO_TIMEOUT;
    if ((fields & Wire.REQUEST_TIMEOUT) != 0) {
      Payload.need(in, end, Integer.BYTES, "timeout");
      head.timeoutNanos = TimeUnit.MILLISECONDS.toNanos(in.readUnsignedInt());
    }
    head.trace = null;
    if ((fields & Wire.REQUEST_TRACE) != 0) {
      Payload.need(in, end, Wire.TRACE_BYTES, "trace");
      byte[] trace = new byte[Wire.TRACE_BYTES];
      in.readBytes(trace);
      head.trace = trace;
    }
    head.oneway = (fields & Wire.REQUEST_ONEWAY) != 0;
    int metadata = -1;
    int metadataEnd = 0;
    if ((fields & Wire.REQUEST_METADATA) != 0) {
      int length = length(in, end, "metadata");
      metadata = in.readerIndex();
      metadataEnd = metadata + length;
      in.readerIndex(metadataEnd);
    }
    if ((fields & Wire.EXTENSION) != 0) {
      in.skipBytes(length(in, end, "extension"));
    }
    if (in.readerIndex() - start > Wire.MAX_HEAD_BYTES) {
      throw new ProtocolViolation("head of more than " + Wire.MAX_HEAD_BYTES + " bytes");
    }
    head.metadata = metadata < 0 ? Metadata.EMPTY : metadata(in, metadata, metadataEnd);
  }

  private static void route(CallHead head, int fields, ByteBuf in, int end) {
    if ((fields & Wire.REQUEST_NAME) == 0) {
      Payload.need(in, end, Short.BYTES, "route");
      head.route = in.readUnsignedShort();
      head.name = null;
      return;
    }
    Payload.need(in, end, 1, "name");
    int length = in.readUnsignedByte();
    Payload.need(in, end, length, "name");
    head.route = 0;
    head.name = in.readCharSequence(length, StandardCharsets.ISO_8859_1).toString();
  }

  private static Metadata metadata(ByteBuf in, int start, int metadataEnd) {
    int data = in.readerIndex();
    in.readerIndex(start);
    try {
      return MetadataBlock.read(in, metadataEnd);
    } finally {
      in.readerIndex(data);
    }
  }

  private static int length(ByteBuf in, int end, String field) {
    Payload.need(in, end, Short.BYTES, field);
    int length = in.readUnsignedShort();
    Payload.need(in, end, length, field);
    return length;
  }
}
