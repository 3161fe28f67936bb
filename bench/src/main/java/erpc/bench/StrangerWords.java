package erpc.bench;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.GZIPOutputStream;

/** What {@link Strangers} say: bytes of erpc's protocol, whole and not. Not thread-safe. */
final class StrangerWords {
  private static final byte[] PREFACE = {0x3b, (byte) 0xef, 0x5c, 1};
  private static final byte[] SETTINGS = {0, 0, 0, 8, 0, 0, 0, 0};
  private static final byte[] HTTP_GET =
      "GET / HTTP/1.1\r\nHost: here\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] NAME = "bench.echo".getBytes(StandardCharsets.US_ASCII);

  private static final int HEADER_BYTES = 8;
  private static final int LONGEST_FRAME = 81_900;
  private static final int REQUEST = 2;
  private static final int END = 0x80;
  private static final int MORE = 0x20;

  /** The longest timeout there is. */
  private static final int FOR_LONG = -1;

  private static final int DEAF_CALLS = 200;
  private static final int DEAF_BYTES = 4_000;
  private static final int HALF_MESSAGES = 20;
  private static final int WITHOUT_MESSAGE = 1_000;
  private static final int BOMB_BYTES = 4_000_000;
  private static final int FRAMES = 1_000;

  private final Random random = new Random(1);
  private final byte[] bomb = bomb();

  /** All that a stranger of this kind says at once. */
  byte[] of(Strangers.Kind kind) {
    byte[] call = call(1, 100);
    return switch (kind) {
      case NOISE -> noise(1 + random.nextInt(2_000));
      case HALF_A_PREFACE -> Arrays.copyOf(PREFACE, 1 + random.nextInt(3));
      case TRUNCATED -> greeting(Arrays.copyOf(call, random.nextInt(call.length)));
      case SILENT, GONE_AT_ONCE -> new byte[0];
      case HTTP -> HTTP_GET;
      case DEAF -> greeting(deaf());
      case NOISE_AFTER_A_GREETING -> greeting(noise(500));
      case HALF_OPEN -> greeting(new byte[0]);
      case DRIPPING -> greeting(call);
      case HALF_A_FRAME -> greeting(halfFrame());
      case HALF_A_MESSAGE -> greeting(halfMessages());
      case NO_MESSAGE -> greeting(withoutMessages());
      case BOMB -> greeting(bomb);
      case RESETS, PINGS, CREDITS, CALLS -> greeting(more(kind, 1));
    };
  }

  /** What a stranger of this kind goes on with as long as it can; nothing if it is done. */
  byte[] more(Strangers.Kind kind, int firstId) {
    ByteBuffer out = ByteBuffer.allocate(FRAMES * 64);
    for (int i = 0; i < FRAMES; i++) {
      switch (kind) {
        case RESETS -> out.put(call(firstId + i, 4)).put(frame(6, firstId + i, new byte[] {1}));
        case CALLS -> out.put(call(firstId + i, 4));
        case PINGS -> out.put(frame(0, 0, new byte[8]));
        case CREDITS -> out.put(frame(5, 0, new byte[] {0, 0, 0, 1}));
        default -> {
          return new byte[0];
        }
      }
    }
    return Arrays.copyOf(out.array(), out.position());
  }

  /** How many streams {@link #more} opens. */
  static int streams() {
    return FRAMES;
  }

  private byte[] deaf() {
    ByteBuffer calls = ByteBuffer.allocate(DEAF_CALLS * call(1, DEAF_BYTES).length);
    for (int id = 1; id <= DEAF_CALLS; id++) {
      calls.put(call(id, DEAF_BYTES));
    }
    return calls.array();
  }

  private static byte[] halfFrame() {
    ByteBuffer out = ByteBuffer.allocate(LONGEST_FRAME - 10_000);
    out.putInt(LONGEST_FRAME << 8 | END | REQUEST).putInt(1);
    return out.array();
  }

  private static byte[] halfMessages() {
    byte[] head = head();
    int length = head.length + 5 + 60_000;
    ByteBuffer out = ByteBuffer.allocate(HALF_MESSAGES * (HEADER_BYTES + length));
    for (int id = 1; id <= HALF_MESSAGES; id++) {
      out.putInt(length << 8 | MORE | REQUEST).putInt(id).put(head);
      out.put((byte) 1).putInt(4 << 20).put(new byte[60_000]);
    }
    return out.array();
  }

  private static byte[] withoutMessages() {
    byte[] head = head();
    ByteBuffer out = ByteBuffer.allocate(WITHOUT_MESSAGE * (HEADER_BYTES + head.length));
    for (int id = 1; id <= WITHOUT_MESSAGE; id++) {
      out.put(frame(REQUEST, id, head));
    }
    return out.array();
  }

  private static byte[] head() {
    return ByteBuffer.allocate(2 + NAME.length + 4)
        .put((byte) 3)
        .put((byte) NAME.length)
        .put(NAME)
        .putInt(FOR_LONG)
        .array();
  }

  /** A call of a few thousand bytes that become four million. */
  private static byte[] bomb() {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
      gzip.write(message(BOMB_BYTES));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    byte[] head = head();
    return frame(
        END | REQUEST,
        1,
        ByteBuffer.allocate(head.length + 1 + packed.size())
            .put(head)
            .put((byte) 0x11)
            .put(packed.toByteArray())
            .array());
  }

  /** Bytes in field 3, which is what the echo has. */
  private static byte[] message(int bytes) {
    ByteBuffer out = ByteBuffer.allocate(bytes + 8).put((byte) 0x1a);
    int left = bytes;
    while (left >= 0x80) {
      out.put((byte) (left | 0x80));
      left >>>= 7;
    }
    out.put((byte) left);
    return Arrays.copyOf(out.array(), out.position() + bytes);
  }

  private byte[] noise(int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  private static byte[] greeting(byte[] then) {
    return ByteBuffer.allocate(PREFACE.length + SETTINGS.length + then.length)
        .put(PREFACE)
        .put(SETTINGS)
        .put(then)
        .array();
  }

  private static byte[] frame(int kind, int stream, byte[] payload) {
    return ByteBuffer.allocate(HEADER_BYTES + payload.length)
        .putInt(payload.length << 8 | kind)
        .putInt(stream)
        .put(payload)
        .array();
  }

  private static byte[] call(int id, int bytes) {
    byte[] message = message(bytes);
    ByteBuffer out = ByteBuffer.allocate(1 + 1 + NAME.length + 4 + 1 + message.length);
    out.put((byte) 3).put((byte) NAME.length).put(NAME).putInt(10_000).put((byte) 1).put(message);
    return frame(END | REQUEST, id, out.array());
  }
}
