package erpc.protocol.own;

import erpc.call.RpcException;
import erpc.call.Status;
import erpc.protocol.CallHead;
import io.netty.buffer.ByteBuf;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Reads the heads of the calls of a server's connection, and takes off their time what they have
 * spent on the way. Its event loop's.
 */
final class HeadReader {
  private final CallHead head = new CallHead();
  private final TransitDelay transit = new TransitDelay();
  private final ReplyWriter replies;
  private int excessMillis;

  /**
   * For one connection.
   *
   * @param given knows the numbers that methods were given there
   */
  HeadReader(ReplyWriter given) {
    this.replies = given;
  }

  /** The head that was read last. */
  CallHead head() {
    return head;
  }

  /** A tick came with what follows; true if a ping is to ask how long its way back takes. */
  boolean tick(int millis, long nowNanos) {
    excessMillis = transit.excessMillis(millis, nowNanos);
    return transit.asks(nowNanos);
  }

  /** The ping was answered. */
  void pinged(long content, long nowNanos) {
    transit.answered(content, nowNanos);
  }

  /**
   * Reads the next head; the reader index is then at the data part.
   *
   * @return null, or why the call is refused
   */
  @Nullable Status read(ByteBuf in, int end, long nowNanos) {
    try {
      RequestHead.read(head, in, end);
    } catch (RpcException e) {
      return e.status();
    }
    int route = head.route();
    if (route > 0) {
      head.calls(route, replies.method(route));
    }
    long timeoutNanos = head.timeoutNanos();
    head.times(nowNanos, timeoutNanos > 0 ? leftNanos(timeoutNanos) : timeoutNanos);
    return null;
  }

  /**
   * What is left of a timeout. Nothing, if it may all have passed in buffers: the caller knows
   * better, and is told that the call was not started. Else what is in doubt is not taken off,
   * since its caller ends a call in time himself.
   */
  private long leftNanos(long timeoutNanos) {
    int sure = excessMillis - transit.doubtMillis();
    return timeoutNanos <= TimeUnit.MILLISECONDS.toNanos(excessMillis)
        ? 0
        : timeoutNanos - TimeUnit.MILLISECONDS.toNanos(sure);
  }
}
