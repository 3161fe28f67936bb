package erpc.server;

import erpc.call.Names;
import erpc.call.Printable;
import erpc.call.Status;
import org.jspecify.annotations.Nullable;

/** Finds the method, by the number that it was given on this connection or by name. */
final class Routing implements Stage {
  /** Whether a caller may know what else there is. */
  private final boolean tellsNames;

  Routing(boolean tellsNames) {
    this.tellsNames = tellsNames;
  }

  @Override
  public @Nullable Status begin(StagedCall call) {
    String name = call.unknownMethod();
    if (name == null) {
      return null;
    }
    if (!call.isCalledByName()) {
      return Status.of(
          Status.Code.UNIMPLEMENTED, "route number " + name + " was not given on this connection");
    }
    try {
      Names.checkMethod(name);
    } catch (IllegalArgumentException e) {
      return Status.of(Status.Code.INVALID_ARGUMENT, String.valueOf(e.getMessage()));
    }
    String instead = tellsNames ? call.stack.methods.offered().insteadOf(name) : "";
    return Status.of(
        Status.Code.UNIMPLEMENTED, "no method " + Printable.of(name) + " on this server" + instead);
  }
}
