package erpc.protocol.own;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What is left of a connection that was closed. */
class FarewellTest {
  private final ChannelInboundHandlerAdapter handler = new ChannelInboundHandlerAdapter();
  private final EmbeddedChannel channel = new EmbeddedChannel(handler);
  private final ChannelHandlerContext context = channel.pipeline().context(handler);

  @AfterEach
  void close() {
    channel.close();
  }

  @Test
  void noTimerHoldsAChannelThatHasClosed() {
    Farewell.gracefully(context, channel.eventLoop(), 10_000);
    assertThat(channel.isOpen()).isFalse();
    assertThat(channel.runScheduledPendingTasks()).as("nanoseconds to the next").isEqualTo(-1);
  }

  @Test
  void norOneThatWasToBeReset() {
    Farewell.afterFlush(context, channel.eventLoop());
    assertThat(channel.isOpen()).isFalse();
    assertThat(channel.runScheduledPendingTasks()).as("nanoseconds to the next").isEqualTo(-1);
  }
}
