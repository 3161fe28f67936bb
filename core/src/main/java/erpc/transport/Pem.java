package erpc.transport;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads certificates and keys from PEM files, with errors that name the file. May block. */
final class Pem {
  private static final Pattern PKCS8 =
      Pattern.compile("-----BEGIN PRIVATE KEY-----([^-]+)-----END PRIVATE KEY-----");
  private static final Pattern CERTIFICATE =
      Pattern.compile("-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----");
  private static final String[] KEY_ALGORITHMS = {"EC", "RSA", "EdDSA"};
  private static final int MAX_BYTES = 4 << 20;

  private Pem() {}

  /**
   * The certificates of a file, in its order; at least one.
   *
   * @throws IllegalArgumentException naming the file and what is wrong with it
   */
  static X509Certificate[] certificates(Path file) {
    byte[] bytes = certificatesOf(read(file));
    try {
      X509Certificate[] all =
          CertificateFactory.getInstance("X.509")
              .generateCertificates(new ByteArrayInputStream(bytes))
              .toArray(new X509Certificate[0]);
      if (all.length == 0) {
        throw bad(file, "it has no certificate", null);
      }
      return all;
    } catch (GeneralSecurityException e) {
      throw bad(file, "it has no readable certificate (" + e.getMessage() + ")", e);
    }
  }

  /** Certificates alone: a file may hold the key too, and what openssl says about each. */
  private static byte[] certificatesOf(byte[] file) {
    Matcher found = CERTIFICATE.matcher(new String(file, StandardCharsets.US_ASCII));
    StringBuilder certificates = new StringBuilder();
    while (found.find()) {
      certificates.append(found.group()).append('\n');
    }
    return certificates.isEmpty()
        ? file
        : certificates.toString().getBytes(StandardCharsets.US_ASCII);
  }

  /**
   * The private key of a file, which may hold certificates too.
   *
   * @throws IllegalArgumentException naming the file and what is wrong with it
   */
  static PrivateKey key(Path file) {
    Matcher found = PKCS8.matcher(new String(read(file), StandardCharsets.US_ASCII));
    if (!found.find()) {
      throw bad(
          file,
          "it has no \"BEGIN PRIVATE KEY\"; 'openssl pkcs8 -topk8 -nocrypt' makes one of other keys",
          null);
    }
    try {
      var encoded = new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(found.group(1)));
      for (String algorithm : KEY_ALGORITHMS) {
        try {
          return KeyFactory.getInstance(algorithm).generatePrivate(encoded);
        } catch (GeneralSecurityException e) {
          continue; // Not of this kind.
        }
      }
    } catch (IllegalArgumentException e) {
      throw bad(file, "its key is not Base64", e);
    }
    throw bad(file, "its key is none of RSA, EC, Ed25519", null);
  }

  /**
   * Checks that key and certificate belong together: while files are replaced one after the other
   * they don't.
   */
  static void requirePair(X509Certificate certificate, PrivateKey key, Path keyFile) {
    String algorithm =
        switch (key.getAlgorithm()) {
          case "RSA" -> "SHA256withRSA";
          case "EC" -> "SHA256withECDSA";
          default -> "EdDSA";
        };
    boolean fits;
    try {
      Signature signature = Signature.getInstance(algorithm);
      signature.initSign(key);
      signature.update(certificate.getSignature());
      byte[] signed = signature.sign();
      signature.initVerify(certificate.getPublicKey());
      signature.update(certificate.getSignature());
      fits = signature.verify(signed);
    } catch (GeneralSecurityException e) {
      fits = false;
    }
    if (!fits) {
      throw bad(keyFile, "its key is not that of the certificate", null);
    }
  }

  /**
   * All of a file.
   *
   * @throws IllegalArgumentException naming the file and why it cannot be read
   */
  static byte[] read(Path file) {
    try {
      if (Files.size(file) > MAX_BYTES) {
        throw bad(file, "it has more than " + MAX_BYTES + " bytes", null);
      }
      return Files.readAllBytes(file);
    } catch (NoSuchFileException e) {
      throw bad(file, "there is no such file", e);
    } catch (IOException e) {
      throw bad(file, "it cannot be read (" + e.getMessage() + ")", e);
    }
  }

  private static IllegalArgumentException bad(
      Path file, String what, @org.jspecify.annotations.Nullable Throwable cause) {
    return new IllegalArgumentException("TLS file " + file + ": " + what, cause);
  }
}
