package erpc.server;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.Principal;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Says who calls. Asked before it is looked at what is called. Implementations are thread-safe. */
@FunctionalInterface
public interface Authenticator {
  /**
   * Who this is, or null to refuse with UNAUTHENTICATED.
   *
   * @throws GeneralSecurityException to refuse as null does, and so do a {@link SecurityException}
   *     and an {@link erpc.call.RpcException} that says UNAUTHENTICATED
   * @throws Exception if it cannot tell now, as when what it asks is away: the caller gets
   *     UNAVAILABLE, the next call asks again, and it is logged
   */
  @Nullable Principal authenticate(Claim claim) throws Exception;

  /**
   * Whether it may block. One that may runs on a virtual thread, and its verdict on a connection's
   * own credential (one that it could make) holds for that connection up to a minute, so it must
   * not look at metadata; a token sent with a call is judged with each call. One that doesn't block
   * runs on the event loop.
   */
  default boolean mayBlock() {
    return true;
  }

  /**
   * Takes bearer tokens.
   *
   * @param names each token and the name of who has it; compared in constant time
   * @throws IllegalArgumentException if there is no token, or an empty one
   */
  static Authenticator bearer(Map<String, String> names) {
    return new BearerTokens(names);
  }

  /** Takes who has shown a certificate with a name, see {@link erpc.call.Peer#identity()}. */
  static Authenticator mutualTls() {
    return new NonBlocking(claim -> {
      String name = claim.peer().identity();
      return name == null ? null : new Named(name);
    });
  }

  /** Says of an authenticator that it never blocks. */
  static Authenticator nonBlocking(Authenticator authenticator) {
    return new NonBlocking(authenticator);
  }

  /** A principal that is no more than its name. */
  record Named(String name) implements Principal {
    @Override
    public String getName() {
      return name;
    }
  }

  /** Bytes of a text, for comparisons. */
  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** Whether two secrets are the same, in a time that doesn't tell where they differ. */
  static boolean sameSecret(String one, String other) {
    return MessageDigest.isEqual(bytes(one), bytes(other));
  }
}
