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
  private static final Duration ENDLESS = Duration.ofSeconds(Long.MAX_VALUE);

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
    return nowNanos
        + nanos(call.request().timeout(), call.isStreaming(), call.stack().settings, call.parent());
  }

  /**
   * How long a call may take that begins now.
   *
   * @param own what is said of it, or null
   * @param streaming if it has no end of its own: it ends when one side makes no progress
   * @param madeIn what it is made for, or null
   */
  static long nanos(
      @Nullable Duration own,
      boolean streaming,
      ClientSettings settings,
      @Nullable Context madeIn) {
    Duration usual = streaming ? ENDLESS : settings.timeout();
    long nanos = Deadline.saturatedNanos(own == null ? usual : own);
    return madeIn == null ? nanos : Math.min(nanos, madeIn.deadline().remainingNanos());
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
