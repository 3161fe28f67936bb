package erpc.protocol.own;

import erpc.call.Peer;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.local.LocalAddress;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/** A connection's channel, once it has one, and who is at its other end. */
abstract class ChannelEnd extends ChannelInboundHandlerAdapter implements Peer {
  /**
   * Set by the event loop when it gets its channel, for good. Other threads ask for what is of the
   * channel once they got something from that loop: a call, a message, that it is connected.
   */
  @Nullable ChannelHandlerContext context;

  /** Written by the event loop once the channel is open. */
  private volatile PeerIdentity identity = PeerIdentity.PLAIN;

  /** The channel is open: who is there? */
  final void learnIdentity() {
    if (context != null) {
      identity = PeerIdentity.of(context.channel());
      // Channels remember what they were asked while they were open.
      var unused = context.channel().remoteAddress();
    }
  }

  final boolean hasChannel() {
    return context != null;
  }

  /** Has the channel read, or not. */
  final void setReading(boolean value) {
    if (context != null) {
      context.channel().config().setAutoRead(value);
    }
  }

  /** Bytes above what the socket's buffer may hold, 0 if it takes more. */
  final long unwrittenBytes() {
    return context == null ? 0 : context.channel().bytesBeforeWritable();
  }

  /** Runs the action once its socket has been closed, at once if there never was one. */
  final void onChannelClosed(Runnable action) {
    if (context == null) {
      action.run();
    } else {
      context.channel().closeFuture().addListener(done -> action.run());
    }
  }

  @Override
  public final SocketAddress address() {
    Channel channel = context == null ? null : context.channel();
    SocketAddress address = channel == null ? null : channel.remoteAddress();
    return address == null ? new LocalAddress("closed") : address;
  }

  /** A number that differs from connection to connection. */
  final int addressHash() {
    return context == null ? 0 : PeerIdentity.hash(context.channel());
  }

  @Override
  public final boolean isSameMachine() {
    return PeerIdentity.isSameMachine(address());
  }

  @Override
  public final boolean isSecure() {
    return identity.secure();
  }

  @Override
  public final @Nullable String identity() {
    return identity.name();
  }
}
