package erpc.server;

import erpc.call.Incoming;
import erpc.call.Method;
import erpc.call.RpcException;
import erpc.call.Status;
import erpc.codec.Codecs;
import erpc.protocol.Inbox;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** What a caller sends on a stream, decoded on the thread that reads. */
final class Requests<Q> implements Incoming<Q> {
  private final Inbox inbox;
  private final Codecs codecs;
  private final Method<Q, ?> method;
  private final int limit;

  /** How the last message was packed; the replies are packed the same way. */
  private volatile @Nullable Packing packing;

  private int packedAs = -1;

  Requests(Inbox inbox, Codecs codecs, Method<Q, ?> method, int limit) {
    this.inbox = inbox;
    this.codecs = codecs;
    this.method = method;
    this.limit = limit;
  }

  @Override
  public @Nullable Q next() {
    ByteBuffer bytes = inbox.next();
    if (bytes == null) {
      Status end = inbox.end();
      if (end != null && !end.isOk()) {
        throw new RpcException(end, null);
      }
      return null;
    }
    return packing(inbox.encoding()).decoded(method, bytes, limit);
  }

  private Packing packing(int encoding) {
    Packing known = packing;
    if (known == null || packedAs != encoding) {
      known = Packing.of(encoding, codecs, method);
      packedAs = encoding;
      packing = known;
    }
    return known;
  }

  /** How the replies are packed: like the requests, or as fits the type if there were none yet. */
  Packing replyPacking() {
    Packing known = packing;
    return known != null ? known : new Packing(codecs.forType(method.responseType()), null);
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
