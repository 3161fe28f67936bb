package erpc.protocol.own;

import erpc.call.LineLimit;
import erpc.call.Metadata;
import erpc.call.Status;
import erpc.call.Thrown;
import erpc.codec.Ownership;
import erpc.protocol.MessageSink;
import erpc.protocol.MessageSource;
import erpc.protocol.OutboundCall;
import erpc.protocol.OutboundStream;
import erpc.protocol.RouteName;
import io.netty.buffer.ByteBuf;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One call's place on a client's connection: what is to be sent, and how far it has come. Made by
 * the caller's thread; from {@link #start} on it belongs to the connection's event loop.
 */
final class ClientStream extends Stream implements OutboundStream {
  private static final Logger LOG = LoggerFactory.getLogger("erpc.protocol");
  private static final LineLimit LINES = new LineLimit();

  /** Its first byte is being written, or was. */
  private static final Object TAKEN = new Object();

  /** None of its bytes ever leaves, though it may still lie in a queue. */
  private static final Object WITHDRAWN = new Object();

  /** Somebody wants to be told when its request has been written. */
  private static final int TELLS_SENT = 1;

  /** Somebody wants to be told when something of its answer comes, and nothing has. */
  private static final int TELLS_FIRST_BYTE = 2;

  /** Its call {@linkplain OutboundCall#isPlain says no more} than a method and a deadline. */
  private static final int PLAIN = 4;

  private static final VarHandle STAGE;

  static {
    try {
      STAGE = MethodHandles.lookup().findVarHandle(ClientStream.class, "stage", Object.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  final ClientConnection connection;
  private final OutboundCall call;

  /** Whether it was started on its connection's event loop, as the next one then will be. */
  boolean startedOnLoop;

  /**
   * Whether it was ever handed to the connection; before that none of it is the event loop's. One
   * that is recycled belongs to nobody else from the start. Set by the thread that starts it, for
   * good; publishes its call to whoever cancels that.
   */
  private volatile boolean started;

  /**
   * How far it has come: the call whose it is while it may still be withdrawn, then one of the
   * constants above, and null once its end has been told, or before it has begun. Whoever says that
   * a call was not started has moved it from there, or asks the event loop, which has not. Written
   * by the thread that begins it, from then on moved by compare-and-set.
   */
  private volatile @Nullable Object stage;

  /** What it says and tells, of the bits above: as one, since there is one of these a call. */
  private byte marks;

  private @Nullable Metadata headers;

  ClientStream(ClientConnection connection, OutboundCall call) {
    this.connection = connection;
    this.call = call;
  }

  @Override
  public OutboundCall call() {
    return call;
  }

  @Override
  public ClientConnection connection() {
    return connection;
  }

  @Override
  public void begin() {
    forgetParts();
    setDeadline(call.deadlineNanos());
    marks =
        (byte)
            ((call.wantsSent() ? TELLS_SENT : 0)
                | (call.wantsFirstByte() ? TELLS_FIRST_BYTE : 0)
                | (call.isPlain() ? PLAIN : 0));
    id = 0;
    // Others get to know of the stream by volatile writes after it.
    STAGE.setRelease(this, call.owner());
  }

  /**
   * Keeps the headers, if there are some.
   *
   * @throws ProtocolViolation if they may come no more
   */
  void setHeaders(@Nullable Metadata value) {
    if (value != null) {
      Messages of = messages();
      if (headers != null || (of != null && of.areHeadersClosed())) {
        throw new ProtocolViolation(
            "headers of stream " + Integer.toUnsignedString(id) + " twice or behind a message");
      }
      headers = value;
    }
  }

  /** A message of a stream comes. */
  void closeHeaders() {
    Messages of = messages();
    if (of != null) {
      of.closeHeaders();
    }
  }

  /** Its request has been written, or what opens it. */
  void requestWritten() {
    if ((marks & TELLS_SENT) != 0) {
      call.sent();
    }
  }

  /** Something of its answer has come. */
  void firstByteCame() {
    if ((marks & TELLS_FIRST_BYTE) != 0) {
      marks &= ~TELLS_FIRST_BYTE;
      call.firstByte();
    }
  }

  @Override
  public void message(int encoding, byte[] bytes, int length, Ownership ownership) {
    setBody(encoding, bytes, length, ownership);
  }

  @Override
  public void messages(
      MessageSource in,
      @Nullable MessageSink out,
      long nowNanos,
      long limitNanos,
      boolean endless) {
    Inbox replies = (Inbox) in;
    replies.setStream(this);
    Messages made = new Messages(replies, (Outbox) out, limitNanos, !endless, deadlineNanos());
    startMessages(made, nowNanos);
  }

  @Override
  public boolean start() {
    startedOnLoop = connection.loop.inEventLoop();
    if (!started) { // A fence, which one that is recycled is spared.
      started = true;
    }
    return switch (connection.outflow.submit(this)) {
      case QUEUED, QUEUED_FIRST -> true;
      case FULL -> false;
      case CLOSED -> {
        endFromHere(connection.whyNotOpened());
        yield true;
      }
    };
  }

  @Override
  public void awaitRoomNanos(long mostNanos) {
    connection.outflow.awaitRoom(mostNanos, size());
  }

  RouteName route() {
    return call.route();
  }

  /** Whether its call says nothing but a method, a deadline and a message. */
  boolean isPlain() {
    return (marks & PLAIN) != 0;
  }

  /** Whether its messages come after the REQUEST, which then carries none. */
  boolean isOpening() {
    return outbox() != null;
  }

  /** Whether the server is told when it ends. */
  boolean isTimed() {
    Messages of = messages();
    return of == null || of.isTimed();
  }

  boolean hasEnded() {
    return stage == null;
  }

  /**
   * Claims the right to write its first byte; on the connection's event loop, right before.
   *
   * @return false if it was withdrawn, or has ended
   */
  boolean claim() {
    @Nullable Object now = stage;
    return now != WITHDRAWN && now != null && STAGE.compareAndSet(this, now, TAKEN);
  }

  @Override
  public boolean withdraw(Object owner) {
    return STAGE.compareAndSet(this, owner, WITHDRAWN);
  }

  @Override
  public boolean abandon() {
    return STAGE.getAndSet(this, null) != null;
  }

  /** Ends it with what the other side has said. */
  void end(Status status) {
    end(status, Metadata.EMPTY, 0, null, 0);
  }

  void end(Status status, Metadata trailers, int encoding, @Nullable ByteBuf in, int length) {
    if (STAGE.getAndSet(this, null) != null) {
      notifyEnd(status, trailers, encoding, in, length);
    }
  }

  /** Ends it with what this side says, and with what is known of its start. */
  void endFromHere(Status why) {
    @Nullable Object before = STAGE.getAndSet(this, null);
    if (before == null) {
      return;
    }
    // Taken, and then there was no memory for its first frame, as only the event loop can know.
    boolean unwritten = connection.loop.inEventLoop() && id == 0;
    boolean left = before == TAKEN && !unwritten;
    Status.Started started = left ? Status.Started.MAYBE : Status.Started.NO;
    notifyEnd(why.withStarted(started), Metadata.EMPTY, 0, null, 0);
  }

  private void notifyEnd(
      Status status, Metadata trailers, int encoding, @Nullable ByteBuf in, int length) {
    forgetUnsent();
    Metadata before = headers;
    headers = null;
    try {
      call.ended(status, before == null ? Metadata.EMPTY : before, trailers, encoding, in, length);
    } catch (Throwable e) {
      // Whoever is told may run the user's code right here; the connection has other calls.
      Thrown.error(LOG, LINES, "telling a call its end failed", e);
    }
  }

  @Override
  public void cancel(Object owner, Status why) {
    if (started) {
      connection.outflow.onLoop(
          () -> {
            if (call.owner() == owner) {
              connection.cancel(this, why);
            }
          },
          why);
    }
  }

  @Override
  void accepted() {
    if (!hasEnded()) {
      connection.wheel().add(this);
    }
  }

  @Override
  void write() {
    if (!hasEnded()) {
      connection.requests.open(this);
    }
  }

  @Override
  void dropped() {
    if (!hasEnded()) {
      if (connection.loop.inEventLoop()) {
        connection.wheel().remove(this);
      }
      endFromHere(connection.whyNotOpened());
    }
  }

  @Override
  void expired() {
    Status why =
        whyExpired(
            connection.ticker.nanos(),
            connection.wheel().awakeSinceNanos(),
            "no answer within the deadline",
            connection.settings.progressTimeout().toNanos());
    if (why == null) {
      connection.wheel().add(this);
    } else {
      connection.cancel(this, why);
    }
  }

  @Override
  void send(StreamOutbound item) {
    connection.messages.send(this, item);
  }

  @Override
  boolean writeFrame(int mostData) {
    return connection.requests.writeFrame(this, mostData);
  }
}
