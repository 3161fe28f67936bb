package erpc.client;

import erpc.call.Metadata;
import erpc.call.Status;
import erpc.call.TraceContext;
import erpc.codec.MessageBytes;
import erpc.protocol.RouteName;
import erpc.protocol.own.ClientConnection;
import erpc.protocol.own.ClientStream;
import erpc.protocol.own.Inbox;
import erpc.protocol.own.Outbox;
import erpc.transport.EndpointPool;
import io.netty.buffer.ByteBuf;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** One try of a call on one endpoint. */
final class Attempt extends ClientStream {
  // Set anew if it begins again.
  private @Nullable ClientCall<?, ?> call;
  private @Nullable Outcome outcome;

  /** The connection it has for itself, or null if it shares one. */
  private EndpointPool.@Nullable Lease lease;

  /** What is told of its end, on an event loop or on the thread that started it. */
  interface Outcome {
    /**
     * A try is about to be handed to a connection.
     *
     * @return false if nobody wants it any more: it is then not sent
     */
    boolean begins(Attempt attempt);

    void ended(
        Status status,
        Metadata headers,
        Metadata trailers,
        int encoding,
        @Nullable ByteBuf in,
        int length);
  }

  /** Begins as a try of this call, which may follow one of another call that is over. */
  void begin(
      ClientCall<?, ?> of,
      RouteName route,
      Metadata metadata,
      @Nullable TraceContext trace,
      @Nullable Outcome told,
      EndpointPool.@Nullable Lease own) {
    begin(of, route, of.deadlineNanos(), metadata, trace, of.isOneway());
    of.watches(this);
    call = of;
    outcome = told;
    lease = own;
  }

  /** The connection that it was given to, or null. */
  @Nullable ClientConnection on() {
    return connection();
  }

  private ClientCall<?, ?> call() {
    return Objects.requireNonNull(call);
  }

  /** Sets the encoded message. */
  void carry(MessageBytes bytes) {
    message(bytes.encoding(), bytes.array(), bytes.length(), bytes.ownership());
  }

  /** Makes it a stream of messages. */
  void stream(Inbox in, @Nullable Outbox out, long progressNanos, boolean forever) {
    streams(in, out, call().stack().ticker.nanos(), progressNanos, forever);
  }

  /** Gives back what it had for itself. */
  void release() {
    EndpointPool.Lease had = lease;
    if (had != null) {
      lease = null;
      had.release();
    }
  }

  /** Says what the call is to be told of it beside its end. */
  void tells(boolean sent, boolean firstByte) {
    watch(sent, firstByte);
  }

  @Override
  protected void onSent() {
    call().sent();
  }

  @Override
  protected void onFirstByte() {
    call().firstByte();
  }

  @Override
  protected boolean isOf(Object one) {
    return call == one;
  }

  @Override
  protected boolean isReusable() {
    return lease == null && outcome == null;
  }

  @Override
  protected int maxReplyBytes() {
    return call().maxReplyBytes();
  }

  @Override
  protected void onEnd(
      Status status,
      Metadata headers,
      Metadata trailers,
      int encoding,
      @Nullable ByteBuf in,
      int length) {
    release();
    ClientCall<?, ?> of = call();
    Outcome told = outcome;
    // From here on it may be another call's; until then it holds nothing of this one.
    call = null;
    outcome = null;
    if (told == null) {
      of.ended(status, headers, trailers, encoding, in, length);
    } else {
      told.ended(status, headers, trailers, encoding, in, length);
    }
  }
}
