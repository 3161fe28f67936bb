package erpc.calls;

import erpc.transport.TlsSettings;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.function.UnaryOperator;

/** A certificate authority of a test, and the files with what it has signed. */
final class Authority {
  private final Path folder;
  private final X509Bundle own;
  final Path trust;

  Authority(Path folder, String name) throws Exception {
    this.folder = Files.createDirectories(folder);
    own =
        new CertificateBuilder()
            .ecp256()
            .subject("CN=" + name)
            .setIsCertificateAuthority(true)
            .buildSelfSigned();
    trust = folder.resolve("trust.pem");
    Files.writeString(trust, own.getCertificatePEM());
  }

  /** A certificate's builder that is good for a server on this machine, or a client. */
  static CertificateBuilder good() {
    return new CertificateBuilder()
        .ecp256()
        .subject("CN=somebody")
        .notBefore(Instant.now().minus(Duration.ofDays(1)))
        .notAfter(Instant.now().plus(Duration.ofDays(1)))
        .addSanIpAddress("127.0.0.1")
        .addSanDnsName("localhost");
  }

  X509Bundle sign(CertificateBuilder builder) throws Exception {
    return builder.buildIssuedBy(own);
  }

  /** Writes certificate and key, each at once, into files of this name. */
  TlsSettings write(String name, X509Bundle bundle) throws Exception {
    Path chain = folder.resolve(name + ".pem");
    Path key = folder.resolve(name + ".key");
    replace(chain, bundle.getCertificatePathPEM());
    replace(key, bundle.getPrivateKeyPEM());
    return TlsSettings.server(chain, key).withReloadInterval(Duration.ofMillis(200));
  }

  private static void replace(Path file, String text) throws Exception {
    Path beside = file.resolveSibling(file.getFileName() + ".new");
    Files.writeString(beside, text);
    Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  TlsSettings server(UnaryOperator<CertificateBuilder> changed) throws Exception {
    return write("server", sign(changed.apply(good())));
  }

  TlsSettings server() throws Exception {
    return server(builder -> builder);
  }

  /** A client that trusts this authority. */
  TlsSettings client() {
    return TlsSettings.client().withTrust(trust);
  }

  /** A client that trusts this authority and shows a certificate that it signed. */
  TlsSettings client(UnaryOperator<CertificateBuilder> changed) throws Exception {
    TlsSettings files = write("client", sign(changed.apply(good())));
    return client()
        .withCertificate(
            java.util.Objects.requireNonNull(files.certificate()),
            java.util.Objects.requireNonNull(files.key()));
  }
}
