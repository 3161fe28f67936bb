package erpc.transport;

import erpc.settings.Configurable;
import erpc.settings.Ranges;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a client or a server needs to speak TLS. Immutable. Files are PEM; they are read when the
 * client or server is built, and again when they change.
 */
public final class TlsSettings extends Configurable {
  /** What a server asks of its clients. */
  public enum ClientCertificate {
    /** Nothing. */
    NONE,
    /** A client may show a certificate; one that is shown must be good. */
    OPTIONAL,
    /** No certificate, no connection. */
    REQUIRED
  }

  /** A client's, as {@link #client()} has them. */
  public static final TlsSettings DEFAULTS = new TlsSettings();

  private @Nullable Path certificate;
  private @Nullable Path key;
  private @Nullable Path trust;
  private ClientCertificate clientCertificate = ClientCertificate.NONE;
  private boolean alsoPlain = false;
  private @Nullable String serverName;
  private Duration reloadInterval = Duration.ofSeconds(1);

  private TlsSettings() {}

  /** A client without a certificate, which trusts what the JDK trusts. */
  public static TlsSettings client() {
    return DEFAULTS;
  }

  /** A server with this certificate, which asks none of its clients. */
  public static TlsSettings server(Path certificate, Path key) {
    return client().withCertificate(certificate, key);
  }

  /** These settings with a certificate of this side's own; on a client for mutual TLS. */
  public TlsSettings withCertificate(Path chain, Path privateKey) {
    return changed(
        this,
        copy -> {
          copy.certificate = chain;
          copy.key = privateKey;
        });
  }

  /**
   * This side's certificate followed by its intermediates, or null for none, which only a client
   * may.
   */
  public @Nullable Path certificate() {
    return certificate;
  }

  /** The certificate's private key, PKCS#8 without a password; null if there is no certificate. */
  public @Nullable Path key() {
    return key;
  }

  /**
   * Certificates of the authorities that the other side's must come from, or null for those the JDK
   * trusts.
   */
  public @Nullable Path trust() {
    return trust;
  }

  /** These settings, trusting the authorities in the file and nobody else. */
  public TlsSettings withTrust(Path value) {
    return changed(this, copy -> copy.trust = value);
  }

  /** Of a server: what it asks of clients. */
  public ClientCertificate clientCertificate() {
    return clientCertificate;
  }

  /** These settings with another {@link #clientCertificate()}. */
  public TlsSettings withClientCertificate(ClientCertificate value) {
    return changed(this, copy -> copy.clientCertificate = value);
  }

  /** Of a server: whether it serves plain text on the same port as well. */
  public boolean alsoPlain() {
    return alsoPlain;
  }

  /** These settings, for a server that serves plain text on the same port as well. */
  public TlsSettings withAlsoPlain(boolean value) {
    return changed(this, copy -> copy.alsoPlain = value);
  }

  /**
   * Of a client: the name that servers' certificates must have instead of the host that is dialled,
   * or null.
   */
  public @Nullable String serverName() {
    return serverName;
  }

  /** These settings with a name that servers' certificates must have, whatever is dialled. */
  public TlsSettings withServerName(String value) {
    return changed(this, copy -> copy.serverName = value);
  }

  /** How often the files are looked at. */
  public Duration reloadInterval() {
    return reloadInterval;
  }

  /** These settings with another {@link #reloadInterval()}. */
  public TlsSettings withReloadInterval(Duration value) {
    return changed(this, copy -> copy.reloadInterval = value);
  }

  @Override
  protected void check() {
    Objects.requireNonNull(clientCertificate, "clientCertificate");
    if ((certificate == null) != (key == null)) {
      throw new IllegalArgumentException("TLS needs certificate and key, or neither of them");
    }
    Ranges.positive("reloadInterval", reloadInterval);
  }
}
