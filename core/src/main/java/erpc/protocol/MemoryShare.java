package erpc.protocol;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import org.jspecify.annotations.Nullable;

/**
 * What one connection holds of the {@link MemoryBudget}. It counts in steps, so that a connection
 * with little under way touches nothing that others touch too. Belongs to the connection's event
 * loop.
 */
final class MemoryShare {
  static final int STEP_BYTES = 16 << 10;

  private final MemoryBudget budget;
  private long charged;

  MemoryShare(MemoryBudget budget) {
    this.budget = budget;
  }

  /** The connection holds so many bytes now, and what its socket has not taken. */
  void hold(long bytes, @Nullable ChannelHandlerContext context) {
    ChannelOutboundBuffer unsent =
        context == null ? null : context.channel().unsafe().outboundBuffer();
    hold(bytes + (unsent == null ? 0 : unsent.totalPendingWriteBytes()));
  }

  /** The connection holds so many bytes now; up to a step of them is not counted. */
  void hold(long bytes) {
    if (bytes >= charged + STEP_BYTES || bytes + STEP_BYTES <= charged) {
      long steps = bytes & -STEP_BYTES;
      budget.add(steps - charged);
      charged = steps;
    }
  }
}
