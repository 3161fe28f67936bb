package erpc.protocol.own;

import erpc.call.Metadata;
import erpc.call.RpcException;
import erpc.call.Status;
import erpc.call.Ticker;
import erpc.protocol.CallHead;
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
  private static final Status BEHIND_THE_END =
      Status.of(Status.Code.INVALID_ARGUMENT, "DATA behind the end of the requests");

  private final ServerCalls calls;
  private final CallHead head = new CallHead();
  private final GivenRoutes routes = new GivenRoutes();
  private final TransitDelay transit = new TransitDelay();
  private final LoadReport load;
  private int lastId;
  private int excessMillis;
  private volatile boolean leaving;

  /** Its client sends no more. */
  private volatile boolean inputClosed;

  /** One that rests: the next call begins as that. */
  private @Nullable ServerStream spare;

  /** Calls that are open here, or that somebody still works at. */
  int callsInFlight;

  private volatile boolean answered;

  /** Counts for the calls that begin from now on. */
  Credential credential = Credential.NONE;

  ServerConnection(EventLoop loop, ConnectionSettings settings, Ticker ticker, ServerCalls calls) {
    super(loop, settings, ticker, calls.memory(), false);
    this.calls = calls;
    load = new LoadReport(calls, ticker.nanos());
  }

  @Override
  public boolean isLost() {
    return (isClosed() || inputClosed) && !leaving;
  }

  @Override
  public void drain(String why) {
    loop.execute(() -> retire(why));
  }

  @Override
  void retire(String why) {
    goAway(lastStream(), Status.Code.UNAVAILABLE, why);
    idle();
  }

  @Override
  public void endCalls(Status why) {
    loop.execute(() -> {
      if (whyClosed() != null) {
        return;
      }
      goAway(lastStream(), Status.Code.UNAVAILABLE, why.message());
      InTurns.each(loop, streams.values(), stream -> giveUp(stream, why), this::flushAndSettle);
    });
  }

  private void giveUp(ServerStream stream, Status why) {
    if (!stream.ended && whyClosed() == null) {
      inBatch = true;
      fail(stream, why.code(), why.message());
      inBatch = false;
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
    return answered;
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
    if (ClosedInput.isToldBy(event)) {
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
    excessMillis = transit.excessMillis(millis, nowNanos);
    if (transit.asks(nowNanos)) {
      ping(nowNanos);
    }
  }

  @Override
  void pinged(long content) {
    transit.answered(content, nowNanos);
  }

  @Override
  void frame(int kind, int id, ByteBuf in, int end) {
    switch (kind & Wire.TYPE_MASK) {
      case Wire.REQUEST -> request(kind, id, in, end);
      case Wire.DATA -> data(kind, id, in, end);
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
    Status bad = readHead(in, end);
    int size = end - in.readerIndex();
    inflow.charge(size);
    if (isGoAwaySent()) {
      inflow.settle(size);
      // Its client knows from GOAWAY that it was not started; what else it sent of it is on its
      // way.
      return;
    }
    ServerStream stream = spare == null ? new ServerStream(this) : spare;
    InboundCall over = stream.call;
    spare = null;
    stream.begin(id, head);
    outflow.opened(stream);
    stream.receiveCredit = Wire.STREAM_WINDOW;
    stream.endNanos = nowNanos + TimeUnit.SECONDS.toNanos(1);
    stream.deadlineNanos = stream.endNanos;
    if (bad == null) {
      bad = whyNoRoom();
    }
    if (bad != null) {
      inflow.settle(size);
      refuse(stream, bad);
      return;
    }
    InboundCall call = calls.begin(head, stream, over);
    if (call == null) {
      inflow.settle(size);
      return;
    }
    begun(stream, call, kind, in, end);
  }

  /** A call was let in: its first data part goes to it. */
  private void begun(ServerStream stream, InboundCall call, int kind, ByteBuf in, int end) {
    stream.call = call;
    stream.letIn();
    stream.endNanos = call.deadlineNanos();
    stream.deadlineNanos = stream.endNanos;
    stream.wantsRoute = stream.byName;
    try {
      if (call.isStreaming() && stream.oneway) {
        inflow.settle(end - in.readerIndex());
        fail(stream, Status.Code.INVALID_ARGUMENT, "a method that streams takes no ONEWAY");
      } else if (call.isStreaming()) {
        open(stream, call);
        streamPart(stream, kind, in, end);
      } else {
        inflow.settle(end - in.readerIndex());
        part(stream, kind, in, end);
        if (!stream.messageSeen && stream.assembly == null && !stream.ended) {
          unfinished.waits(stream, calls.waitingCallBytes());
        }
      }
    } catch (ProtocolViolation violation) {
      call.cancelled(Status.of(Status.Code.CANCELLED, "the caller broke the protocol"));
      throw violation;
    }
    if (stream.rest()) {
      spare = stream;
    } else if (!stream.ended) {
      // Only now: a call that an inline handler has answered by here never enters the tables.
      Status gone = whyClosed();
      if (gone == null) {
        streams.put(stream);
        wheel().add(stream);
      } else {
        lost(stream, gone);
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
            "more than " + settings.maxStreams() + " streams on a connection");
  }

  private @Nullable Status readHead(ByteBuf in, int end) {
    try {
      RequestHead.read(head, in, end);
    } catch (RpcException e) {
      return e.status();
    }
    int route = head.route();
    if (route > 0) {
      head.calls(route, routes.method(route));
    }
    long timeoutNanos = head.timeoutNanos();
    head.times(nowNanos, timeoutNanos > 0 ? leftNanos(timeoutNanos) : timeoutNanos);
    return null;
  }

  /**
   * What is left of a timeout. Nothing, if it may all have passed in buffers: the caller knows
   * better, and is told that the call was not started. Else what is in doubt is not taken off,
   * since its caller ends a call in time himself.
   */
  private long leftNanos(long timeoutNanos) {
    int sure = excessMillis - transit.doubtMillis();
    return timeoutNanos <= TimeUnit.MILLISECONDS.toNanos(excessMillis)
        ? 0
        : timeoutNanos - TimeUnit.MILLISECONDS.toNanos(sure);
  }

  private void data(int kind, int id, ByteBuf in, int end) {
    int size = end - in.readerIndex();
    inflow.charge(size);
    ServerStream stream = streams.get(id);
    if (stream != null && stream.inbox != null) {
      streamPart(stream, kind, in, end);
      return;
    }
    inflow.settle(size);
    if (stream == null) {
      unknownStream(id);
    } else {
      part(stream, kind, in, end);
    }
  }

  // ---- streams of messages

  private void open(ServerStream stream, InboundCall call) {
    Inbox inbox = new Inbox(ticker, call::interrupted);
    Outbox outbox = new Outbox(ticker, memory, call::interrupted);
    inbox.filledBy(stream);
    outbox.open(stream);
    stream.inbox = inbox;
    stream.outbox = outbox;
    stream.watchProgress(nowNanos, call.progressNanos());
    call.open(inbox, outbox);
  }

  private void streamPart(ServerStream stream, int kind, ByteBuf in, int end) {
    Inbox inbox = stream.inbox;
    InboundCall call = stream.call;
    if (inbox == null || call == null) {
      return;
    }
    if (stream.requestsEnded) {
      inflow.settle(end - in.readerIndex());
      provoked(stream, BEHIND_THE_END);
      return;
    }
    boolean last = (kind & Wire.END) != 0;
    boolean more = (kind & Wire.MORE) != 0;
    Status wrong = inflow.take(stream, inbox, in, end, more, call.maxMessageBytes());
    if (wrong != null) {
      provoked(stream, wrong);
    } else if (last && (more || stream.assembly != null)) {
      fail(stream, Status.Code.INVALID_ARGUMENT, "the requests end inside a message");
    } else if (last) {
      stream.requestsEnded = true;
      inbox.end(Status.OK, Metadata.EMPTY);
    }
  }

  @Override
  void writeHeaders(ServerStream stream, Metadata headers) {
    int most = ResponseHead.most(Status.OK, headers, Metadata.EMPTY);
    ByteBuf out = writer().begin(Wire.RESPONSE, stream.id, most);
    ResponseHead.write(out, Status.OK, headers, Metadata.EMPTY, 0, null);
    writer().end(out);
  }

  @Override
  void written(ServerStream stream) {
    if (stream.replyWaits) {
      stream.replyWaits = false;
      stream.leftWaitingNanos = 0;
      writeReply(stream);
    }
  }

  /** Takes the data part of a REQUEST or DATA frame. */
  private void part(ServerStream stream, int kind, ByteBuf in, int end) {
    InboundCall call = stream.call;
    if (call == null) {
      return;
    }
    boolean more = (kind & Wire.MORE) != 0;
    boolean last = (kind & Wire.END) != 0;
    if (stream.requestsEnded) {
      provoked(stream, BEHIND_THE_END);
      return;
    }
    stream.requestsEnded = last;
    if (more || stream.assembly != null) {
      if (last && more) {
        fail(stream, Status.Code.INVALID_ARGUMENT, "the request ends inside its message");
        return;
      }
      Status wrong = inflow.assemble(stream, in, end, more, call.maxMessageBytes());
      if (wrong != null) {
        fail(stream, wrong.code(), wrong.message());
      } else if (!more) {
        deliverAssembled(stream, call);
      }
    } else if (in.readerIndex() < end) {
      deliver(stream, call, in, end);
    } else if (last && !stream.messageSeen) {
      fail(stream, Status.Code.INVALID_ARGUMENT, "the request ends without a message");
    }
  }

  private void deliver(ServerStream stream, InboundCall call, ByteBuf in, int end) {
    int encoding = in.readUnsignedByte();
    int length = end - in.readerIndex();
    if (length > call.maxMessageBytes()) {
      fail(
          stream,
          Status.Code.RESOURCE_EXHAUSTED,
          "message of " + length + " bytes passes the limit of " + call.maxMessageBytes());
    } else if (!secondMessage(stream)) {
      stream.handsOver(length);
      call.message(encoding, in, length);
    }
  }

  private void deliverAssembled(ServerStream stream, InboundCall call) {
    Assembly assembly = stream.assembly;
    if (assembly != null) {
      ByteBuf whole = assembly.deliver();
      inflow.forget(stream);
      if (!secondMessage(stream)) {
        stream.handsOver(assembly.length());
        call.message(assembly.encoding, whole, assembly.length());
      }
      assembly.over();
    }
  }

  private boolean secondMessage(ServerStream stream) {
    if (stream.messageSeen) {
      fail(stream, Status.Code.INVALID_ARGUMENT, "a second message for a unary method");
      return true;
    }
    stream.messageSeen = true;
    unfinished.waitsNoMore(stream);
    return false;
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
    floods.count(FloodGuard.Kind.RESETS, nowNanos);
    Status.Code code = Status.Code.of(in.readUnsignedByte());
    remove(stream);
    boolean late = code == Status.Code.DEADLINE_EXCEEDED;
    cancelled(
        stream,
        late
            ? Status.of(Status.Code.DEADLINE_EXCEEDED, "the caller's deadline has passed")
            : Status.of(Status.Code.CANCELLED, "the caller cancelled"));
  }

  // ---- ending streams

  @Override
  void lost(ServerStream stream, Status why) {
    stream.ended = true;
    stream.heldBytes = 0;
    inflow.forget(stream);
    unfinished.waitsNoMore(stream);
    if (stream.mayGoOnAlone() && !loop.isShuttingDown()) {
      calls.loneCalls().add(stream);
      wheel().add(stream);
      return;
    }
    cancelled(
        stream,
        Status.of(Status.Code.CANCELLED, "the connection to the caller is gone: " + why.message()));
  }

  /** One-way calls are not to keep a connection open that their caller is done with. */
  void leaveAlone() {
    for (ServerStream stream : streams.values()) {
      if (stream.mayGoOnAlone()) {
        streams.remove(stream.id);
        wheel().remove(stream);
        lost(stream, Outflow.CLOSED_BY_PEER);
      }
    }
  }

  /** The handler of a call has finished that may have gone on without the connection. */
  void finishedAlone(ServerStream stream) {
    if (calls.loneCalls().remove(stream)) {
      wheel().remove(stream);
      stream.call = null;
    }
  }

  /** Cancels a call that goes on without the connection. */
  void endAlone(ServerStream stream, Status why) {
    if (calls.loneCalls().remove(stream)) {
      wheel().remove(stream);
      cancelled(stream, why);
    }
  }

  private void expireAlone(ServerStream stream, InboundCall call) {
    if (stream.endNanos - ticker.nanos() <= 0) {
      endAlone(stream, Status.of(Status.Code.DEADLINE_EXCEEDED, call.lateText()));
    } else {
      stream.deadlineNanos = stream.endNanos;
      wheel().add(stream);
    }
  }

  /** Its deadline has passed: the caller is told from here, whatever the handler does. */
  void expire(ServerStream stream) {
    InboundCall call = stream.call;
    if (stream.ended && call != null) {
      expireAlone(stream, call);
    } else if (!stream.ended) {
      String text = call == null ? "the deadline passed" : call.lateText();
      long parts = settings.progressTimeout().toNanos();
      Status late = stream.whyExpired(ticker.nanos(), wheel().awakeSinceNanos(), text, parts);
      if (late == null) {
        wheel().add(stream);
        return;
      }
      endUnanswered(stream, late);
    }
  }

  @Override
  void drop(ServerStream stream, Status why) {
    fail(stream, why.code(), why.message());
  }

  private void fail(ServerStream stream, Status.Code code, String message) {
    Status why = Status.of(code, message);
    noteIfFull(why);
    endUnanswered(stream, why);
  }

  /** Ends a call from here, and says that it was not started only if its handler now never will. */
  private void endUnanswered(ServerStream stream, Status why) {
    InboundCall call = stream.call;
    boolean withdrawn = call == null || call.withdraw();
    boolean handed = stream.messageSeen || stream.inbox != null;
    boolean started = handed && !withdrawn;
    end(stream, why.withStarted(started ? Status.Started.MAYBE : Status.Started.NO));
    cancelled(stream, why);
  }

  /** What came on a stream ends it: a peer could do that for ever. */
  private void provoked(ServerStream stream, Status wrong) {
    fail(stream, wrong.code(), wrong.message());
    floods.count(FloodGuard.Kind.PROVOKED_RESETS, nowNanos);
  }

  private void refuse(ServerStream stream, Status why) {
    noteIfFull(why);
    end(stream, why);
  }

  /** Whoever runs this server may want to raise a limit; a caller's mistakes are its own. */
  private void noteIfFull(Status why) {
    if (why.code() == Status.Code.RESOURCE_EXHAUSTED) {
      String unused = Refusals.OF_PROCESS.note(why, this);
    }
  }

  /** Tells the call that it has ended without an answer, once: its connection may end with it. */
  private static void cancelled(ServerStream stream, Status why) {
    InboundCall call = stream.call;
    if (call != null) {
      stream.call = null;
      call.cancelled(why);
      if (!call.isUnderWay()) {
        stream.isLeft();
      }
    }
  }

  /** Answers from the event loop, past whatever the handler may have queued. */
  private void end(ServerStream stream, Status why) {
    outflow.stopSending(stream);
    stream.replyWaits = false;
    stream.endsIn(why);
    outflow.writeOrBreak(stream);
    flushUnlessInBatch();
  }

  private void remove(ServerStream stream) {
    stream.ended = true;
    streams.remove(stream.id);
    wheel().remove(stream);
    inflow.forget(stream);
    unfinished.waitsNoMore(stream);
    outflow.stopSending(stream);
    stream.uncount();
  }

  // ---- replies

  /** An answer that is no refusal is on its way. */
  void answers() {
    if (!answered) {
      answered = true;
    }
  }

  void writeReply(ServerStream stream) {
    if (!answered && stream.status.started() != Status.Started.NO) {
      InboundCall call = stream.call;
      answered = call == null || call.provesConnection();
    }
    Outbox outbox = stream.outbox;
    if (outbox != null) {
      if (outbox.pending.isEmpty()) {
        writeStatus(stream);
      } else {
        stream.replyWaits = true;
        stream.leftWaitingNanos = ticker.nanos();
      }
      return;
    }
    if (stream.oneway) {
      remove(stream);
      return;
    }
    boolean ok = stream.status.isOk();
    int dataBytes = ok ? Wire.ENCODING_BYTES + stream.bodyLength : 0;
    if (dataBytes > 0 && !outflow.canSendAtOnce(dataBytes)) {
      outflow.sendLater(stream);
      return;
    }
    if (stream.hasUsualAnswer() && !load.isDue(nowNanos)) {
      writer()
          .beginWhole(Wire.RESPONSE | Wire.END, stream.id, 1 + dataBytes)
          .writeShort(stream.encoding) // behind a head without fields
          .writeBytes(stream.body, 0, stream.bodyLength);
    } else {
      ByteBuf out = beginResponse(stream, dataBytes);
      if (ok) {
        out.writeByte(stream.encoding).writeBytes(stream.body, 0, stream.bodyLength);
      }
      writer().end(out);
    }
    if (ok) {
      outflow.spend(dataBytes);
    }
    remove(stream);
  }

  /** Ends a stream of messages, the last of which has been written. */
  private void writeStatus(ServerStream stream) {
    if (!stream.oneway) {
      writer().end(beginResponse(stream, 0));
    }
    remove(stream);
  }

  private ByteBuf beginResponse(ServerStream stream, int dataBytes) {
    int most = ResponseHead.most(stream.status, stream.headers, stream.trailers);
    ByteBuf out = writer().begin(Wire.RESPONSE | Wire.END, stream.id, most + dataBytes);
    InboundCall call = stream.call;
    int route = stream.wantsRoute && call != null ? routes.number(call.route()) : 0;
    ResponseHead.write(
        out, stream.status, stream.headers, stream.trailers, route, load.take(nowNanos));
    return out;
  }

  /** Writes the next part of a large reply: DATA, or at its end the RESPONSE. */
  boolean writeFrame(ServerStream stream, int mostData) {
    Outbox outbox = stream.outbox;
    if (outbox != null) {
      return messages.writeKept(stream, outbox, mostData);
    }
    boolean first = stream.bodySent == 0;
    int prefix = first ? Wire.ENCODING_BYTES + Wire.TOTAL_BYTES : 0;
    int bytes = Math.min(mostData - prefix, stream.bodyLeft());
    boolean whole = first && Wire.ENCODING_BYTES + stream.bodyLength <= mostData;
    boolean last = whole || (!first && bytes == stream.bodyLeft());
    if (whole) {
      prefix = Wire.ENCODING_BYTES;
      bytes = stream.bodyLength;
    }
    ByteBuf out =
        last
            ? beginResponse(stream, prefix + bytes)
            : writer().begin(Wire.DATA | Wire.MORE, stream.id, prefix + bytes);
    if (first) {
      out.writeByte(stream.encoding);
      if (!whole) {
        out.writeInt(stream.bodyLength);
      }
    }
    out.writeBytes(stream.body, stream.bodySent, bytes);
    writer().end(out);
    stream.bodySent += bytes;
    stream.sendCredit -= prefix + bytes;
    outflow.spend(prefix + bytes);
    if (last) {
      stream.bodyWritten();
      remove(stream);
    }
    return !last;
  }

  @Override
  void idle() {
    if ((isGoAwaySent() || inputClosed) && streams.isEmpty()) {
      finish();
    }
  }
}
