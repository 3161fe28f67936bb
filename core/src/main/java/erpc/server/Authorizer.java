package erpc.server;

import erpc.call.Method;
import java.security.Principal;

/**
 * Says who may call what, erpc's own methods included. Implementations are thread-safe and never
 * block: they run on event loops.
 */
@FunctionalInterface
public interface Authorizer {
  /**
   * Whether this caller may call the method; if not, the call ends with PERMISSION_DENIED. Whatever
   * it throws ends the call with UNAVAILABLE, not started, and is logged.
   */
  boolean allows(Principal caller, Method<?, ?> method);
}
