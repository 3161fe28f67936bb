package erpc.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import erpc.call.Context;
import erpc.call.Deadline;
import erpc.call.Metadata;
import erpc.call.Method;
import erpc.call.Peer;
import erpc.call.Status;
import erpc.codec.CodecException;
import erpc.codec.Codecs;
import erpc.codec.Compression;
import erpc.codec.Room;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

final class CompressionInTurnsTest {
  private static final int LARGE = 4 * CompressionInTurns.LARGE_BYTES;

  private static final Peer PEER =
      new Peer() {
        @Override
        public SocketAddress address() {
          return new InetSocketAddress(1);
        }

        @Override
        public boolean isSameMachine() {
          return true;
        }

        @Override
        public void onClose(Runnable action) {}
      };

  private final Compression gzip = Codecs.standard().compressionByName("gzip");
  private final CostlyTurns turns = new CostlyTurns(1);
  private final Compression inTurns = new CompressionInTurns(gzip, turns);

  @Test
  void largeMessagesWaitForATurnAndGiveItBack() {
    turns.enter(this);
    ByteBuffer packed = gzip.compress(ByteBuffer.allocate(LARGE));
    CompletableFuture<ByteBuffer> unpacked =
        CompletableFuture.supplyAsync(() -> inTurns.decompress(packed, LARGE, new Counted()));
    await().until(() -> turns.waiting() == 1);
    turns.leave();
    assertThat(unpacked.join().remaining()).isEqualTo(LARGE);
    assertThat(inTurns.compress(ByteBuffer.allocate(LARGE))).isEqualTo(packed);
  }

  @Test
  void smallMessagesWaitForNothing() {
    turns.enter(this);
    ByteBuffer packed = inTurns.compress(ByteBuffer.allocate(1_000));
    assertThat(inTurns.decompress(packed, 1_000, new Counted()).remaining()).isEqualTo(1_000);
  }

  @Test
  void aTurnIsGivenBackWhenUnpackingFails() {
    ByteBuffer packed = gzip.compress(ByteBuffer.allocate(LARGE));
    ByteBuffer cut = packed.duplicate().limit(packed.limit() - 9);
    assertThatThrownBy(() -> inTurns.decompress(cut, LARGE, new Counted()))
        .isInstanceOf(CodecException.class);
    turns.enter(this);
    assertThat(turns.waiting()).isZero();
  }

  @Test
  void aCallThatHasEndedWhileItWaitedIsNotUnpacked() {
    turns.enter(this);
    ByteBuffer packed = gzip.compress(ByteBuffer.allocate(LARGE));
    Counted room = new Counted();
    Context context =
        new Context(
            Method.unary("demo.echo", byte[].class, byte[].class),
            Metadata.EMPTY,
            PEER,
            Deadline.after(Duration.ofSeconds(60)),
            null);
    CompletableFuture<Void> unpacked =
        CompletableFuture.runAsync(
            context.wrap(() -> {
              ByteBuffer unused = inTurns.decompress(packed, LARGE, room);
            }));
    await().until(() -> turns.waiting() == 1);
    context.cancel(Status.of(Status.Code.CANCELLED, "nobody waits"));
    turns.leave();
    assertThat(unpacked.handle((done, thrown) -> thrown.getCause()).join())
        .isInstanceOf(CodecException.class);
    assertThat(room.most.get()).isLessThanOrEqualTo(CompressionInTurns.LARGE_BYTES);
  }

  /** Has room for everything. */
  private static final class Counted implements Room {
    private final AtomicLong taken = new AtomicLong();
    private final AtomicLong most = new AtomicLong();

    @Override
    public boolean take(int bytes) {
      most.accumulateAndGet(taken.addAndGet(bytes), Math::max);
      return true;
    }

    @Override
    public void giveBack(long bytes) {
      taken.addAndGet(-bytes);
    }
  }
}
