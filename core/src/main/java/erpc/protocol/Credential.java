package erpc.protocol;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;

/**
 * What a client has shown of itself on a connection: the last AUTH frame. Immutable.
 *
 * @param scheme how to read it, {@code bearer} for a token
 * @param value the credential, a secret
 */
public record Credential(String scheme, String value) {
  /** Nothing was shown. */
  public static final Credential NONE = new Credential("", "");

  /** Reads the payload of an AUTH frame. */
  static Credential read(ByteBuf in, int end) {
    Payload.need(in, end, 1, "scheme");
    int schemeBytes = in.readUnsignedByte();
    Payload.need(in, end, schemeBytes + Short.BYTES, "scheme");
    String scheme = in.readCharSequence(schemeBytes, StandardCharsets.US_ASCII).toString();
    int bytes = in.readUnsignedShort();
    if (bytes > Wire.MAX_CREDENTIAL_BYTES) {
      throw new ProtocolViolation(
          "credential of " + bytes + " bytes passes the limit of " + Wire.MAX_CREDENTIAL_BYTES);
    }
    Payload.need(in, end, bytes, "credential");
    if (scheme.isEmpty()) {
      throw new ProtocolViolation("AUTH without a scheme");
    }
    return new Credential(scheme, in.readCharSequence(bytes, StandardCharsets.UTF_8).toString());
  }

  /** The scheme alone: the value is a secret. */
  @Override
  public String toString() {
    return "Credential[" + scheme + "]";
  }
}
