package erpc.client;

import erpc.call.Status;
import org.jspecify.annotations.Nullable;

/** A step on a call's way that never blocks: entered, and left once if it let the call in. */
interface CallStage {
  /**
   * Lets the call in, or says why not.
   *
   * @param nowNanos the time, which is when the call begins
   */
  @Nullable Status begin(ClientCall<?, ?> call, long nowNanos);

  /** The call has ended with this status. */
  default void end(ClientCall<?, ?> call, Status status) {}
}
