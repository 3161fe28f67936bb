package erpc.calls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import erpc.protocol.ConnectionSettings;
import erpc.server.Server;
import erpc.transport.TlsSettings;
import erpc.transport.TlsSettings.ClientCertificate;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.CsvSource;

/** Whom TLS keeps out, and what they are told; nobody of them reaches a handler. */
@ParameterizedClass
@CsvSource({"EPOLL,auto", "EPOLL,jdk", "NIO,jdk"})
class TlsRefusalsTest extends TlsFixture {
  private static final int TLS_ALERT = 0x15;

  @Test
  void refusesAnUnknownAuthority() throws Exception {
    Authority other = new Authority(folder.resolve("other"), "Other CA");
    assertThat(refused(authority.client(), other.server()).message())
        .contains("not trusted here")
        .contains("Other CA");
  }

  @Test
  void refusesAnAuthorityOfTheSameNameWithAnotherKey() throws Exception {
    Authority twin = new Authority(folder.resolve("twin"), "Test CA");
    assertThat(refused(authority.client(), twin.server()).message()).contains("not trusted here");
  }

  @Test
  void refusesAnExpiredCertificate() throws Exception {
    Instant yesterday = Instant.now().minus(Duration.ofHours(1));
    TlsSettings server = authority.server(cert -> cert.notAfter(yesterday));
    assertThat(refused(authority.client(), server).message()).contains("expired on");
  }

  @Test
  void refusesACertificateOfTheFuture() throws Exception {
    Instant soon = Instant.now().plus(Duration.ofHours(1));
    TlsSettings server = authority.server(cert -> cert.notBefore(soon));
    assertThat(refused(authority.client(), server).message()).contains("not yet valid");
  }

  @Test
  void refusesACertificateForAnotherHost() throws Exception {
    var cert =
        new io.netty.pkitesting.CertificateBuilder()
            .ecp256()
            .subject("CN=127.0.0.1")
            .addSanDnsName("a.example")
            .addSanDnsName("b.example");
    TlsSettings server = authority.write("wrong", authority.sign(cert));
    assertThat(refused(authority.client(), server).message())
        .contains("is for a.example, b.example; not for 127.0.0.1");
    assertThat(
            client(authority.client().withServerName("b.example"))
                .send(Rig.to(serve(server)))
                .body()
                .getMsg())
        .isEqualTo("hi");
  }

  @Test
  void refusesAServerWithACertificateForClients() throws Exception {
    TlsSettings server = authority.server(cert -> cert.addExtendedKeyUsageClientAuth());
    assertThat(refused(authority.client(), server).message()).contains("key usage");
  }

  private TlsSettings mutual() throws Exception {
    return authority
        .server()
        .withTrust(authority.trust)
        .withClientCertificate(ClientCertificate.REQUIRED);
  }

  @Test
  void refusesAClientWithoutACertificate() throws Exception {
    assertThat(refused(authority.client(), mutual()).message())
        .contains("wants a client certificate and none is set");
  }

  @Test
  void refusesAClientsCertificateOfAnotherAuthority() throws Exception {
    Authority other = new Authority(folder.resolve("other"), "Other CA");
    TlsSettings client = other.client(cert -> cert).withTrust(authority.trust);
    assertThat(refused(client, mutual()).message()).contains("refused this client's certificate");
  }

  @Test
  void refusesAClientsExpiredCertificate() throws Exception {
    Instant past = Instant.now().minus(Duration.ofHours(1));
    TlsSettings client = authority.client(cert -> cert.notAfter(past));
    assertThat(refused(client, mutual()).message()).contains("refused this client's certificate");
  }

  @Test
  void aPlainClientIsToldThatThePortSpeaksTls() throws Exception {
    Server server = serve(authority.server());
    assertThat(refused(rig.clientOfOneTry(), server).message())
        .contains("this port speaks TLS only");
  }

  @Test
  void aClientOfTlsNeverFallsBackToPlainText() throws Exception {
    Server server = rig.serve(this::echo);
    assertThat(refused(clientOfOneTry(authority.client()), server).message())
        .contains("it may speak plain text only");
  }

  @Test
  void strangersAreClosedAndReachNobody() throws Exception {
    ConnectionSettings quick =
        ConnectionSettings.DEFAULTS.withHandshakeTimeout(Duration.ofMillis(500));
    Server server =
        rig.serve(
            Rig.servers()
                .settings(Rig.quickToClose().withConnection(quick))
                .tls(authority.server()),
            this::echo);
    Random random = new Random(7);
    byte[] noise = new byte[2_000];
    random.nextBytes(noise);
    noise[0] = 0x55;
    assertThat(answer(server, noise)).isEmpty();
    noise[0] = 0x16;
    noise[1] = 3;
    noise[2] = 1;
    noise[3] = 0x01;
    noise[4] = 0;
    assertThat(answer(server, noise)).first().isEqualTo((byte) TLS_ALERT);
    // Half a hello, and silence.
    answer(server, new byte[] {0x16, 3, 1, 2});
    assertThat(answer(server, new byte[0])).isEmpty();
    await().atMost(Duration.ofSeconds(5)).until(() -> server.connectionCount() == 0);
    assertThat(handled).hasValue(0);
    client(authority.client()).send(Rig.to(server));
  }

  /** What the server says until it closes. */
  private static List<Byte> answer(Server server, byte[] said) throws IOException {
    List<Byte> heard = new ArrayList<>();
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port(server))) {
      socket.setSoTimeout(5_000);
      socket.getOutputStream().write(said);
      InputStream in = socket.getInputStream();
      for (int b = in.read(); b >= 0; b = in.read()) {
        heard.add((byte) b);
      }
    } catch (SocketTimeoutException e) {
      throw new AssertionError("the server left the connection open", e);
    } catch (IOException e) {
      return heard; // Reset, which is closed as well.
    }
    return heard;
  }
}
