package erpc.protocol.own;

import erpc.call.BodyType;
import erpc.codec.Codec;
import erpc.codec.Codecs;
import erpc.codec.MessageBytes;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;

/** Frames as bytes, written and read apart from the code under test. */
final class Frames {
  /** Not looked through for leaks: few tests read the last of what was sent. */
  static final ByteBufAllocator UNCOUNTED = new UnpooledByteBufAllocator(true, true);

  static final byte[] PREFACE = hex("3bef5c01");
  static final byte[] GREETING = concat(PREFACE, frame(Wire.SETTINGS, 0));
  static final int SECOND = 1_000;

  /** One frame as it stands on the wire. */
  record Frame(int kind, int stream, byte[] payload) {
    int type() {
      return kind & 0x0f;
    }

    boolean has(int flag) {
      return (kind & flag) != 0;
    }

    ByteBuf in() {
      return Unpooled.wrappedBuffer(payload);
    }

    /** The status code of a RESPONSE; 0 if it has none. */
    int code() {
      return (payload[0] & Wire.RESPONSE_STATUS) == 0 ? 0 : payload[1];
    }

    boolean isNotStarted() {
      return (payload[0] & Wire.RESPONSE_NOT_STARTED) != 0;
    }
  }

  private Frames() {}

  static byte[] hex(String text) {
    return HexFormat.of().parseHex(text.replaceAll("\\s", ""));
  }

  static byte[] concat(byte[]... parts) {
    ByteBuf out = Unpooled.buffer();
    for (byte[] part : parts) {
      out.writeBytes(part);
    }
    return bytes(out);
  }

  static byte[] bytes(ByteBuf in) {
    byte[] bytes = new byte[in.readableBytes()];
    in.readBytes(bytes);
    return bytes;
  }

  static byte[] frame(int kind, int stream, byte... payload) {
    ByteBuf out = Unpooled.buffer();
    out.writeMedium(payload.length).writeByte(kind).writeInt(stream).writeBytes(payload);
    return bytes(out);
  }

  static byte[] u16(int value) {
    return new byte[] {(byte) (value >>> 8), (byte) value};
  }

  static byte[] u32(long value) {
    return concat(u16((int) (value >>> 16)), u16((int) value));
  }

  static byte[] text(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  static byte[] named(String name) {
    return concat(new byte[] {(byte) name.length()}, name.getBytes(StandardCharsets.ISO_8859_1));
  }

  /** A head with a name and a timeout of ten seconds. */
  static byte[] head(String name) {
    return concat(
        new byte[] {Wire.REQUEST_NAME | Wire.REQUEST_TIMEOUT}, named(name), u32(10 * SECOND));
  }

  static byte[] head(String name, int timeoutMillis) {
    return concat(
        new byte[] {Wire.REQUEST_NAME | Wire.REQUEST_TIMEOUT}, named(name), u32(timeoutMillis));
  }

  static byte[] head(String name, byte[] metadata) {
    byte fields = Wire.REQUEST_NAME | Wire.REQUEST_TIMEOUT | Wire.REQUEST_METADATA;
    return concat(
        new byte[] {fields}, named(name), u32(10 * SECOND), u16(metadata.length), metadata);
  }

  /** So many bytes of extensions that nobody knows. */
  static byte[] extensions(int bytes) {
    byte[] all = new byte[bytes]; // Each an id of 0 and a length of 0,
    all[bytes - 2] = (byte) (bytes % 2); // but the last one.
    return all;
  }

  static byte[] entry(String key, byte... value) {
    return concat(named(key), u16(value.length), value);
  }

  /** A unary call in one frame, with the raw bytes as its message. */
  static byte[] request(int stream, String name, byte... message) {
    return frame(Wire.REQUEST | Wire.END, stream, concat(head(name), new byte[] {5}, message));
  }

  /** The whole answer to a unary call, with the raw bytes as its message. */
  static byte[] ok(int stream, byte... message) {
    return frame(Wire.RESPONSE | Wire.END, stream, concat(new byte[] {0, 5}, message));
  }

  /** The first frame of a message of this many bytes. */
  static byte[] opening(int stream, String name, long total, byte... first) {
    return frame(
        Wire.REQUEST | Wire.MORE, stream, concat(head(name), new byte[] {5}, u32(total), first));
  }

  /** A message of a stream, to be sent by its {@link Outbox}. */
  static MessageBytes message(byte... bytes) {
    Codec plain = Objects.requireNonNull(Codecs.standard().byName("binary"));
    return MessageBytes.encode(BodyType.of(byte[].class), bytes, plain, null, 4 << 20);
  }

  static byte[] data(int flags, int stream, byte... part) {
    return frame(Wire.DATA | flags, stream, part);
  }

  static byte[] credit(int stream, long amount) {
    return frame(Wire.CREDIT, stream, u32(amount));
  }

  static byte[] reset(int stream, int code) {
    return frame(Wire.RESET, stream, (byte) code);
  }

  /** Reads frames, and skips a preface before them. */
  static List<Frame> parse(byte[] bytes) {
    ByteBuf in = Unpooled.wrappedBuffer(bytes);
    List<Frame> frames = new ArrayList<>();
    if (in.readableBytes() >= 4 && in.getInt(0) == Wire.PREFACE) {
      in.skipBytes(4);
    }
    while (in.isReadable()) {
      int length = in.readUnsignedMedium();
      int kind = in.readUnsignedByte();
      int stream = in.readInt();
      byte[] payload = new byte[length];
      in.readBytes(payload);
      frames.add(new Frame(kind, stream, payload));
    }
    return frames;
  }
}
