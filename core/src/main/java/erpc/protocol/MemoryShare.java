package erpc.protocol;

import erpc.call.Status;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * What one connection holds of the {@link MemoryBudget}, and how much more it may. It counts in
 * steps, so that a connection with little under way touches nothing that others touch too. What
 * isn't marked otherwise belongs to the connection's event loop.
 */
public final class MemoryShare {
  /** A connection counts in steps of so many bytes, or of fewer if there are many. */
  public static final int STEP_BYTES = 16 << 10;

  private final MemoryBudget budget;
  private final double factor;
  private long charged;

  /** Of messages that handlers hold; the budget has them from the calls. */
  private long inHandlers;

  /** What threads of handlers hold besides: messages that were decompressed. */
  private final AtomicLong apart = new AtomicLong();

  /** What the loop counted a moment ago, for other threads. Written by the loop. */
  private volatile long published;

  /**
   * What a connection may hold.
   *
   * @param factor see {@link ConnectionSettings#connectionShare}
   */
  public MemoryShare(MemoryBudget budget, double factor) {
    this.budget = budget;
    this.factor = factor;
  }

  /** What all connections share. */
  public MemoryBudget budget() {
    return budget;
  }

  /** The connection holds so many bytes now, and what its socket has not taken. */
  public void hold(long bytes, @Nullable ChannelHandlerContext context) {
    ChannelOutboundBuffer unsent =
        context == null ? null : context.channel().unsafe().outboundBuffer();
    hold(bytes + (unsent == null ? 0 : unsent.totalPendingWriteBytes()));
  }

  /** The connection holds so many bytes now; up to a step of them is not counted. */
  public void hold(long bytes) {
    int step = budget.stepBytes();
    if (bytes == 0 ? charged != 0 : bytes >= charged + step || bytes + step <= charged) {
      long steps = bytes - bytes % step;
      budget.add(steps - charged);
      charged = steps;
      publish();
    }
  }

  /** A handler holds so many bytes more or, if negative, less. */
  public void handlersHold(int bytes) {
    inHandlers += bytes;
    publish();
  }

  private void publish() {
    long now = charged + inHandlers;
    if (published != now) {
      published = now;
    }
  }

  /** Whether the connection may hold so many bytes more, which are not counted by this. */
  public boolean hasRoomFor(long bytes) {
    return allows(charged + inHandlers + apart.get(), bytes, budget.heldBytes());
  }

  /**
   * Whether one more call may be let in.
   *
   * @param own calls that the connection has in flight, without it
   * @param all calls that everybody has in flight, without it
   */
  public boolean hasRoomForCall(int own, int all) {
    long bytes = MemoryBudget.CALL_BYTES;
    return allows(
        charged + inHandlers + apart.get() + own * bytes, bytes, budget.heldBytes() + all * bytes);
  }

  /** Whether one more of something else may be let in, of which everybody together has a limit. */
  public boolean allowsOneMore(int own, int all, int limit) {
    return FairShare.allows(factor, own, 1, all, limit);
  }

  private boolean allows(long own, long wanted, long all) {
    return FairShare.allows(factor, own, wanted, all, budget.limitBytes());
  }

  /** Counts so many bytes if there is room for them; false if there isn't. Any thread. */
  public boolean take(int bytes) {
    if (!allows(published + apart.get(), bytes, budget.heldBytes())) {
      return false;
    }
    apart.addAndGet(bytes);
    budget.add(bytes);
    return true;
  }

  /** Gives back what was taken. Any thread. */
  public void giveBack(long bytes) {
    if (bytes > 0) {
      apart.addAndGet(-bytes);
      budget.add(-bytes);
    }
  }

  /** What is said when there is no room. Any thread. */
  public Status refusal() {
    if (budget.isExhausted()) {
      return budget.refusal();
    }
    return Status.of(
        Status.Code.RESOURCE_EXHAUSTED,
        "messages and calls of this connection hold as much memory as one connection may beside"
            + " the others, of "
            + budget.limitBytes()
            + " bytes (maxBufferedBytes, connectionShare)");
  }
}
