package erpc.transport;

import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * A handshake in memory with a key and its certificate. A key may load and yet be of a kind that
 * the library for TLS doesn't sign with, which would otherwise show with each new connection.
 */
final class TlsTrial {
  /** More than the flights of any handshake. */
  private static final int MOST_FLIGHTS = 20;

  private TlsTrial() {}

  /**
   * Checks that connections can be made with the key.
   *
   * @throws IllegalArgumentException if they can't, naming the file
   */
  static void require(
      SslProvider provider,
      String[] versions,
      PrivateKey key,
      X509Certificate[] chain,
      Path keyFile) {
    Throwable failure;
    try {
      failure = failure(provider, versions, key, chain);
    } catch (Exception e) { // A channel in memory throws what is checked elsewhere, too.
      failure = e;
    }
    if (failure != null) {
      boolean jdk = provider == SslProvider.JDK;
      throw new IllegalArgumentException(
          "TLS file "
              + keyFile
              + ": no connection can be made with this "
              + key.getAlgorithm()
              + " key by "
              + (jdk ? "the JDK" : "BoringSSL; use an RSA or a P-256 key, or set erpc.tls=jdk")
              + " ("
              + failure.getMessage()
              + ")",
          failure);
    }
  }

  private static @Nullable Throwable failure(
      SslProvider provider, String[] versions, PrivateKey key, X509Certificate[] chain)
      throws SSLException {
    SslContext server =
        SslContextBuilder.forServer(key, chain).sslProvider(provider).protocols(versions).build();
    // Who trusts the certificate, and until when it is valid, are other questions.
    SslContext client =
        SslContextBuilder.forClient()
            .sslProvider(provider)
            .protocols(versions)
            .trustManager(InsecureTrustManagerFactory.INSTANCE)
            .endpointIdentificationAlgorithm(null)
            .build();
    SslHandler serving = server.newHandler(ByteBufAllocator.DEFAULT);
    SslHandler calling = client.newHandler(ByteBufAllocator.DEFAULT);
    EmbeddedChannel there = new EmbeddedChannel(serving);
    EmbeddedChannel here = new EmbeddedChannel(calling);
    try {
      for (int i = 0; i < MOST_FLIGHTS && !serving.handshakeFuture().isDone(); i++) {
        pass(here, there);
        pass(there, here);
      }
      if (!serving.handshakeFuture().isDone()) {
        return new SSLException("the handshake came to no end");
      }
      return serving.handshakeFuture().cause();
    } finally {
      end(here);
      end(there);
    }
  }

  /** Without asking what went wrong on it, which is known. */
  private static void end(EmbeddedChannel channel) {
    channel.close();
    channel.releaseInbound();
    channel.releaseOutbound();
  }

  private static void pass(EmbeddedChannel from, EmbeddedChannel to) {
    from.runPendingTasks();
    Object bytes = from.readOutbound();
    while (bytes != null && to.isOpen()) {
      to.writeOneInbound(bytes);
      bytes = from.readOutbound();
    }
    if (to.isOpen()) {
      to.flushInbound();
    }
  }
}
