package erpc.lines;

import erpc.call.Peer;
import erpc.call.Status;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.local.LocalAddress;
import io.netty.handler.ssl.SslHandler;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Who is at the other end of a connection of lines, and whether it is still there. Thread-safe. */
abstract class LinePeer extends ChannelInboundHandlerAdapter implements Peer {
  private final List<Runnable> onClose = new ArrayList<>(); // guarded by itself
  private volatile @Nullable Status closed;

  /** Where this stands in its channel's pipeline; null before it does. */
  abstract @Nullable ChannelHandlerContext context();

  /**
   * It has ended.
   *
   * @return what is to be done about that now, or null if it had ended already
   */
  final @Nullable List<Runnable> end(Status why) {
    synchronized (onClose) {
      if (closed != null) {
        return null;
      }
      closed = why;
      return List.copyOf(onClose);
    }
  }

  /** Why it has ended; null while it lives. */
  final @Nullable Status why() {
    return closed;
  }

  @Override
  public boolean isClosed() {
    return closed != null;
  }

  @Override
  public void onClose(Runnable action) {
    synchronized (onClose) {
      if (closed == null) {
        onClose.add(action);
        return;
      }
    }
    action.run();
  }

  @Override
  public SocketAddress address() {
    ChannelHandlerContext at = context();
    SocketAddress remote = at == null ? null : at.channel().remoteAddress();
    return remote == null ? new LocalAddress("closed") : remote;
  }

  @Override
  public boolean isSameMachine() {
    return !(address() instanceof InetSocketAddress inet)
        || (inet.getAddress() != null && inet.getAddress().isLoopbackAddress());
  }

  @Override
  public boolean isSecure() {
    ChannelHandlerContext at = context();
    return at != null && at.pipeline().get(SslHandler.class) != null;
  }
}
