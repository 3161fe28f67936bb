package erpc.client;

import erpc.call.Criticality;
import erpc.call.Metadata;
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
  private @Nullable RouteName route;
  private Metadata metadata = Metadata.EMPTY;
  private @Nullable TraceContext trace;
  private boolean retried;
  private Criticality criticality = Criticality.DEFAULT;
  private @Nullable Outcome outcome;
  private boolean tellsSent;
  private boolean tellsFirstByte;

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
      RouteName route,
      Metadata metadata,
      @Nullable TraceContext trace,
      @Nullable Outcome endOutcome,
      EndpointPool.@Nullable Lease own) {
    call = of;
    this.route = route;
    this.metadata = metadata;
    this.trace = trace;
    outcome = endOutcome;
    lease = own;
    of.watches(this);
    stream.begin();
  }

  /** Says how critical it is, and whether it is a retry; before it is started. */
  void marked(Criticality how, boolean again) {
    criticality = how;
    retried = again;
  }

  /** The connection that it goes over. */
  DialledConnection connection() {
    return stream.connection();
  }

  private ClientCall<?, ?> call() {
    return Objects.requireNonNull(call);
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
    EndpointPool.Lease had = lease;
    if (had != null) {
      lease = null;
      had.release();
    }
  }

  /** Says what the call is to be told of it beside its end. */
  void tells(boolean sent, boolean firstByte) {
    tellsSent = sent;
    tellsFirstByte = firstByte;
  }

  // ---- for its connection

  @Override
  public boolean wantsSent() {
    return tellsSent;
  }

  @Override
  public void sent() {
    call().sent();
  }

  @Override
  public boolean wantsFirstByte() {
    return tellsFirstByte;
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
    return Objects.requireNonNull(route);
  }

  @Override
  public long deadlineNanos() {
    return call().tryDeadlineNanos();
  }

  @Override
  public Metadata metadata() {
    return metadata;
  }

  @Override
  public @Nullable TraceContext trace() {
    return trace;
  }

  @Override
  public boolean isRetried() {
    return retried;
  }

  @Override
  public Criticality criticality() {
    return criticality;
  }

  @Override
  public boolean isOneway() {
    return call().isOneway();
  }

  @Override
  public boolean isRecyclable() {
    return lease == null && outcome == null;
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
    Balance.account(of, status, connection());
    Outcome endOutcome = outcome;
    // From here on it may be another call's; until then it holds nothing of this one.
    call = null;
    outcome = null;
    metadata = Metadata.EMPTY;
    trace = null;
    if (endOutcome == null) {
      of.ended(status, headers, trailers, encoding, in, length);
    } else {
      endOutcome.ended(status, headers, trailers, encoding, in, length);
    }
  }
}
