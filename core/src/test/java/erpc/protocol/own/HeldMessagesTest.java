package erpc.protocol.own;

import static org.assertj.core.api.Assertions.assertThat;

import erpc.call.Status;
import erpc.protocol.ConnectionSettings;
import erpc.protocol.MessageSource;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class HeldMessagesTest {
  private static final int KIB = 1 << 10;

  private static byte[] large(int stream, String name, int bytes, int flags) {
    return Frames.frame(
        Wire.REQUEST | flags,
        stream,
        Frames.concat(Frames.head(name), new byte[] {5}, Frames.u32(100_000), new byte[bytes]));
  }

  private static byte[] streamed(int stream) {
    return Frames.frame(
        Wire.REQUEST,
        stream,
        Frames.concat(Frames.head("stream.both"), new byte[] {5}, new byte[60_000]));
  }

  private static boolean isRefused(TestServer server, int stream, String word) {
    return server.sent().stream()
        .anyMatch(frame ->
            frame.stream() == stream
                && frame.type() == Wire.RESPONSE
                && frame.code() == Status.Code.RESOURCE_EXHAUSTED.number()
                && new String(frame.payload(), StandardCharsets.UTF_8).contains(word));
  }

  @Test
  void messagesThatNeverBecomeWholeAreCountedAndMoreOfThemRefused() {
    TestServer server = TestServer.greeted(ConnectionSettings.DEFAULTS, 300 * KIB);
    server.receive(large(1, "demo.echo", 60_000, Wire.MORE));
    assertThat(server.memory.heldBytes()).isBetween(80_000L, 100_000L);
    assertThat(server.memory.incomplete().heldBytes()).isEqualTo(100_000);
    server.sent();
    server.receive(large(2, "demo.echo", 60_000, Wire.MORE));
    assertThat(isRefused(server, 2, "connectionShare")).isTrue();
    server.advance(Duration.ofSeconds(60));
    assertThat(server.memory.heldBytes()).isZero();
    assertThat(server.memory.incomplete().heldBytes()).isZero();
  }

  @Test
  void messagesThatNobodyReadsAreCountedUntilTheyAreTaken() {
    TestServer server =
        TestServer.greeted(ConnectionSettings.DEFAULTS.withConnectionShare(100), 150 * KIB);
    server.receive(streamed(1));
    server.receive(streamed(2));
    server.sent();
    server.receive(streamed(3));
    assertThat(isRefused(server, 3, "maxBufferedBytes")).isTrue();
    MessageSource inbox = server.calls.get(0).requests;
    assertThat(inbox).isNotNull();
    ByteBuffer taken = inbox.next();
    assertThat(taken).isNotNull();
    inbox.discard();
    server.channel.runPendingTasks();
    server.receive(streamed(4));
    assertThat(isRefused(server, 4, "")).isFalse();
    server.connection.closeNow(Status.of(Status.Code.UNAVAILABLE, "over"));
    server.channel.runPendingTasks();
    assertThat(server.memory.heldBytes()).isZero();
  }
}
