package erpc.protocol.own;

import static org.assertj.core.api.Assertions.assertThat;

import erpc.protocol.RouteName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The example at the end of docs/protocol.md, played as it stands there. */
class DocumentedExampleTest {
  private static final Path DOCUMENT =
      Path.of(System.getProperty("basedir", "."), "..", "docs", "protocol.md");
  private static final Pattern LINE =
      Pattern.compile("(client|server)?\\s+((?:[0-9a-f]{2} )*[0-9a-f]{2})(?:  .*)?");

  /** What one side says until the other does. */
  private record Turn(String side, List<byte[]> parts) {
    byte[] bytes() {
      return Frames.concat(parts.toArray(byte[][]::new));
    }
  }

  private static List<Turn> turns() throws IOException {
    String text = Files.readString(DOCUMENT);
    String example = text.substring(text.indexOf("\n## Example"));
    int start = example.indexOf("```") + 3;
    String block = example.substring(start, example.indexOf("```", start));
    List<Turn> turns = new ArrayList<>();
    for (String line : block.strip().lines().toList()) {
      Matcher matcher = LINE.matcher(line);
      assertThat(matcher.matches()).as(line).isTrue();
      if (matcher.group(1) != null) {
        turns.add(new Turn(matcher.group(1), new ArrayList<>()));
      }
      turns.get(turns.size() - 1).parts.add(Frames.hex(matcher.group(2)));
    }
    return turns;
  }

  @Test
  void theServerSaysWhatTheDocumentSays() throws IOException {
    List<Turn> turns = turns();
    assertThat(turns).hasSize(4);
    TestServer server = new TestServer();
    byte[] greeting = server.sentBytes();
    for (int i = 0; i < turns.size(); i += 2) {
      assertThat(turns.get(i).side).isEqualTo("client");
      server.receive(turns.get(i).bytes());
      byte[] sent = Frames.concat(i == 0 ? greeting : new byte[0], server.sentBytes());
      assertThat(turns.get(i + 1).side).isEqualTo("server");
      assertThat(HexFormat.of().formatHex(sent))
          .isEqualTo(HexFormat.of().formatHex(turns.get(i + 1).bytes()));
    }
    assertThat(server.calls).hasSize(2);
    assertThat(server.calls.get(0).name).isEqualTo("demo.echo");
    assertThat(server.calls.get(1).number).isOne();
    assertThat(server.calls)
        .allSatisfy(call -> assertThat(call.messages.get(0)).isEqualTo(Frames.hex("0a026869")))
        .allSatisfy(call -> assertThat(call.timeoutNanos).isEqualTo(1_000_000_000L));
    server.channel.finishAndReleaseAll();
  }

  @Test
  void aClientSaysTheSameButForItsClock() throws IOException {
    List<Turn> turns = turns();
    TestClient client = new TestClient();
    List<Frames.Frame> documented = new ArrayList<>(Frames.parse(turns.get(0).bytes()));
    documented.addAll(Frames.parse(turns.get(2).bytes()));
    RouteName echo = new RouteName("demo.echo", 0);
    byte[] greeting = client.sentBytes();
    assertThat(greeting).startsWith(Frames.PREFACE);
    for (int i = 0; i < 2; i++) {
      client.start(echo, erpc.call.Metadata.EMPTY, null, false, Frames.hex("0a026869"));
      Frames.Frame sent = client.sent().get(0);
      Frames.Frame expected = documented.get(1 + i);
      assertThat(sent.kind()).isEqualTo(expected.kind());
      assertThat(sent.stream()).isEqualTo(expected.stream());
      assertThat(afterTick(sent)).isEqualTo(afterTick(expected));
      client.receive(turns.get(2 * i + 1).bytes());
    }
    client.channel.finishAndReleaseAll();
  }

  /** The bytes behind the tick, with the codec of the test's client in the place of any other. */
  private static byte[] afterTick(Frames.Frame frame) {
    byte[] bytes = Frames.bytes(frame.in().skipBytes(Wire.TICK_BYTES));
    bytes[bytes.length - 5] = 5;
    return bytes;
  }
}
