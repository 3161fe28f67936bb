package erpc.protocol.own;

import static org.assertj.core.api.Assertions.assertThat;

import erpc.call.Metadata;
import erpc.call.Status;
import erpc.codec.Ownership;
import erpc.protocol.ConnectionSettings;
import io.netty.buffer.AbstractByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledDirectByteBuf;
import io.netty.buffer.UnpooledHeapByteBuf;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What becomes of calls when there is no memory for what is to be written. */
@Timeout(60)
class NoMemoryForBuffersTest {
  /** Gives so many buffers to write into. */
  private static final class Allocator extends AbstractByteBufAllocator {
    private int left;

    Allocator(int left) {
      this.left = left;
    }

    @Override
    public ByteBuf ioBuffer(int initialCapacity) {
      if (left == 0) {
        throw new OutOfMemoryError("no memory for a buffer of " + initialCapacity);
      }
      left--;
      return super.ioBuffer(initialCapacity);
    }

    @Override
    protected ByteBuf newHeapBuffer(int initialCapacity, int maxCapacity) {
      return new UnpooledHeapByteBuf(this, initialCapacity, maxCapacity);
    }

    @Override
    protected ByteBuf newDirectBuffer(int initialCapacity, int maxCapacity) {
      return new UnpooledDirectByteBuf(this, initialCapacity, maxCapacity);
    }

    @Override
    public boolean isDirectBufferPooled() {
      return false;
    }
  }

  @Test
  void everyCallOfTheConnectionEnds() {
    TestClient client = TestClient.greeted();
    TestClient.Call open = client.call("demo.first", new byte[10]);
    client.sent();
    client.channel.config().setAllocator(new Allocator(0));
    TestClient.Call unwritten = client.call("demo.second", new byte[10]);
    assertThat(open.code()).isEqualTo(Status.Code.UNAVAILABLE);
    assertThat(open.started()).isEqualTo(Status.Started.MAYBE);
    assertThat(unwritten.code()).isEqualTo(Status.Code.UNAVAILABLE);
    assertThat(unwritten.started()).isEqualTo(Status.Started.NO);
    assertThat(unwritten.status.message()).contains("the connection broke", "no memory");
    assertThat(client.isOpen()).isFalse();
  }

  @Test
  void aLargeMessageThatIsHalfWrittenEndsToo() {
    TestClient client = TestClient.greeted();
    client.channel.config().setAllocator(new Allocator(1));
    TestClient.Call half = client.call("demo.large", new byte[200_000]);
    assertThat(half.code()).isEqualTo(Status.Code.UNAVAILABLE);
    assertThat(half.started()).isEqualTo(Status.Started.MAYBE);
    assertThat(client.isOpen()).isFalse();
  }

  @Test
  void aLargeMessageThatHasNotBegunEndsToo() {
    TestClient client = TestClient.greeted();
    client.channel.config().setAllocator(new Allocator(0));
    TestClient.Call unwritten = client.call("demo.large", new byte[200_000]);
    assertThat(unwritten.code()).isEqualTo(Status.Code.UNAVAILABLE);
    assertThat(unwritten.started()).isEqualTo(Status.Started.NO);
    assertThat(client.isOpen()).isFalse();
  }

  @Test
  void aSilentPeerIsFoundOutThoughItCannotBePinged() {
    TestClient client = TestClient.greeted();
    client.channel.config().setAllocator(new Allocator(0));
    client.advance(ConnectionSettings.DEFAULTS.keepaliveInterval());
    assertThat(client.isOpen()).isTrue();
    // In steps: a clock that jumps is that of a process which stood still, and judges nobody.
    for (int i = 0; i < 20; i++) {
      client.advance(ConnectionSettings.DEFAULTS.keepaliveTimeout().dividedBy(10));
    }
    assertThat(client.isOpen()).isFalse();
  }

  @Test
  void aServerCancelsTheOtherCallsOfTheConnection() {
    TestServer server = TestServer.greeted();
    server.echo = false;
    server.receive(
        Frames.request(1, "demo.first", (byte) 1), Frames.request(2, "demo.second", (byte) 2));
    server.channel.config().setAllocator(new Allocator(0));
    server
        .calls
        .get(0)
        .responder
        .reply(Metadata.EMPTY, Metadata.EMPTY, 5, new byte[10], 10, Ownership.GIVEN);
    assertThat(server.channel.isOpen()).isFalse();
    assertThat(server.calls.get(1).cancelled).hasSize(1);
    assertThat(server.calls.get(0).cancelled).hasSize(1);
  }
}
