package erpc.tools;

import erpc.transport.TlsSettings;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How the servers that a command calls are spoken to: by TLS, or as the environment says. */
final class TlsOption {
  @Option(
      names = "--tls",
      description = "calls by TLS, and trusts whom the JVM trusts; --tls-ca and the like imply it")
  private boolean tls;

  @Option(
      names = "--tls-ca",
      paramLabel = "FILE",
      description = "trusts what these certificates have signed (PEM)")
  private @Nullable Path trust;

  @Option(
      names = "--tls-cert",
      paramLabel = "FILE",
      description = "shows this certificate (PEM); needs --tls-key")
  private @Nullable Path certificate;

  @Option(names = "--tls-key", paramLabel = "FILE", description = "the certificate's key (PEM)")
  private @Nullable Path key;

  @Option(
      names = "--tls-name",
      paramLabel = "NAME",
      description = "the name that the server's certificate must have, else the address's")
  private @Nullable String name;

  /**
   * What was said; null if nothing was.
   *
   * @throws IllegalArgumentException if a certificate was given without its key, or the reverse
   */
  @Nullable TlsSettings settings() {
    if ((certificate == null) != (key == null)) {
      throw new IllegalArgumentException("--tls-cert and --tls-key go together: give both");
    }
    TlsSettings said = TlsSettings.client();
    said = trust == null ? said : said.withTrust(trust);
    said = certificate == null || key == null ? said : said.withCertificate(certificate, key);
    said = name == null ? said : said.withServerName(name);
    boolean any = tls || trust != null || certificate != null || name != null;
    return any ? said : null;
  }
}
