package erpc.protocol.own;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** The bearer token that a client shows on a connection. Belongs to the connection's event loop. */
final class ShownToken {
  private static final byte[] SCHEME = Wire.BEARER.getBytes(StandardCharsets.US_ASCII);

  private byte @Nullable [] token;

  /**
   * A token's bytes. Any thread.
   *
   * @throws IllegalArgumentException if it is longer than a frame of credentials may be
   */
  static byte[] bytes(String token) {
    byte[] bytes = token.getBytes(StandardCharsets.UTF_8);
    if (bytes.length > Wire.MAX_CREDENTIAL_BYTES) {
      throw new IllegalArgumentException(
          "a token of " + bytes.length + " bytes passes the limit of " + Wire.MAX_CREDENTIAL_BYTES);
    }
    return bytes;
  }

  void set(byte[] bytes) {
    token = bytes;
  }

  /** Writes it, if there is one. */
  void write(FrameWriter writer) {
    byte[] shown = token;
    if (shown != null) {
      ByteBuf out = writer.begin(Wire.AUTH, 0, 3 + SCHEME.length + shown.length);
      out.writeByte(SCHEME.length).writeBytes(SCHEME).writeShort(shown.length).writeBytes(shown);
      writer.end(out);
    }
  }
}
