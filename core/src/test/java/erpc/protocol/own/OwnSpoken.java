package erpc.protocol.own;

import erpc.protocol.Protocol;
import erpc.protocol.Spoken;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** What clients of erpc's own protocol say. */
public final class OwnSpoken implements Spoken {
  private static final int PART_BYTES = 60_000;

  @Override
  public Protocol protocol() {
    return ErpcProtocol.INSTANCE;
  }

  @Override
  public byte[] hello() {
    return Frames.GREETING;
  }

  @Override
  public byte[] call(int id, String method, int timeoutMillis, int encoding, byte[] message) {
    byte[] head = Frames.head(method, timeoutMillis);
    if (message.length <= PART_BYTES) {
      return Frames.frame(
          Wire.REQUEST | Wire.END, id, Frames.concat(head, new byte[] {(byte) encoding}, message));
    }
    byte[] opening = Frames.concat(new byte[] {(byte) encoding}, Frames.u32(message.length));
    byte[] all = Frames.frame(Wire.REQUEST | Wire.MORE, id, Frames.concat(head, opening));
    for (int at = 0; at < message.length; at += PART_BYTES) {
      int end = Math.min(at + PART_BYTES, message.length);
      int flag = end == message.length ? Wire.END : Wire.MORE;
      all = Frames.concat(all, Frames.data(flag, id, Arrays.copyOfRange(message, at, end)));
    }
    return all;
  }

  @Override
  public byte[] ping() {
    return Frames.frame(Wire.PING, 0, new byte[8]);
  }

  @Override
  public List<byte[]> conversation() {
    return List.of(
        Frames.PREFACE,
        Frames.frame(Wire.SETTINGS, 0),
        ping(),
        Frames.request(1, "demo.bytes", (byte) 'h', (byte) 'i'),
        Frames.opening(2, "demo.bytes", 3, (byte) 'y'),
        Frames.data(Wire.END, 2, (byte) 'o', (byte) 'u'));
  }

  @Override
  public List<Integer> callsAreWholeAfter() {
    return List.of(3, 5);
  }

  @Override
  public byte[] broken(Random random) {
    byte[] bytes = new byte[2_000];
    random.nextBytes(bytes);
    bytes[0] = (byte) (bytes[0] | 0x80); // A length over the limit.
    return bytes;
  }

  @Override
  public Answer answer(InputStream in) throws IOException {
    while (true) {
      byte[] start = in.readNBytes(4);
      if (Arrays.equals(start, Frames.PREFACE)) {
        continue;
      }
      byte[] header = Frames.concat(start, in.readNBytes(4));
      if (header.length < Wire.HEADER_BYTES) {
        throw new IOException("the server closed without an answer");
      }
      byte[] payload = in.readNBytes(ByteBuffer.wrap(header).getInt() >>> 8);
      Frames.Frame frame = Frames.parse(Frames.concat(header, payload)).get(0);
      if (frame.type() == Wire.RESPONSE) {
        return new Answer(frame.stream(), frame.code(), frame.isNotStarted(), frame.payload());
      }
    }
  }

  @Override
  public @Nullable String goodbye(byte[] sent) {
    List<Frames.Frame> frames = Frames.parse(sent);
    Frames.Frame last = frames.isEmpty() ? null : frames.get(frames.size() - 1);
    return last == null || last.type() != Wire.GOAWAY
        ? null
        : new String(last.payload(), StandardCharsets.UTF_8);
  }
}
