package erpc.protocol.own;

import erpc.bench.driver.Setup;
import erpc.call.Metadata;
import erpc.call.Status;
import erpc.call.Ticker;
import erpc.call.TraceContext;
import erpc.codec.Ownership;
import erpc.protocol.OutboundCall;
import erpc.protocol.RouteName;
import io.netty.buffer.ByteBuf;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A call with the usual message whose answer is looked at by nobody; it has to be OK. */
final class BenchCall implements OutboundCall {
  static final byte[] MESSAGE = Setup.USUAL.message().toByteArray();
  static final int PB = 1;

  private static final RouteName ROUTE = new RouteName("bench.echo", 0);
  private static final long TIMEOUT_NANOS = TimeUnit.SECONDS.toNanos(10);
  private static final int MAX_REPLY_BYTES = 1 << 20;

  final ClientStream stream;

  private final long deadlineNanos;
  private final boolean oneway;

  BenchCall(ClientConnection connection, long nowNanos, boolean oneway) {
    this.deadlineNanos = nowNanos + TIMEOUT_NANOS;
    this.oneway = oneway;
    stream = new ClientStream(connection, this);
    stream.begin();
    stream.message(PB, MESSAGE, MESSAGE.length, Ownership.SHARED);
  }

  BenchCall(ClientConnection connection) {
    this(connection, Ticker.system().nanos(), false);
  }

  @Override
  public Object owner() {
    return this;
  }

  @Override
  public RouteName route() {
    return ROUTE;
  }

  @Override
  public long deadlineNanos() {
    return deadlineNanos;
  }

  @Override
  public Metadata metadata() {
    return Metadata.EMPTY;
  }

  @Override
  public @Nullable TraceContext trace() {
    return null;
  }

  @Override
  public boolean isOneway() {
    return oneway;
  }

  @Override
  public int maxReplyBytes() {
    return MAX_REPLY_BYTES;
  }

  @Override
  public void ended(
      Status status,
      Metadata headers,
      Metadata trailers,
      int encoding,
      @Nullable ByteBuf in,
      int length) {
    if (!status.isOk()) {
      throw new IllegalStateException("a call that is measured failed: " + status);
    }
  }
}
