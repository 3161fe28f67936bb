package erpc.client;

import erpc.call.Metadata;
import erpc.call.Status;
import erpc.codec.MessageBytes;
import erpc.protocol.ClientStream;
import erpc.protocol.Inbox;
import erpc.protocol.Outbox;
import erpc.protocol.RouteName;
import erpc.transport.EndpointPool;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/** One try of a call on one endpoint. */
final class Attempt extends ClientStream {
  private final ClientCall<?, ?> call;
  private final @Nullable Outcome outcome;

  /** The connection it has for itself, or null if it shares one. */
  EndpointPool.@Nullable Lease lease;

  /** What is told of its end, on an event loop or on the thread that started it. */
  interface Outcome {
    void ended(
        Status status,
        Metadata headers,
        Metadata trailers,
        int encoding,
        @Nullable ByteBuf in,
        int length);
  }

  Attempt(
      ClientCall<?, ?> call,
      RouteName route,
      Metadata metadata,
      byte @Nullable [] trace,
      @Nullable Outcome outcome) {
    super(route, call.deadlineNanos(), metadata, trace, call.isOneway());
    this.call = call;
    this.outcome = outcome;
  }

  void carry(MessageBytes bytes) {
    message(bytes.encoding(), bytes.array(), bytes.length());
  }

  /** Makes it a stream of messages. */
  void stream(Inbox in, @Nullable Outbox out, long progressNanos, boolean forever) {
    streams(in, out, call.stack().ticker.nanos(), progressNanos, forever);
  }

  /** Gives back what it had for itself. */
  void release() {
    EndpointPool.Lease had = lease;
    if (had != null) {
      lease = null;
      had.release();
    }
  }

  @Override
  protected int maxReplyBytes() {
    return call.maxReplyBytes();
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
    if (outcome == null) {
      call.ended(status, headers, trailers, encoding, in, length);
    } else {
      outcome.ended(status, headers, trailers, encoding, in, length);
    }
  }
}
