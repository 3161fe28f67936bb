package erpc.client;

import erpc.call.Status;
import org.jspecify.annotations.Nullable;

/** A step on a try's way that never blocks: entered, and left once if it let the try in. */
interface Stage {
  /** Lets the try in, or says why not. */
  @Nullable Status begin(ClientCall<?, ?> call);

  /** The try has ended with this status. */
  default void end(ClientCall<?, ?> call, Status status) {}
}
