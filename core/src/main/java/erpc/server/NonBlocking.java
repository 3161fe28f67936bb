package erpc.server;

import java.security.Principal;
import org.jspecify.annotations.Nullable;

/** An authenticator that never blocks, and so runs on the event loop. */
record NonBlocking(Authenticator authenticator) implements Authenticator {
  @Override
  public @Nullable Principal authenticate(Claim claim) throws Exception {
    return authenticator.authenticate(claim);
  }

  @Override
  public boolean mayBlock() {
    return false;
  }
}
