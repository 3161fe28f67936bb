package erpc.protocol.own;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import erpc.call.Method;
import erpc.server.Server;
import erpc.transport.Reactor;
import erpc.transport.ReactorSettings;
import erpc.transport.TlsLibrary;
import erpc.transport.TlsSettings;
import erpc.transport.TransportKind;
import io.netty.handler.ssl.OpenSsl;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.io.EOFException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A client of TLS sends close_notify while a call is open: what comes depends on the library. */
@Timeout(30)
class TlsHalfCloseTest {
  /** The library of this process: run with {@code -Derpc.tls=jdk} for the other one. */
  private static final boolean ANSWERS =
      ReactorSettings.ofProcess().tls() == TlsLibrary.JDK || !OpenSsl.isAvailable();

  private final CountDownLatch began = new CountDownLatch(1);
  private final CountDownLatch mayAnswer = new CountDownLatch(1);
  private final CountDownLatch cancelled = new CountDownLatch(1);

  @Test
  void closeNotifyEndsOneDirectionOrTheCallAndNeverHangs(@TempDir Path folder) throws Exception {
    X509Bundle own =
        new CertificateBuilder()
            .ecp256()
            .subject("CN=own")
            .setIsCertificateAuthority(true)
            .addSanIpAddress("127.0.0.1")
            .buildSelfSigned();
    Path chain = Files.writeString(folder.resolve("chain.pem"), own.getCertificatePathPEM());
    Path key = Files.writeString(folder.resolve("key.pem"), own.getPrivateKeyPEM());
    try (Reactor reactor = Reactor.open(TransportKind.NIO, 1);
        Server server =
            Server.builder().reactor(reactor).tls(TlsSettings.server(chain, key)).build()) {
      server.handle(
          Method.unary("demo.slow", byte[].class, byte[].class),
          (context, request) -> {
            context.onCancel(cancelled::countDown);
            began.countDown();
            assertThat(mayAnswer.await(20, TimeUnit.SECONDS)).isTrue();
            return request;
          });
      server.listen("127.0.0.1:0");
      try (RawPeer peer = RawPeer.over(connected(own, server.address()))) {
        peer.send(Frames.GREETING, Frames.request(1, "demo.slow", (byte) 'x'));
        assertThat(began.await(20, TimeUnit.SECONDS)).isTrue();
        peer.socket.shutdownOutput();
        if (ANSWERS) {
          mayAnswer.countDown();
          assertThat(peer.next(Wire.RESPONSE).code()).isZero();
          assertThat(peer.isAtEnd()).isTrue();
        } else {
          assertThat(cancelled.await(20, TimeUnit.SECONDS)).isTrue();
          assertThatThrownBy(() -> peer.next(Wire.RESPONSE)).isInstanceOf(EOFException.class);
          mayAnswer.countDown();
        }
      }
    }
  }

  private static SSLSocket connected(X509Bundle trusted, String address) throws Exception {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    store.setCertificateEntry("own", trusted.getCertificate());
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(store);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), null);
    int port = Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
    return (SSLSocket)
        context.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), port);
  }
}
