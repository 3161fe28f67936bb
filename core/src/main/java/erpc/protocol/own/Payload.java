package erpc.protocol.own;

import erpc.call.Printable;
import erpc.protocol.Credential;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;

/** Checks and fields that payloads of several types of frames have in common. */
final class Payload {
  private Payload() {}

  /**
   * How long the payload of a frame is.
   *
   * @param word the first four bytes of its header
   * @throws ProtocolViolation if it is longer than a payload may be
   */
  static int length(int word) {
    int length = word >>> 8;
    if (length > Wire.MAX_PAYLOAD_BYTES) {
      throw new ProtocolViolation(
          "frame of " + length + " bytes passes the limit of " + Wire.MAX_PAYLOAD_BYTES);
    }
    return length;
  }

  /**
   * Checks that so many bytes of a frame are left.
   *
   * @throws ProtocolViolation naming the field if they aren't
   */
  static void need(ByteBuf in, int end, int bytes, String field) {
    if (end - in.readerIndex() < bytes) {
      throw new ProtocolViolation("a frame ends inside its " + field);
    }
  }

  /**
   * Checks the payload of a GOAWAY that is not looked at any further.
   *
   * @throws ProtocolViolation if it is shorter than its fields
   */
  static void checkGoAway(ByteBuf in, int end) {
    need(in, end, Integer.BYTES + 1, "GOAWAY");
    String unused = text(in.skipBytes(Integer.BYTES + 1), end);
  }

  /** Text of a GOAWAY or RESPONSE: {@code u16} length and UTF-8. */
  static String text(ByteBuf in, int end) {
    need(in, end, Short.BYTES, "text");
    int length = in.readUnsignedShort();
    need(in, end, length, "text");
    return Printable.of(in.readCharSequence(length, StandardCharsets.UTF_8).toString());
  }

  /** The payload of an AUTH frame. */
  static Credential credential(ByteBuf in, int end) {
    need(in, end, 1, "scheme");
    int schemeBytes = in.readUnsignedByte();
    need(in, end, schemeBytes + Short.BYTES, "scheme");
    String scheme = in.readCharSequence(schemeBytes, StandardCharsets.US_ASCII).toString();
    int bytes = in.readUnsignedShort();
    if (bytes > Wire.MAX_CREDENTIAL_BYTES) {
      throw new ProtocolViolation(
          "credential of " + bytes + " bytes passes the limit of " + Wire.MAX_CREDENTIAL_BYTES);
    }
    need(in, end, bytes, "credential");
    if (scheme.isEmpty()) {
      throw new ProtocolViolation("AUTH without a scheme");
    }
    return new Credential(scheme, in.readCharSequence(bytes, StandardCharsets.UTF_8).toString());
  }
}
