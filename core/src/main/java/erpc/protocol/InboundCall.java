package erpc.protocol;

import erpc.call.Status;
import io.netty.buffer.ByteBuf;

/**
 * A call that a server has let in. Methods run on the connection's event loop and must not block.
 */
public interface InboundCall {
  /** The limit for its message, in bytes as they came. */
  int maxMessageBytes();

  /** The number that clients may use for its method on this connection, 1 to 4,096, or 0. */
  int route();

  /** When it ends, on the server's ticker. */
  long deadlineNanos();

  /**
   * Its message is here, from the buffer's reader index on; valid only during this call.
   *
   * @param encoding codec (low four bits) and compression (high four)
   */
  void message(int encoding, ByteBuf in, int length);

  /**
   * It has ended without an answer of its handler: the caller cancelled, went away, or ran out of
   * time.
   */
  void cancelled(Status why);
}
