package erpc.server;

import erpc.call.Metadata;
import erpc.call.Peer;
import erpc.call.Status;
import erpc.codec.MessageBytes;
import erpc.codec.Ownership;
import erpc.protocol.CallHead;
import erpc.protocol.InboundCall;
import erpc.protocol.MessageSink;
import erpc.protocol.MessageSource;
import erpc.protocol.Responder;
import erpc.server.wire.HealthRequest;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A call of {@code erpc.health.check} that is answered at once if it asks for the whole server:
 * whoever calls, and however many calls there are, for who watches over servers must not take one
 * that is busy for one that is dead. Any other goes the usual way, and so does one whose message
 * does not come with its head, or that passes the bound. All of it runs on its connection's event
 * loop.
 */
final class HealthProbe implements InboundCall {
  /** As many are answered on a connection within a second. */
  static final int MOST_A_SECOND = 1_000;

  /** What asks for the whole server is shorter in every codec. */
  private static final int MOST_BYTES = 256;

  private final ServerStack stack;
  private final Route<?, ?> route;
  private final CallHead head;
  private final Responder responder;

  /** What it is if it is no probe. */
  private @Nullable InboundCall usual;

  private boolean ended;

  private HealthProbe(ServerStack stack, Route<?, ?> route, CallHead head, Responder responder) {
    this.stack = stack;
    this.route = route;
    this.head = head;
    this.responder = responder;
  }

  /** Those of one server, a second after the other. Thread-safe. */
  static final class Bound {
    private static final long SECOND_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Map<Peer, Count> byConnection = new ConcurrentHashMap<>();

    /** Of one connection, and its event loop's. */
    private static final class Count {
      private long sinceNanos;
      private int probes;
    }

    /** Whether one more may be answered on this connection, whose event loop asks. */
    boolean admits(Peer peer, long nowNanos) {
      Count count = byConnection.get(peer);
      if (count == null) {
        count = new Count();
        count.sinceNanos = nowNanos;
        byConnection.put(peer, count);
        peer.onClose(() -> byConnection.remove(peer));
      }
      if (nowNanos - count.sinceNanos >= SECOND_NANOS) {
        count.sinceNanos = nowNanos;
        count.probes = 0;
      }
      return count.probes++ < MOST_A_SECOND;
    }
  }

  /** Whether a call with this head may be one. */
  static boolean mayBe(CallHead head) {
    return Health.CHECK.name().equals(head.name()) && !head.isOneway() && head.timeoutNanos() != 0;
  }

  /** Begins as a probe, or returns null if this connection has had its share of them. */
  static @Nullable InboundCall begin(ServerStack stack, CallHead head, Responder responder) {
    Route<?, ?> route = stack.route(head);
    if (route == null || !stack.probes.admits(responder.peer(), head.receivedNanos())) {
      return null;
    }
    HealthProbe probe = new HealthProbe(stack, route, head.copy(), responder);
    // With the head, or it might lie here and count nowhere.
    responder.onLoop(() -> probe.usually());
    return probe;
  }

  /** What it is from now on, unless it has been answered or is something else already. */
  private @Nullable InboundCall usually() {
    if (!ended && usual == null) {
      usual = stack.beginCounted(head, responder);
      ended = usual == null; // Refused, and told so.
    }
    return usual;
  }

  @Override
  public void message(int encoding, ByteBuf in, int length) {
    if (ended) {
      return;
    }
    if (usual == null && length <= MOST_BYTES && isAnswered(encoding, in, length)) {
      ended = true;
      return;
    }
    InboundCall call = usually();
    if (call != null) {
      call.message(encoding, in, length);
    }
  }

  private boolean isAnswered(int encoding, ByteBuf in, int length) {
    MessageBytes reply;
    try {
      Packing packing = route.packing(encoding, stack.codecs);
      byte[] bytes = new byte[length];
      in.getBytes(in.readerIndex(), bytes);
      HealthRequest request =
          packing.compression() != null
              ? null
              : packing.decoded(Health.CHECK, ByteBuffer.wrap(bytes), MOST_BYTES, null);
      if (request == null || !request.getService().isEmpty()) {
        return false;
      }
      reply = packing.encoded(Health.CHECK, stack.health.reply(request), MOST_BYTES, null);
    } catch (Throwable e) {
      return false; // What is wrong with it is said where all calls are told.
    }
    responder.reply(
        Metadata.EMPTY,
        Metadata.EMPTY,
        reply.encoding(),
        reply.array(),
        reply.length(),
        Ownership.SHARED);
    return true;
  }

  @Override
  public int maxMessageBytes() {
    return usual == null ? stack.settings.connection().maxMessageBytes() : usual.maxMessageBytes();
  }

  @Override
  public int route() {
    return 0; // It is known by its name alone.
  }

  @Override
  public long deadlineNanos() {
    return ServerCall.deadlineNanos(stack, head, route);
  }

  @Override
  public boolean isStreaming() {
    return false;
  }

  @Override
  public long progressNanos() {
    return 0;
  }

  @Override
  public void open(MessageSource requests, MessageSink replies) {
    throw new IllegalStateException("it doesn't stream");
  }

  @Override
  public void interrupted() {}

  @Override
  public @Nullable Thread thread() {
    return usual == null ? null : usual.thread();
  }

  @Override
  public boolean provesConnection() {
    return usual != null; // Or strangers who only hold connections would keep them by it.
  }

  @Override
  public boolean isUnderWay() {
    return usual != null && usual.isUnderWay();
  }

  @Override
  public boolean withdraw() {
    return usual == null || usual.withdraw();
  }

  @Override
  public void cancelled(Status why) {
    ended = true;
    if (usual != null) {
      usual.cancelled(why);
    }
  }
}
