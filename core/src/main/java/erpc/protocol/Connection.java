package erpc.protocol;

import erpc.call.Peer;
import erpc.call.Printable;
import erpc.call.Status;
import erpc.call.Ticker;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.channel.local.LocalAddress;
import io.netty.channel.socket.DuplexChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.util.collection.IntObjectHashMap;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What both ends of a connection have in common: reading frames, writing what other threads queue,
 * credit, heartbeats, the end. Everything not marked otherwise runs on the connection's event loop
 * and belongs to it.
 */
abstract class Connection<S extends Stream> extends ChannelInboundHandlerAdapter implements Peer {
  private static final Logger LOG = LoggerFactory.getLogger("erpc.protocol");
  private static final LogLimit LOG_LIMIT = new LogLimit();

  /** How long a thread that waits for room parks before it looks again by itself. */
  private static final long ROOM_POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

  /**
   * Before it gives a silent peer up, a process that was itself stopped must get to read what has
   * come meanwhile.
   */
  private static final long SECOND_LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

  /** After half-closing, how long the peer may take to close its half. */
  private static final long LINGER_MILLIS = 2_000;

  final EventLoop loop;
  final ConnectionSettings settings;
  final Ticker ticker;
  final IntObjectHashMap<S> streams = new IntObjectHashMap<>(8);

  private final boolean sendsTicks;
  private final OutboundQueue queue = new OutboundQueue();
  private final ArrayDeque<Outbound> pending = new ArrayDeque<>(4);
  private final ArrayDeque<S> sending = new ArrayDeque<>(4);
  private final Queue<Thread> waitingForRoom = new ConcurrentLinkedQueue<>();
  private final Runnable drainTask = this::drain;
  private final List<Runnable> onClose = new ArrayList<>(1); // guarded by itself

  private @Nullable ChannelHandlerContext context;
  private @Nullable FrameWriter writer;
  private @Nullable DeadlineWheel wheel;
  private ByteBuf unread = Unpooled.EMPTY_BUFFER;

  private volatile boolean handshaken;
  private boolean greeted;
  private boolean inBatch;
  private boolean goAwaySent;
  private boolean readingPaused;
  private boolean finishing;
  private long pendingBytes;
  private volatile long backlogBytes;
  private volatile @Nullable Status closed;

  private int sendCredit = Wire.CONNECTION_WINDOW;
  private int receiveCredit = Wire.CONNECTION_WINDOW;
  private int receivedUncredited;
  private long assemblyBytes;
  private int peerStreamWindow = Wire.STREAM_WINDOW;

  private long openedNanos;
  private long lastReadNanos;
  private boolean pinged;
  private boolean secondLook;
  private @Nullable Future<?> nextCheck;
  private long lastUnwritten;
  private long writeProgressNanos;

  /** The clock reading at which the bytes now being parsed were read. */
  long nowNanos;

  Connection(EventLoop loop, ConnectionSettings settings, Ticker ticker, boolean sendsTicks) {
    this.loop = loop;
    this.settings = settings;
    this.ticker = ticker;
    this.sendsTicks = sendsTicks;
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

  /** The other side's setting MAX_STREAMS or MAX_MESSAGE. */
  void peerSetting(int id, int value) {}

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
    openedNanos = ticker.nanos();
    nowNanos = openedNanos;
    lastReadNanos = openedNanos;
    greeted = true;
    scheduleCheck(
        Math.min(settings.handshakeTimeout().toNanos(), settings.keepaliveInterval().toNanos()));
    greet();
    drain();
  }

  /** Sends preface and settings. */
  void greet() {
    FrameWriter out = writer();
    out.preface();
    ByteBuf payload = out.begin(Wire.SETTINGS, 0, 3 * Wire.SETTING_BYTES);
    if (settings.maxMessageBytes() != ConnectionSettings.DEFAULTS.maxMessageBytes()) {
      payload.writeShort(Wire.SETTING_MAX_MESSAGE).writeInt(settings.maxMessageBytes());
    }
    if (settings.maxStreams() != ConnectionSettings.DEFAULTS.maxStreams()) {
      payload.writeShort(Wire.SETTING_MAX_STREAMS).writeInt(settings.maxStreams());
    }
    out.end(payload);
    flushUnlessInBatch();
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    closed(Status.of(Status.Code.UNAVAILABLE, "the connection was closed by the peer"));
    ctx.fireChannelInactive();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    close(Status.of(Status.Code.UNAVAILABLE, "the connection broke: " + cause));
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
    if (closed != null) {
      return;
    }
    closed = why;
    Outbound item = queue.close();
    while (item != null) {
      Outbound next = item.queuedBefore;
      item.queuedBefore = null;
      item.dropped();
      item = next;
    }
    for (Outbound waiting = pending.poll(); waiting != null; waiting = pending.poll()) {
      waiting.dropped();
    }
    List<S> open = new ArrayList<>(streams.values());
    open.addAll(sending);
    sending.clear();
    streams.clear();
    for (S stream : open) {
      wheel().remove(stream);
      lost(stream, why);
    }
    if (writer != null) {
      writer.release();
    }
    unread.release();
    unread = Unpooled.EMPTY_BUFFER;
    if (nextCheck != null) {
      // Or a closed connection would be held until then: many, where clients come and go.
      nextCheck.cancel(false);
    }
    wakeWaiting();
    runOnClose();
  }

  private void runOnClose() {
    List<Runnable> actions;
    synchronized (onClose) {
      actions = List.copyOf(onClose);
      onClose.clear();
    }
    for (Runnable action : actions) {
      try {
        action.run();
      } catch (RuntimeException e) {
        LOG.error("an action on the end of a connection threw; the others go on", e);
      }
    }
  }

  private void warn(String what) {
    if (LOG_LIMIT.allows(address())) {
      LOG.warn(
          "closing the connection with {}: {}",
          Printable.of(address().toString()),
          Printable.of(what));
    }
  }

  /** Why the connection has ended, or null while it lives. Any thread. */
  final @Nullable Status closedStatus() {
    return closed;
  }

  @Override
  public final void onClose(Runnable action) {
    synchronized (onClose) {
      if (closed == null) {
        onClose.add(action);
        return;
      }
    }
    action.run();
  }

  @Override
  public final SocketAddress address() {
    Channel channel = context == null ? null : context.channel();
    SocketAddress address = channel == null ? null : channel.remoteAddress();
    return address == null ? new LocalAddress("closed") : address;
  }

  @Override
  public final boolean isSameMachine() {
    SocketAddress address = address();
    if (address instanceof InetSocketAddress inet) {
      return inet.getAddress() != null && inet.getAddress().isLoopbackAddress();
    }
    return address instanceof LocalAddress
        || address instanceof DomainSocketAddress
        || address instanceof UnixDomainSocketAddress;
  }

  /** Whether the other side's preface has come. Any thread. */
  final boolean isHandshaken() {
    return handshaken;
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
    lastReadNanos = nowNanos;
    pinged = false;
    inBatch = true;
    ByteBuf all = unread.isReadable() ? joined(ctx, unread, in) : in;
    unread = Unpooled.EMPTY_BUFFER;
    try {
      parse(all);
    } catch (ProtocolViolation violation) {
      refuse(violation);
    } finally {
      keep(ctx, all);
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    inBatch = false;
    sendRound();
    flush();
    settle();
  }

  private void parse(ByteBuf in) {
    if (!handshaken && !handshake(in)) {
      return;
    }
    while (in.readableBytes() >= Wire.HEADER_BYTES && closed == null) {
      int start = in.readerIndex();
      int word = in.getInt(start);
      int length = word >>> 8;
      if (length > Wire.MAX_PAYLOAD_BYTES) {
        throw new ProtocolViolation(
            "frame of " + length + " bytes passes the limit of " + Wire.MAX_PAYLOAD_BYTES);
      }
      if (in.readableBytes() < Wire.HEADER_BYTES + length) {
        return;
      }
      int end = start + Wire.HEADER_BYTES + length;
      in.readerIndex(start + Wire.HEADER_BYTES);
      dispatch(word & 0xff, in.getInt(start + Wire.STREAM_OFFSET), in, end);
      in.readerIndex(end);
    }
  }

  private boolean handshake(ByteBuf in) {
    if (in.readableBytes() < Wire.PREFACE_BYTES) {
      return false;
    }
    int preface = in.readInt();
    if (preface >>> 8 != Wire.MAGIC) {
      throw new ProtocolViolation(
          String.format("the peer doesn't speak erpc: its first bytes are %08x", preface));
    }
    if ((preface & 0xff) != Wire.VERSION) {
      wrongVersion(preface & 0xff);
      return false;
    }
    handshaken = true;
    return true;
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
      need(in, end, Wire.TICK_BYTES, "tick");
      tick(in.readInt());
    }
    int type = kind & Wire.TYPE_MASK;
    switch (type) {
      case Wire.REQUEST, Wire.RESPONSE, Wire.DATA, Wire.RESET -> {
        if (stream == 0) {
          throw new ProtocolViolation("frame of type " + type + " without a stream");
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
      }
    }
  }

  private void connectionFrame(int kind, ByteBuf in, int end) {
    switch (kind & Wire.TYPE_MASK) {
      case Wire.PING -> ping(kind, in, end);
      case Wire.SETTINGS -> peerSettings(in, end);
      default -> frame(kind, 0, in, end);
    }
  }

  private void ping(int kind, ByteBuf in, int end) {
    need(in, end, Wire.PING_BYTES, "PING");
    if ((kind & Wire.ACK) == 0) {
      long content = in.readLong();
      ByteBuf out = writer().begin(Wire.PING | Wire.ACK, 0, Wire.PING_BYTES);
      writer().end(out.writeLong(content));
    }
  }

  private void peerSettings(ByteBuf in, int end) {
    if ((end - in.readerIndex()) % Wire.SETTING_BYTES != 0) {
      throw new ProtocolViolation("SETTINGS of " + (end - in.readerIndex()) + " bytes");
    }
    while (in.readerIndex() < end) {
      int id = in.readUnsignedShort();
      int value = in.readInt();
      if (id == Wire.SETTING_STREAM_WINDOW) {
        // Only ever raised; a value with the highest bit set says "as much as there is".
        peerStreamWindow = Math.max(peerStreamWindow, value < 0 ? Integer.MAX_VALUE : value);
      } else {
        peerSetting(id, value);
      }
    }
  }

  /**
   * Checks that so many bytes of a frame are left.
   *
   * @throws ProtocolViolation naming the field if they aren't
   */
  static void need(ByteBuf in, int end, int bytes, String field) {
    if (end - in.readerIndex() < bytes) {
      throw new ProtocolViolation("a frame ends inside its " + field);
    }
  }

  private static ByteBuf joined(ChannelHandlerContext ctx, ByteBuf before, ByteBuf in) {
    if (before.writableBytes() >= in.readableBytes() && before.refCnt() == 1) {
      before.writeBytes(in);
      in.release();
      return before;
    }
    ByteBuf all = ctx.alloc().ioBuffer(before.readableBytes() + in.readableBytes());
    all.writeBytes(before).writeBytes(in);
    before.release();
    in.release();
    return all;
  }

  private void keep(ChannelHandlerContext ctx, ByteBuf all) {
    if (!all.isReadable() || closed != null) {
      all.release();
      return;
    }
    if (all.readableBytes() * 4 >= all.capacity()) {
      unread = all;
      return;
    }
    // A few bytes must not pin a read buffer that is many times their size.
    unread = ctx.alloc().ioBuffer(all.readableBytes()).writeBytes(all);
    all.release();
  }

  private void refuse(ProtocolViolation violation) {
    String text = String.valueOf(violation.getMessage());
    warn(text);
    if (handshaken) {
      goAway(0, Status.Code.INVALID_ARGUMENT, text);
    }
    closed(Status.of(Status.Code.UNAVAILABLE, "the peer broke the protocol: " + text));
    closeChannelAfterFlush();
  }

  /**
   * Sends what was written and closes; a peer that doesn't read cannot delay this beyond the linger
   * time.
   */
  private void closeChannelAfterFlush() {
    if (context != null) {
      finishing = true;
      Channel channel = context.channel();
      context.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(done -> channel.close());
      var unused = loop.schedule(() -> channel.close(), LINGER_MILLIS, TimeUnit.MILLISECONDS);
    }
  }

  // ---- credit

  private void credit(int id, ByteBuf in, int end) {
    need(in, end, Integer.BYTES, "CREDIT");
    int amount = in.readInt();
    if (amount <= 0) {
      throw new ProtocolViolation("CREDIT of " + Integer.toUnsignedString(amount));
    }
    if (id == 0) {
      sendCredit = sum(sendCredit, amount);
    } else {
      S stream = streams.get(id);
      if (stream == null) {
        unknownStream(id);
        return;
      }
      stream.sendCredit = sum(stream.sendCredit, amount);
      if (stream.countedBytes > 0 && !stream.sending) {
        stream.sending = true;
        sending.add(stream);
      }
    }
  }

  private static int sum(int credit, int amount) {
    if (credit > Integer.MAX_VALUE - amount) {
      throw new ProtocolViolation("CREDIT past 2^31 - 1");
    }
    return credit + amount;
  }

  /** A frame names a stream that isn't open: skipped if it ever was, refused if not. */
  abstract void unknownStream(int id);

  /** Credit that a new stream of ours starts with. */
  final int initialSendCredit() {
    return peerStreamWindow;
  }

  /** Whether so many bytes may be sent at once, on a stream that has sent nothing yet. */
  final boolean canSendAtOnce(int dataBytes) {
    return dataBytes <= Wire.MAX_DATA_BYTES
        && dataBytes <= sendCredit
        && dataBytes <= peerStreamWindow;
  }

  final void spend(int dataBytes) {
    sendCredit -= dataBytes;
  }

  /**
   * Accounts for the data part of a frame on the connection, and gives the credit back when half is
   * used.
   */
  final void received(int dataBytes) {
    receiveCredit -= dataBytes;
    if (receiveCredit < 0) {
      throw new ProtocolViolation("more data than the connection's credit");
    }
    receivedUncredited += dataBytes;
    if (receivedUncredited >= Wire.CONNECTION_WINDOW / 2) {
      writeCredit(0, receivedUncredited);
      receiveCredit += receivedUncredited;
      receivedUncredited = 0;
    }
  }

  /**
   * Accounts for a part of an unfinished message on its stream, and gives the credit back when half
   * is used.
   */
  final void received(S stream, int dataBytes) {
    stream.receiveCredit -= dataBytes;
    if (stream.receiveCredit < 0) {
      throw new ProtocolViolation(
          "more data than the credit of stream " + Integer.toUnsignedString(stream.id));
    }
    stream.receivedUncredited += dataBytes;
    if (stream.receivedUncredited >= Wire.STREAM_WINDOW / 2) {
      writeCredit(stream.id, stream.receivedUncredited);
      stream.receiveCredit += stream.receivedUncredited;
      stream.receivedUncredited = 0;
    }
  }

  private void writeCredit(int stream, int amount) {
    ByteBuf out = writer().begin(Wire.CREDIT, stream, Integer.BYTES);
    writer().end(out.writeInt(amount));
  }

  // ---- messages of several frames

  /**
   * Takes a frame's part of a message that doesn't fit into one frame.
   *
   * @return null, or why the message cannot be taken
   */
  final @Nullable Status assemble(S stream, ByteBuf in, int end, boolean more, int limit) {
    received(stream, end - in.readerIndex());
    Assembly assembly = stream.assembly;
    if (assembly == null) {
      need(in, end, Wire.ENCODING_BYTES + Wire.TOTAL_BYTES, "message total");
      int encoding = in.readUnsignedByte();
      int total = in.readInt();
      if (total < 0 || total > limit) {
        return Status.of(
            Status.Code.RESOURCE_EXHAUSTED,
            "message of "
                + Integer.toUnsignedString(total)
                + " bytes passes the limit of "
                + limit);
      }
      assembly = new Assembly(encoding, total);
      stream.assembly = assembly;
    }
    int size = end - in.readerIndex();
    if (assemblyBytes + size > settings.maxAssemblyBytes()) {
      return Status.of(
          Status.Code.RESOURCE_EXHAUSTED,
          "messages in progress on this connection pass the limit of "
              + settings.maxAssemblyBytes()
              + " bytes");
    }
    assemblyBytes += size;
    if (!assembly.add(in, size) || (!more && !assembly.isWhole())) {
      return Status.of(
          Status.Code.INVALID_ARGUMENT,
          "message is not as long as announced (" + assembly.total + ")");
    }
    return null;
  }

  /** Lets go of what has arrived of an unfinished message. */
  final void forgetAssembly(S stream) {
    Assembly assembly = stream.assembly;
    if (assembly != null) {
      assemblyBytes -= assembly.length();
      stream.assembly = null;
    }
  }

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

  /** Hands something to be written to the event loop. Any thread. */
  final OutboundQueue.Offer submit(Outbound item) {
    if (loop.inEventLoop()) {
      return submitHere(item);
    }
    OutboundQueue.Offer offer = queue.offer(item, settings.maxBacklogBytes() - backlogBytes);
    if (offer == OutboundQueue.Offer.QUEUED_FIRST) {
      loop.execute(drainTask);
    }
    return offer;
  }

  private OutboundQueue.Offer submitHere(Outbound item) {
    if (closed != null) {
      return OutboundQueue.Offer.CLOSED;
    }
    if (pendingBytes >= settings.maxBacklogBytes() && item.isRefusable()) {
      return OutboundQueue.Offer.FULL;
    }
    item.accepted();
    writeOrKeep(item);
    flushUnlessInBatch();
    return OutboundQueue.Offer.QUEUED;
  }

  /**
   * Parks until there may be room in the queue, at most so long; returns early when it likes. Not
   * on an event loop.
   */
  final void awaitRoom(long mostNanos) {
    Thread thread = Thread.currentThread();
    waitingForRoom.add(thread);
    try {
      if (backlogBytes >= settings.maxBacklogBytes() && closed == null) {
        LockSupport.parkNanos(this, Math.min(mostNanos, ROOM_POLL_NANOS));
      } else {
        Thread.yield();
      }
    } finally {
      waitingForRoom.remove(thread);
    }
  }

  private void wakeWaiting() {
    for (Thread thread = waitingForRoom.poll(); thread != null; thread = waitingForRoom.poll()) {
      LockSupport.unpark(thread);
    }
  }

  private void drain() {
    Outbound item = queue.takeAll();
    boolean outer = inBatch;
    inBatch = true;
    while (item != null) {
      Outbound next = item.queuedBefore;
      item.queuedBefore = null;
      item.accepted();
      writeOrKeep(item);
      item = next;
    }
    inBatch = outer;
    if (!outer) {
      sendRound();
      flush();
      settle();
    }
  }

  private void writeOrKeep(Outbound item) {
    if (closed != null) {
      item.dropped();
    } else if (pending.isEmpty() && isWritable()) {
      item.write();
    } else {
      item.keptBytes = item.size();
      pending.add(item);
      pendingBytes += item.keptBytes;
    }
  }

  private boolean isWritable() {
    // A channel in memory is active a moment before it is said to be: nothing may go before the
    // preface.
    return greeted
        && context != null
        && context.channel().isActive()
        && context.channel().isWritable();
  }

  /** Queues a message that takes several frames, or waits for credit. */
  final void sendLater(S stream) {
    if (!stream.sending) {
      stream.sending = true;
      sending.add(stream);
      recount(stream);
    }
    if (!inBatch) {
      sendRound();
    }
  }

  /**
   * Gives each waiting message one frame in turn, as long as the socket and the credit take them.
   */
  private void sendRound() {
    // A frame for less than a message's prefix and a byte would be all header.
    int least = Wire.ENCODING_BYTES + Wire.TOTAL_BYTES;
    while (sendCredit > least && closed == null && isWritable()) {
      S stream = sending.poll();
      if (stream == null) {
        return;
      }
      stream.sending = false;
      if (stream.sendCredit <= least) {
        // Its CREDIT brings it back.
        continue;
      }
      int most = Math.min(Wire.MAX_DATA_BYTES, Math.min(stream.sendCredit, sendCredit));
      boolean more = stream.writeFrame(most);
      recount(stream);
      if (more) {
        stream.sending = true;
        sending.add(stream);
      }
    }
  }

  /** Brings the sum of what waits up to date with what is left of one message. */
  private void recount(S stream) {
    int left = stream.bodyLeft();
    pendingBytes += left - stream.countedBytes;
    stream.countedBytes = left;
  }

  /** A stream has ended: nothing more of its message is sent. */
  final void stopSending(S stream) {
    if (stream.sending) {
      stream.sending = false;
      sending.remove(stream);
    }
    stream.forgetBody();
    recount(stream);
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    if (ctx.channel().isWritable() && !inBatch && closed == null) {
      catchUp();
    }
    ctx.fireChannelWritabilityChanged();
  }

  private void catchUp() {
    inBatch = true;
    while (!pending.isEmpty() && isWritable()) {
      Outbound item = pending.poll();
      if (item != null) {
        pendingBytes -= item.keptBytes;
        item.write();
      }
    }
    inBatch = false;
    sendRound();
    flush();
    settle();
  }

  /** Publishes how much waits, and reads on or pauses accordingly. */
  private void settle() {
    if (!pending.isEmpty() && isWritable()) {
      catchUp();
      return;
    }
    if (backlogBytes != pendingBytes) {
      backlogBytes = pendingBytes;
      if (pendingBytes < settings.maxBacklogBytes()) {
        wakeWaiting();
      }
    }
    boolean pause = pausesReading() && isBacklogFull() && !isWritable();
    if (pause != readingPaused && context != null) {
      readingPaused = pause;
      context.channel().config().setAutoRead(!pause);
    }
    if (streams.isEmpty()) {
      idle();
    }
  }

  /** Whether as many bytes wait to be written as may. */
  final boolean isBacklogFull() {
    return pendingBytes > settings.maxBacklogBytes();
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
      flush();
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
    if (goAwaySent || writer == null) {
      return;
    }
    goAwaySent = true;
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    ByteBuf out = writer().begin(Wire.GOAWAY, 0, 7 + bytes.length);
    out.writeInt(lastStream).writeByte(code.number()).writeShort(bytes.length).writeBytes(bytes);
    writer().end(out);
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
    if (finishing || context == null || closed != null) {
      return;
    }
    if (!pending.isEmpty() || !sending.isEmpty()) {
      return;
    }
    finishing = true;
    flush();
    Channel channel = context.channel();
    context
        .writeAndFlush(Unpooled.EMPTY_BUFFER)
        .addListener(done -> {
          if (channel instanceof DuplexChannel duplex && duplex.isActive()) {
            duplex.shutdownOutput();
          } else {
            channel.close();
          }
        });
    // Whatever still arrives is read, because closing with unread input would reset the connection
    // and lose replies.
    var unused = loop.schedule(() -> channel.close(), LINGER_MILLIS, TimeUnit.MILLISECONDS);
  }

  /** Text of a GOAWAY or RESPONSE: {@code u16} length and UTF-8. */
  static String text(ByteBuf in, int end) {
    need(in, end, Short.BYTES, "text");
    int length = in.readUnsignedShort();
    need(in, end, length, "text");
    return Printable.of(in.readCharSequence(length, StandardCharsets.UTF_8).toString());
  }

  // ---- heartbeat

  private void scheduleCheck(long afterNanos) {
    nextCheck = loop.schedule(this::check, Math.max(afterNanos, 1), TimeUnit.NANOSECONDS);
  }

  private void check() {
    if (closed != null) {
      return;
    }
    long now = ticker.nanos();
    if (!handshaken) {
      checkHandshake(now);
      return;
    }
    if (isStuck(now)) {
      close(
          Status.of(
              Status.Code.UNAVAILABLE,
              "the peer has read nothing for " + settings.writeTimeout().toMillis() + " ms"));
      return;
    }
    // Who doesn't read hears nothing; the write timeout watches this peer.
    long silence = readingPaused ? 0 : now - lastReadNanos;
    long interval = settings.keepaliveInterval().toNanos();
    long patience = interval + settings.keepaliveTimeout().toNanos();
    if (silence < interval) {
      secondLook = false;
      scheduleCheck(interval - silence);
    } else if (!pinged) {
      pinged = true;
      secondLook = false;
      sendPing(now);
      scheduleCheck(settings.keepaliveTimeout().toNanos() - SECOND_LOOK_NANOS);
    } else if (!secondLook) {
      secondLook = true;
      scheduleCheck(Math.max(patience - silence, SECOND_LOOK_NANOS));
    } else {
      close(
          Status.of(
              Status.Code.UNAVAILABLE,
              "the peer has been silent for "
                  + TimeUnit.NANOSECONDS.toMillis(silence)
                  + " ms (keepalive)"));
    }
  }

  private void checkHandshake(long now) {
    long left = settings.handshakeTimeout().toNanos() - (now - openedNanos);
    if (left > 0) {
      scheduleCheck(left);
      return;
    }
    String text = "no erpc preface within " + settings.handshakeTimeout().toMillis() + " ms";
    warn(text);
    close(Status.of(Status.Code.UNAVAILABLE, text));
  }

  private void sendPing(long now) {
    ByteBuf out = writer().begin(Wire.PING, 0, Wire.PING_BYTES);
    writer().end(out.writeLong(now));
    flushUnlessInBatch();
  }

  /** True if bytes have waited for the whole write timeout and the peer took none of them. */
  private boolean isStuck(long now) {
    long unwritten = context == null ? 0 : context.channel().bytesBeforeWritable();
    if (unwritten == 0 || unwritten != lastUnwritten) {
      lastUnwritten = unwritten;
      writeProgressNanos = now;
      return false;
    }
    return now - writeProgressNanos >= settings.writeTimeout().toNanos();
  }
}
