package erpc.protocol.own;

import static erpc.protocol.own.Frames.frame;
import static erpc.protocol.own.Frames.request;
import static org.assertj.core.api.Assertions.assertThat;

import erpc.protocol.ConnectionSettings;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Silent peers, half-open peers, peers that read nothing; on a clock that is moved by hand. */
class HeartbeatTest {
  private static final ConnectionSettings QUICK =
      ConnectionSettings.DEFAULTS.withKeepalive(Duration.ofSeconds(2), Duration.ofSeconds(1));

  private static byte[] pong() {
    return frame(Wire.PING | Wire.ACK, 0, new byte[8]);
  }

  private static List<Frames.Frame> pings(List<Frames.Frame> frames) {
    return frames.stream().filter(f -> f.kind() == Wire.PING).toList();
  }

  @Test
  void asksAfterTheIntervalAndClosesAfterTheTimeout() {
    TestServer server = TestServer.greeted();
    server.advance(Duration.ofMillis(9_999));
    assertThat(server.sent()).isEmpty();
    server.advance(Duration.ofMillis(1));
    assertThat(pings(server.sent())).hasSize(1);
    server.advance(Duration.ofMillis(4_500));
    server.advance(Duration.ofMillis(499));
    assertThat(server.isOpen()).isTrue();
    server.advance(Duration.ofMillis(1));
    assertThat(server.isOpen()).isFalse();
    assertThat(server.ended()).contains("silent for 15000 ms").contains("keepalive");
    server.channel.finishAndReleaseAll();
  }

  @Test
  void keepsAPeerThatAnswers() {
    TestServer server = TestServer.greeted();
    int asked = 0;
    for (int i = 0; i < 100; i++) {
      server.advance(Duration.ofSeconds(1));
      List<Frames.Frame> pings = pings(server.sent());
      if (!pings.isEmpty()) {
        asked++;
        server.receive(pong());
      }
    }
    assertThat(server.isOpen()).isTrue();
    assertThat(asked).isBetween(8, 10);
    server.channel.finishAndReleaseAll();
  }

  @Test
  void asksNothingOfAPeerThatTalks() {
    TestServer server = TestServer.greeted();
    for (int i = 1; i < 100; i++) {
      server.advance(Duration.ofSeconds(1));
      server.receive(request(i, "a.b"));
    }
    assertThat(pings(server.sent())).isEmpty();
    server.channel.finishAndReleaseAll();
  }

  @Test
  void looksAgainBeforeItGivesUpAPeerWhoseAnswersAProcessThatStoodStillHasNotRead() {
    TestServer server = TestServer.greeted();
    server.advance(Duration.ofSeconds(10));
    assertThat(pings(server.sent())).hasSize(1);
    // This process is stopped for a minute; when it wakes, timers run before the socket is read.
    server.advance(Duration.ofMinutes(1));
    assertThat(server.isOpen()).isTrue();
    server.receive(pong());
    server.advance(Duration.ofSeconds(1));
    assertThat(server.isOpen()).isTrue();
    server.channel.finishAndReleaseAll();
  }

  @Test
  void startsWithTheHeartbeatsIntervalIfThatIsShorterThanTheHandshakes() {
    TestServer server = TestServer.greeted(QUICK);
    server.advance(Duration.ofSeconds(2));
    assertThat(pings(server.sent())).hasSize(1);
    server.advance(Duration.ofMillis(500));
    server.advance(Duration.ofMillis(500));
    assertThat(server.isOpen()).isFalse();
    server.channel.finishAndReleaseAll();
  }

  @Test
  void givesThePrefaceItsWholeTimeWhateverTheHeartbeat() {
    TestServer server = new TestServer(QUICK);
    for (int second = 0; second < 9; second++) {
      server.advance(Duration.ofSeconds(1));
    }
    assertThat(server.isOpen()).isTrue();
    server.advance(Duration.ofSeconds(1));
    assertThat(server.isOpen()).isFalse();
    assertThat(server.ended()).contains("preface within 10000 ms");
    server.channel.finishAndReleaseAll();
  }

  @Test
  void findsASilentServerToo() {
    TestClient client = TestClient.greeted();
    client.advance(Duration.ofSeconds(10));
    List<Frames.Frame> sent = client.sent();
    assertThat(sent).singleElement().satisfies(f -> assertThat(f.type()).isEqualTo(Wire.PING));
    assertThat(sent.get(0).has(Wire.TICK)).isTrue();
    client.advance(Duration.ofMillis(4_500));
    client.advance(Duration.ofMillis(500));
    assertThat(client.isOpen()).isFalse();
    client.channel.finishAndReleaseAll();
  }

  @Test
  void closesAPeerThatReadsNothingAfterTheWriteTimeout() {
    TestServer server = TestServer.greeted();
    // The socket's own queue, which nobody empties.
    server
        .channel
        .unsafe()
        .outboundBuffer()
        .addMessage(
            io.netty.buffer.Unpooled.buffer().writeZero(1 << 20),
            1 << 20,
            server.channel.newPromise());
    assertThat(server.channel.bytesBeforeWritable()).isPositive();
    int seconds = 0;
    while (server.isOpen() && seconds < 120) {
      server.receive(pong());
      server.advance(Duration.ofSeconds(1));
      seconds++;
    }
    assertThat(server.ended()).contains("read nothing for 30000 ms");
    assertThat(seconds).isBetween(30, 51);
    server.channel.finishAndReleaseAll();
  }
}
