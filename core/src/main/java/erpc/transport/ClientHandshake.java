package erpc.transport;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.util.function.Consumer;

/**
 * Stands behind TLS on a client's connection: lets the connection begin once the handshake has
 * succeeded, and says in words why it failed. It stays, because a server of TLS 1.3 refuses a
 * client's certificate only after it.
 */
final class ClientHandshake extends ChannelInboundHandlerAdapter {
  private final Runnable done;
  private final Consumer<String> failed;
  private final boolean hasCertificate;

  ClientHandshake(boolean hasCertificate, Runnable done, Consumer<String> failed) {
    this.hasCertificate = hasCertificate;
    this.done = done;
    this.failed = failed;
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    if (event instanceof SslHandshakeCompletionEvent handshake) {
      if (handshake.isSuccess()) {
        done.run();
      } else {
        fail(context, handshake.cause());
      }
    }
    context.fireUserEventTriggered(event);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    if (cause instanceof io.netty.handler.codec.DecoderException) {
      fail(context, cause);
    } else {
      context.fireExceptionCaught(cause);
    }
  }

  private void fail(ChannelHandlerContext context, Throwable cause) {
    failed.accept(TlsFailure.text(cause, "server", hasCertificate));
    context.close();
  }
}
