package erpc.server;

import java.security.Principal;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Tokens that are known beforehand. */
final class BearerTokens implements Authenticator {
  private final Map<String, String> names;

  BearerTokens(Map<String, String> names) {
    this.names = Map.copyOf(names);
    if (names.isEmpty() || names.keySet().stream().anyMatch(String::isBlank)) {
      throw new IllegalArgumentException("tokens must be given, and none of them empty");
    }
  }

  @Override
  public @Nullable Principal authenticate(Claim claim) {
    String token = claim.token();
    if (token == null) {
      return null;
    }
    String found = null;
    // All of them, always: the time must not tell how far the search went.
    for (Map.Entry<String, String> each : names.entrySet()) {
      found = Authenticator.sameSecret(each.getKey(), token) ? each.getValue() : found;
    }
    return found == null ? null : new Named(found);
  }

  @Override
  public boolean mayBlock() {
    return false;
  }
}
