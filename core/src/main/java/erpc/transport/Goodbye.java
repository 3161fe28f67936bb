package erpc.transport;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;

/** Last words to a peer that speaks something else, in its own language if it is a known one. */
final class Goodbye {
  private static final byte[] NOTHING = {};

  private static final byte[] HTTP1 =
      ("HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nContent-Length: 43\r\nConnection: close\r\n\r\n"
              + "This port speaks erpc, not HTTP/1. Goodbye.")
          .getBytes(StandardCharsets.US_ASCII);

  /**
   * SETTINGS without content, then GOAWAY with HTTP_1_1_REQUIRED's neighbour PROTOCOL_ERROR; RFC
   * 9113, 6.5 and 6.8.
   */
  private static final byte[] HTTP2 = {
    0, 0, 0, 4, 0, 0, 0, 0, 0, //
    0, 0, 8, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1
  };

  /** A fatal alert, handshake_failure; RFC 8446, 6. */
  private static final byte[] TLS = {0x15, 3, 1, 0, 2, 2, 40};

  private static final byte TLS_HANDSHAKE = 0x16;
  private static final byte[] HTTP2_PREFACE = "PRI * HTTP/2".getBytes(StandardCharsets.US_ASCII);
  private static final int LONGEST_HTTP_VERB = 8;

  private Goodbye() {}

  static byte[] to(ByteBuf first) {
    if (isTls(first)) {
      return TLS;
    }
    if (startsWith(first, HTTP2_PREFACE)) {
      return HTTP2;
    }
    return isHttp1(first) ? HTTP1 : NOTHING;
  }

  /** Whether it begins like a client's hello in TLS. */
  static boolean isTls(ByteBuf first) {
    return first.isReadable() && first.getByte(first.readerIndex()) == TLS_HANDSHAKE;
  }

  private static boolean startsWith(ByteBuf first, byte[] prefix) {
    if (first.readableBytes() < prefix.length) {
      return false;
    }
    for (int i = 0; i < prefix.length; i++) {
      if (first.getByte(first.readerIndex() + i) != prefix[i]) {
        return false;
      }
    }
    return true;
  }

  /** An upper-case word and a space, as every request begins, CONNECT included. */
  private static boolean isHttp1(ByteBuf first) {
    int length = Math.min(first.readableBytes() - 1, LONGEST_HTTP_VERB);
    for (int i = 0; i < length; i++) {
      byte b = first.getByte(first.readerIndex() + i);
      if (b == ' ' && i > 0) {
        byte next = first.getByte(first.readerIndex() + i + 1);
        return next > ' ' && next < 0x7f;
      }
      if (b < 'A' || b > 'Z') {
        return false;
      }
    }
    return false;
  }
}
