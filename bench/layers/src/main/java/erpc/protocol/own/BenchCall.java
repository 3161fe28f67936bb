package erpc.protocol.own;

import erpc.bench.driver.Setup;
import erpc.call.Metadata;
import erpc.call.Status;
import erpc.call.Ticker;
import erpc.codec.Ownership;
import erpc.protocol.RouteName;
import io.netty.buffer.ByteBuf;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A call with the usual message whose answer is looked at by nobody; it has to be OK. */
final class BenchCall extends ClientStream {
  static final byte[] MESSAGE = Setup.USUAL.message().toByteArray();
  static final int PB = 1;

  private static final RouteName ROUTE = new RouteName("bench.echo", 0);
  private static final long TIMEOUT_NANOS = TimeUnit.SECONDS.toNanos(10);
  private static final int MAX_REPLY_BYTES = 1 << 20;

  BenchCall(long nowNanos, boolean oneway) {
    begin(this, ROUTE, nowNanos + TIMEOUT_NANOS, Metadata.EMPTY, null, oneway);
    message(PB, MESSAGE, MESSAGE.length, Ownership.SHARED);
  }

  BenchCall() {
    this(Ticker.system().nanos(), false);
  }

  @Override
  protected void onEnd(
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

  @Override
  protected int maxReplyBytes() {
    return MAX_REPLY_BYTES;
  }
}
