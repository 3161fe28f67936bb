package erpc.testing;

import erpc.call.Ticker;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.ServerChannel;
import java.net.SocketAddress;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Listens in front of a server and passes on what comes and goes, as a {@link Link} says: over
 * sockets or in memory, on one event loop.
 */
final class Proxy {
  /** Connections at a time; one more is closed at once. */
  static final int MOST_CONNECTIONS = 1_024;

  final Link link;
  final Ticker ticker;
  private final EventLoop loop;
  private final Class<? extends ServerChannel> listening;
  private final Class<? extends Channel> connecting;
  private final Supplier<? extends SocketAddress> to;
  private SocketAddress local;
  private @Nullable Channel channel; // the loop's own
  private boolean closed; // the loop's own

  /** A proxy that doesn't listen yet. */
  Proxy(
      EventLoop loop,
      Ticker ticker,
      Class<? extends ServerChannel> listening,
      Class<? extends Channel> connecting,
      SocketAddress local,
      Supplier<? extends SocketAddress> to,
      Link link) {
    this.loop = loop;
    this.ticker = ticker;
    this.listening = listening;
    this.connecting = connecting;
    this.local = local;
    this.to = to;
    this.link = link;
  }

  /** Begins to listen; not on the loop. */
  Channel listen() {
    ChannelFuture bound = bind().syncUninterruptibly();
    local = bound.channel().localAddress(); // With the port that was picked.
    loop.execute(() -> {
      channel = bound.channel();
      link.whenListeningChanges(this::listenAsTold);
    });
    return bound.channel();
  }

  private ChannelFuture bind() {
    ServerBootstrap bootstrap =
        new ServerBootstrap()
            .group(loop)
            .channel(listening)
            .childOption(ChannelOption.AUTO_READ, false)
            .childHandler(
                new ChannelInitializer<>() {
                  @Override
                  protected void initChannel(Channel accepted) {
                    if (closed || link.openCount() >= MOST_CONNECTIONS) {
                      accepted.close();
                    } else {
                      // Once it is registered, which it is not before this returns.
                      loop.execute(() -> Passage.begin(Proxy.this, accepted, to.get(), connecting));
                    }
                  }
                });
    if (local instanceof java.net.InetSocketAddress) {
      bootstrap
          .option(ChannelOption.SO_REUSEADDR, true)
          .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
          .childOption(ChannelOption.TCP_NODELAY, true);
    }
    return bootstrap.bind(local);
  }

  private void listenAsTold() {
    Channel now = channel;
    if (link.refuses() && now != null) {
      channel = null;
      now.close();
    } else if (!link.refuses() && now == null && !closed) {
      channel = bind().channel();
    }
  }

  /** Ends it and every connection; on the loop. */
  void close() {
    closed = true;
    Channel now = channel;
    channel = null;
    if (now != null) {
      now.close();
    }
  }
}
