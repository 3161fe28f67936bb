package erpc.server;

import erpc.call.Method;
import java.security.Principal;

/**
 * Says who may call what, erpc's own methods included. Implementations are thread-safe and never
 * block: they run on event loops.
 */
@FunctionalInterface
public interface Authorizer {
  /** Whether this caller may call the method. Whatever it throws means no, and is logged. */
  boolean allows(Principal caller, Method<?, ?> method);
}
