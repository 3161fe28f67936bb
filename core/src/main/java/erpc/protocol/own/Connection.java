package erpc.protocol.own;

import erpc.call.Metadata;
import erpc.call.Peer;
import erpc.call.Status;
import erpc.call.Thrown;
import erpc.call.Ticker;
import erpc.protocol.ConnectionSettings;
import erpc.protocol.MemoryBudget;
import erpc.protocol.MemoryShare;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.channel.local.LocalAddress;
import io.netty.handler.codec.DecoderException;
import java.net.SocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What both ends of a connection have in common: reading frames, writing what other threads queue,
 * credit, heartbeats, the end. Everything not marked otherwise runs on the connection's event loop
 * and belongs to it.
 */
abstract class Connection<S extends Stream> extends ChannelInboundHandlerAdapter implements Peer {
  final EventLoop loop;
  final ConnectionSettings settings;
  final Ticker ticker;
  final MemoryBudget memory;
  final StreamTable<S> streams = new StreamTable<>();
  final MemoryShare share;
  private final boolean sendsTicks;
  final Outflow<S> outflow;
  final Inflow<S> inflow;
  final Published published = new Published();
  final Heartbeat heartbeat;
  final FloodGuard floods = new FloodGuard();
  final MessageWriter<S> messages = new MessageWriter<>(this);
  final Unfinished<S> unfinished;
  private final Lifetime lifetime;
  private final CloseActions onClose = new CloseActions();

  private @Nullable ChannelHandlerContext context;
  private @Nullable FrameWriter writer;
  private @Nullable DeadlineWheel wheel;
  private final Unread unread = new Unread();
  private final Preface preface = new Preface();

  private boolean greeted;
  private boolean goAwaySent;
  private boolean readingPaused;
  private boolean finishing;
  private boolean settling;
  private volatile @Nullable Status closed;
  private volatile PeerIdentity identity = PeerIdentity.PLAIN;

  /** Whether a flush is to come by itself, at the end of what is being read or written. */
  boolean inBatch;

  final LateFlush lateFlush = new LateFlush(this);

  /** The clock, read once for each batch of what is read or written. */
  long nowNanos;

  Connection(
      EventLoop loop,
      ConnectionSettings settings,
      Ticker ticker,
      MemoryBudget memory,
      boolean sendsTicks) {
    this.loop = loop;
    this.memory = memory;
    this.share = new MemoryShare(memory, settings.connectionShare());
    this.settings = settings;
    this.ticker = ticker;
    this.sendsTicks = sendsTicks;
    this.outflow = new Outflow<>(this);
    this.inflow = new Inflow<>(this);
    this.heartbeat = new Heartbeat(this);
    this.unfinished = new Unfinished<>(this);
    this.lifetime = new Lifetime(this);
  }

  // ---- what the two ends differ in

  /**
   * A frame of a stream, or AUTH or GOAWAY; the reader index is at its payload, which ends at
   * {@code end}.
   */
  abstract void frame(int kind, int stream, ByteBuf in, int end);

  /** A tick arrived; the REQUESTs that follow came with it. */
  abstract void tick(int millis);

  /** A stream ended because the connection did. */
  abstract void lost(S stream, Status why);

  /** Ends a stream because of what has come on it, and tells the peer. */
  abstract void drop(S stream, Status why);

  /** The highest stream id this end has opened or taken. */
  abstract int lastStream();

  /** The other side's setting MAX_STREAMS or MAX_MESSAGE. */
  void peerSetting(int id, int value) {}

  /** A batch has been written. */
  void settled() {}

  /** Ends the connection in good order: no new streams, and those that are open finish. */
  abstract void retire(String why);

  /** Streams are gone or the backlog has shrunk; a chance to end a connection that is to end. */
  void idle() {}

  // ---- life

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    context = ctx;
    writer = new FrameWriter(ctx, ticker, sendsTicks);
    if (ctx.channel().isActive()) {
      opened();
    }
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    opened();
    ctx.fireChannelActive();
  }

  private void opened() {
    if (closed != null) {
      // Given up while it was being dialled.
      if (context != null) {
        var unused = context.close();
      }
      return;
    }
    if (greeted) {
      return; // Added to a channel that was active, just before that is told.
    }
    if (context != null) {
      identity = PeerIdentity.of(context.channel());
      // Channels remember what they were asked while they were open.
      var unused = context.channel().remoteAddress();
    }
    greeted = true;
    memory.connections(1);
    nowNanos = ticker.nanos();
    heartbeat.start(nowNanos);
    lifetime.start();
    writer().greeting(settings);
    introduce();
    flushUnlessInBatch();
    outflow.drain();
  }

  /** Writes what is to go right behind the settings, before any call that waits. */
  void introduce() {}

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    closed(loop.isShuttingDown() ? Outflow.LOOP_GONE : Outflow.CLOSED_BY_PEER);
    ctx.fireChannelInactive();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    // What TLS throws comes wrapped.
    Throwable root =
        cause instanceof DecoderException && cause.getCause() != null ? cause.getCause() : cause;
    if (!ConnectionLog.isOrdinary(root)) {
      ConnectionLog.broke(address(), "unexpected failure on", root);
    }
    close(Status.of(Status.Code.UNAVAILABLE, "the connection broke: " + Thrown.describe(root)));
  }

  /** Ends everything at once, and drops what the peer has not read. */
  final void reset(Status why) {
    closed(why);
    if (context != null) {
      Farewell.reset(context.channel());
    }
  }

  /**
   * Ends everything on this connection with the status; whatever was written may have been started.
   */
  final void close(Status why) {
    closed(why);
    if (context != null) {
      context.close();
    }
  }

  /**
   * The connection never came to be: nothing on it was started. May be called before there is a
   * channel.
   */
  final void closed(Status why) {
    synchronized (onClose) { // Once the event loop is gone, any thread may find that out.
      if (closed != null) {
        return;
      }
      closed = why;
    }
    List<S> open = outflow.close();
    open.addAll(streams.values());
    streams.clear();
    for (S stream : open) {
      wheel().remove(stream);
    }
    InTurns.each(loop, open, stream -> lost(stream, why), () -> {});
    if (writer != null) {
      writer.release();
    }
    unread.clear();
    heartbeat.stop();
    unfinished.stop();
    lifetime.stop();
    share.hold(0);
    if (greeted) {
      memory.connections(-1);
    }
    onClose.run();
  }

  /**
   * Ends everything on this connection with the status, but has what was written arrive: closing at
   * once, with unread input, would have the system drop what the peer has not read yet.
   *
   * @param lingerMillis how long the peer may take for that; 0 to close at once all the same
   */
  final void closeInOrder(Status why, long lingerMillis) {
    if (closed == null && greeted && context != null && lingerMillis > 0) {
      flush();
      closed(why);
      finishing = true;
      Farewell.inOrder(context, loop, lingerMillis);
    } else {
      close(why);
    }
  }

  /** Runs the action once its socket has been closed, at once if there never was one. */
  final void onChannelClosed(Runnable action) {
    if (context == null) {
      action.run();
    } else {
      context.channel().closeFuture().addListener(done -> action.run());
    }
  }

  final void warn(String what) {
    ConnectionLog.refused(address(), what);
  }

  /** Why the connection has ended, or null while it lives. Any thread. */
  public final @Nullable Status whyClosed() {
    return closed;
  }

  @Override
  public final boolean isClosed() {
    return closed != null;
  }

  @Override
  public final void onClose(Runnable action) {
    onClose.add(action);
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

  final boolean isGreeted() {
    return greeted;
  }

  /** Whether the other side's preface has come. Any thread. */
  final boolean isHandshaken() {
    return preface.isOver();
  }

  // ---- reading

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    ByteBuf in = (ByteBuf) message;
    if (closed != null) {
      in.release();
      return;
    }
    nowNanos = ticker.nanos();
    heartbeat.heard(nowNanos);
    LateFlush.reading(true);
    inBatch = true;
    try {
      parseAll(in);
    } catch (ProtocolViolation violation) {
      refuse(violation);
    } finally {
      if (closed == null) {
        boolean anew = unread.isEmpty();
        unread.keep(ctx.alloc(), in, preface);
        unfinished.frame(!unread.isEmpty(), anew);
      } else {
        in.release();
      }
    }
  }

  /** What was begun before, with its end, then the rest. */
  private void parseAll(ByteBuf in) {
    if (!unread.isEmpty()) {
      ByteBuf whole = unread.completed(in, preface);
      if (whole == null) {
        return;
      }
      parse(whole);
      unread.clear();
    }
    if (closed == null) {
      parse(in);
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    inBatch = false;
    LateFlush.reading(false);
    flushAndSettle();
  }

  private void parse(ByteBuf in) {
    if (!preface.isOver()) {
      int version = preface.read(in);
      if (version != Wire.VERSION) {
        if (version >= 0) {
          wrongVersion(version);
        }
        return;
      }
    }
    while (in.readableBytes() >= Wire.HEADER_BYTES && closed == null) {
      int start = in.readerIndex();
      long header = in.getLong(start);
      int word = (int) (header >>> Integer.SIZE);
      int length = Payload.length(word);
      if (in.readableBytes() < Wire.HEADER_BYTES + length) {
        return;
      }
      int end = start + Wire.HEADER_BYTES + length;
      in.readerIndex(start + Wire.HEADER_BYTES);
      dispatch(word & 0xff, (int) header, in, end);
      in.readerIndex(end);
      writer().flushIfMany();
    }
  }

  private void wrongVersion(int version) {
    String text = "this side speaks version " + Wire.VERSION + " of the protocol, not " + version;
    warn(text);
    goAway(0, Status.Code.UNIMPLEMENTED, text);
    closed(Status.of(Status.Code.UNAVAILABLE, text));
    closeChannelAfterFlush();
  }

  private void dispatch(int kind, int stream, ByteBuf in, int end) {
    if ((kind & Wire.TICK) != 0) {
      Payload.need(in, end, Wire.TICK_BYTES, "tick");
      tick(in.readInt());
    }
    int type = kind & Wire.TYPE_MASK;
    switch (type) {
      case Wire.REQUEST, Wire.RESPONSE, Wire.DATA, Wire.RESET -> {
        if (stream == 0) {
          throw new ProtocolViolation("frame of type " + type + " without a stream");
        }
        if (type == Wire.DATA && in.readerIndex() == end && (kind & Wire.END) == 0) {
          floods.count(FloodGuard.Kind.EMPTY_FRAMES, nowNanos);
        }
        frame(kind, stream, in, end);
      }
      case Wire.CREDIT -> credit(stream, in, end);
      case Wire.PING, Wire.AUTH, Wire.GOAWAY, Wire.SETTINGS -> {
        if (stream != 0) {
          throw new ProtocolViolation("frame of type " + type + " on a stream");
        }
        connectionFrame(kind, in, end);
      }
      default -> {
        // An extension this side doesn't know.
        floods.count(FloodGuard.Kind.UNKNOWN_FRAMES, nowNanos);
      }
    }
  }

  private void connectionFrame(int kind, ByteBuf in, int end) {
    switch (kind & Wire.TYPE_MASK) {
      case Wire.PING -> {
        floods.count(FloodGuard.Kind.PINGS, nowNanos);
        ping(kind, in, end);
      }
      case Wire.SETTINGS -> {
        floods.count(FloodGuard.Kind.SETTINGS, nowNanos);
        peerSettings(in, end);
      }
      case Wire.AUTH -> {
        floods.count(FloodGuard.Kind.CREDENTIALS, nowNanos);
        frame(kind, 0, in, end);
      }
      default -> frame(kind, 0, in, end);
    }
  }

  private void ping(int kind, ByteBuf in, int end) {
    Payload.need(in, end, Wire.PING_BYTES, "PING");
    if ((kind & Wire.ACK) == 0) {
      long content = in.readLong();
      ByteBuf out = writer().begin(Wire.PING | Wire.ACK, 0, Wire.PING_BYTES);
      writer().end(out.writeLong(content));
    } else {
      pinged(in.readLong());
    }
  }

  /** A PING was answered, with what it carried. */
  void pinged(long content) {}

  private void peerSettings(ByteBuf in, int end) {
    SettingsFrame.read(
        in,
        end,
        (id, value) -> {
          if (id == Wire.SETTING_STREAM_WINDOW) {
            outflow.raiseStreamWindow(value < 0 ? Integer.MAX_VALUE : value); // Only ever raised.
          } else {
            peerSetting(id, value);
          }
        });
  }

  final void refuse(ProtocolViolation violation) {
    String text = String.valueOf(violation.getMessage());
    warn(text);
    if (preface.isOver()) {
      goAway(lastStream(), violation.code(), text);
    }
    closed(Status.of(Status.Code.UNAVAILABLE, "the peer broke the protocol: " + text));
    closeChannelAfterFlush();
  }

  private void closeChannelAfterFlush() {
    if (context != null) {
      finishing = true;
      Farewell.afterFlush(context, loop);
    }
  }

  // ---- credit

  private void credit(int id, ByteBuf in, int end) {
    floods.credit(nowNanos);
    Payload.need(in, end, Integer.BYTES, "CREDIT");
    int amount = in.readInt();
    if (amount <= 0) {
      throw new ProtocolViolation("CREDIT of " + Integer.toUnsignedString(amount));
    }
    if (id == 0) {
      outflow.addCredit(amount);
      return;
    }
    S stream = streams.get(id);
    if (stream == null) {
      unknownStream(id);
    } else {
      outflow.addCredit(stream, amount);
    }
  }

  /** A frame names a stream that isn't open: skipped if it ever was, refused if not. */
  abstract void unknownStream(int id);

  // ---- writing

  final FrameWriter writer() {
    FrameWriter out = writer;
    if (out == null) {
      throw new IllegalStateException("no channel yet");
    }
    return out;
  }

  final DeadlineWheel wheel() {
    DeadlineWheel found = wheel;
    if (found == null) {
      found = DeadlineWheel.ofThisLoop(loop, ticker);
      wheel = found;
    }
    return found;
  }

  // ---- messages of streams

  /** Writes metadata that goes before a stream's first message. */
  void writeHeaders(S stream, Metadata headers) {
    throw new IllegalStateException("only a server sends headers");
  }

  /** All messages of a stream that were kept have been written. */
  void written(S stream) {}

  /** Credit for what the reader of a stream has taken. */
  final void creditTaken(S stream) {
    if (closed == null) {
      inflow.collect(stream);
      flushUnlessInBatch();
    }
  }

  /** Whether the socket takes more. */
  final boolean isWritable() {
    // A channel in memory is active a moment before it is said to be: nothing may go before the
    // preface.
    return greeted
        && context != null
        && context.channel().isActive()
        && context.channel().isWritable()
        && !writer().isFull();
  }

  /** Bytes above what the socket's buffer may hold, 0 if it takes more. */
  final long unwrittenBytes() {
    return context == null ? 0 : context.channel().bytesBeforeWritable();
  }

  final boolean isReadingPaused() {
    return readingPaused;
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    if (ctx.channel().isWritable() && !inBatch && closed == null) {
      outflow.catchUp();
      flushAndSettle();
    }
    ctx.fireChannelWritabilityChanged();
  }

  /**
   * The end of a batch: large messages get their turn, everything leaves, and what waits still is
   * looked at.
   */
  final void flushAndSettle() {
    if (settling) {
      return; // A peer on the same loop answers within a flush; the one around this goes on.
    }
    settling = true;
    try {
      do {
        outflow.sendRound();
        flush();
        if (outflow.hasKept() && isWritable()) {
          outflow.catchUp();
        }
      } while (writer != null && closed == null && (!writer.isEmpty() || outflow.hasSendable()));
    } finally {
      settling = false;
    }
    outflow.publish();
    if (closed == null) {
      int begun = unread.bytes();
      share.hold(inflow.heldBytes() + begun + outflow.heldBytes(), context);
      inflow.counted();
      unfinished.count(begun);
    }
    settled();
    pauseOrResume();
    if (streams.isEmpty()) {
      idle();
    }
  }

  private void pauseOrResume() {
    // What the socket's own queue holds counts too: answers made right here, to pings and to calls
    // that are refused, wait nowhere else.
    boolean pause = pausesReading() && !isWritable() && outflow.isFullWith(unwrittenBytes());
    if (pause != readingPaused && context != null) {
      readingPaused = pause;
      context.channel().config().setAutoRead(!pause);
    }
  }

  /**
   * Whether this end stops reading while its socket takes no more. Only one end may, or two that
   * wait for each other would wait for ever; and never for lack of credit, which comes by reading.
   */
  boolean pausesReading() {
    return false;
  }

  final void flushUnlessInBatch() {
    if (!inBatch) {
      flushAndSettle();
    }
  }

  private void flush() {
    if (writer != null && closed == null) {
      writer.flush();
    }
  }

  // ---- the end in good order

  /** Says that no stream above the last one will be opened or started. */
  final void goAway(int lastStream, Status.Code code, String text) {
    if (goAwaySent || !greeted) {
      return;
    }
    goAwaySent = true;
    writer().goAway(lastStream, code, text);
    writer().flush();
  }

  final boolean isGoAwaySent() {
    return goAwaySent;
  }

  /**
   * Closes this direction once everything is written, and the connection once the peer has closed
   * the other.
   */
  final void finish() {
    if (finishing || context == null || closed != null || !outflow.isEmpty()) {
      return;
    }
    finishing = true;
    flush();
    Farewell.inOrder(context, loop, Farewell.LINGER_MILLIS);
  }

  /** Sends a PING. */
  final void ping(long content) {
    ByteBuf out = writer().begin(Wire.PING, 0, Wire.PING_BYTES);
    writer().end(out.writeLong(content));
    flushUnlessInBatch();
  }
}
