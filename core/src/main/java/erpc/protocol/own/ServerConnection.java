package erpc.protocol.own;

import erpc.call.Metadata;
import erpc.call.Status;
import erpc.call.Ticker;
import erpc.protocol.ConnectionSettings;
import erpc.protocol.Credential;
import erpc.protocol.InboundCall;
import erpc.protocol.Refusals;
import erpc.protocol.ServedConnection;
import erpc.protocol.ServerCalls;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoop;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The server's end of a connection that speaks erpc's own protocol. */
final class ServerConnection extends Connection<ServerStream> implements ServedConnection {
  private final ServerCalls calls;
  final ReplyWriter replies;
  final LeftAlone alone;
  private final HeadReader heads;
  private final RequestParts parts = new RequestParts(this);
  private int lastId;

  /** Its client has said that it leaves. Set by the event loop, for good. */
  private volatile boolean leaving;

  /** Its client sends no more. Set by the event loop, for good. */
  private volatile boolean inputClosed;

  /** One whose call is over: the next one begins as that. */
  private @Nullable ServerStream recycled;

  /** Calls that are open here, or that somebody still works at. */
  int callsInFlight;

  /** Counts for the calls that begin from now on. */
  Credential credential = Credential.NONE;

  ServerConnection(EventLoop loop, ConnectionSettings settings, Ticker ticker, ServerCalls calls) {
    super(loop, settings, ticker, calls.memory(), false);
    this.calls = calls;
    this.replies = new ReplyWriter(this, new LoadReport(calls, ticker.nanos()));
    this.heads = new HeadReader(replies);
    this.alone = new LeftAlone(this, calls.loneCalls());
  }

  @Override
  public boolean isLost() {
    return (isClosed() || inputClosed) && !leaving;
  }

  @Override
  public void drain(String why) {
    loop.execute(() -> drainHere(why));
  }

  @Override
  void drainHere(String why) {
    goAway(lastStream(), Status.Code.UNAVAILABLE, why);
    closeIfDrained();
  }

  @Override
  public void endCalls(Status why) {
    loop.execute(() -> {
      if (whyClosed() != null) {
        return;
      }
      goAway(lastStream(), Status.Code.UNAVAILABLE, why.message());
      InTurns.each(loop, streams.values(), stream -> failInBatch(stream, why), this::flushBatch);
    });
  }

  private void failInBatch(ServerStream stream, Status why) {
    if (!stream.ended && whyClosed() == null) {
      boolean began = batch.beginIfNone();
      fail(stream, why.code(), why.message());
      if (began) {
        batch.leave();
      }
    }
  }

  @Override
  public void forEachCall(Consumer<InboundCall> action) {
    loop.execute(() -> {
      for (ServerStream stream : streams.values()) {
        InboundCall call = stream.call;
        if (call != null) {
          action.accept(call);
        }
      }
    });
  }

  @Override
  public boolean hasAnswered() {
    return replies.hasBegun();
  }

  @Override
  public void closeNow(Status why) {
    loop.execute(() -> close(why));
  }

  @Override
  int lastStream() {
    return lastId;
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (ClosedInput.isInputClosed(event)) {
      boolean again = inputClosed;
      inputClosed = true;
      ClosedInput.of(this, ctx, again);
    }
    ctx.fireUserEventTriggered(event);
  }

  @Override
  boolean pausesReading() {
    return true;
  }

  // ---- reading

  @Override
  void tick(int millis) {
    if (heads.tick(millis, batch.nowNanos())) {
      ping(batch.nowNanos());
    }
  }

  @Override
  void pinged(long content) {
    heads.pinged(content, batch.nowNanos());
  }

  @Override
  void frame(int kind, int id, ByteBuf in, int end) {
    switch (kind & Wire.TYPE_MASK) {
      case Wire.REQUEST -> request(kind, id, in, end);
      case Wire.DATA -> parts.data(kind, id, in, end);
      case Wire.RESET -> reset(id, in, end);
      case Wire.AUTH -> credential = Payload.credential(in, end);
      case Wire.GOAWAY -> {
        Payload.checkGoAway(in, end);
        leaving = true; // A client that leaves closes by itself.
      }
      default ->
          throw new ProtocolViolation("a client sent a frame of type " + (kind & Wire.TYPE_MASK));
    }
  }

  @Override
  void unknownStream(int id) {
    if (Integer.compareUnsigned(id, lastId) > 0) {
      throw new ProtocolViolation(
          "a frame for stream " + Integer.toUnsignedString(id) + ", which was never opened");
    }
  }

  private void request(int kind, int id, ByteBuf in, int end) {
    if (Integer.compareUnsigned(id, lastId) <= 0) {
      throw new ProtocolViolation(
          "REQUEST with stream "
              + Integer.toUnsignedString(id)
              + " after stream "
              + Integer.toUnsignedString(lastId));
    }
    lastId = id;
    Status refused = heads.read(in, end, batch.nowNanos());
    int size = end - in.readerIndex();
    inflow.charge(size);
    if (isGoAwaySent()) {
      inflow.settle(size);
      // Its client knows from GOAWAY that it was not started; what else it sent of it is on its
      // way.
      return;
    }
    ServerStream stream = recycled == null ? new ServerStream(this) : recycled;
    InboundCall previous = stream.call;
    recycled = null;
    stream.begin(id, heads.head());
    stream.setDeadline(batch.nowNanos() + TimeUnit.SECONDS.toNanos(1));
    if (refused == null) {
      refused = whyNoRoom();
    }
    if (refused != null) {
      inflow.settle(size);
      noteIfFull(refused);
      end(stream, refused);
      return;
    }
    InboundCall call = calls.begin(heads.head(), stream, previous);
    if (call == null) {
      inflow.settle(size);
      return;
    }
    admitted(stream, call, kind, in, end);
  }

  /** A call was let in: its first data part goes to it. */
  private void admitted(ServerStream stream, InboundCall call, int kind, ByteBuf in, int end) {
    stream.admitted(call);
    stream.setDeadline(call.deadlineNanos());
    try {
      if (call.isStreaming() && stream.oneway) {
        inflow.settle(end - in.readerIndex());
        fail(stream, Status.Code.INVALID_ARGUMENT, "a method that streams takes no ONEWAY");
      } else if (call.isStreaming()) {
        stream.openMessages(call);
        parts.streamPart(stream, kind, in, end);
      } else {
        inflow.settle(end - in.readerIndex());
        parts.unaryPart(stream, kind, in, end);
        if (!stream.messageSeen && stream.assembly() == null && !stream.ended) {
          unfinished.awaitMessage(stream, calls.waitingCallBytes());
        }
      }
    } catch (ProtocolViolation violation) {
      call.cancelled(Status.of(Status.Code.CANCELLED, "the caller broke the protocol"));
      throw violation;
    }
    if (stream.recycle()) {
      recycled = stream;
    } else if (!stream.ended) {
      // Only now: a call that an inline handler has answered by here never enters the tables.
      Status gone = whyClosed();
      if (gone == null) {
        streams.put(stream);
        wheel().add(stream);
      } else {
        endLost(stream, gone);
      }
    }
  }

  private @Nullable Status whyNoRoom() {
    if (outflow.isOverfull()) {
      return Status.of(
          Status.Code.RESOURCE_EXHAUSTED,
          "the caller reads its replies too slowly (maxBacklogBytes)");
    }
    return streams.size() < settings.maxStreams()
        ? null
        : Status.of(
            Status.Code.RESOURCE_EXHAUSTED,
            "more than " + settings.maxStreams() + " streams on a connection (maxStreams)");
  }

  @Override
  void writeHeaders(ServerStream stream, Metadata headers) {
    replies.writeHeaders(stream, headers);
  }

  @Override
  void messagesWritten(ServerStream stream) {
    replies.messagesWritten(stream);
  }

  private void reset(int id, ByteBuf in, int end) {
    Payload.need(in, end, 1, "RESET");
    ServerStream stream = streams.get(id);
    if (stream == null) {
      unknownStream(id);
      return;
    }
    // Only those that stop something: a server that was stopped itself finds a client's calls
    // expired, and their resets are for nothing.
    floods.count(FloodGuard.Kind.RESETS, batch.nowNanos());
    Status.Code code = Status.Code.of(in.readUnsignedByte());
    remove(stream);
    boolean late = code == Status.Code.DEADLINE_EXCEEDED;
    cancelCall(
        stream,
        late
            ? Status.of(Status.Code.DEADLINE_EXCEEDED, "the caller's deadline has passed")
            : Status.of(Status.Code.CANCELLED, "the caller cancelled"));
  }

  // ---- ending streams

  @Override
  void endLost(ServerStream stream, Status why) {
    stream.setEnded();
    inflow.forgetLost(stream);
    unfinished.messageCame(stream);
    if (alone.detachIfOneway(stream)) {
      return;
    }
    cancelCall(
        stream,
        Status.of(Status.Code.CANCELLED, "the connection to the caller is gone: " + why.message()));
  }

  /** Its deadline has passed: the caller is told from here, whatever the handler does. */
  void expire(ServerStream stream) {
    InboundCall call = stream.call;
    if (stream.ended && call != null) {
      alone.expire(stream, call);
    } else if (!stream.ended) {
      String text = call == null ? "the deadline passed" : call.lateText();
      long parts = settings.progressTimeout().toNanos();
      Status late = stream.whyExpired(ticker.nanos(), wheel().awakeSinceNanos(), text, parts);
      if (late == null) {
        wheel().add(stream);
        return;
      }
      endFromHere(stream, late);
    }
  }

  @Override
  void abort(ServerStream stream, Status why) {
    fail(stream, why.code(), why.message());
  }

  /** Ends a call from here, and tells its caller why. */
  void fail(ServerStream stream, Status.Code code, String message) {
    Status why = Status.of(code, message);
    noteIfFull(why);
    endFromHere(stream, why);
  }

  /** Ends a call from here, and says that it was not started only if its handler now never will. */
  private void endFromHere(ServerStream stream, Status why) {
    InboundCall call = stream.call;
    boolean withdrawn = call == null || call.withdraw();
    boolean handed = stream.messageSeen || stream.messages() != null;
    boolean started = handed && !withdrawn;
    end(stream, why.withStarted(started ? Status.Started.MAYBE : Status.Started.NO));
    cancelCall(stream, why);
  }

  /** What came on a stream ends it: a peer could do that for ever. */
  void failProvoked(ServerStream stream, Status wrong) {
    fail(stream, wrong.code(), wrong.message());
    floods.count(FloodGuard.Kind.PROVOKED_RESETS, batch.nowNanos());
  }

  /** Whoever runs this server may want to raise a limit; a caller's mistakes are its own. */
  private void noteIfFull(Status why) {
    if (why.code() == Status.Code.RESOURCE_EXHAUSTED) {
      String unused = Refusals.OF_PROCESS.note(why, this);
    }
  }

  /** Tells the call that it has ended without an answer, once: its connection may end with it. */
  static void cancelCall(ServerStream stream, Status why) {
    InboundCall call = stream.call;
    if (call != null) {
      stream.forgetCall();
      call.cancelled(why);
      if (!call.isUnderWay()) {
        stream.workEnded();
      }
    }
  }

  /** Answers from the event loop, past whatever the handler may have queued. */
  private void end(ServerStream stream, Status why) {
    outflow.stopSending(stream);
    Messages messages = stream.messages();
    if (messages != null) {
      messages.setReplyWaits(false);
    }
    stream.endWith(why);
    outflow.writeOrClose(stream);
    flushUnlessInBatch();
  }

  void remove(ServerStream stream) {
    stream.setEnded();
    streams.remove(stream.id);
    wheel().remove(stream);
    inflow.forget(stream);
    unfinished.messageCame(stream);
    outflow.stopSending(stream);
    stream.uncount();
  }

  @Override
  void closeIfDrained() {
    if ((isGoAwaySent() || inputClosed) && streams.isEmpty()) {
      closeOnceWritten();
    }
  }
}
