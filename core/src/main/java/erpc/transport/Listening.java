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

  private static final int CLOSE_SECONDS = 2;

  private static final long LOG_INTERVAL_NANOS = TimeUnit.MINUTES.toNanos(1);

  private final Channel channel;
  private final @Nullable UnixSocketFile file;
  private final Set<Channel> connections = ConcurrentHashMap.newKeySet();

  private Listening(Channel channel, @Nullable UnixSocketFile file) {
    this.channel = channel;
    this.file = file;
  }

  /**
   * What a server speaks.
   *
   * @param protocols one of which is picked by a connection's first bytes
   * @param tls what TLS is spoken with, or null for plain text
   */
  public record Spoken(List<Protocol> protocols, @Nullable Tls tls) {}

  /**
   * Listens on an address; {@code :0} picks a free port. A Unix socket replaces only a socket at
   * its path that nobody answers on.
   *
   * @param spoken what is spoken
   * @param room how many connections there may be, over all that share it
   * @throws IOException if it cannot be listened on, naming the address
   * @throws IllegalArgumentException if the address is malformed
   */
  public static Listening open(
      Reactor reactor,
      String address,
      ConnectionSettings settings,
      Ticker ticker,
      ServerCalls calls,
      Spoken spoken,
      ConnectionLimit room)
      throws IOException {
    SocketAddress asked = reactor.resolveLocal(address);
    UnixSocketFile file = UnixSocketFile.of(asked);
    SocketAddress local = file == null ? asked : reactor.resolve(file.boundAddress());
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
                    if (!room.enters(accepted)) {
                      return;
                    }
                    accepted
                        .pipeline()
                        .addLast(
                            Sniffer.first(spoken.protocols, settings, ticker, calls, spoken.tls));
                  }
                })
            .bind(local)
            .awaitUninterruptibly();
    Throwable failure = bound.cause();
    if (failure == null && file != null) {
      failure = place(file, bound.channel());
    }
    if (failure != null) {
      throw new IOException(
          "cannot listen on " + address + ": " + SocketAddresses.reason(failure), failure);
    }
    Listening listening = new Listening(bound.channel(), file);
    self[0] = listening;
    bound.channel().config().setAutoRead(true);
    return listening;
  }

  /** Gives a bound socket its path; why that failed, and then the socket is closed, or null. */
  private static @Nullable Throwable place(UnixSocketFile file, Channel channel) {
    try {
      file.takePlace();
      return null;
    } catch (IOException e) {
      channel.close().awaitUninterruptibly(CLOSE_SECONDS, TimeUnit.SECONDS);
      return e;
    }
  }

  private void track(Channel accepted) {
    connections.add(accepted);
    accepted.closeFuture().addListener(closed -> connections.remove(accepted));
  }

  /** What is listened on, with the port that was picked: {@code 127.0.0.1:8877}. */
  public String address() {
    return file == null ? SocketAddresses.format(channel.localAddress()) : file.address();
  }

  /** How many connections are open. */
  public int connectionCount() {
    return connections.size();
  }

  /** Accepts no more connections. Those that are open go on. */
  public void stopAccepting() {
    if (file != null) {
      file.remove();
    }
    channel.close().awaitUninterruptibly(CLOSE_SECONDS, TimeUnit.SECONDS);
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

  static @Nullable ServedConnection served(Channel connection) {
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
