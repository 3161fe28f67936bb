package erpc.client;

import erpc.call.Status;
import org.jspecify.annotations.Nullable;

/** A step on a call's way that never blocks: entered, and left once if it let the call in. */
interface Stage {
  /** Lets the call or the try in, or says why not. */
  @Nullable Status begin(ClientCall<?, ?> call);

  /** The call or the try has ended with this status. */
  default void end(ClientCall<?, ?> call, Status status) {}
}
