package erpc.protocol.own;

import erpc.call.Metadata;
import erpc.call.RpcException;
import erpc.call.Status;
import erpc.protocol.ServerLoad;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The head of a RESPONSE, and how it is read and written. */
final class ResponseHead {
  private static final int WITH_STATUS =
      Wire.RESPONSE_STATUS
          | Wire.RESPONSE_DETAILS
          | Wire.RESPONSE_TRAILERS
          | Wire.RESPONSE_NOT_STARTED
          | Wire.RESPONSE_RETRY_AFTER;

  /** Fields, two lengths, route, wait, and the extensions with their length. */
  private static final int FIXED_BYTES =
      1 + 4 * Short.BYTES + Integer.BYTES + 2 * Extensions.ENTRY_BYTES + Extensions.LOAD_BYTES;

  private static final byte[] NO_DETAILS = {};

  static {
    // Loads all classes that a reply needs: once descriptors have run out, none can be loaded, and
    // a head that breaks off in the middle costs a connection.
    write(Unpooled.buffer(), Status.OK, Metadata.EMPTY, Metadata.EMPTY, 0, new ServerLoad(0, 0));
  }

  final Status status;
  final @Nullable Metadata headers;
  final Metadata trailers;
  final int route;

  /** What the server says of its load, or null if it says nothing. */
  final @Nullable ServerLoad load;

  private ResponseHead(
      Status status,
      @Nullable Metadata headers,
      Metadata trailers,
      int route,
      @Nullable ServerLoad load) {
    this.status = status;
    this.headers = headers;
    this.trailers = trailers;
    this.route = route;
    this.load = load;
  }

  /** Reads a head after its fields byte; the reader index is then at the data part. */
  static ResponseHead read(int fields, ByteBuf in, int end) {
    int start = in.readerIndex();
    Status status = Status.OK;
    if ((fields & Wire.RESPONSE_STATUS) != 0) {
      Payload.need(in, end, 1, "status");
      int code = in.readUnsignedByte();
      status = Status.of(Status.Code.of(code), Payload.text(in, end));
    }
    if ((fields & Wire.RESPONSE_DETAILS) != 0) {
      byte[] details = new byte[length(in, end, "details")];
      in.readBytes(details);
      if (details.length <= Status.MAX_DETAILS_BYTES) {
        status = status.withDetails(details);
      }
    }
    Metadata headers = null;
    if ((fields & Wire.RESPONSE_HEADERS) != 0) {
      headers = block(in, end);
    }
    Metadata trailers = Metadata.EMPTY;
    if ((fields & Wire.RESPONSE_TRAILERS) != 0) {
      trailers = block(in, end);
    }
    int route = 0;
    if ((fields & Wire.RESPONSE_ROUTE) != 0) {
      Payload.need(in, end, Short.BYTES, "route");
      route = in.readUnsignedShort();
    }
    if ((fields & Wire.RESPONSE_RETRY_AFTER) != 0) {
      Payload.need(in, end, Integer.BYTES, "wait");
      status = waiting(status, in.readUnsignedInt());
    }
    ServerLoad load = null;
    if ((fields & Wire.EXTENSION) != 0) {
      Extensions each = new Extensions(in, end);
      for (int id = each.next(); id != Extensions.NONE; id = each.next()) {
        if (id == Extensions.RESPONSE_LOAD) {
          each.need(Extensions.LOAD_BYTES);
          load = new ServerLoad(each.u32(), each.u32());
        } else if (id == Extensions.RESPONSE_PASSED_ON && !status.isOk()) {
          status = status.asPassedOn();
        }
      }
    }
    if (1 + in.readerIndex() - start > Wire.MAX_HEAD_BYTES) {
      throw new ProtocolViolation("head of more than " + Wire.MAX_HEAD_BYTES + " bytes");
    }
    boolean notStarted = (fields & Wire.RESPONSE_NOT_STARTED) != 0;
    if (!status.isOk()) {
      status = status.asRemote().withStarted(notStarted ? Status.Started.NO : Status.Started.YES);
    }
    return new ResponseHead(status, headers, trailers, route, load);
  }

  private static Status waiting(Status status, long millis) {
    return status.isOk() ? status : status.withRetryAfter(Duration.ofMillis(millis));
  }

  /**
   * Reads the head of a frame after its fields byte; the reader index is then at the data part.
   *
   * @throws ProtocolViolation if it is malformed, or has what only the last frame may have
   */
  static ResponseHead read(int kind, int fields, ByteBuf in, int end) {
    if ((kind & Wire.END) == 0 && (fields & WITH_STATUS) != 0) {
      throw new ProtocolViolation("a RESPONSE without END that has a status or what goes with one");
    }
    try {
      return read(fields, in, end);
    } catch (RpcException e) {
      throw new ProtocolViolation("response with bad metadata: " + e.status().message());
    }
  }

  /** How long the data part of a response is that nobody waits for any more. */
  static int dataBytes(int kind, int fields, ByteBuf in, int end) {
    ResponseHead unused = read(kind, fields, in, end);
    return end - in.readerIndex();
  }

  static void write(
      ByteBuf out,
      Status status,
      Metadata headers,
      Metadata trailers,
      int route,
      @Nullable ServerLoad load) {
    int fields = 0;
    boolean failed = !status.isOk();
    byte[] details = failed ? status.details() : NO_DETAILS;
    fields |= failed ? Wire.RESPONSE_STATUS : 0;
    fields |= details.length > 0 ? Wire.RESPONSE_DETAILS : 0;
    fields |= headers.isEmpty() ? 0 : Wire.RESPONSE_HEADERS;
    fields |= trailers.isEmpty() ? 0 : Wire.RESPONSE_TRAILERS;
    fields |= failed && status.started() == Status.Started.NO ? Wire.RESPONSE_NOT_STARTED : 0;
    fields |= route == 0 ? 0 : Wire.RESPONSE_ROUTE;
    Duration wait = failed ? status.retryAfter() : null;
    fields |= wait == null ? 0 : Wire.RESPONSE_RETRY_AFTER;
    boolean passedOn = failed && status.isPassedOn();
    fields |= passedOn || load != null ? Wire.EXTENSION : 0;
    out.writeByte(fields);
    if (failed) {
      byte[] text = status.message().getBytes(java.nio.charset.StandardCharsets.UTF_8);
      out.writeByte(status.code().number()).writeShort(text.length).writeBytes(text);
    }
    if (details.length > 0) {
      out.writeShort(details.length).writeBytes(details);
    }
    writeBlock(out, headers);
    writeBlock(out, trailers);
    if (route != 0) {
      out.writeShort(route);
    }
    if (wait != null) {
      out.writeInt((int) wait.toMillis());
    }
    writeExtensions(out, passedOn, load);
  }

  private static void writeExtensions(ByteBuf out, boolean passedOn, @Nullable ServerLoad load) {
    int bytes =
        (load == null ? 0 : Extensions.ENTRY_BYTES + Extensions.LOAD_BYTES)
            + (passedOn ? Extensions.ENTRY_BYTES : 0);
    if (bytes == 0) {
      return;
    }
    out.writeShort(bytes);
    if (load != null) {
      Extensions.begin(out, Extensions.RESPONSE_LOAD, Extensions.LOAD_BYTES);
      out.writeInt((int) load.startDelayMicros()).writeInt((int) load.callsInFlight());
    }
    if (passedOn) {
      Extensions.begin(out, Extensions.RESPONSE_PASSED_ON, 0);
    }
  }

  /** The most bytes {@link #write} takes. */
  static int most(Status status, Metadata headers, Metadata trailers) {
    int failed =
        status.isOk() ? 0 : 5 + ByteBufUtil.utf8Bytes(status.message()) + status.details().length;
    return FIXED_BYTES + failed + headers.encodedBytes() + trailers.encodedBytes();
  }

  private static void writeBlock(ByteBuf out, Metadata metadata) {
    if (!metadata.isEmpty()) {
      out.writeShort(metadata.encodedBytes());
      MetadataBlock.write(metadata, out);
    }
  }

  private static Metadata block(ByteBuf in, int end) {
    int length = length(in, end, "metadata");
    return MetadataBlock.read(in, in.readerIndex() + length);
  }

  private static int length(ByteBuf in, int end, String field) {
    Payload.need(in, end, Short.BYTES, field);
    int length = in.readUnsignedShort();
    Payload.need(in, end, length, field);
    return length;
  }
}
