package erpc.protocol.own;

import static org.assertj.core.api.Assertions.assertThat;

import erpc.call.Status;
import erpc.protocol.ManualTicker;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** One end of a connection without socket or clock: a test says what comes, and sees what goes. */
abstract class TestEnd {
  final ManualTicker ticker = new ManualTicker();
  final EmbeddedChannel channel = new EmbeddedChannel();

  TestEnd() {
    channel.freezeTime();
    channel.config().setAllocator(Frames.UNCOUNTED);
  }

  /** The connection of this end, which is the last in the channel's pipeline. */
  abstract Connection<?> connection();

  void receive(byte[]... parts) {
    channel.writeInbound(Unpooled.wrappedBuffer(Frames.concat(parts)));
    channel.runPendingTasks();
  }

  /** Everything written since the last time, as bytes. */
  byte[] sentBytes() {
    ByteBuf all = Unpooled.buffer();
    for (ByteBuf part = channel.readOutbound(); part != null; part = channel.readOutbound()) {
      all.writeBytes(part);
      part.release();
    }
    return Frames.bytes(all);
  }

  /** Everything written since the last time, as frames. */
  List<Frames.Frame> sent() {
    return Frames.parse(sentBytes());
  }

  void advance(Duration by) {
    ticker.advance(by);
    channel.advanceTimeBy(by.toNanos(), TimeUnit.NANOSECONDS);
    channel.runScheduledPendingTasks();
    channel.runPendingTasks();
  }

  boolean isOpen() {
    return channel.isOpen();
  }

  /** Why the connection ended; empty while it lives. */
  String ended() {
    Status why = connection().whyClosed();
    return why == null ? "" : why.message();
  }

  /** Ends it, and sees that no exception had ended it before. */
  void finish() {
    assertThat(ended()).doesNotContain("the connection broke");
    channel.finishAndReleaseAll();
  }
}
