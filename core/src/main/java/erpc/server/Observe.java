package erpc.server;

import erpc.call.Status;
import org.jspecify.annotations.Nullable;

/** Tells observers of every call, refused ones too. Only on a server that has any. */
final class Observe implements Stage {
  @Override
  public @Nullable Status begin(StagedCall call) {
    call.seenToBegin();
    return null;
  }

  @Override
  public void end(StagedCall call, Status status) {
    call.seenToEnd(status);
  }
}
