package erpc.client;

import erpc.call.Status;
import org.jspecify.annotations.Nullable;

/**
 * Refuses calls whose deadline has passed before they began, or whose caller was told before to
 * stop: nothing is sent.
 */
final class InTime implements CallStage {
  @Override
  public @Nullable Status begin(ClientCall<?, ?> call, long nowNanos) {
    if (call.isInterrupted()) {
      return Status.of(
          Status.Code.CANCELLED, "the calling thread had been interrupted before the call");
    }
    return call.deadlineNanos() - nowNanos > 0
        ? null
        : Status.of(
            Status.Code.DEADLINE_EXCEEDED,
            "the timeout was zero or negative, or the caller's own deadline has passed");
  }
}
