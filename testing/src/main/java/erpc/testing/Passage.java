package erpc.testing;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.SocketChannel;
import io.netty.util.ReferenceCountUtil;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/** One connection through a {@link Proxy}, and the two ways of its bytes. Its event loop's own. */
final class Passage {
  private final Proxy proxy;
  private final Channel near;
  private final boolean swallowed;
  private @Nullable Channel far;
  private @Nullable Way there;
  private @Nullable Way back;
  private boolean lost;

  private Passage(Proxy proxy, Channel near, boolean swallowed) {
    this.proxy = proxy;
    this.near = near;
    this.swallowed = swallowed;
  }

  /** Takes a connection that has been accepted and reads nothing yet. */
  static void begin(Proxy proxy, Channel near, SocketAddress to, Class<? extends Channel> type) {
    Passage passage = new Passage(proxy, near, proxy.link.swallows());
    proxy.link.opened(passage);
    near.closeFuture().addListener(closed -> passage.sideClosed());
    if (!passage.swallowed) {
      passage.connect(to, type);
    }
  }

  private void connect(SocketAddress to, Class<? extends Channel> type) {
    Bootstrap bootstrap =
        new Bootstrap()
            .group(near.eventLoop())
            .channel(type)
            .option(ChannelOption.AUTO_READ, false)
            .handler(new ChannelInboundHandlerAdapter());
    if (to instanceof InetSocketAddress) {
      bootstrap
          .option(ChannelOption.ALLOW_HALF_CLOSURE, true)
          .option(ChannelOption.TCP_NODELAY, true);
    }
    bootstrap
        .connect(to)
        .addListener(done -> {
          if (done.isSuccess()) {
            connected(((io.netty.channel.ChannelFuture) done).channel());
          } else {
            reset();
          }
        });
  }

  private void connected(Channel made) {
    far = made;
    made.closeFuture().addListener(closed -> sideClosed());
    if (!near.isActive()) {
      made.close();
      return;
    }
    Way forth = new Way(proxy.link, proxy.ticker, near, made);
    Way home = new Way(proxy.link, proxy.ticker, made, near);
    there = forth;
    back = home;
    if (lost) {
      lose();
    }
    near.pipeline().addLast(new Ear(forth));
    made.pipeline().addLast(new Ear(home));
    forth.begin();
    home.begin();
  }

  /** Hears what comes in on one side. */
  private static final class Ear extends ChannelInboundHandlerAdapter {
    private final Way way;

    Ear(Way way) {
      this.way = way;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      way.take(message);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
      if (event == ChannelInputShutdownEvent.INSTANCE) {
        way.end(false);
      }
      ReferenceCountUtil.release(event);
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
      way.end(true);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      context.close(); // Reset by its peer: the other side hears of it by the close.
    }
  }

  /** It is there until both sides are closed: what one has sent may still be on its way. */
  private void sideClosed() {
    Channel other = far;
    if (!near.isOpen() && (other == null || !other.isOpen())) {
      proxy.link.closed(this);
    }
  }

  boolean isSwallowed() {
    return swallowed;
  }

  /** Its bytes are lost from now on. */
  void lose() {
    lost = true;
    if (there != null && back != null) {
      there.lose();
      back.lose();
    }
  }

  void resume() {
    if (there != null && back != null) {
      there.resume();
      back.resume();
    }
  }

  /** Ends it for both sides, with a reset where there are sockets. */
  void reset() {
    if (there != null && back != null) {
      there.lose();
      back.lose();
    }
    abort(near);
    if (far != null) {
      abort(far);
    }
  }

  private static void abort(Channel channel) {
    if (channel instanceof SocketChannel socket && channel.isActive()) {
      socket.config().setSoLinger(0);
    }
    channel.close();
  }
}
