package erpc.protocol;

import erpc.call.Criticality;
import erpc.call.Metadata;
import erpc.call.Status;
import erpc.call.TraceContext;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * One try of a call as a {@link DialledConnection} sees it: what the client says, and where it
 * hears of the end. What it says doesn't change from {@link OutboundStream#begin} to its end.
 */
public interface OutboundCall {
  /**
   * Whose try it is; another one each time that it begins as another call, null when it has ended.
   * On the connection's event loop once it was started.
   */
  @Nullable Object owner();

  /** The method to call. */
  RouteName route();

  /** When it ends, on the connection's ticker. */
  long deadlineNanos();

  /** What travels beside its message. */
  Metadata metadata();

  /** The trace context, or null. */
  @Nullable TraceContext trace();

  /** Whether no answer is wanted; it then ends in OK once it has been handed to the socket. */
  boolean isOneway();

  /** Whether it is a retry, or is made on behalf of one. */
  default boolean isRetried() {
    return false;
  }

  /** How critical it is. */
  default Criticality criticality() {
    return Criticality.DEFAULT;
  }

  /**
   * Whether it says nothing but its method, its deadline and its message, as nearly every call
   * does. Asked when it begins.
   */
  default boolean isPlain() {
    return !isOneway()
        && !isRetried()
        && trace() == null
        && metadata().isEmpty()
        && criticality() == Criticality.DEFAULT;
  }

  /** The limit for the reply, or for each of them, in bytes. */
  int maxReplyBytes();

  /**
   * Whether it may begin again, as another call, once it has ended: then nothing but its place and
   * its call may refer to it, and the call only by methods that name the {@link #owner}.
   */
  default boolean isRecyclable() {
    return false;
  }

  /** Whether {@link #sent} is to be told. */
  default boolean wantsSent() {
    return false;
  }

  /**
   * Its request has been written, or, if its messages come later, what opens it. On the
   * connection's event loop.
   */
  default void sent() {}

  /** Whether {@link #firstByte} is to be told. */
  default boolean wantsFirstByte() {
    return false;
  }

  /** The first of its answer has come. On the connection's event loop. */
  default void firstByte() {}

  /**
   * The call has ended. Runs once: on the connection's event loop, or, if the connection had closed
   * before the call got there, on the thread that started it. Must not block.
   *
   * @param status OK, or what went wrong
   * @param encoding codec (low four bits) and compression (high four) of the reply
   * @param in if OK, holds the reply of a unary call from its reader index on; valid only during
   *     this call
   * @param length bytes of the reply
   */
  void ended(
      Status status,
      Metadata headers,
      Metadata trailers,
      int encoding,
      @Nullable ByteBuf in,
      int length);
}
