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
  private volatile int peerMaxStreams = ConnectionSettings.DEFAULTS.maxStreams();
  final Departure departure = new Departure();
  final RequestWriter requests;
  private boolean answered; // the loop's
  private final ShownToken credential = new ShownToken();
  private @Nullable ClientStream recycled; // the loop's
  final OnewayIds oneways = new OnewayIds();

  private volatile @Nullable ServerLoad serverLoad;

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
  public @Nullable ServerLoad serverLoad() {
    return serverLoad;
  }

  @Override
  public int openStreams() {
    return openStreams.getOpaque();
  }

  @Override
  void batchWritten() {
    openStreams.setOpaque(streams.size());
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
      closeAfterOneways(Status.of(Status.Code.UNAVAILABLE, "the connection was closed after its last call"));
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
      case Wire.DATA -> data(kind, id, in, end);
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
      endWithMessage(stream, Status.OK, Metadata.EMPTY, in, end);
      return;
    }
    unusualResponse(stream, kind, fields, in, end);
  }

  /** Apart, so that what nearly every call takes stays small. */
  private void unusualResponse(ClientStream stream, int kind, int fields, ByteBuf in, int end) {
    ResponseHead head = ResponseHead.read(kind, fields, in, end);
    requests.remember(stream.route(), head.route);
    if (head.load != null) {
      serverLoad = head.load;
    }
    stream.setHeaders(head.headers);
    Inbox inbox = stream.inbox();
    if ((kind & Wire.END) == 0 && in.readerIndex() == end) {
      floods.count(FloodGuard.Kind.EMPTY_FRAMES, batch.nowNanos());
    }
    if (inbox != null) {
      inflow.charge(end - in.readerIndex());
      streamResponse(stream, inbox, kind, head, in, end);
      return;
    }
    inflow.received(end - in.readerIndex());
    Assembly assembly = stream.assembly();
    if ((kind & Wire.END) == 0) {
      unaryPart(stream, kind, in, end);
    } else if (!head.status.isOk()) {
      remove(stream);
      stream.end(head.status, head.trailers, 0, null, 0);
    } else if ((kind & Wire.MORE) != 0) {
      remove(stream);
      stream.end(ReplyFault.of("the reply ends inside its message"));
    } else if (assembly != null) {
      Status wrong = inflow.assemble(stream, in, end, false, stream.call().maxReplyBytes());
      endWithAssembled(stream, assembly, wrong, head.trailers);
    } else {
      endWithMessage(stream, Status.OK, head.trailers, in, end);
    }
  }

  private void data(int kind, int id, ByteBuf in, int end) {
    int size = end - in.readerIndex();
    inflow.charge(size);
    ClientStream stream = streams.get(id);
    Inbox inbox = stream == null ? null : stream.inbox();
    if (stream != null) {
      stream.firstByteCame();
    }
    if (stream != null && inbox != null) {
      Status unused = message(stream, inbox, kind, in, end);
      return;
    }
    inflow.settle(size);
    if (stream == null) {
      unknownStream(id);
    } else {
      unaryPart(stream, kind, in, end);
    }
  }

  // ---- streams of messages

  /** A RESPONSE of a stream: headers, or its status; either may carry a message. */
  private void streamResponse(
      ClientStream stream, Inbox inbox, int kind, ResponseHead head, ByteBuf in, int end) {
    boolean last = (kind & Wire.END) != 0;
    if (head.headers != null) {
      inbox.headers(head.headers);
    }
    if (last && !head.status.isOk()) {
      inflow.settle(end - in.readerIndex());
      remove(stream);
      stream.end(head.status, head.trailers, 0, null, 0);
      return;
    }
    Status wrong = message(stream, inbox, kind, in, end);
    if (!last || wrong != null) {
      return;
    }
    if (stream.assembly() != null) {
      abort(stream, Status.of(Status.Code.INTERNAL, "the stream ends inside a message"));
      return;
    }
    remove(stream);
    stream.end(Status.OK, head.trailers, 0, null, 0);
  }

  /** Takes a message of a stream, or a part of one; ends the stream if it can't be taken. */
  private @Nullable Status message(
      ClientStream stream, Inbox inbox, int kind, ByteBuf in, int end) {
    boolean more = (kind & Wire.MORE) != 0;
    stream.closeHeaders();
    Status wrong = inflow.take(stream, inbox, in, end, more, stream.call().maxReplyBytes());
    if (wrong != null) {
      abort(stream, ReplyFault.atClient(wrong));
    }
    return wrong;
  }

  /** Takes a part of a reply that is not its last frame. */
  private void unaryPart(ClientStream stream, int kind, ByteBuf in, int end) {
    if (in.readerIndex() == end && (kind & Wire.MORE) == 0 && stream.assembly() == null) {
      return;
    }
    if ((kind & Wire.MORE) == 0) {
      // For a unary call the last part comes with the status; a whole message before it can only be
      // a second one.
      abort(stream, Status.of(Status.Code.INTERNAL, "the server streams replies to a unary call"));
      return;
    }
    Status wrong = inflow.assemble(stream, in, end, true, stream.call().maxReplyBytes());
    if (wrong != null) {
      abort(stream, ReplyFault.atClient(wrong));
    }
  }

  private void endWithMessage(ClientStream stream, Status status, Metadata trailers, ByteBuf in, int end) {
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
    stream.end(status, trailers, encoding, in, length);
  }

  private void endWithAssembled(
      ClientStream stream, Assembly assembly, @Nullable Status wrong, Metadata trailers) {
    if (wrong != null) {
      remove(stream);
      stream.end(ReplyFault.atClient(wrong));
      return;
    }
    ByteBuf whole = assembly.deliver();
    remove(stream);
    stream.end(Status.OK, trailers, assembly.encoding, whole, assembly.length());
    assembly.release();
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

  private void remove(ClientStream stream) {
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
