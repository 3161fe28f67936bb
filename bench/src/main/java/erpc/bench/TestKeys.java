package erpc.bench;

import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.nio.file.Files;
import java.nio.file.Path;

/** A key and a certificate for 127.0.0.1 that lives as long as a run. */
final class TestKeys {
  private TestKeys() {}

  /** Writes {@code cert.pem}, which is also what to trust, and {@code key.pem}. */
  static void write(Path folder) throws Exception {
    X509Bundle bundle =
        new CertificateBuilder()
            .subject("CN=bench")
            .addSanIpAddress("127.0.0.1")
            .setIsCertificateAuthority(true)
            .buildSelfSigned();
    Files.writeString(folder.resolve("cert.pem"), bundle.getCertificatePathPEM());
    Files.writeString(folder.resolve("key.pem"), bundle.getPrivateKeyPEM());
  }
}
