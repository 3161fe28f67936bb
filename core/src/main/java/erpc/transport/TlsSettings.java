package erpc.transport;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a client or a server needs to speak TLS. Immutable. Files are PEM; they are read when the
 * client or server is built, and again when they change.
 *
 * @param certificate this side's certificate followed by its intermediates, or null for none, which
 *     only a client may
 * @param key the certificate's private key, PKCS#8 without a password; null if there is no
 *     certificate
 * @param trust certificates of the authorities that the other side's must come from, or null for
 *     those the JDK trusts
 * @param clientCertificate of a server: what it asks of clients
 * @param alsoPlain of a server: whether it serves plain text on the same port as well
 * @param serverName of a client: the name that servers' certificates must have instead of the host
 *     that is dialled, or null
 * @param reloadInterval how often the files are looked at
 */
public record TlsSettings(
    @Nullable Path certificate,
    @Nullable Path key,
    @Nullable Path trust,
    ClientCertificate clientCertificate,
    boolean alsoPlain,
    @Nullable String serverName,
    Duration reloadInterval) {

  /** What a server asks of its clients. */
  public enum ClientCertificate {
    /** Nothing. */
    NONE,
    /** A client may show a certificate; one that is shown must be good. */
    OPTIONAL,
    /** No certificate, no connection. */
    REQUIRED
  }

  private static final Duration DEFAULT_RELOAD_INTERVAL = Duration.ofSeconds(1);

  /** A client's, as {@link #client()} has them. */
  public static final TlsSettings DEFAULTS =
      new TlsSettings(
          null, null, null, ClientCertificate.NONE, false, null, DEFAULT_RELOAD_INTERVAL);

  /** Checks what was set. */
  public TlsSettings {
    Objects.requireNonNull(clientCertificate);
    if ((certificate == null) != (key == null)) {
      throw new IllegalArgumentException("TLS needs certificate and key, or neither of them");
    }
    if (reloadInterval.isNegative() || reloadInterval.isZero()) {
      throw new IllegalArgumentException("reloadInterval must be positive, not " + reloadInterval);
    }
  }

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
    return new TlsSettings(
        chain, privateKey, trust, clientCertificate, alsoPlain, serverName, reloadInterval);
  }

  /** These settings, trusting the authorities in the file and nobody else. */
  public TlsSettings withTrust(Path authorities) {
    return new TlsSettings(
        certificate, key, authorities, clientCertificate, alsoPlain, serverName, reloadInterval);
  }

  public TlsSettings withClientCertificate(ClientCertificate value) {
    return new TlsSettings(certificate, key, trust, value, alsoPlain, serverName, reloadInterval);
  }

  /** These settings, for a server that serves plain text on the same port as well. */
  public TlsSettings withAlsoPlain(boolean value) {
    return new TlsSettings(
        certificate, key, trust, clientCertificate, value, serverName, reloadInterval);
  }

  /** These settings with a name that servers' certificates must have, whatever is dialled. */
  public TlsSettings withServerName(String value) {
    return new TlsSettings(
        certificate, key, trust, clientCertificate, alsoPlain, value, reloadInterval);
  }

  public TlsSettings withReloadInterval(Duration value) {
    return new TlsSettings(
        certificate, key, trust, clientCertificate, alsoPlain, serverName, value);
  }
}
