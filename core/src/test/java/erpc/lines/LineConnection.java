package erpc.lines;

import erpc.call.Printable;
import erpc.call.Status;
import erpc.call.Ticker;
import erpc.protocol.ConnectionSettings;
import erpc.protocol.Incomplete;
import erpc.protocol.LogLimit;
import erpc.protocol.MemoryBudget;
import erpc.protocol.MemoryShare;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.DuplexChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.ssl.SslHandler;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What both ends of a connection of lines have in common: lines in, lines out, silence, the end.
 * What isn't marked otherwise runs on the event loop.
 */
abstract class LineConnection extends LinePeer implements Incomplete.Holder {
  static final Status GONE =
      Status.of(Status.Code.UNAVAILABLE, "the connection was closed by the peer");

  private static final Logger LOG = LoggerFactory.getLogger("erpc.lines");
  private static final long LINGER_MILLIS = 1_000;
  private static final long FLOOD_NANOS = TimeUnit.SECONDS.toNanos(10);
  private static final int MOST_FREE_LINES = 20_000;
  private static final long ROOM_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

  final EventLoop loop;
  final ConnectionSettings settings;
  final Ticker ticker;
  final MemoryBudget memory;
  final MemoryShare share;

  private final AtomicLong backlogBytes = new AtomicLong();
  private final LineBuffer begun;
  private @Nullable ChannelHandlerContext context;
  private long openedNanos;
  private long heardNanos;
  private long floodNanos;
  private int freeLines;
  private boolean pinged;
  private boolean deaf;
  private long lastBacklog;
  private long writtenNanos;
  private long counted;
  private volatile long incomplete;
  private volatile boolean greeted;

  LineConnection(EventLoop loop, ConnectionSettings settings, Ticker ticker, MemoryBudget memory) {
    this.loop = loop;
    this.settings = settings;
    this.ticker = ticker;
    this.memory = memory;
    this.share = new MemoryShare(memory, settings.connectionShare());
    this.begun = new LineBuffer(settings.maxMessageBytes());
  }

  // ---- what the two ends differ in

  /** A line of the other side. */
  abstract void heard(Words line);

  /** The connection is open. */
  abstract void opened();

  /** The connection has ended, and with it all its calls. */
  abstract void lost(Status why);

  /** The last call that this side has taken or made. */
  abstract int lastCall();

  /** The other side closed its direction. */
  abstract void inputClosed();

  /** Looks at the calls that are open, now and then. */
  abstract void check(long nowNanos);

  /** Bytes that calls count as whose message has not come. */
  abstract long waitingBytes();

  /** Bytes of messages that have come and nobody has taken. */
  abstract long heldBytes();

  // ---- life

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    context = ctx;
    if (ctx.channel().isActive()) {
      start();
    }
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    start();
    ctx.fireChannelActive();
  }

  private void start() {
    if (openedNanos != 0 || context == null) {
      return;
    }
    if (isClosed()) {
      context.close();
      return;
    }
    openedNanos = ticker.nanos();
    heardNanos = openedNanos;
    writtenNanos = openedNanos;
    memory.connections(1);
    memory.incomplete().join(this);
    var unused = context.channel().remoteAddress();
    write(Words.line(Words.HELLO));
    opened();
    checkLater();
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    closed(GONE);
    ctx.fireChannelInactive();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    close(Status.of(Status.Code.UNAVAILABLE, "the connection broke: " + cause.getMessage()));
  }

  /** Ends it, and what is on it. Any thread may find out that the event loop is gone. */
  final void closed(Status why) {
    List<Runnable> actions = end(why);
    if (actions == null) {
      return;
    }
    lost(why);
    begun.free();
    share.hold(0);
    if (openedNanos != 0) {
      memory.connections(-1);
      count(0);
      memory.incomplete().leave(this);
    }
    actions.forEach(Runnable::run);
  }

  final void close(Status why) {
    closed(why);
    if (context != null) {
      context.close();
    }
  }

  /** Closes at once. A peer that reads nothing would not learn of the end behind what waits. */
  private void reset(Status why) {
    if (context != null && context.channel() instanceof SocketChannel channel) {
      channel.config().setSoLinger(0);
    }
    close(why);
  }

  /** Lets what was written arrive, then closes. */
  final void closeInOrder(Status why) {
    closed(why);
    ChannelHandlerContext at = context;
    if (at == null) {
      return;
    }
    Channel channel = at.channel();
    at.writeAndFlush(Unpooled.EMPTY_BUFFER)
        .addListener(done -> {
          if (channel instanceof DuplexChannel duplex
              && at.pipeline().get(SslHandler.class) == null) {
            duplex.shutdownOutput();
          } else {
            channel.close();
          }
        });
    var timer = loop.schedule(() -> channel.close(), LINGER_MILLIS, TimeUnit.MILLISECONDS);
    channel.closeFuture().addListener(over -> timer.cancel(false));
  }

  final void closeAfterFlush() {
    ChannelHandlerContext at = context;
    if (at != null) {
      at.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
    }
  }

  /** The other side has done what it must not. */
  final void refuse(Status.Code code, String text) {
    String more = LogLimit.STRANGERS.more(address());
    if (more != null) {
      LOG.warn(
          "closing the connection with {}: {}{}",
          Printable.of(String.valueOf(address())),
          Printable.of(text),
          more);
    }
    goodbye(code, text);
    closeInOrder(
        Status.of(Status.Code.UNAVAILABLE, "the peer broke the protocol: " + Printable.of(text)));
  }

  final void goodbye(Status.Code code, String text) {
    write(Words.line("BYE", code.number(), lastCall(), Words.text(text)));
  }

  final boolean isGreeted() {
    return greeted;
  }

  final boolean isOpen() {
    return openedNanos != 0 && !isClosed();
  }

  /** Runs it on the event loop; if that is gone, the connection has ended. Any thread. */
  final void onLoop(Runnable task) {
    try {
      loop.execute(task);
    } catch (RejectedExecutionException e) {
      closed(Status.of(Status.Code.UNAVAILABLE, "the reactor has been closed"));
    }
  }

  final void onChannelClosed(Runnable action) {
    if (context == null) {
      action.run();
    } else {
      context.channel().closeFuture().addListener(done -> action.run());
    }
  }

  // ---- reading

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    ByteBuf in = (ByteBuf) message;
    try {
      heardNanos = ticker.nanos();
      pinged = false;
      while (in.isReadable() && !isClosed()) {
        read(in);
      }
    } catch (Words.Broken broken) {
      refuse(Status.Code.INVALID_ARGUMENT, String.valueOf(broken.getMessage()));
    } finally {
      in.release();
    }
    if (!isClosed()) {
      count(begun.size() + waitingBytes());
      share.hold(begun.size() + heldBytes(), ctx);
    }
  }

  private void read(ByteBuf in) {
    int part = LineBuffer.partOf(in);
    if (!share.hasRoomFor(part) || !memory.incomplete().isRoomyFor(begun.size() + part)) {
      refuse(share.refusal().code(), share.refusal().message());
      return;
    }
    String line = begun.take(in, part, heardNanos);
    if (line != null) {
      line(line);
    }
  }

  private void line(String line) {
    if (!greeted) {
      if (!line.equals(Words.HELLO)) {
        throw new Words.Broken("this side says " + Words.HELLO);
      }
      greeted = true;
      return;
    }
    Words words = Words.of(line);
    switch (words.kind()) {
      case "PING" -> {
        costsNothing();
        write(Words.line("PONG", Words.text(words.text(1))));
      }
      case "PONG" -> costsNothing();
      default -> heard(words);
    }
  }

  /** A line that costs its sender nothing: an honest peer sends few. */
  final void costsNothing() {
    if (heardNanos - floodNanos > FLOOD_NANOS) {
      floodNanos = heardNanos;
      freeLines = 0;
    }
    if (++freeLines > MOST_FREE_LINES) {
      refuse(Status.Code.RESOURCE_EXHAUSTED, "a flood of lines that cost nothing");
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event == io.netty.channel.socket.ChannelInputShutdownEvent.INSTANCE && !isClosed()) {
      deaf = true;
      begun.clear();
      inputClosed();
    } else if (event == io.netty.channel.socket.ChannelInputShutdownEvent.INSTANCE) {
      closeAfterFlush();
    }
    ctx.fireUserEventTriggered(event);
  }

  // ---- writing

  /** Sends a line, if the connection lives. Any thread. */
  final boolean write(byte[] line) {
    if (isClosed()) {
      return false;
    }
    backlogBytes.addAndGet(line.length);
    if (loop.inEventLoop()) {
      send(line);
    } else {
      onLoop(() -> send(line));
    }
    return true;
  }

  private void send(byte[] line) {
    ChannelHandlerContext at = context;
    if (at == null || isClosed()) {
      backlogBytes.addAndGet(-line.length);
      return;
    }
    at.writeAndFlush(Unpooled.wrappedBuffer(line))
        .addListener(done -> {
          backlogBytes.addAndGet(-line.length);
          writtenNanos = ticker.nanos();
          readOrNot(at);
        });
    readOrNot(at);
  }

  /** A peer that doesn't read isn't read either. */
  private void readOrNot(ChannelHandlerContext at) {
    boolean reads = !pausesReading() || !isBackedUp();
    if (!isClosed() && at.channel().config().isAutoRead() != reads) {
      at.channel().config().setAutoRead(reads);
    }
  }

  /** Only one side may, or two would wait for each other. */
  boolean pausesReading() {
    return false;
  }

  /** So many bytes are on their way to the event loop or, if negative, have got there. */
  final void queued(int bytes) {
    backlogBytes.addAndGet(bytes);
  }

  final boolean isBackedUp() {
    return backlogBytes.get() >= settings.maxBacklogBytes();
  }

  final long backlogBytes() {
    return backlogBytes.get();
  }

  /** Parks for a moment, if there is no room. Any thread but the loop's. */
  final void parkUntilRoom(long mostNanos) {
    if (isBackedUp() && !isClosed()) {
      LockSupport.parkNanos(this, Math.min(mostNanos, ROOM_NANOS));
    }
  }

  // ---- time

  private void checkLater() {
    long shortest =
        Math.min(
            settings.keepaliveInterval().toNanos(),
            Math.min(settings.progressTimeout().toNanos(), settings.writeTimeout().toNanos()));
    long nanos = Math.max(TimeUnit.MILLISECONDS.toNanos(5), shortest / 4);
    var unused = loop.schedule(this::checkAll, nanos, TimeUnit.NANOSECONDS);
  }

  private void checkAll() {
    if (isClosed()) {
      return;
    }
    long now = ticker.nanos();
    if (!greeted && now - openedNanos >= settings.handshakeTimeout().toNanos()) {
      refuse(Status.Code.DEADLINE_EXCEEDED, "no first line in time");
    } else if (!begun.isEmpty()
        && now - begun.sinceNanos() >= settings.progressTimeout().toNanos()) {
      refuse(
          Status.Code.DEADLINE_EXCEEDED,
          "a line has not come whole within "
              + settings.progressTimeout().toMillis()
              + " ms (progressTimeout)");
    } else if (isStuck(now)) {
      reset(Status.of(Status.Code.UNAVAILABLE, "the peer reads nothing"));
    } else if (isSilent(now)) {
      Status silent = Status.of(Status.Code.UNAVAILABLE, "the peer has been silent (keepalive)");
      if (backlogBytes.get() > 0) {
        reset(silent);
      } else {
        close(silent);
      }
    } else {
      check(now);
    }
    if (!isClosed()) {
      checkLater();
    }
  }

  private boolean isStuck(long now) {
    long backlog = backlogBytes.get();
    if (backlog == 0 || backlog < lastBacklog) {
      writtenNanos = Math.max(writtenNanos, now);
    }
    lastBacklog = backlog;
    return backlog > 0 && now - writtenNanos >= settings.writeTimeout().toNanos();
  }

  private boolean isSilent(long now) {
    long silence = now - heardNanos;
    if (deaf || silence < settings.keepaliveInterval().toNanos()) {
      return false;
    }
    if (!pinged) {
      pinged = true;
      write(Words.line("PING", "x"));
    }
    return silence >= settings.keepaliveInterval().plus(settings.keepaliveTimeout()).toNanos();
  }

  // ---- what is incomplete

  private void count(long bytes) {
    memory.incomplete().add(bytes - counted);
    counted = bytes;
    incomplete = bytes;
  }

  @Override
  public long incompleteBytes() {
    return incomplete;
  }

  @Override
  public long incompleteSinceNanos() {
    return begun.sinceNanos();
  }

  @Override
  public void dropIncomplete(Runnable done) {
    loop.execute(() -> {
      try {
        if (!isClosed() && incomplete > 0) {
          refuse(Status.Code.RESOURCE_EXHAUSTED, "its incomplete lines are the oldest");
        }
      } finally {
        done.run();
      }
    });
  }

  @Override
  final @Nullable ChannelHandlerContext context() {
    return context;
  }
}
