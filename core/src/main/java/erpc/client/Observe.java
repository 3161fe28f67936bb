package erpc.client;

import erpc.call.Status;
import org.jspecify.annotations.Nullable;

/** Tells observers of every call. Only in a client that has any. */
final class Observe implements CallStage {
  @Override
  public @Nullable Status begin(ClientCall<?, ?> call, long nowNanos) {
    call.seenToBegin();
    return null;
  }

  @Override
  public void end(ClientCall<?, ?> call, Status status) {
    call.seenToEnd(status);
  }
}
