package erpc.protocol.own;

/** Numbers of the wire, as in docs/protocol.md; names there and here are the same. */
final class Wire {
  static final int MAGIC = 0x3bef5c;
  static final int VERSION = 1;
  static final int PREFACE_BYTES = 4;
  static final int PREFACE = MAGIC << 8 | VERSION;

  static final int HEADER_BYTES = 8;
  static final int STREAM_OFFSET = 4;
  static final int TICK_BYTES = 4;

  /** The longest payload of a frame, tick included. */
  static final int MAX_PAYLOAD_BYTES = 81_920;

  /** The longest data part of a frame. */
  static final int MAX_DATA_BYTES = 65_536;

  /**
   * The longest data part that is sent here. What a read cuts in two is copied, so frames should be
   * much smaller than what is read at once; with its head it fits twice into what is written at
   * once.
   */
  static final int SENT_DATA_BYTES = 16 * 1024 - 256;

  /** The longest head of a REQUEST or RESPONSE. */
  static final int MAX_HEAD_BYTES = 16_384;

  static final int ENCODING_BYTES = 1;
  static final int TOTAL_BYTES = 4;
  static final int TRACE_BYTES = 25;
  static final int PING_BYTES = 8;
  static final int SETTING_BYTES = 6;

  static final int PING = 0;
  static final int AUTH = 1;
  static final int REQUEST = 2;
  static final int RESPONSE = 3;
  static final int DATA = 4;
  static final int CREDIT = 5;
  static final int RESET = 6;
  static final int GOAWAY = 7;
  static final int SETTINGS = 8;

  static final int TYPE_MASK = 0x0f;
  static final int END = 0x80;
  static final int TICK = 0x40;
  static final int MORE = 0x20;
  static final int ACK = 0x10;

  static final int REQUEST_NAME = 0x01;
  static final int REQUEST_TIMEOUT = 0x02;
  static final int REQUEST_TRACE = 0x04;
  static final int REQUEST_METADATA = 0x08;
  static final int REQUEST_ONEWAY = 0x10;
  static final int REQUEST_RETRIED = 0x20;
  static final int REQUEST_RESERVED = 0x40;
  static final int EXTENSION = 0x80;

  static final int RESPONSE_STATUS = 0x01;
  static final int RESPONSE_DETAILS = 0x02;
  static final int RESPONSE_HEADERS = 0x04;
  static final int RESPONSE_TRAILERS = 0x08;
  static final int RESPONSE_NOT_STARTED = 0x10;
  static final int RESPONSE_ROUTE = 0x20;
  static final int RESPONSE_RETRY_AFTER = 0x40;

  static final int SETTING_MAX_MESSAGE = 1;
  static final int SETTING_STREAM_WINDOW = 2;
  static final int SETTING_MAX_STREAMS = 3;

  /** Credit a sender starts with on each stream unless the receiver's settings raise it. */
  static final int STREAM_WINDOW = 262_144;

  /** Credit a sender starts with on the connection. */
  static final int CONNECTION_WINDOW = 8_388_608;

  /** Route numbers are 1 to this. */
  static final int MAX_ROUTES = 4_096;

  /** The longest credential of a connection. */
  static final int MAX_CREDENTIAL_BYTES = 8 * 1024;

  static final String BEARER = "bearer";

  private Wire() {}

  /** A frame's header as one number. */
  static long header(int kind, int stream, int payloadBytes) {
    return (((long) payloadBytes << 8) | kind) << Integer.SIZE | (stream & 0xffff_ffffL);
  }

  /** The payload's length in a header. */
  static int payloadBytes(long header) {
    return (int) (header >>> (Integer.SIZE + Byte.SIZE));
  }
}
