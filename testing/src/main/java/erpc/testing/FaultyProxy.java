package erpc.testing;

import erpc.call.Ticker;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * A TCP proxy on this machine that stands before any server, of erpc or not, and makes its network
 * fail: clients are given {@link #address()}, the test changes {@link #link()}. It has one daemon
 * thread of its own and at most 1,024 connections; one more is closed at once. Thread-safe; to be
 * closed.
 */
public final class FaultyProxy implements AutoCloseable {
  private final MultiThreadIoEventLoopGroup loops;
  private final Proxy proxy;
  private final String address;

  private FaultyProxy(MultiThreadIoEventLoopGroup loops, Proxy proxy, String address) {
    this.loops = loops;
    this.proxy = proxy;
    this.address = address;
  }

  /**
   * A proxy before a server, which need not be there yet.
   *
   * @param server {@code host:port}
   * @throws IOException if this machine has no free port
   * @throws IllegalArgumentException if the address is malformed or its host is not known
   */
  public static FaultyProxy before(String server) throws IOException {
    InetSocketAddress to = socketAddress(server);
    return open(() -> to, server);
  }

  /** A proxy before a server whose address is known once there are connections to it. */
  static FaultyProxy before(Supplier<String> server) throws IOException {
    return open(() -> socketAddress(server.get()), "the server of a test");
  }

  private static FaultyProxy open(Supplier<? extends SocketAddress> to, String server)
      throws IOException {
    var loops =
        new MultiThreadIoEventLoopGroup(
            1, new DefaultThreadFactory("erpc-faulty-proxy", true), NioIoHandler.newFactory());
    EventLoop loop = loops.next();
    Link link = new Link(waitingFor(loop), RandomGenerator.getDefault(), what -> {});
    Proxy proxy =
        new Proxy(
            loop,
            Ticker.system(),
            NioServerSocketChannel.class,
            NioSocketChannel.class,
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            to,
            link);
    try {
      var bound = (InetSocketAddress) proxy.listen().localAddress();
      return new FaultyProxy(loops, proxy, "127.0.0.1:" + bound.getPort());
    } catch (Throwable e) {
      var unused = loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
      throw new IOException("the proxy before " + server + " cannot listen: " + e.getMessage(), e);
    }
  }

  private static InetSocketAddress socketAddress(String server) {
    int colon = server.lastIndexOf(':');
    String host = colon < 0 ? "" : server.substring(0, colon).replaceAll("^\\[|]$", "");
    int port = -1;
    try {
      port = Integer.parseInt(server.substring(colon + 1));
    } catch (NumberFormatException e) {
      // Said below, with the whole address.
    }
    if (host.isEmpty() || port < 1 || port > 65_535) {
      throw new IllegalArgumentException(
          "'" + server + "' is no address of a server: give host:port, as server.address() does");
    }
    InetSocketAddress found = new InetSocketAddress(host, port);
    if (found.isUnresolved()) {
      throw new IllegalArgumentException("host '" + host + "' is not known");
    }
    return found;
  }

  /** So that what a test has set holds when the method has returned. */
  private static Executor waitingFor(EventLoop loop) {
    return change -> {
      if (loop.inEventLoop()) {
        change.run();
      } else {
        loop.submit(change).syncUninterruptibly();
        // Opening a port takes the loop one more task, and closing one a look at its selector.
        loop.schedule(() -> {}, 1, TimeUnit.MILLISECONDS).syncUninterruptibly();
      }
    };
  }

  /** Where it listens, {@code 127.0.0.1:port}: what clients are to be given. */
  public String address() {
    return address;
  }

  /** The network between its clients and the server. */
  public Link link() {
    return proxy.link;
  }

  /** Resets all connections and listens no more. */
  @Override
  public void close() {
    if (loops.isShuttingDown()) {
      return;
    }
    proxy.link.reset();
    loops.next().submit(proxy::close).syncUninterruptibly();
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(2, TimeUnit.SECONDS);
  }
}
