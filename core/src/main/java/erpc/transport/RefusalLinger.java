package erpc.transport;

import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.DuplexChannel;
import io.netty.util.ReferenceCountUtil;
import java.util.concurrent.TimeUnit;

/**
 * Stands before TLS on a server's connection until the handshake is done. A client of TLS 1.3 sends
 * its first calls before it hears that its certificate is refused; closing with them unread would
 * reset the connection and could lose the alert that says so. So this end is half closed and what
 * still comes is thrown away.
 */
final class RefusalLinger extends ChannelDuplexHandler {
  private static final long LINGER_MILLIS = 2_000;

  private boolean closing;

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    if (closing) {
      ReferenceCountUtil.release(message);
    } else {
      context.fireChannelRead(message);
    }
  }

  @Override
  public void close(ChannelHandlerContext context, ChannelPromise promise) {
    if (closing || !(context.channel() instanceof DuplexChannel duplex) || !duplex.isActive()) {
      context.close(promise);
      return;
    }
    closing = true;
    duplex.shutdownOutput();
    context.channel().closeFuture().addListener(closed -> promise.trySuccess());
    var unused =
        context
            .executor()
            .schedule(
                () -> context.channel().unsafe().close(context.voidPromise()),
                LINGER_MILLIS,
                TimeUnit.MILLISECONDS);
  }
}
