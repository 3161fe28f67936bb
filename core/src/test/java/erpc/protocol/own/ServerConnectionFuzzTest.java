package erpc.protocol.own;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import erpc.protocol.MessageSink;
import erpc.protocol.MessageSource;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;

/**
 * A server that is sent any bytes behind a preface: it answers, refuses and closes, but it fails at
 * nothing, keeps no buffer, ends every call once, and holds no more than has come.
 */
class ServerConnectionFuzzTest {
  private static final int MOST_HELD_BYTES = 1 << 20;

  @FuzzTest(maxDuration = "10s")
  void bytesFromAClient(byte[] bytes) {
    TestServer server = new TestServer();
    UnpooledByteBufAllocator memory = new UnpooledByteBufAllocator(false);
    server.channel.config().setAllocator(memory);
    server.echo = bytes.length % 2 == 0;
    server.receive(Frames.PREFACE);
    // In pieces, of a length that the bytes themselves choose.
    int piece = bytes.length == 0 ? 1 : 1 + (bytes[bytes.length - 1] & 0xff);
    for (int at = 0; at < bytes.length && server.isOpen(); at += piece) {
      server.receive(Arrays.copyOfRange(bytes, at, Math.min(bytes.length, at + piece)));
      // The peer reads: what it doesn't read is the socket's to bound.
      releaseSent(server);
      if (at % 2 == 0) {
        server.calls.forEach(ServerConnectionFuzzTest::readWhatIsThere);
      }
    }
    assertThat(memory.metric().usedHeapMemory() + memory.metric().usedDirectMemory())
        .isLessThan(MOST_HELD_BYTES + 100L * bytes.length);
    for (int second = 0; second < 16 && server.isOpen(); second++) {
      server.advance(Duration.ofSeconds(1));
    }
    assertThat(server.isOpen()).as("a silent peer is closed").isFalse();
    assertThat(server.ended()).doesNotContain("the connection broke");
    assertThat(server.connection.streams.isEmpty()).isTrue();
    assertThat(server.memory.heldBytes()).isZero();
    for (TestServer.Call call : server.calls) {
      assertThat(call.cancelled.size()).isLessThanOrEqualTo(1);
      assertThat(call.messages.size()).isLessThanOrEqualTo(1);
    }
    release(server);
    assertThat(memory.metric().usedHeapMemory() + memory.metric().usedDirectMemory()).isZero();
  }

  /** A handler of a stream that reads, and answers each message. */
  private static void readWhatIsThere(TestServer.Call call) {
    MessageSource in = call.requests;
    MessageSink out = call.replies;
    if (in == null || out == null) {
      return;
    }
    while (in.hasNext()) {
      ByteBuffer message = in.next();
      if (message == null) {
        return;
      }
      assertThat(message.remaining()).isLessThanOrEqualTo(4 << 20);
      // Not more than may wait: this thread is the event loop's, and must not.
      if (out.end() == null && call.answers++ < 100) {
        var unused = out.send(Frames.message(new byte[1]));
      }
    }
  }

  private static void release(TestServer server) {
    releaseSent(server);
    server.channel.finishAndReleaseAll();
  }

  private static void releaseSent(TestServer server) {
    for (ByteBuf sent = server.channel.readOutbound();
        sent != null;
        sent = server.channel.readOutbound()) {
      sent.release();
    }
  }
}
