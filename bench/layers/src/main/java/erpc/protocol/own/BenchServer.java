package erpc.protocol.own;

import erpc.call.Metadata;
import erpc.call.Status;
import erpc.call.Ticker;
import erpc.codec.Ownership;
import erpc.protocol.CallHead;
import erpc.protocol.InboundCall;
import erpc.protocol.LoneCalls;
import erpc.protocol.MemoryBudget;
import erpc.protocol.MessageSink;
import erpc.protocol.MessageSource;
import erpc.protocol.Responder;
import erpc.protocol.ServerCalls;
import io.netty.buffer.ByteBuf;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** What stands where a server's stack would: echoes at once, or takes no call at all. */
final class BenchServer implements ServerCalls, InboundCall {
  private static final long TIMEOUT_NANOS = TimeUnit.SECONDS.toNanos(10);
  private static final int MAX_MESSAGE_BYTES = 1 << 20;

  private final MemoryBudget memory = new MemoryBudget(0);
  private final LoneCalls lone = new LoneCalls();
  private final boolean echoes;
  private @Nullable Responder responder;
  private int begun;

  BenchServer(boolean echoes) {
    this.echoes = echoes;
  }

  /** Calls that have come. */
  int begun() {
    return begun;
  }

  @Override
  public @Nullable InboundCall begin(CallHead head, Responder to, @Nullable InboundCall over) {
    begun++;
    responder = to;
    return echoes ? this : null;
  }

  @Override
  public LoneCalls loneCalls() {
    return lone;
  }

  @Override
  public MemoryBudget memory() {
    return memory;
  }

  @Override
  public int maxMessageBytes() {
    return MAX_MESSAGE_BYTES;
  }

  @Override
  public int route() {
    return 1;
  }

  @Override
  public long deadlineNanos() {
    return Ticker.system().nanos() + TIMEOUT_NANOS;
  }

  @Override
  public boolean isStreaming() {
    return false;
  }

  @Override
  public @Nullable Thread thread() {
    return null;
  }

  @Override
  public long progressNanos() {
    return TIMEOUT_NANOS;
  }

  @Override
  public void open(MessageSource requests, MessageSink replies) {
    throw new IllegalStateException("nothing here streams");
  }

  @Override
  public void interrupted() {}

  @Override
  public void message(int encoding, ByteBuf in, int length) {
    byte[] bytes = new byte[length];
    in.getBytes(in.readerIndex(), bytes);
    Responder to = responder;
    if (to != null) {
      to.reply(Metadata.EMPTY, Metadata.EMPTY, encoding, bytes, length, Ownership.SHARED);
    }
  }

  @Override
  public void cancelled(Status why) {
    throw new IllegalStateException("a call that is measured was cancelled: " + why);
  }
}
