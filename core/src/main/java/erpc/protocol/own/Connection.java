package erpc.protocol.own;

import erpc.call.Metadata;
import erpc.call.Status;
import erpc.call.Thrown;
import erpc.call.Ticker;
import erpc.protocol.ConnectionSettings;
import erpc.protocol.MemoryBudget;
import erpc.protocol.MemoryShare;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.DecoderException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What both ends of a connection have in common: reading frames, writing what other threads queue,
 * credit, heartbeats, the end. Everything not marked otherwise runs on the connection's event loop
 * and belongs to it.
 */
abstract class Connection<S extends Stream> extends ChannelEnd {
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
  final Batch<S> batch = new Batch<>(this);
  private final CloseActions onClose = new CloseActions();

  private @Nullable FrameWriter writer;
  private @Nullable DeadlineWheel wheel;
  private final FrameReader<S> frames = new FrameReader<>(this);

  private boolean greeted;
  private boolean goAwaySent;
  private boolean closing;

  /**
   * Why it has ended. Set by whoever ends it first, with the lock of {@link #onClose} held: the
   * event loop or, once that is gone, any thread.
   */
  private volatile @Nullable Status closeStatus;

  final LateFlush lateFlush = new LateFlush(this);

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
  abstract void endLost(S stream, Status why);

  /** Ends a stream because of what has come on it, and tells the peer. */
  abstract void abort(S stream, Status why);

  /** The highest stream id this end has opened or taken. */
  abstract int lastStream();

  /** The other side's setting MAX_STREAMS or MAX_MESSAGE. */
  void peerSetting(int id, int value) {}

  /** A batch has been written. */
  void batchWritten() {}

  /** Ends the connection in good order: no new streams, and those that are open finish. */
  abstract void drainHere(String why);

  /** Streams are gone or the backlog has shrunk; a chance to end a connection that is to end. */
  void closeIfDrained() {}

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
    if (closeStatus != null) {
      // Given up while it was being dialled.
      if (context != null) {
        var unused = context.close();
      }
      return;
    }
    if (greeted) {
      return; // Added to a channel that was active, just before that is told.
    }
    learnIdentity();
    greeted = true;
    memory.connections(1);
    batch.readClock();
    heartbeat.start(batch.nowNanos());
    lifetime.start();
    writer().writeGreeting(settings);
    writeAfterGreeting();
    flushUnlessInBatch();
    outflow.writeQueued();
  }

  /** Writes what is to go right behind the settings, before any call that waits. */
  void writeAfterGreeting() {}

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    markClosed(loop.isShuttingDown() ? Outflow.LOOP_GONE : Outflow.CLOSED_BY_PEER);
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
    markClosed(why);
    if (context != null) {
      Farewell.reset(context.channel());
    }
  }

  /**
   * Ends everything on this connection with the status; whatever was written may have been started.
   */
  final void close(Status why) {
    markClosed(why);
    if (context != null) {
      context.close();
    }
  }

  /**
   * The connection never came to be: nothing on it was started. May be called before there is a
   * channel.
   */
  final void markClosed(Status why) {
    synchronized (onClose) { // Once the event loop is gone, any thread may find that out.
      if (closeStatus != null) {
        return;
      }
      closeStatus = why;
    }
    List<S> open = outflow.close();
    open.addAll(streams.values());
    streams.clear();
    for (S stream : open) {
      wheel().remove(stream);
    }
    InTurns.each(loop, open, stream -> endLost(stream, why), () -> {});
    if (writer != null) {
      writer.release();
    }
    frames.stop();
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
  final void closeGracefully(Status why, long lingerMillis) {
    if (closeStatus == null && greeted && context != null && lingerMillis > 0) {
      flush();
      markClosed(why);
      closing = true;
      Farewell.gracefully(context, loop, lingerMillis);
    } else {
      close(why);
    }
  }

  final void warn(String what) {
    ConnectionLog.refused(address(), what);
  }

  /** Why the connection has ended, or null while it lives. Any thread. */
  public final @Nullable Status whyClosed() {
    return closeStatus;
  }

  @Override
  public final boolean isClosed() {
    return closeStatus != null;
  }

  @Override
  public final void onClose(Runnable action) {
    onClose.add(action);
  }

  final boolean isGreeted() {
    return greeted;
  }

  /** Whether the other side's preface has come. Any thread. */
  final boolean isHandshaken() {
    return frames.isHandshaken();
  }

  // ---- reading

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    ByteBuf in = (ByteBuf) message;
    if (closeStatus != null) {
      in.release();
      return;
    }
    batch.begin();
    heartbeat.heard(batch.nowNanos());
    LateFlush.reading(true);
    try {
      frames.read(in);
    } catch (ProtocolViolation violation) {
      refuse(violation);
    } finally {
      if (closeStatus == null) {
        frames.keep(ctx.alloc(), in);
      } else {
        in.release();
      }
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    batch.leave();
    LateFlush.reading(false);
    flushBatch();
  }

  /** The peer speaks another version. */
  final void wrongVersion(int version) {
    String text = "this side speaks version " + Wire.VERSION + " of the protocol, not " + version;
    warn(text);
    goAway(0, Status.Code.UNIMPLEMENTED, text);
    markClosed(Status.of(Status.Code.UNAVAILABLE, text));
    closeChannelAfterFlush();
  }

  /** A PING was answered, with what it carried. */
  void pinged(long content) {}

  final void refuse(ProtocolViolation violation) {
    String text = String.valueOf(violation.getMessage());
    warn(text);
    if (frames.isHandshaken()) {
      goAway(lastStream(), violation.code(), text);
    }
    markClosed(Status.of(Status.Code.UNAVAILABLE, "the peer broke the protocol: " + text));
    closeChannelAfterFlush();
  }

  private void closeChannelAfterFlush() {
    if (context != null) {
      closing = true;
      Farewell.afterFlush(context, loop);
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
  void messagesWritten(S stream) {}

  /** Credit for what the reader of a stream has taken. */
  final void giveCreditBack(Stream stream) {
    if (closeStatus == null) {
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

  final boolean isReadingPaused() {
    return batch.isReadingPaused();
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    if (ctx.channel().isWritable() && !batch.isOpen() && closeStatus == null) {
      outflow.writeKept();
      flushBatch();
    }
    ctx.fireChannelWritabilityChanged();
  }

  /**
   * The end of a batch: large messages get their turn, everything leaves, and what waits still is
   * looked at.
   */
  final void flushBatch() {
    batch.flush();
  }

  /** Whether it has a channel and has not ended. */
  final boolean isOpen() {
    return writer != null && closeStatus == null;
  }

  /** Counts what is held now. */
  final void countHeld() {
    int begun = frames.heldBytes();
    share.hold(inflow.heldBytes() + begun + outflow.heldBytes(), context);
    inflow.counted();
    unfinished.publish(begun);
  }

  /**
   * Whether this end stops reading while its socket takes no more. Only one end may, or two that
   * wait for each other would wait for ever; and never for lack of credit, which comes by reading.
   */
  boolean pausesReading() {
    return false;
  }

  final void flushUnlessInBatch() {
    if (!batch.isOpen()) {
      flushBatch();
    }
  }

  /** Hands what was written to the socket. */
  final void flush() {
    if (writer != null && closeStatus == null) {
      writer.flush();
    }
  }

  /** Whether something was written and not flushed. */
  final boolean hasUnflushed() {
    return isOpen() && !writer().isEmpty();
  }

  // ---- the end in good order

  /** Says that no stream above the last one will be opened or started. */
  final void goAway(int lastStream, Status.Code code, String text) {
    if (goAwaySent || !greeted) {
      return;
    }
    goAwaySent = true;
    writer().writeGoAway(lastStream, code, text);
    writer().flush();
  }

  final boolean isGoAwaySent() {
    return goAwaySent;
  }

  /**
   * Closes this direction once everything is written, and the connection once the peer has closed
   * the other.
   */
  final void closeOnceWritten() {
    if (closing || context == null || closeStatus != null || !outflow.isEmpty()) {
      return;
    }
    closing = true;
    flush();
    Farewell.gracefully(context, loop, Farewell.LINGER_MILLIS);
  }

  /** Sends a PING. */
  final void ping(long content) {
    ByteBuf out = writer().begin(Wire.PING, 0, Wire.PING_BYTES);
    writer().end(out.writeLong(content));
    flushUnlessInBatch();
  }
}
