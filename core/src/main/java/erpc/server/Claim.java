package erpc.server;

import erpc.call.Metadata;
import erpc.call.Peer;
import org.jspecify.annotations.Nullable;

/**
 * What a caller shows of itself, which nobody has checked yet. Immutable.
 *
 * @param peer the other end of the connection; {@link Peer#identity()} is what TLS has checked
 * @param token the bearer token of the call (metadata {@code authorization}), else of its
 *     connection, else null; a secret
 * @param metadata what came with the call
 */
public record Claim(Peer peer, @Nullable String token, Metadata metadata) {
  /** No secret. */
  @Override
  public String toString() {
    return "Claim[" + peer.address() + ", " + (token == null ? "no token" : "a token") + "]";
  }
}
