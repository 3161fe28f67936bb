package erpc.client;

import erpc.call.Context;
import erpc.call.Deadline;
import erpc.call.Status;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Refuses calls whose deadline has passed before they began, or whose caller was told before to
 * stop: nothing is sent.
 */
final class InTime implements CallStage {
  /** What a call ends in that has no time left. */
  static final Status TOO_LATE =
      Status.of(
          Status.Code.DEADLINE_EXCEEDED,
          "the timeout was zero or negative, or the caller's own deadline has passed");

  /**
   * When a call ends that begins now: after its own timeout, else the client's, and never later
   * than the call that it is made for.
   */
  static long deadlineNanos(SeenCall<?, ?> call, long nowNanos) {
    long nanos = Deadline.saturatedNanos(timeout(call));
    Context parent = call.parent();
    if (parent != null) {
      nanos = Math.min(nanos, parent.deadline().remainingNanos());
    }
    return nowNanos + nanos;
  }

  private static Duration timeout(SeenCall<?, ?> call) {
    Duration own = call.request().timeout();
    if (own != null) {
      return own;
    }
    // A stream has no end of its own; it ends when one side makes no progress.
    return call.isStreaming()
        ? Duration.ofSeconds(Long.MAX_VALUE)
        : call.stack().settings.timeout();
  }

  @Override
  public @Nullable Status begin(ClientCall<?, ?> call, long nowNanos) {
    if (call.isInterrupted()) {
      return Status.of(
          Status.Code.CANCELLED, "the calling thread had been interrupted before the call");
    }
    return call.deadlineNanos() - nowNanos > 0 ? null : TOO_LATE;
  }
}
