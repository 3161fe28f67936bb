package erpc.lines;

import erpc.protocol.Protocol;
import erpc.protocol.Spoken;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** What clients of the protocol of lines say. */
public final class LinesSpoken implements Spoken {
  private static byte[] line(Object... words) {
    return Words.line(words);
  }

  @Override
  public Protocol protocol() {
    return LineProtocol.INSTANCE;
  }

  @Override
  public byte[] hello() {
    return line(Words.HELLO);
  }

  @Override
  public byte[] call(int id, String method, int timeoutMillis, int encoding, byte[] message) {
    return Spoken.together(
        List.of(
            line("CALL", id, Words.text(method), timeoutMillis, "-", "-"),
            Words.message(id, encoding, message, message.length)));
  }

  @Override
  public byte[] ping() {
    return line("PING", "x");
  }

  @Override
  public List<byte[]> conversation() {
    return List.of(
        hello(),
        ping(),
        line("CALL", 1, "demo.bytes", 10_000, "-", "-"),
        Words.message(1, 5, new byte[] {'h', 'i'}, 2),
        line("CALL", 2, "demo.bytes", 10_000, "-", "-"),
        Words.message(2, 5, new byte[] {'y', 'o', 'u'}, 3));
  }

  @Override
  public List<Integer> callsAreWholeAfter() {
    return List.of(3, 5);
  }

  @Override
  public byte[] broken(Random random) {
    byte[] bytes = new byte[2_000];
    random.nextBytes(bytes);
    bytes[random.nextInt(100)] = '\n';
    return bytes;
  }

  @Override
  public Answer answer(InputStream in) throws IOException {
    byte[] message = {};
    while (true) {
      Words line = Words.of(next(in));
      if (line.kind().equals("SAY")) {
        message = line.bytes(3);
      } else if (line.kind().equals("DONE")) {
        boolean notStarted = line.text(3).equals("NO");
        return new Answer(line.number(1), line.number(2), notStarted, message);
      }
    }
  }

  private static String next(InputStream in) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int b = in.read(); b != '\n'; b = in.read()) {
      if (b < 0) {
        throw new IOException("the server closed without an answer");
      }
      line.write(b);
    }
    return line.toString(StandardCharsets.US_ASCII);
  }

  @Override
  public @Nullable String goodbye(byte[] sent) {
    List<String> lines = new String(sent, StandardCharsets.US_ASCII).lines().toList();
    String last = lines.isEmpty() ? "" : lines.get(lines.size() - 1);
    return last.startsWith("BYE ") ? Words.of(last).text(3) : null;
  }
}
