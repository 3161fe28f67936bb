package erpc.protocol.own;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.SocketChannelConfig;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** The ways a connection's socket is closed. On its event loop. */
final class Farewell {
  /** After this side's half is closed, how long the peer may take to close its own. */
  static final long LINGER_MILLIS = 2_000;

  private Farewell() {}

  /**
   * Closes this direction once everything is written, and the connection once the peer has closed
   * the other. Whatever still arrives is read, because closing with unread input would reset the
   * connection and lose replies.
   */
  static void gracefully(ChannelHandlerContext context, EventLoop loop, long lingerMillis) {
    Channel channel = context.channel();
    context.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(done -> HalfClose.of(channel));
    laterUnlessClosed(channel, loop, channel::close, lingerMillis);
  }

  /**
   * Sends what was written and closes; a peer that doesn't read cannot delay this beyond the linger
   * time, nor leave what it has not read to the system.
   */
  static void afterFlush(ChannelHandlerContext context, EventLoop loop) {
    Channel channel = context.channel();
    context.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(done -> HalfClose.of(channel));
    laterUnlessClosed(channel, loop, () -> reset(channel), LINGER_MILLIS);
  }

  /** A timer that stayed would hold what it closes, long after that was closed. */
  private static void laterUnlessClosed(
      Channel channel, EventLoop loop, Runnable action, long afterMillis) {
    Future<?> timer = loop.schedule(action, afterMillis, TimeUnit.MILLISECONDS);
    channel.closeFuture().addListener(closed -> timer.cancel(false));
  }

  /**
   * Closes at once and drops what the peer has not read, the system's own buffers included: it
   * would else keep megabytes of a peer that never reads, for minutes.
   */
  static void reset(Channel channel) {
    if (channel.isOpen()) {
      if (channel.config() instanceof SocketChannelConfig config) {
        config.setSoLinger(0);
      }
      // Past TLS, whose own goodbye would wait for room.
      channel.unsafe().close(channel.voidPromise());
    }
  }
}
