package erpc.server;

import erpc.call.Status;
import java.security.Principal;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Refuses what the authorizer doesn't allow. Below routing: it needs to know the method. */
record Authorization(Authorizer authorizer) implements Stage {
  private static final Logger LOG = LoggerFactory.getLogger("erpc.server");

  @Override
  public @Nullable Status begin(ServerCall call) {
    Principal caller = call.caller();
    if (caller != null && allows(caller, call)) {
      return null;
    }
    return Status.of(Status.Code.PERMISSION_DENIED, "the caller may not call " + call.methodName());
  }

  private boolean allows(Principal caller, ServerCall call) {
    try {
      return authorizer.allows(caller, call.method());
    } catch (RuntimeException | StackOverflowError e) {
      LOG.warn("the authorizer threw; the call is refused", e);
      return false;
    }
  }
}
