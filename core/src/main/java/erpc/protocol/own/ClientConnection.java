package erpc.protocol.own;

import erpc.call.Metadata;
import erpc.call.Status;
import erpc.call.Ticker;
import erpc.protocol.ConnectionSettings;
import erpc.protocol.DialledConnection;
import erpc.protocol.MemoryBudget;
import erpc.protocol.OutboundCall;
import erpc.protocol.OutboundStream;
import erpc.protocol.ServerLoad;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandler;
import io.netty.channel.EventLoop;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The client's end of a connection. Calls may be started as soon as it exists: until the socket is
 * connected they wait in it, and if it never is, they end as not started.
 */
final class ClientConnection extends Connection<ClientStream> implements DialledConnection {
  /** Past this id no stream is opened here; far enough from the end for what is under way. */
  static final int LAST_ID = Integer.MAX_VALUE;

  private final AtomicInteger openStreams = new AtomicInteger();

  /** Written by the event loop when the server's settings come. */
  private volatile int peerMaxStreams = ConnectionSettings.DEFAULTS.maxStreams();

  final Departure departure = new Departure();
  final RequestWriter requests;
  private boolean answered; // the loop's
  private final ShownToken credential = new ShownToken();
  private @Nullable ClientStream recycled; // the loop's
  private final ReplyParts parts = new ReplyParts(this);
  final OnewayIds oneways = new OnewayIds();

  /** What the server has said last, until somebody has asked for it. */
  private @Nullable ServerLoad serverLoad; // the loop's

  /** A connection that will live on this event loop. */
  ClientConnection(
      EventLoop loop, ConnectionSettings settings, Ticker ticker, MemoryBudget memory) {
    this(loop, settings, ticker, memory, LAST_ID);
  }

  ClientConnection(
      EventLoop loop, ConnectionSettings settings, Ticker ticker, MemoryBudget memory, int lastId) {
    super(loop, settings, ticker, memory, true);
    this.requests = new RequestWriter(this, lastId);
  }

  @Override
  int lastStream() {
    return requests.lastStream();
  }

  // ---- for the layers above, any thread

  @Override
  public ChannelHandler handler() {
    return this;
  }

  @Override
  public boolean isUsable() {
    return !departure.isDraining() && whyClosed() == null;
  }

  @Override
  public boolean wasGreeted() {
    return isHandshaken() && !departure.isRefusal();
  }

  @Override
  public OutboundStream stream(OutboundCall call) {
    return new ClientStream(this, call);
  }

  @Override
  public @Nullable OutboundStream recycled() {
    if (!loop.inEventLoop()) {
      return null;
    }
    ClientStream found = recycled;
    recycled = null;
    return found;
  }

  @Override
  public double load() {
    int most = peerMaxStreams;
    return Math.max(
        most == 0 ? 1 : openStreams.getOpaque() / (double) most, // 0: none may be opened
        outflow.backlogBytes() / (double) settings.maxBacklogBytes());
  }

  @Override
  public boolean isHalfFull() {
    return 2L * openStreams.getOpaque() >= peerMaxStreams
        || 2 * outflow.backlogBytes() >= settings.maxBacklogBytes();
  }

  @Override
  public long nowNanos() {
    return loop.inEventLoop() && batch.isOpen() ? batch.nowNanos() : ticker.nanos();
  }

  @Override
  public @Nullable ServerLoad takeServerLoad() {
    ServerLoad said = serverLoad;
    if (said != null) {
      serverLoad = null;
    }
    return said;
  }

  @Override
  public int openStreams() {
    return openStreams.getOpaque();
  }

  @Override
  void batchWritten() {
    openStreams.setOpaque(streams.size());
  }

  /** The server has said how loaded it is. */
  void serverLoad(ServerLoad load) {
    serverLoad = load;
  }

  @Override
  void peerSetting(int id, int value) {
    if (id == Wire.SETTING_MAX_STREAMS) {
      peerMaxStreams = value < 0 ? Integer.MAX_VALUE : value;
    }
  }

  @Override
  public void retire() {
    departure.drainRequested();
    outflow.onLoop(this::sayGoAway, Outflow.LOOP_GONE);
  }

  @Override
  public void closeNow(Status why) {
    if (loop.inEventLoop()) {
      closeAfterOneways(why);
    } else {
      outflow.onLoop(() -> closeAfterOneways(why), why);
    }
  }

  /** What was sent one way has been told to be sent: it is not to be lost by closing. */
  private void closeAfterOneways(Status why) {
    if (oneways.wereSent() && whyClosed() == null) {
      boolean began = batch.beginIfNone();
      for (ClientStream stream : streams.values()) {
        cancel(stream, why); // Or the server would keep the connection open to answer it.
      }
      if (began) {
        batch.leave();
      }
    }
    closeGracefully(why, oneways.wereSent() ? ONEWAY_GRACE.toMillis() : 0);
  }

  @Override
  public void onGone(Runnable action) {
    try {
      loop.execute(() -> onChannelClosed(action));
    } catch (RejectedExecutionException e) {
      action.run();
    }
  }

  @Override
  public void bearer(String token) {
    byte[] bytes = ShownToken.bytes(token);
    outflow.onLoop(() -> setCredential(bytes), Outflow.LOOP_GONE);
  }

  private void setCredential(byte[] token) {
    credential.set(token);
    if (isGreeted() && whyClosed() == null) {
      credential.write(writer());
      flushUnlessInBatch();
    }
  }

  @Override
  void writeAfterGreeting() {
    credential.write(writer());
  }

  @Override
  void drainHere(String why) {
    departure.drainRequested();
    sayGoAway();
  }

  @Override
  public boolean endsInGoodOrder() {
    return departure.isGraceful();
  }

  @Override
  public boolean wasDismissed() {
    return departure.isByServer();
  }

  @Override
  public boolean hasAnswered() {
    return answered;
  }

  private void sayGoAway() {
    if (whyClosed() == null) {
      goAway(lastStream(), Status.Code.OK, "");
      closeIfDrained();
    }
  }

  // ---- ending

  /** Ends a stream from this side. */
  void cancel(ClientStream stream, Status why) {
    if (stream.hasEnded()) {
      return;
    }
    wheel().remove(stream);
    if (stream.id != 0 && streams.remove(stream.id) != null) {
      writeReset(stream, why);
    }
    inflow.forget(stream);
    outflow.stopSending(stream);
    stream.endFromHere(why);
    closeSoonIfDrained();
  }

  private void writeReset(ClientStream stream, Status why) {
    try {
      ByteBuf out = writer().begin(Wire.RESET, stream.id, 1);
      writer().end(out.writeByte(why.code().number()));
      flushUnlessInBatch();
    } catch (Throwable thrown) {
      outflow.closeBroken(thrown);
    }
  }

  /** Why no stream is opened here any more; certainly not started. */
  Status whyNotOpened() {
    Status why = whyClosed();
    if (why != null) {
      return why.withStarted(Status.Started.NO);
    }
    return departure.whyNotOpened();
  }

  @Override
  void endLost(ClientStream stream, Status why) {
    inflow.forgetLost(stream);
    stream.endFromHere(why);
  }

  @Override
  void closeIfDrained() {
    if (departure.isDraining() && streams.isEmpty() && whyClosed() == null) {
      closeAfterOneways(
          Status.of(Status.Code.UNAVAILABLE, "the connection was closed after its last call"));
    }
  }

  private void closeSoonIfDrained() {
    if (departure.isDraining() && streams.isEmpty()) {
      loop.execute(this::closeIfDrained);
    }
  }

  // ---- reading

  @Override
  void tick(int millis) {
    // A server's clock tells a client nothing: deadlines are the client's own.
  }

  @Override
  void frame(int kind, int id, ByteBuf in, int end) {
    switch (kind & Wire.TYPE_MASK) {
      case Wire.RESPONSE -> response(kind, id, in, end);
      case Wire.DATA -> parts.data(kind, id, in, end);
      case Wire.RESET -> reset(id, in, end);
      case Wire.GOAWAY -> goingAway(in, end);
      default ->
          throw new ProtocolViolation("a server sent a frame of type " + (kind & Wire.TYPE_MASK));
    }
  }

  @Override
  void unknownStream(int id) {
    if (id < 0 || id > requests.lastStream()) {
      throw new ProtocolViolation(
          "a frame for stream " + Integer.toUnsignedString(id) + ", which was never opened");
    }
  }

  private void response(int kind, int id, ByteBuf in, int end) {
    Payload.need(in, end, 1, "fields");
    int fields = in.readUnsignedByte();
    ClientStream stream = streams.get(id);
    if (stream == null) {
      inflow.received(ResponseHead.dataBytes(kind, fields, in, end));
      unknownStream(id);
      return;
    }
    answered = true;
    stream.firstByteCame();
    if (fields == 0
        && (kind & (Wire.END | Wire.MORE)) == Wire.END
        && stream.assembly() == null
        && stream.inbox() == null) {
      // The way of nearly every call: OK, nothing else to say, one message.
      inflow.received(end - in.readerIndex());
      endWithMessage(stream, Metadata.EMPTY, in, end);
      return;
    }
    parts.response(stream, kind, fields, in, end);
  }

  /** Ends a call in OK with the only message of its answer. */
  void endWithMessage(ClientStream stream, Metadata trailers, ByteBuf in, int end) {
    remove(stream);
    if (in.readerIndex() == end) {
      stream.end(ReplyFault.of("the server answered OK without a message"));
      return;
    }
    int encoding = in.readUnsignedByte();
    int length = end - in.readerIndex();
    if (length > stream.call().maxReplyBytes()) {
      stream.end(ReplyFault.tooLong(length, stream.call().maxReplyBytes()));
      return;
    }
    // Before its end is told, which may lead to the next call.
    if (stream.startedOnLoop && stream.call().isRecyclable()) {
      recycled = stream;
    }
    stream.end(Status.OK, trailers, encoding, in, length);
  }

  @Override
  void abort(ClientStream stream, Status why) {
    remove(stream);
    writeReset(stream, why);
    stream.end(why.withStarted(Status.Started.YES));
  }

  private void reset(int id, ByteBuf in, int end) {
    Payload.need(in, end, 1, "RESET");
    int code = in.readUnsignedByte();
    ClientStream stream = streams.get(id);
    if (stream == null) {
      unknownStream(id);
      return;
    }
    remove(stream);
    Status.Code named = code == 0 ? Status.Code.CANCELLED : Status.Code.of(code);
    stream.end(
        Status.of(named, "the server reset the stream")
            .asRemote()
            .withStarted(Status.Started.MAYBE));
  }

  void remove(ClientStream stream) {
    streams.remove(stream.id);
    wheel().remove(stream);
    inflow.forget(stream);
    outflow.stopSending(stream);
  }

  private void goingAway(ByteBuf in, int end) {
    Payload.need(in, end, Integer.BYTES + 1, "GOAWAY");
    int last = in.readInt();
    Status.Code code = Status.Code.of(in.readUnsignedByte());
    String text = Payload.text(in, end);
    boolean inOrder = departure.goAwayReceived(code, last, text);
    int unused = oneways.reportNotStarted(last, address());
    for (ClientStream stream : streams.values()) {
      if (Integer.compareUnsigned(stream.id, last) > 0) {
        remove(stream);
        // Its server says so.
        stream.end(whyNotOpened());
      }
    }
    if (!inOrder) {
      close(departure.whyNotOpened());
    }
  }
}
