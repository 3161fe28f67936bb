package erpc.protocol.own;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import erpc.call.Metadata;
import erpc.protocol.RouteName;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A client that is sent any bytes behind a preface: each of its calls ends once, in a reply or a
 * status, it fails at nothing, keeps no buffer, and holds no more than has come.
 */
class ClientConnectionFuzzTest {
  private static final int MOST_HELD_BYTES = 1 << 20;

  @FuzzTest(maxDuration = "10s")
  void bytesFromAServer(byte[] bytes) {
    TestClient client = new TestClient();
    UnpooledByteBufAllocator memory = new UnpooledByteBufAllocator(false);
    client.channel.config().setAllocator(memory);
    List<TestClient.Call> calls = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      // The last one is larger than its credit.
      byte[] body = new byte[i == 3 ? 300_000 : i];
      calls.add(client.start(new RouteName("demo.a" + i, i), Metadata.EMPTY, null, i == 2, body));
    }
    Inbox in = new Inbox(client.ticker, () -> {});
    Outbox out = new Outbox(client.ticker, client.memory, () -> {});
    calls.add(client.stream(new RouteName("demo.s", 5), in, out));
    client.receive(Frames.PREFACE);
    int piece = bytes.length == 0 ? 1 : 1 + (bytes[bytes.length - 1] & 0xff);
    for (int at = 0; at < bytes.length && client.isOpen(); at += piece) {
      client.receive(Arrays.copyOfRange(bytes, at, Math.min(bytes.length, at + piece)));
      // The peer reads: what it doesn't read is the socket's to bound.
      client.channel.releaseOutbound();
      while (at % 2 == 0 && in.hasNext() && in.next() != null) {
        // A reader keeps up, or does not.
      }
    }
    assertThat(memory.metric().usedHeapMemory() + memory.metric().usedDirectMemory())
        .isLessThan(MOST_HELD_BYTES + 100L * bytes.length);
    for (int second = 0; second < 16 && client.isOpen(); second++) {
      client.advance(Duration.ofSeconds(1));
    }
    assertThat(client.isOpen()).as("a silent peer is closed").isFalse();
    assertThat(String.valueOf(client.connection.whyClosed()))
        .doesNotContain("the connection broke");
    assertThat(calls).allMatch(call -> call.status != null);
    assertThat(client.connection.streams.isEmpty()).isTrue();
    for (ByteBuf sent = client.channel.readOutbound();
        sent != null;
        sent = client.channel.readOutbound()) {
      sent.release();
    }
    client.channel.finishAndReleaseAll();
    assertThat(memory.metric().usedHeapMemory() + memory.metric().usedDirectMemory()).isZero();
  }
}
