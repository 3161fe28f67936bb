package erpc.transport;

import erpc.call.Ticker;
import erpc.protocol.MemoryBudget;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.DefaultSelectStrategyFactory;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.SelectStrategyFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.local.LocalAddress;
import io.netty.channel.local.LocalChannel;
import io.netty.channel.local.LocalIoHandler;
import io.netty.channel.local.LocalServerChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.uring.IoUring;
import io.netty.channel.uring.IoUringIoHandler;
import io.netty.channel.uring.IoUringServerSocketChannel;
import io.netty.channel.uring.IoUringSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.spi.SelectorProvider;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * A few event loops and the kind of sockets that go with them. Several clients and servers may
 * share one. Thread-safe. Threads are daemons: a reactor keeps no process alive.
 */
public final class Reactor implements AutoCloseable {
  /**
   * Bytes a socket may have waiting before its connection stops writing, and below which it goes
   * on.
   */
  private static final WriteBufferWaterMark WATER_MARK =
      new WriteBufferWaterMark(128 << 10, 512 << 10);

  /**
   * Read buffers follow what a connection sends. After one full buffer the other connections of the
   * loop get their turn: a peer that sends as fast as it can must not make them wait. So a buffer
   * is no larger than pays: a message of 64 KiB and its head in one read, and several when it is
   * busy.
   */
  private static final RecvByteBufAllocator READ_BUFFERS =
      new AdaptiveRecvByteBufAllocator(512, 4 << 10, 256 << 10).maxMessagesPerRead(1);

  private static final ByteBufAllocator BUFFERS = warm(PooledByteBufAllocator.DEFAULT);

  /** Connections that may wait to be accepted. */
  private static final int ACCEPT_BACKLOG = 4_096;

  private static final AtomicInteger MEMORY_PORTS = new AtomicInteger();

  /** How long the process's own reactor outlives its last user. */
  private static final Duration LINGER = Duration.ofSeconds(5);

  private static final SharedReactor SHARED =
      new SharedReactor(() -> open(ReactorSettings.ofProcess()), LINGER);

  private final TransportKind kind;
  private final EventLoopGroup loops;
  private final MemoryBudget memory;
  private final SocketAddresses.Lookup names;
  private final Ticker ticker;

  /** Which of the networks in memory it is in; 0 is that of all reactors of the machine's clock. */
  private final int network;

  private Reactor(
      TransportKind kind,
      EventLoopGroup loops,
      MemoryBudget memory,
      SocketAddresses.Lookup names,
      Ticker ticker,
      int network) {
    this.ticker = ticker;
    this.network = network;
    this.names = names;
    this.kind = kind;
    this.loops = loops;
    this.memory = memory;
  }

  /**
   * Has the allocator make its first buffer here: it reports to the JVM's flight recorder, whose
   * start can take as long as half a second, which is not to be an event loop's.
   */
  private static ByteBufAllocator warm(ByteBufAllocator buffers) {
    buffers.directBuffer(1).release();
    return buffers;
  }

  /**
   * A reactor of its own, to be closed by who opened it.
   *
   * @param loopCount how many event loops, or 0 for one per processor
   * @throws IllegalStateException if this machine lacks what the kind needs
   */
  public static Reactor open(TransportKind kind, int loopCount) {
    return open(ReactorSettings.DEFAULTS.withTransport(kind).withLoops(loopCount));
  }

  /**
   * A reactor of its own, to be closed by who opened it. What its connections may hold of memory
   * counts apart from what those of other reactors hold.
   *
   * @throws IllegalStateException if this machine lacks what the transport needs, or the Netty on
   *     the class path is too old
   */
  public static Reactor open(ReactorSettings settings) {
    return open(settings, host -> HostNames.ofProcess().addresses(host));
  }

  /** A reactor that looks names up like this. */
  static Reactor open(ReactorSettings settings, SocketAddresses.Lookup names) {
    NettyVersion.require();
    TransportKind kind = settings.transport();
    TransportKind found = kind == TransportKind.AUTO ? best() : kind;
    int count =
        settings.loops() > 0 ? settings.loops() : Runtime.getRuntime().availableProcessors();
    if (settings.busyPoll() && found != TransportKind.EPOLL && found != TransportKind.NIO) {
      throw new IllegalStateException(
          "busyPoll works with epoll and nio, not with "
              + found
              + "; set one of them as transport");
    }
    var threads = new DefaultThreadFactory("erpc-loop", true);
    var handlers =
        switch (found) {
          case EPOLL -> {
            requireNative(Epoll.isAvailable(), "epoll", Epoll.unavailabilityCause());
            yield EpollIoHandler.newFactory(0, waiting(settings));
          }
          case IO_URING -> {
            requireNative(IoUring.isAvailable(), "io_uring", IoUring.unavailabilityCause());
            yield IoUringIoHandler.newFactory();
          }
          case MEMORY -> LocalIoHandler.newFactory();
          case NIO, AUTO -> NioIoHandler.newFactory(SelectorProvider.provider(), waiting(settings));
        };
    return new Reactor(
        found,
        new MultiThreadIoEventLoopGroup(count, threads, handlers),
        new MemoryBudget(settings.maxBufferedBytes()),
        names,
        Ticker.system(),
        0);
  }

  /**
   * A reactor for tests and simulations, to be closed by who opened it: one event loop with sockets
   * in memory, as those of {@link TransportKind#MEMORY}, and every timer of its clients and servers
   * follows the clock. Several may follow one clock; they reach each other's addresses, and those
   * of no other clock.
   */
  public static Reactor inMemory(ManualClock clock) {
    return new Reactor(
        TransportKind.MEMORY,
        ManualLoop.start(clock),
        new MemoryBudget(ReactorSettings.DEFAULTS.maxBufferedBytes()),
        host -> HostNames.ofProcess().addresses(host),
        clock,
        clock.network());
  }

  /** How a loop waits when it has nothing to do. */
  private static SelectStrategyFactory waiting(ReactorSettings settings) {
    return settings.busyPoll()
        ? () -> (selectNow, hasTasks) -> selectNow.get()
        : DefaultSelectStrategyFactory.INSTANCE;
  }

  /**
   * The process's own reactor, opened as {@link ReactorSettings} say when it is first asked for.
   * Whoever asks like this keeps it open for good.
   *
   * @throws erpc.settings.SettingsException naming settings that cannot be used
   */
  public static Reactor shared() {
    return SHARED.borrow();
  }

  /**
   * The process's own reactor, to be {@linkplain #giveBack given back}; its threads end some
   * seconds after everybody has.
   *
   * @throws erpc.settings.SettingsException naming settings that cannot be used
   */
  public static Reactor borrowShared() {
    return SHARED.borrow();
  }

  /** Says that who borrowed the process's own reactor needs it no more; of others says nothing. */
  public static void giveBack(Reactor reactor) {
    SHARED.giveBack(reactor);
  }

  private static TransportKind best() {
    return Epoll.isAvailable() ? TransportKind.EPOLL : TransportKind.NIO;
  }

  private static void requireNative(boolean available, String name, Throwable cause) {
    if (!available) {
      throw new IllegalStateException(
          "transport "
              + name
              + " is not available here; use auto or nio, or add the native library for this"
              + " machine, as io.netty:netty-transport-native-"
              + name
              + ":linux-x86_64. Cause: "
              + cause,
          cause);
    }
  }

  /** What moves the bytes; never {@link TransportKind#AUTO}. */
  public TransportKind kind() {
    return kind;
  }

  /** The clock that its timers follow. */
  public Ticker ticker() {
    return ticker;
  }

  /** What messages of its clients and servers may hold of memory, together. */
  public MemoryBudget memory() {
    return memory;
  }

  /** An event loop, in turn. */
  public EventLoop next() {
    return loops.next();
  }

  /**
   * Runs something on an event loop after a while.
   *
   * @return by which it can be cancelled, so that nothing holds on to the task until it is due;
   *     null if the event loops have been closed, and it will never run
   */
  public @Nullable Future<?> schedule(Runnable task, long nanos) {
    try {
      return next().schedule(task, Math.max(nanos, 1), TimeUnit.NANOSECONDS);
    } catch (RejectedExecutionException e) {
      return null;
    }
  }

  /**
   * All event loops that run by themselves: none whose clock is moved by hand, for nobody can tell
   * whether such a loop is late.
   */
  public Stream<EventLoop> all() {
    if (loops instanceof ManualLoop) {
      return Stream.empty();
    }
    return StreamSupport.stream(loops.spliterator(), false)
        .filter(EventLoop.class::isInstance)
        .map(EventLoop.class::cast);
  }

  /** Whether the calling thread is one of this process's event loops, where nothing may block. */
  public static boolean isEventLoop() {
    return Thread.currentThread() instanceof io.netty.util.concurrent.FastThreadLocalThread thread
        && thread.getName().startsWith("erpc-loop");
  }

  /** A bootstrap for one connection to the address, on the event loop. */
  Bootstrap connecting(EventLoop loop, SocketAddress address, int timeoutMillis) {
    Bootstrap bootstrap =
        new Bootstrap()
            .group(loop)
            .channel(clientChannel(address))
            .option(ChannelOption.ALLOCATOR, BUFFERS)
            .option(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER_MARK)
            .option(ChannelOption.MESSAGE_SIZE_ESTIMATOR, HeldBytes.ESTIMATOR)
            .option(ChannelOption.RECVBUF_ALLOCATOR, READ_BUFFERS)
            .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, timeoutMillis);
    if (address instanceof java.net.InetSocketAddress) {
      bootstrap.option(ChannelOption.TCP_NODELAY, true);
    }
    return bootstrap;
  }

  /** A bootstrap for listening on the address. */
  ServerBootstrap listening(SocketAddress address) {
    ServerBootstrap bootstrap =
        new ServerBootstrap()
            .group(loops)
            .channel(serverChannel(address))
            .childOption(ChannelOption.ALLOCATOR, BUFFERS)
            .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER_MARK)
            .childOption(ChannelOption.MESSAGE_SIZE_ESTIMATOR, HeldBytes.ESTIMATOR)
            .childOption(ChannelOption.RECVBUF_ALLOCATOR, READ_BUFFERS);
    if (address instanceof java.net.InetSocketAddress) {
      bootstrap
          .option(ChannelOption.SO_REUSEADDR, true)
          .childOption(ChannelOption.TCP_NODELAY, true);
    }
    if (kind != TransportKind.MEMORY) {
      bootstrap
          .option(ChannelOption.SO_BACKLOG, ACCEPT_BACKLOG)
          .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
    }
    return bootstrap;
  }

  /**
   * The address as this reactor's sockets take it, for who listens or connects on its event loops
   * himself.
   *
   * @throws IllegalArgumentException if it is malformed
   */
  public SocketAddress resolve(String address) {
    if (kind == TransportKind.MEMORY) {
      return new LocalAddress(SocketAddresses.inNetwork(network, address));
    }
    SocketAddress parsed = SocketAddresses.parse(address);
    if (parsed instanceof UnixDomainSocketAddress unix && kind == TransportKind.EPOLL) {
      return new DomainSocketAddress(unix.getPath().toString());
    }
    return parsed;
  }

  /**
   * All that an address stands for, in the order in which to try it; at least one. May block while
   * a name is looked up.
   *
   * @throws IllegalArgumentException if it is malformed or its host is not known
   */
  List<SocketAddress> resolveAll(String address) {
    boolean named = kind != TransportKind.MEMORY && !address.startsWith("unix:");
    return named ? SocketAddresses.all(address, names) : List.of(resolve(address));
  }

  /**
   * The address to listen on; in memory, too, port 0 stands for a free one.
   *
   * @throws IllegalArgumentException if it is malformed
   */
  SocketAddress resolveLocal(String address) {
    if (kind == TransportKind.MEMORY && address.endsWith(":0")) {
      return resolve(address.substring(0, address.length() - 1) + MEMORY_PORTS.incrementAndGet());
    }
    return resolve(address);
  }

  private Class<? extends Channel> clientChannel(SocketAddress address) {
    boolean unix = isUnix(address);
    return switch (kind) {
      case EPOLL -> unix ? EpollDomainSocketChannel.class : EpollSocketChannel.class;
      case IO_URING -> {
        if (unix) {
          throw noUnix();
        }
        yield IoUringSocketChannel.class;
      }
      case MEMORY -> LocalChannel.class;
      case NIO, AUTO -> unix ? NioDomainSocketChannel.class : NioSocketChannel.class;
    };
  }

  private Class<? extends ServerChannel> serverChannel(SocketAddress address) {
    boolean unix = isUnix(address);
    return switch (kind) {
      case EPOLL -> unix ? EpollServerDomainSocketChannel.class : EpollServerSocketChannel.class;
      case IO_URING -> {
        if (unix) {
          throw noUnix();
        }
        yield IoUringServerSocketChannel.class;
      }
      case MEMORY -> LocalServerChannel.class;
      case NIO, AUTO -> unix ? NioServerDomainSocketChannel.class : NioServerSocketChannel.class;
    };
  }

  private static IllegalArgumentException noUnix() {
    return new IllegalArgumentException(
        "the io_uring transport has no Unix sockets; use epoll or nio for unix: addresses");
  }

  private static boolean isUnix(SocketAddress address) {
    return address instanceof DomainSocketAddress || address instanceof UnixDomainSocketAddress;
  }

  /** Whether finding what an address stands for may block. */
  boolean looksUp() {
    return kind != TransportKind.MEMORY;
  }

  /** Runs something that may not block on an event loop after a while. */
  void later(Runnable task, long delay, TimeUnit unit) {
    var unused = loops.schedule(task, delay, unit);
  }

  /** Whether its event loops take nothing any more. */
  boolean isClosing() {
    return loops.isShuttingDown();
  }

  /** Stops the event loops, without waiting for it. */
  void closeSoon() {
    var unused = shutDown();
  }

  /** Stops the event loops; connections that are still open end. */
  @Override
  public void close() {
    shutDown().awaitUninterruptibly(2, TimeUnit.SECONDS);
  }

  private io.netty.util.concurrent.Future<?> shutDown() {
    if (loops instanceof ManualLoop manual) {
      manual.closes();
    }
    return loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }
}
