package erpc.transport;

import erpc.call.Status;
import erpc.call.Ticker;
import erpc.protocol.ConnectionSettings;
import erpc.protocol.InboundCall;
import erpc.protocol.Protocol;
import erpc.protocol.ServedConnection;
import erpc.protocol.ServerCalls;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A port that is listened on, and the connections that came in through it. Thread-safe. */
public final class Listening {
  private static final Logger LOG = LoggerFactory.getLogger("erpc.transport");

  /** How long accepting pauses when the system refuses another socket. */
  private static final long ACCEPT_PAUSE_MILLIS = 500;

  private static final long LOG_INTERVAL_NANOS = TimeUnit.MINUTES.toNanos(1);

  private final Channel channel;
  private final Set<Channel> connections = ConcurrentHashMap.newKeySet();

  private Listening(Channel channel) {
    this.channel = channel;
  }

  /**
   * Listens on an address; {@code :0} picks a free port.
   *
   * @param tls what TLS is spoken with, or null for plain text
   * @throws IOException if it cannot be listened on, naming the address
   * @throws IllegalArgumentException if the address is malformed
   */
  public static Listening open(
      Reactor reactor,
      String address,
      List<Protocol> protocols,
      ConnectionSettings settings,
      Ticker ticker,
      ServerCalls calls,
      @Nullable Tls tls)
      throws IOException {
    SocketAddress local = reactor.resolveLocal(address);
    Listening[] self = new Listening[1];
    // Nothing is accepted before reading is switched on, when the field is set.
    ChannelFuture bound =
        reactor
            .listening(local)
            .option(io.netty.channel.ChannelOption.AUTO_READ, false)
            .handler(new AcceptErrors())
            .childHandler(
                new ChannelInitializer<>() {
                  @Override
                  protected void initChannel(Channel accepted) {
                    self[0].track(accepted);
                    accepted
                        .pipeline()
                        .addLast(Sniffer.first(protocols, settings, ticker, calls, tls));
                  }
                })
            .bind(local)
            .awaitUninterruptibly();
    if (!bound.isSuccess()) {
      throw new IOException(
          "cannot listen on " + address + ": " + SocketAddresses.reason(bound.cause()),
          bound.cause());
    }
    Listening listening = new Listening(bound.channel());
    self[0] = listening;
    bound.channel().config().setAutoRead(true);
    return listening;
  }

  private void track(Channel accepted) {
    connections.add(accepted);
    accepted.closeFuture().addListener(closed -> connections.remove(accepted));
  }

  /** What is listened on, with the port that was picked: {@code 127.0.0.1:8877}. */
  public String address() {
    return SocketAddresses.format(channel.localAddress());
  }

  /** How many connections are open. */
  public int connectionCount() {
    return connections.size();
  }

  /** Accepts no more connections. Those that are open go on. */
  public void stopAccepting() {
    SocketAddress address = channel.localAddress();
    channel.close().awaitUninterruptibly(2, TimeUnit.SECONDS);
    deleteSocketFile(address);
  }

  /** Asks every connection to take no new calls and to close once it has finished those it has. */
  public void drain(String why) {
    for (Channel connection : connections) {
      connection.eventLoop().execute(() -> drainOrClose(connection, why));
    }
  }

  /** Answers what is still open with this status and closes in good order. */
  public void endCalls(Status why) {
    for (Channel connection : connections) {
      ServedConnection served = served(connection);
      if (served != null) {
        served.endCalls(why);
      }
    }
  }

  /**
   * Shows every call that is open, one by one, on its event loop: soon, or never if that stands.
   */
  public void forEachCall(Consumer<InboundCall> action) {
    for (Channel connection : connections) {
      ServedConnection served = served(connection);
      if (served != null) {
        served.forEachCall(action);
      }
    }
  }

  private static void drainOrClose(Channel connection, String why) {
    ServedConnection served = served(connection);
    if (served != null) {
      served.drain(why);
    } else {
      connection.close();
    }
  }

  private static @Nullable ServedConnection served(Channel connection) {
    for (var handler : connection.pipeline()) {
      if (handler.getValue() instanceof ServedConnection served) {
        return served;
      }
    }
    return null;
  }

  /** Ends what is still open. */
  public void closeConnections(Status why) {
    for (Channel connection : connections) {
      ServedConnection served = served(connection);
      if (served != null) {
        served.closeNow(why);
      } else {
        connection.close();
      }
    }
  }

  private static void deleteSocketFile(SocketAddress address) {
    Path path = null;
    if (address instanceof UnixDomainSocketAddress unix) {
      path = unix.getPath();
    } else if (address instanceof io.netty.channel.unix.DomainSocketAddress unix) {
      path = Path.of(unix.path());
    }
    if (path != null) {
      try {
        Files.deleteIfExists(path);
      } catch (IOException e) {
        LOG.warn("cannot delete the socket file {}: {}", path, e.getMessage());
      }
    }
  }

  /**
   * Pauses accepting when the system has no socket to give, instead of trying again at full speed.
   */
  private static final class AcceptErrors extends ChannelInboundHandlerAdapter {
    private final AtomicBoolean paused = new AtomicBoolean();
    private long lastLogNanos = System.nanoTime() - LOG_INTERVAL_NANOS;

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      long now = System.nanoTime();
      if (now - lastLogNanos >= LOG_INTERVAL_NANOS) {
        lastLogNanos = now;
        LOG.error(
            "cannot accept a connection on {}: {}. Accepting pauses for {} ms at a time; raise the limit of open files"
                + " (ulimit -n) if this stays",
            context.channel().localAddress(),
            cause.getMessage(),
            ACCEPT_PAUSE_MILLIS);
      }
      if (paused.compareAndSet(false, true)) {
        context.channel().config().setAutoRead(false);
        var unused =
            context
                .executor()
                .schedule(
                    () -> resume(context.channel()), ACCEPT_PAUSE_MILLIS, TimeUnit.MILLISECONDS);
      }
    }

    private void resume(Channel channel) {
      paused.set(false);
      channel.config().setAutoRead(true);
    }
  }
}
