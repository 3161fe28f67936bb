package erpc.protocol.own;

import io.netty.channel.Channel;
import io.netty.channel.local.LocalAddress;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.handler.ssl.SslHandler;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;

/**
 * Who the other side of a connection is as far as TLS knows.
 *
 * @param secure whether there is TLS at all
 * @param name the first URI, else the first DNS name of its certificate, or null
 */
record PeerIdentity(boolean secure, @Nullable String name) {
  static final PeerIdentity PLAIN = new PeerIdentity(false, null);

  /** Kinds of alternative names; RFC 5280, 4.2.1.6. */
  private static final int DNS = 2;

  private static final int URI = 6;

  static PeerIdentity of(Channel channel) {
    SslHandler tls = channel.pipeline().get(SslHandler.class);
    return tls == null ? PLAIN : new PeerIdentity(true, name(tls));
  }

  private static @Nullable String name(SslHandler tls) {
    try {
      if (tls.engine().getSession().getPeerCertificates()[0] instanceof X509Certificate own) {
        String uri = first(own, URI);
        return uri == null ? first(own, DNS) : uri;
      }
    } catch (SSLPeerUnverifiedException | CertificateParsingException e) {
      // It showed none, or one without names: nobody in particular.
    }
    return null;
  }

  private static @Nullable String first(X509Certificate certificate, int kind)
      throws CertificateParsingException {
    Collection<List<?>> names = certificate.getSubjectAlternativeNames();
    for (List<?> name : names == null ? List.<List<?>>of() : names) {
      if (name.get(0) instanceof Integer is && is == kind && name.get(1) instanceof String text) {
        return text;
      }
    }
    return null;
  }

  /** A number that differs from connection to connection. */
  static int hash(Channel channel) {
    return Objects.hashCode(channel.localAddress()) + Objects.hashCode(channel.remoteAddress());
  }

  /** Whether an address is one of this machine's own. */
  static boolean isSameMachine(SocketAddress address) {
    if (address instanceof InetSocketAddress inet) {
      return inet.getAddress() != null && inet.getAddress().isLoopbackAddress();
    }
    return address instanceof LocalAddress
        || address instanceof DomainSocketAddress
        || address instanceof UnixDomainSocketAddress;
  }
}
