package erpc.client;

import erpc.settings.Configurable;
import erpc.transport.TlsSettings;
import org.jspecify.annotations.Nullable;

/** How a client reaches its center; by default as it reaches all others. Immutable. */
public final class CenterAccess extends Configurable {
  /** As all others are reached. */
  public static final CenterAccess DEFAULTS = new CenterAccess();

  private boolean plainText = false;
  private @Nullable TlsSettings tls;

  private CenterAccess() {}

  /** Whether the center is reached in plain text, whatever holds for others. */
  public boolean plainText() {
    return plainText;
  }

  /** These settings with another {@link #plainText()}. */
  public CenterAccess withPlainText(boolean value) {
    return changed(this, copy -> copy.plainText = value);
  }

  /** Files and names for TLS to the center, or null for those that hold for others. */
  public @Nullable TlsSettings tls() {
    return tls;
  }

  /** These settings with another {@link #tls()}. */
  public CenterAccess withTls(@Nullable TlsSettings value) {
    return changed(this, copy -> copy.tls = value);
  }

  @Override
  protected void check() {
    if (plainText && tls != null) {
      throw new IllegalArgumentException(
          "the center is reached either in plain text (plainText) or by TLS (tls), not both");
    }
  }
}
