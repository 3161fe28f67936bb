package erpc.server;

import erpc.call.LineLimit;
import erpc.call.Status;
import erpc.call.Thrown;
import java.security.Principal;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Refuses what the authorizer doesn't allow. Below routing: it needs to know the method. */
record Authorization(Authorizer authorizer, LineLimit failures) implements Stage {
  private static final Logger LOG = LoggerFactory.getLogger("erpc.server");

  @Override
  public @Nullable Status begin(StagedCall call) {
    Principal caller = call.caller();
    try {
      if (caller != null && authorizer.allows(caller, call.routedMethod())) {
        return null;
      }
    } catch (
        Throwable e) { // Whatever it is: a caller who may call must not be told that it may not.
      Thrown.warn(
          LOG, failures, "the authorizer threw; calls get UNAVAILABLE until it works again", e);
      return Status.of(
          Status.Code.UNAVAILABLE,
          "the server cannot tell who may call " + call.methodName() + ", as its authorizer fails");
    }
    return Status.of(Status.Code.PERMISSION_DENIED, "the caller may not call " + call.methodName());
  }
}
