package erpc.protocol;

/**
 * What a client has shown of itself on a connection. Immutable.
 *
 * @param scheme how to read it, {@code bearer} for a token
 * @param value the credential, a secret
 */
public record Credential(String scheme, String value) {
  /** Nothing was shown. */
  public static final Credential NONE = new Credential("", "");

  /** The scheme alone: the value is a secret. */
  @Override
  public String toString() {
    return "Credential[" + scheme + "]";
  }
}
