package erpc.server;

import erpc.call.Incoming;
import erpc.call.Method;
import erpc.call.RpcException;
import erpc.call.Status;
import erpc.codec.Codec;
import erpc.codec.Codecs;
import erpc.protocol.MemoryShare;
import erpc.protocol.MessageSource;
import erpc.protocol.Unpacked;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** What a caller sends on a stream, decoded on the thread that reads. */
final class Requests<Q> implements Incoming<Q> {
  private final MessageSource inbox;
  private final Codecs codecs;
  private final Route<Q, ?> route;
  private final Method<Q, ?> method;
  private final int limit;
  private final MemoryShare share;
  private final @Nullable MessageFilters filters;

  /**
   * How the last message was packed; the replies are packed the same way. Written by the thread
   * that reads, for the one that sends.
   */
  private volatile @Nullable Packing packing;

  Requests(
      MessageSource inbox, ServerCall call, Route<Q, ?> route, @Nullable MessageFilters filters) {
    this.share = call.responder.share();
    this.inbox = inbox;
    this.codecs = call.stack.codecs;
    this.route = route;
    this.method = route.method();
    this.limit = call.maxMessageBytes();
    this.filters = filters;
  }

  @Override
  @SuppressWarnings("unchecked") // Filters leave messages of the same type, which is looked at.
  public @Nullable Q next() {
    ByteBuffer bytes = inbox.next();
    if (bytes != null) {
      Q message = decoded(bytes);
      return filters == null ? message : (Q) filters.request(message);
    }
    if (filters != null) {
      filters.throwRefusal(null);
    }
    Status end = inbox.end();
    if (end != null && !end.isOk()) {
      throw new RpcException(end, null);
    }
    return null;
  }

  private Q decoded(ByteBuffer bytes) {
    Packing known = route.packing(inbox.encoding(), codecs);
    if (packing != known) {
      packing = known;
    }
    if (known.compression() == null) {
      return known.decoded(method, bytes, limit, null);
    }
    // Its bytes are of no use once it is decoded, and the message is its reader's.
    try (Unpacked room = Unpacked.of(share)) {
      return known.decoded(method, bytes, limit, room);
    }
  }

  /** How the replies are packed: like the requests, or as fits the type if there were none yet. */
  Packing replyPacking() {
    Packing known = packing;
    if (known == null) {
      Codec fitting = codecs.forMethod(method);
      known = new Packing(fitting.id(), fitting, null);
    }
    return known;
  }

  @Override
  public Q one() {
    Q first = next();
    if (first == null) {
      throw wrong("the request ends without a message");
    }
    if (next() != null) {
      throw wrong("a second message for " + method + ", which takes one");
    }
    return first;
  }

  private static RpcException wrong(String text) {
    return Status.of(Status.Code.INVALID_ARGUMENT, text).toException();
  }

  @Override
  public void close() {
    inbox.discard();
  }
}
