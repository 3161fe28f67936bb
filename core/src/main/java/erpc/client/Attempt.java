package erpc.client;

import erpc.call.Criticality;
import erpc.call.Metadata;
import erpc.call.Request;
import erpc.call.Status;
import erpc.call.TraceContext;
import erpc.codec.MessageBytes;
import erpc.protocol.DialledConnection;
import erpc.protocol.MessageSink;
import erpc.protocol.MessageSource;
import erpc.protocol.OutboundCall;
import erpc.protocol.OutboundStream;
import erpc.protocol.RouteName;
import erpc.transport.EndpointPool;
import io.netty.buffer.ByteBuf;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One try of a call on one endpoint. Recycled together with its place on the connection, for calls
 * that are made on its event loop: then it is another call's, and whoever still knows it from the
 * old one names that one, and changes nothing.
 */
final class Attempt implements OutboundCall {
  private final OutboundStream stream;

  // Set anew if it begins again.
  private @Nullable ClientCall<?, ?> call;

  /**
   * What few have: the connection that it has for itself, or {@link Besides} with that in it. Null
   * for nearly all, which say what their call does.
   */
  private @Nullable Object beside;

  /** What a try has that filters have led to. */
  static class Besides {
    /** What filters have made of the call's request. */
    private @Nullable Request<?, ?> what;

    private EndpointPool.@Nullable Lease lease;

    /** Where it goes. Its call may be at its next try when this one ends. */
    private @Nullable Member to;

    /** When it was handed to its connection: filters may have taken long before. */
    private long begunNanos;

    /** When its try began. */
    private long tryNanos;

    final void are(ClientCall<?, ?> call, Request<?, ?> request, EndpointPool.@Nullable Lease own) {
      what = request;
      lease = own;
      to = call.member();
      begunNanos = call.now();
      tryNanos = call.tryNanos();
    }
  }

  /** What is told of its end, on an event loop or on the thread that started it. */
  abstract static class Outcome extends Besides {
    /**
     * A try is about to be handed to a connection.
     *
     * @return false if nobody wants it any more: it is then not sent
     */
    abstract boolean begins(Attempt attempt);

    abstract void ended(
        Status status,
        Metadata headers,
        Metadata trailers,
        int encoding,
        @Nullable ByteBuf in,
        int length);
  }

  private Attempt(DialledConnection connection) {
    stream = connection.stream(this);
  }

  /** A try that is to go over this connection: one that is over, recycled, or a new one. */
  static Attempt on(DialledConnection connection) {
    OutboundStream recycled = connection.recycled();
    return recycled != null && recycled.call() instanceof Attempt ended
        ? ended
        : new Attempt(connection);
  }

  /** Begins as a try of this call, which may follow one of another call that is over. */
  void begin(
      ClientCall<?, ?> of,
      Request<?, ?> request,
      @Nullable Outcome endOutcome,
      EndpointPool.@Nullable Lease own) {
    call = of;
    beside = own;
    if (endOutcome != null || request != of.request()) {
      Besides more = endOutcome == null ? new Besides() : endOutcome;
      more.are(of, request, own);
      beside = more;
    }
    stream.begin();
  }

  /** The connection that it goes over. */
  DialledConnection connection() {
    return stream.connection();
  }

  private ClientCall<?, ?> call() {
    return Objects.requireNonNull(call);
  }

  private Request<?, ?> what() {
    Request<?, ?> changed = beside instanceof Besides more ? more.what : null;
    return changed == null ? call().request() : changed;
  }

  // ---- for its call

  /** Sets the encoded message. */
  void carry(MessageBytes bytes) {
    stream.message(bytes.encoding(), bytes.array(), bytes.length(), bytes.ownership());
  }

  /** Makes it a stream of messages. */
  void stream(MessageSource in, @Nullable MessageSink out, long progressNanos, boolean endless) {
    stream.messages(in, out, call().stack().ticker.nanos(), progressNanos, endless);
  }

  /** As {@link OutboundStream#start}. */
  boolean start() {
    return stream.start();
  }

  /** As {@link OutboundStream#awaitRoomNanos}. */
  void awaitRoomNanos(long mostNanos) {
    stream.awaitRoomNanos(mostNanos);
  }

  /** As {@link OutboundStream#roomUnused}. */
  void roomUnused() {
    stream.roomUnused();
  }

  /** As {@link OutboundStream#withdraw}. Any thread. */
  boolean withdraw(ClientCall<?, ?> of) {
    return stream.withdraw(of);
  }

  /** As {@link OutboundStream#abandon}. Any thread. */
  boolean abandon() {
    return stream.abandon();
  }

  /** As {@link OutboundStream#cancel}. Any thread. */
  void cancel(ClientCall<?, ?> of, Status why) {
    stream.cancel(of, why);
  }

  /** Gives back what it had for itself. */
  void release() {
    Besides more = beside instanceof Besides found ? found : null;
    Object own = more == null ? beside : more.lease;
    if (own instanceof EndpointPool.Lease had) {
      if (more == null) {
        beside = null;
      } else {
        more.lease = null;
      }
      had.release();
    }
  }

  // ---- for its connection

  @Override
  public boolean wantsSent() {
    return call().tellsSent();
  }

  @Override
  public void sent() {
    call().sent();
  }

  @Override
  public boolean wantsFirstByte() {
    return call().tellsFirstByte();
  }

  @Override
  public void firstByte() {
    call().firstByte();
  }

  @Override
  public @Nullable Object owner() {
    return call;
  }

  @Override
  public RouteName route() {
    return call().route();
  }

  @Override
  public long deadlineNanos() {
    return call().tryDeadlineNanos();
  }

  @Override
  public Metadata metadata() {
    return what().metadata();
  }

  @Override
  public @Nullable TraceContext trace() {
    return call().trace(what());
  }

  @Override
  public boolean isRetried() {
    return call().isRetried();
  }

  @Override
  public Criticality criticality() {
    return call().criticality(what());
  }

  @Override
  public boolean isOneway() {
    return call().isOneway();
  }

  @Override
  public boolean isRecyclable() {
    return beside == null;
  }

  @Override
  public int maxReplyBytes() {
    return call().maxReplyBytes();
  }

  @Override
  public void ended(
      Status status,
      Metadata headers,
      Metadata trailers,
      int encoding,
      @Nullable ByteBuf in,
      int length) {
    release();
    ClientCall<?, ?> of = call();
    Object had = beside;
    if (had instanceof Besides more) {
      Balance.account(of, more.to, more.begunNanos, more.tryNanos, status, connection());
    } else {
      long begunNanos = of.tryNanos();
      Balance.account(of, of.member(), begunNanos, begunNanos, status, connection());
    }
    // From here on it may be another call's; until then it holds nothing of this one.
    call = null;
    beside = null;
    if (!(had instanceof Outcome outcome)) {
      of.ended(status, headers, trailers, encoding, in, length);
    } else {
      outcome.ended(status, headers, trailers, encoding, in, length);
    }
  }
}
