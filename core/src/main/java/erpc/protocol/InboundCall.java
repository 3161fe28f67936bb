package erpc.protocol;

import erpc.call.Status;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * A call that a server has let in. Methods run on the connection's event loop and must not block.
 */
public interface InboundCall {
  /** The limit for its message, in bytes as they came. */
  int maxMessageBytes();

  /**
   * The server's own number of its method, greater than 0, for which each connection gives clients
   * another one; 0 if clients get none.
   */
  int route();

  /** When it ends, on the server's ticker. */
  long deadlineNanos();

  /**
   * Whether it is a stream of messages: {@link #open} is then called, and never {@link #message}.
   */
  boolean isStreaming();

  /** How long one side of a stream may wait for the other, in nanoseconds. */
  long progressNanos();

  /**
   * A stream has begun; its handler may start.
   *
   * @param requests its messages
   * @param replies sends messages before the status
   */
  void open(MessageSource requests, MessageSink replies);

  /**
   * Ends a stream's waiting for requests and for room, as its thread was interrupted. Any thread.
   */
  void interrupted();

  /**
   * Its message is here, from the buffer's reader index on; valid only during this call.
   *
   * @param encoding codec (low four bits) and compression (high four)
   */
  void message(int encoding, ByteBuf in, int length);

  /**
   * Its answer has been written. If nobody but its connection knows of it any more, it lets go of
   * all it holds of its caller, to {@linkplain ServerCalls#begin begin} again as another call.
   *
   * @return whether it has, and may
   */
  default boolean rest() {
    return false;
  }

  /**
   * Sees to it that its handler does not begin, if it has not. On the connection's event loop; it
   * is {@linkplain #cancelled cancelled} right after.
   *
   * @return true if the handler has not begun and never will
   */
  default boolean withdraw() {
    return false;
  }

  /** The thread that its handler runs on, or null if it has none of its own yet. */
  @Nullable Thread thread();

  /** What its caller is told when it has ended for its time. */
  default String lateText() {
    return "the deadline passed on the server";
  }

  /**
   * Whether an answer to it shows that its connection is of use to its caller: one that any
   * stranger gets does not. On the connection's event loop.
   */
  default boolean provesConnection() {
    return true;
  }

  /**
   * Whether somebody works at it, who will answer although it has been {@linkplain #cancelled
   * cancelled}.
   */
  default boolean isUnderWay() {
    return false;
  }

  /**
   * It has ended without an answer of its handler: the caller cancelled, went away, or ran out of
   * time.
   */
  void cancelled(Status why);
}
