package erpc.client;

import erpc.call.Status;
import org.jspecify.annotations.Nullable;

/** Refuses calls whose deadline has passed before they began: nothing is sent. */
final class InTime implements CallStage {
  @Override
  public @Nullable Status begin(ClientCall<?, ?> call, long nowNanos) {
    return call.deadlineNanos() - nowNanos > 0
        ? null
        : Status.of(
            Status.Code.DEADLINE_EXCEEDED,
            "the timeout was zero or negative, or the caller's own deadline has passed");
  }
}
