package erpc.server;

import erpc.call.Status;
import org.jspecify.annotations.Nullable;

/** A step on a call's way that never blocks: entered once, left once if it let the call in. */
interface Stage {
  /** Lets the call in, or says why not. */
  @Nullable Status begin(StagedCall call);

  /** The call has ended with this status. */
  default void end(StagedCall call, Status status) {}
}
