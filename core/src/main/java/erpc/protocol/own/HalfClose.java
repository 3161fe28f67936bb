package erpc.protocol.own;

import io.netty.channel.Channel;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslHandler;

/** Closing the direction of a connection that this side writes to. */
final class HalfClose {
  private HalfClose() {}

  /** Says that no more comes, in the way the channel has for it. */
  static void of(Channel channel) {
    SslHandler tls = channel.pipeline().get(SslHandler.class);
    if (!(channel instanceof DuplexChannel duplex)
        || !duplex.isActive()
        || duplex.isInputShutdown()) {
      channel.close(); // or there is nothing left to wait for
    } else if (tls == null) {
      duplex.shutdownOutput();
    } else {
      // TLS says by itself that no more comes; without it the peer would see a truncation.
      tls.closeOutbound().addListener(said -> duplex.shutdownOutput());
    }
  }
}
