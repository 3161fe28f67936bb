package erpc.protocol.own;

import erpc.call.LineLimit;
import erpc.call.Metadata;
import erpc.call.Status;
import erpc.call.Thrown;
import erpc.call.TraceContext;
import erpc.codec.Ownership;
import erpc.protocol.MemoryBudget;
import erpc.protocol.RouteName;
import io.netty.buffer.ByteBuf;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One call on its way over a client's connection: what is to be sent, and what is told when it
 * ends. Made by the caller's thread; from {@link ClientConnection#start} on it belongs to the
 * connection's event loop.
 */
public abstract class ClientStream extends Stream {
  private static final Logger LOG = LoggerFactory.getLogger("erpc.protocol");
  private static final LineLimit LINES = new LineLimit();

  /** Its first byte is being written, or was. */
  private static final Object TAKEN = new Object();

  /** None of its bytes ever leaves, though it may still lie in a queue. */
  private static final Object WITHDRAWN = new Object();

  private static final VarHandle STAGE;

  static {
    try {
      STAGE = MethodHandles.lookup().findVarHandle(ClientStream.class, "stage", Object.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private @Nullable RouteName route;
  Metadata metadata = Metadata.EMPTY;
  @Nullable TraceContext trace;
  boolean oneway;

  /** Whether its messages come after the REQUEST, which then carries none. */
  private boolean opening;

  /** Whether it was started on its connection's event loop, as the next one then will be. */
  boolean startedOnLoop;

  /** Whether the server is told when it ends. */
  private boolean timed = true;

  /** The connection it was given to. */
  volatile @Nullable ClientConnection connection;

  /**
   * How far it has come: the call whose it is while it may still be withdrawn, then one of the
   * constants above, and null once its end has been told, or before it has begun. Whoever says that
   * a call was not started has moved it from there, or asks the event loop, which has not.
   */
  private volatile @Nullable Object stage;

  /** Whether somebody wants to be told when its request has been written. */
  private boolean tellsSent;

  /** Whether somebody wants to be told when something of its answer comes, and nothing has. */
  private boolean tellsFirstByte;

  @Nullable Metadata headers;

  /** Whether headers may come no more: they have come, or a message has. */
  private boolean headersOver;

  /**
   * Begins as a call; before it is started, and again once another is over.
   *
   * @param call whose it is, see {@link #withdraw}
   * @param deadlineNanos when it ends, on the connection's ticker
   * @param trace the trace context, or null
   * @param oneway whether no answer is wanted; it then ends in OK once it has been handed to the
   *     socket
   */
  protected final void begin(
      Object call,
      RouteName route,
      long deadlineNanos,
      Metadata metadata,
      @Nullable TraceContext trace,
      boolean oneway) {
    this.route = route;
    this.deadlineNanos = deadlineNanos;
    this.endNanos = deadlineNanos;
    this.metadata = metadata;
    this.trace = trace;
    this.oneway = oneway;
    headersOver = false;
    tellsSent = false;
    tellsFirstByte = false;
    id = 0;
    STAGE.setRelease(this, call); // Others get to know of the stream by volatile writes after it.
  }

  /**
   * Keeps the headers, if there are some.
   *
   * @throws ProtocolViolation if they may come no more
   */
  final void takesHeaders(@Nullable Metadata value) {
    if (value != null) {
      if (headersOver) {
        throw new ProtocolViolation(
            "headers of stream " + Integer.toUnsignedString(id) + " twice or behind a message");
      }
      headersOver = true;
      headers = value;
    }
  }

  /** A message of a stream comes. */
  final void headersAreOver() {
    headersOver = true;
  }

  /** Says what it is to tell beside its end. Called once it has begun, before it is started. */
  protected final void watch(boolean sent, boolean firstByte) {
    tellsSent = sent;
    tellsFirstByte = firstByte;
  }

  /**
   * Its request has been written, or, if its messages come later, what opens it. Only if it is to
   * be told. On the connection's event loop.
   */
  protected void onSent() {}

  /**
   * The first frame of its answer has come. Only if it is to be told. On the connection's event
   * loop.
   */
  protected void onFirstByte() {}

  final void written() {
    if (tellsSent) {
      onSent();
    }
  }

  final void answers() {
    if (tellsFirstByte) {
      tellsFirstByte = false;
      onFirstByte();
    }
  }

  /**
   * Whether it may begin again, as another call, once it has ended: then nothing but its connection
   * and its call may refer to it, and the call only by {@link #cancel}.
   */
  protected boolean isReusable() {
    return false;
  }

  /** Whether it is this call's now; asked on the connection's event loop. */
  protected boolean isOf(Object call) {
    return true;
  }

  /**
   * Sets the encoded message; the array belongs to the stream until the call has ended.
   *
   * @param ownership whose the array is besides; if it was lent, the stream's until it has been
   *     started, on its connection's event loop
   */
  protected final void message(int encoding, byte[] bytes, int length, Ownership ownership) {
    setBody(encoding, bytes, length, ownership);
  }

  /**
   * Makes this a stream of messages. Called before it is started.
   *
   * @param in takes the replies
   * @param out sends the requests once the call is open; null if its one message is known
   * @param limitNanos how long one side may wait for the other
   * @param forever whether it has no end of its own
   */
  protected final void streams(
      Inbox in, @Nullable Outbox out, long nowNanos, long limitNanos, boolean forever) {
    inbox = in;
    outbox = out;
    opening = out != null;
    timed = !forever;
    in.filledBy(this);
    watchProgress(nowNanos, limitNanos);
  }

  /** The connection that it was given to last, or null. Any thread. */
  protected final @Nullable ClientConnection connection() {
    return connection;
  }

  final RouteName route() {
    return Objects.requireNonNull(route);
  }

  final boolean isOpening() {
    return opening;
  }

  final boolean isTimed() {
    return timed;
  }

  /**
   * The call has ended. Runs once: on the connection's event loop, or, if the connection had closed
   * before the call got there, on the thread that started it. Must not block.
   *
   * @param status OK, or what went wrong
   * @param in if OK, holds the reply from its reader index on; valid only during this call
   * @param length bytes of the reply
   */
  protected abstract void onEnd(
      Status status,
      Metadata headers,
      Metadata trailers,
      int encoding,
      @Nullable ByteBuf in,
      int length);

  /** The limit for the reply, in bytes. */
  protected abstract int maxReplyBytes();

  final boolean hasEnded() {
    return stage == null;
  }

  /**
   * Claims the right to write its first byte; on the connection's event loop, right before.
   *
   * @return false if it was withdrawn, or has ended
   */
  final boolean take() {
    @Nullable Object now = stage;
    return now != WITHDRAWN && now != null && STAGE.compareAndSet(this, now, TAKEN);
  }

  /**
   * Makes sure that none of its bytes leaves, if none has. Any thread. It is to be {@linkplain
   * #cancel cancelled} all the same, which clears it away.
   *
   * @param call whose it must be
   * @return true if nothing of it has left and nothing will: the call was not started
   */
  public final boolean withdraw(Object call) {
    return STAGE.compareAndSet(this, call, WITHDRAWN);
  }

  /**
   * Takes it back before it was {@linkplain ClientConnection#start started}, or when that has
   * refused it: its end will not be told.
   *
   * @return false if its end has been told already
   */
  public final boolean abandon() {
    return STAGE.getAndSet(this, null) != null;
  }

  /** Ends it with what the other side has said. */
  final void end(Status status) {
    end(status, Metadata.EMPTY, 0, null, 0);
  }

  final void end(Status status, Metadata trailers, int encoding, @Nullable ByteBuf in, int length) {
    if (STAGE.getAndSet(this, null) != null) {
      tellEnd(status, trailers, encoding, in, length);
    }
  }

  /** Ends it with what this side says, and with what is known of its start. */
  final void endUnanswered(Status why) {
    @Nullable Object before = STAGE.getAndSet(this, null);
    if (before == null) {
      return;
    }
    ClientConnection on = connection;
    // Taken, and then there was no memory for its first frame, as only the event loop can know.
    boolean unwritten = on != null && on.loop.inEventLoop() && id == 0;
    boolean started = before == TAKEN && !unwritten;
    Status.Started so = started ? Status.Started.MAYBE : Status.Started.NO;
    tellEnd(why.withStarted(so), Metadata.EMPTY, 0, null, 0);
  }

  private void tellEnd(
      Status status, Metadata trailers, int encoding, @Nullable ByteBuf in, int length) {
    forgetUnsent();
    Metadata before = headers;
    headers = null;
    metadata = Metadata.EMPTY;
    trace = null;
    try {
      onEnd(status, before == null ? Metadata.EMPTY : before, trailers, encoding, in, length);
    } catch (Throwable e) {
      // Whoever is told may run the user's code right here; the connection has other calls.
      Thrown.error(LOG, LINES, "telling a call its end failed", e);
    }
  }

  /**
   * Ends the call with this status, unless it has ended before, and tells the server. Any thread.
   *
   * @param call whose it is: if it is another's by now, nothing happens
   */
  public final void cancel(Object call, Status why) {
    ClientConnection on = connection;
    if (on != null) {
      on.outflow.onLoop(
          () -> {
            if (isOf(call)) {
              on.cancel(this, why);
            }
          },
          why);
    }
  }

  @Override
  final void accepted() {
    ClientConnection on = connection;
    if (!hasEnded() && on != null) {
      on.wheel().add(this);
    }
  }

  @Override
  final void write() {
    ClientConnection on = connection;
    if (!hasEnded() && on != null) {
      on.open(this);
    }
  }

  @Override
  final void dropped() {
    ClientConnection on = connection;
    if (on != null && !hasEnded()) {
      if (on.loop.inEventLoop()) {
        on.wheel().remove(this);
      }
      endUnanswered(on.whyNotOpened());
    }
  }

  @Override
  final void expired() {
    ClientConnection on = connection;
    if (on == null) {
      return;
    }
    Status why =
        whyExpired(
            on.ticker.nanos(),
            on.wheel().awakeSinceNanos(),
            "no answer within the deadline",
            on.settings.progressTimeout().toNanos());
    if (why == null) {
      on.wheel().add(this);
    } else {
      on.cancel(this, why);
    }
  }

  @Override
  final void creditWasTaken() {
    ClientConnection on = connection;
    if (on != null) {
      on.outflow.onLoop(() -> on.creditTaken(this), Outflow.LOOP_GONE);
    }
  }

  @Override
  final boolean isCreditShort() {
    ClientConnection on = connection;
    return on != null && on.published.isCreditShort();
  }

  @Override
  final OutboundQueue.Offer submit(Outbound item) {
    ClientConnection on = connection;
    return on == null ? OutboundQueue.Offer.CLOSED : on.outflow.submit(item);
  }

  @Override
  final int aheadBytes() {
    ClientConnection on = connection;
    return on == null ? Outbox.AHEAD_BYTES : on.published.aheadBytes();
  }

  @Override
  final MemoryBudget memory() {
    return Objects.requireNonNull(connection).memory;
  }

  @Override
  final void awaitRoom(int bytes) {
    ClientConnection on = connection;
    if (on != null) {
      on.outflow.awaitRoom(Long.MAX_VALUE, bytes);
    }
  }

  @Override
  final void roomUnused() {
    ClientConnection on = connection;
    if (on != null) {
      on.outflow.roomUnused();
    }
  }

  @Override
  final void send(StreamOutbound item) {
    ClientConnection on = connection;
    if (on != null) {
      on.messages.send(this, item);
    }
  }

  @Override
  final boolean writeFrame(int mostData) {
    ClientConnection on = connection;
    return on != null && on.writeFrame(this, mostData);
  }
}
