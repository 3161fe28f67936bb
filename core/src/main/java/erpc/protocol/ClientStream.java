package erpc.protocol;

import erpc.call.Metadata;
import erpc.call.Status;
import erpc.codec.Ownership;
import io.netty.buffer.ByteBuf;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One call on its way over a client's connection: what is to be sent, and what is told when it
 * ends. Made by the caller's thread; from {@link ClientConnection#start} on it belongs to the
 * connection's event loop.
 */
public abstract class ClientStream extends Stream {
  private @Nullable RouteName route;
  Metadata metadata = Metadata.EMPTY;
  byte @Nullable [] trace;
  boolean oneway;

  /** Whether its messages come after the REQUEST, which then carries none. */
  private boolean opening;

  /** Whether it was started on its connection's event loop, as the next one then will be. */
  boolean startedOnLoop;

  /** Whether the server is told when it ends. */
  private boolean timed = true;

  /** The connection it was given to. */
  volatile @Nullable ClientConnection connection;

  private boolean ended;
  @Nullable Metadata headers;

  /**
   * Begins as a call; before it is started, and again once another is over.
   *
   * @param deadlineNanos when it ends, on the connection's ticker
   * @param trace the trace context, 25 bytes, or null
   * @param oneway whether no answer is wanted; it then ends in OK once it has been handed to the
   *     socket
   */
  protected final void begin(
      RouteName route,
      long deadlineNanos,
      Metadata metadata,
      byte @Nullable [] trace,
      boolean oneway) {
    this.route = route;
    this.deadlineNanos = deadlineNanos;
    this.endNanos = deadlineNanos;
    this.metadata = metadata;
    this.trace = trace;
    this.oneway = oneway;
    id = 0;
    ended = false;
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
    return ended;
  }

  /** Ends it without a reply. */
  final void end(Status status) {
    end(status, Metadata.EMPTY, 0, null, 0);
  }

  final void end(Status status, Metadata trailers, int encoding, @Nullable ByteBuf in, int length) {
    if (ended) {
      return;
    }
    ended = true;
    forgetUnsent();
    Metadata before = headers;
    headers = null;
    metadata = Metadata.EMPTY;
    trace = null;
    onEnd(status, before == null ? Metadata.EMPTY : before, trailers, encoding, in, length);
  }

  /** What is known of its start if nothing came back. */
  final Status.Started startedSoFar() {
    return id == 0 ? Status.Started.NO : Status.Started.MAYBE;
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
    if (!ended && on != null) {
      on.wheel().add(this);
    }
  }

  @Override
  final void write() {
    ClientConnection on = connection;
    if (!ended && on != null) {
      on.open(this);
    }
  }

  @Override
  final void dropped() {
    ClientConnection on = connection;
    if (on != null && !ended) {
      if (on.loop.inEventLoop()) {
        on.wheel().remove(this);
      }
      end(on.whyNotStarted());
    }
  }

  @Override
  final void expired() {
    ClientConnection on = connection;
    if (on == null) {
      return;
    }
    Status why = whyExpired(on.ticker.nanos(), "no answer within the deadline");
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
  final void awaitRoom() {
    ClientConnection on = connection;
    if (on != null) {
      on.outflow.awaitRoom();
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
