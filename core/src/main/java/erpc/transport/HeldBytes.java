package erpc.transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.MessageSizeEstimator;

/**
 * Counts what waits for a socket by the memory it holds, not by the bytes in it: twelve bytes of an
 * answer to a ping keep a buffer of many times their size, and a peer that pings and never reads
 * would make a server hold thousands of them before a limit noticed.
 */
enum HeldBytes implements MessageSizeEstimator, MessageSizeEstimator.Handle {
  ESTIMATOR;

  @Override
  public Handle newHandle() {
    return this;
  }

  @Override
  public int size(Object message) {
    return message instanceof ByteBuf buffer
        ? Math.max(buffer.readableBytes(), buffer.capacity())
        : 0;
  }
}
