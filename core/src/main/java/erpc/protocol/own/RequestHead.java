package erpc.protocol.own;

import erpc.call.Criticality;
import erpc.call.Metadata;
import erpc.call.TraceContext;
import erpc.protocol.CallHead;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The head of a REQUEST: a server reads it into a {@link CallHead}, a client writes it. */
final class RequestHead {
  /** Of a head with a number and a timeout, and the encoding behind it: one number's worth. */
  static final int USUAL_BYTES = Long.BYTES;

  /** Of the extension block: its length, and the criticality. */
  private static final int EXTENSION_BYTES =
      Short.BYTES + Extensions.ENTRY_BYTES + Extensions.CRITICALITY_BYTES;

  private static final long MAX_TIMEOUT_MILLIS = 0xffff_ffffL;
  private static final int FIELDS_SHIFT = 56;
  private static final int ROUTE_SHIFT = 40;
  private static final int TIMEOUT_SHIFT = 8;

  private RequestHead() {}

  /**
   * What the head says that it has.
   *
   * @param number the route's, or 0 to call it by name
   */
  private static int fields(ClientStream stream, int number, @Nullable TraceContext trace) {
    int fields = stream.isTimed() ? Wire.REQUEST_TIMEOUT : 0;
    fields |= number == 0 ? Wire.REQUEST_NAME : 0;
    if (stream.isPlain()) {
      return fields;
    }
    fields |= trace == null ? 0 : Wire.REQUEST_TRACE;
    fields |= stream.call().metadata().isEmpty() ? 0 : Wire.REQUEST_METADATA;
    fields |= stream.call().isOneway() ? Wire.REQUEST_ONEWAY : 0;
    fields |= stream.call().isRetried() ? Wire.REQUEST_RETRIED : 0;
    fields |= stream.call().criticality() == Criticality.DEFAULT ? 0 : Wire.EXTENSION;
    return fields;
  }

  /** Whether the head is that of nearly every REQUEST: a number and a timeout. */
  static boolean isUsual(ClientStream stream, int number) {
    return number != 0 && stream.isPlain() && stream.isTimed();
  }

  /** That head, and its message's encoding, as they travel. */
  static long usual(int route, long timeoutMillis, int encoding) {
    return (long) Wire.REQUEST_TIMEOUT << FIELDS_SHIFT
        | (long) route << ROUTE_SHIFT
        | timeoutMillis << TIMEOUT_SHIFT
        | encoding;
  }

  /** What is left of a deadline as it travels: rounded up, and as much as there is room for. */
  static long millis(long leftNanos) {
    long millis = (leftNanos - 1) / TimeUnit.MILLISECONDS.toNanos(1) + 1;
    return Math.min(millis, MAX_TIMEOUT_MILLIS);
  }

  /** The most bytes {@link #write} takes. */
  static int most(ClientStream stream) {
    int metadataBytes = stream.call().metadata().encodedBytes();
    return 8
        + EXTENSION_BYTES
        + Wire.TRACE_BYTES
        + 3
        + stream.route().ascii().length
        + metadataBytes;
  }

  /**
   * Writes the head.
   *
   * @param number the route's, or 0 to call it by name
   */
  static void write(ByteBuf out, ClientStream stream, int number, long leftNanos) {
    TraceContext trace = stream.isPlain() ? null : stream.call().trace();
    out.writeByte(fields(stream, number, trace));
    if (number == 0) {
      out.writeByte(stream.route().ascii().length).writeBytes(stream.route().ascii());
    } else {
      out.writeShort(number);
    }
    if (stream.isTimed()) {
      out.writeInt((int) millis(leftNanos));
    }
    if (stream.isPlain()) {
      return;
    }
    if (trace != null) {
      out.writeLong(trace.traceIdHigh()).writeLong(trace.traceIdLow());
      out.writeLong(trace.spanId()).writeByte(trace.flags());
    }
    Metadata metadata = stream.call().metadata();
    if (!metadata.isEmpty()) {
      out.writeShort(metadata.encodedBytes());
      MetadataBlock.write(metadata, out);
    }
    Criticality criticality = stream.call().criticality();
    if (criticality != Criticality.DEFAULT) {
      out.writeShort(Extensions.ENTRY_BYTES + Extensions.CRITICALITY_BYTES);
      Extensions.begin(out, Extensions.REQUEST_CRITICALITY, Extensions.CRITICALITY_BYTES);
      out.writeByte(criticality.number());
    }
  }

  private static boolean readUsual(CallHead head, ByteBuf in, int end) {
    int start = in.readerIndex();
    if (end - start < USUAL_BYTES) {
      return false;
    }
    long first = in.getLong(start);
    if (first >>> FIELDS_SHIFT != Wire.REQUEST_TIMEOUT) {
      return false;
    }
    head.calls((int) (first >>> ROUTE_SHIFT) & 0xffff, 0);
    head.times(0, TimeUnit.MILLISECONDS.toNanos(first >>> TIMEOUT_SHIFT & 0xffff_ffffL));
    head.trace(null);
    head.oneway(false);
    head.metadata(Metadata.EMPTY);
    head.retried(false);
    head.criticality(Criticality.DEFAULT);
    in.readerIndex(start + USUAL_BYTES - Wire.ENCODING_BYTES);
    return true;
  }

  /**
   * Reads the head; the reader index is then at the data part.
   *
   * @throws ProtocolViolation if fields pass the frame's end
   * @throws erpc.call.RpcException if the head can be told from the data, but its metadata breaks
   *     grammar or limits; the reader index is then at the data part all the same
   */
  static void read(CallHead head, ByteBuf in, int end) {
    if (readUsual(head, in, end)) {
      return;
    }
    int start = in.readerIndex();
    Payload.need(in, end, 1, "fields");
    int fields = in.readUnsignedByte();
    if ((fields & Wire.REQUEST_RESERVED) != 0) {
      throw new ProtocolViolation("a head with the reserved bit");
    }
    route(head, fields, in, end);
    long timeoutNanos = CallHead.NO_TIMEOUT;
    if ((fields & Wire.REQUEST_TIMEOUT) != 0) {
      Payload.need(in, end, Integer.BYTES, "timeout");
      timeoutNanos = TimeUnit.MILLISECONDS.toNanos(in.readUnsignedInt());
    }
    head.times(0, timeoutNanos);
    head.trace(null);
    if ((fields & Wire.REQUEST_TRACE) != 0) {
      Payload.need(in, end, Wire.TRACE_BYTES, "trace");
      head.trace(trace(in));
    }
    head.oneway((fields & Wire.REQUEST_ONEWAY) != 0);
    head.retried((fields & Wire.REQUEST_RETRIED) != 0);
    int metadata = -1;
    int metadataEnd = 0;
    if ((fields & Wire.REQUEST_METADATA) != 0) {
      int length = length(in, end, "metadata");
      metadata = in.readerIndex();
      metadataEnd = metadata + length;
      in.readerIndex(metadataEnd);
    }
    head.criticality(
        (fields & Wire.EXTENSION) == 0
            ? Criticality.DEFAULT
            : criticality(new Extensions(in, end)));
    if (in.readerIndex() - start > Wire.MAX_HEAD_BYTES) {
      throw new ProtocolViolation("head of more than " + Wire.MAX_HEAD_BYTES + " bytes");
    }
    head.metadata(metadata < 0 ? Metadata.EMPTY : metadata(in, metadata, metadataEnd));
  }

  /** What breaks the standard, which is what no tracer makes, is as if there were nothing. */
  private static @Nullable TraceContext trace(ByteBuf in) {
    long traceIdHigh = in.readLong();
    long traceIdLow = in.readLong();
    long spanId = in.readLong();
    int flags = in.readUnsignedByte();
    return TraceContext.isValid(traceIdHigh, traceIdLow, spanId)
        ? TraceContext.of(traceIdHigh, traceIdLow, spanId, flags)
        : null;
  }

  private static Criticality criticality(Extensions each) {
    Criticality said = Criticality.DEFAULT;
    for (int id = each.next(); id != Extensions.NONE; id = each.next()) {
      if (id == Extensions.REQUEST_CRITICALITY) {
        each.need(Extensions.CRITICALITY_BYTES);
        said = Criticality.of(each.u8());
      }
    }
    return said;
  }

  private static void route(CallHead head, int fields, ByteBuf in, int end) {
    if ((fields & Wire.REQUEST_NAME) == 0) {
      Payload.need(in, end, Short.BYTES, "route");
      head.calls(in.readUnsignedShort(), 0);
      return;
    }
    Payload.need(in, end, 1, "name");
    int length = in.readUnsignedByte();
    Payload.need(in, end, length, "name");
    head.calls(in.readCharSequence(length, StandardCharsets.ISO_8859_1).toString());
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
