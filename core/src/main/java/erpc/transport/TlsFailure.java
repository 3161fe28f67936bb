package erpc.transport;

import erpc.call.Printable;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.NotSslRecordException;
import io.netty.handler.ssl.SslHandshakeTimeoutException;
import java.nio.channels.ClosedChannelException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** Why TLS failed, in words that say what to do about it. */
final class TlsFailure {
  /** As the JDK and BoringSSL name the alert that came. */
  private static final Pattern ALERT =
      Pattern.compile(
          "(?:fatal alert: |ALERT_)((?:no_|bad_|unsupported_|unknown_)?"
              + "(?:certificate_?[a-z]*|ca|handshake_failure|protocol_version|access_denied))",
          Pattern.CASE_INSENSITIVE);

  private static final int MAX_NAMES = 5;

  private TlsFailure() {}

  /** Why the certificate of the other side, which is a client or a server, is not taken. */
  static CertificateException explained(
      String whose, X509Certificate[] chain, @Nullable String host, CertificateException why) {
    return new CertificateException(
        "the certificate of the " + whose + " " + reason(chain[0], host, why), why);
  }

  private static String reason(
      X509Certificate certificate, @Nullable String host, CertificateException why) {
    String text = all(why);
    Instant now = Instant.now();
    Instant end = certificate.getNotAfter().toInstant();
    Instant start = certificate.getNotBefore().toInstant();
    if (now.isAfter(end)) {
      return "expired on " + end;
    }
    if (now.isBefore(start)) {
      return "is not yet valid, only from " + start;
    }
    if (text.contains("usage")) {
      return "is not made for this use (key usage): " + Printable.of(text);
    }
    if (text.contains("subject alternative") || text.contains("No name matching")) {
      return "is for " + names(certificate) + "; not for " + host;
    }
    if (text.contains("unable to find valid certification path")
        || text.contains("signature check failed")
        || text.contains("trustAnchors")) {
      return "is signed by an authority that is not trusted here: "
          + Printable.of(certificate.getIssuerX500Principal().getName());
    }
    return "is refused: " + Printable.of(text);
  }

  private static String all(Throwable thrown) {
    StringBuilder text = new StringBuilder();
    for (Throwable each = thrown; each != null; each = each.getCause()) {
      text.append(text.isEmpty() ? "" : "; ").append(each.getMessage());
    }
    return text.toString();
  }

  private static String names(X509Certificate certificate) {
    List<String> names = new ArrayList<>();
    try {
      Collection<List<?>> entries = certificate.getSubjectAlternativeNames();
      for (List<?> entry : entries == null ? List.<List<?>>of() : entries) {
        if (entry.get(1) instanceof String name && names.size() < MAX_NAMES) {
          names.add(Printable.of(name));
        }
      }
    } catch (CertificateParsingException e) {
      return "names that cannot be read";
    }
    return names.isEmpty() ? "no name at all" : String.join(", ", names);
  }

  /** What ended a connection that speaks TLS, or was to; {@code peer} is "client" or "server". */
  static String text(Throwable thrown, String peer, boolean hasCertificate) {
    Throwable root =
        thrown instanceof DecoderException && thrown.getCause() != null
            ? thrown.getCause()
            : thrown;
    for (Throwable each = root; each != null; each = each.getCause()) {
      if (each instanceof CertificateException && each.getMessage() != null) {
        return each.getMessage();
      }
    }
    if (root instanceof NotSslRecordException) {
      return "the " + peer + " speaks plain text, not TLS";
    }
    if (root instanceof SslHandshakeTimeoutException) {
      return "the " + peer + " did not finish the TLS handshake in time";
    }
    Matcher alert = ALERT.matcher(String.valueOf(root.getMessage()));
    if (alert.find()) {
      return alert(alert.group(1).toLowerCase(Locale.ROOT), peer, hasCertificate);
    }
    if (root instanceof ClosedChannelException
        || (root instanceof SSLException && String.valueOf(root.getMessage()).contains("closed"))) {
      return "the " + peer + " closed the connection during the TLS handshake";
    }
    return "TLS failed: " + Printable.of(String.valueOf(root.getMessage()));
  }

  private static String alert(String alert, String peer, boolean hasCertificate) {
    if (alert.equals("protocol_version")) {
      return "the " + peer + " speaks no version of TLS that is spoken here (" + alert + ")";
    }
    if (alert.equals("handshake_failure")) {
      return "the "
          + peer
          + " refused the TLS handshake (handshake_failure): it may speak plain text only, or want a certificate";
    }
    String side = peer.equals("server") ? "client" : "server";
    return hasCertificate
        ? "the " + peer + " refused this " + side + "'s certificate (" + alert + ")"
        : "the " + peer + " wants a " + side + " certificate and none is set (" + alert + ")";
  }
}
