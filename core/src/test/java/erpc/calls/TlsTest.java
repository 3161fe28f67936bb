package erpc.calls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import erpc.call.Method;
import erpc.call.Request;
import erpc.client.Client;
import erpc.client.ClientSettings;
import erpc.fixture.EchoReply;
import erpc.fixture.EchoRequest;
import erpc.protocol.ConnectionSettings;
import erpc.server.Server;
import erpc.server.ServerSettings;
import erpc.transport.TlsSettings;
import erpc.transport.TlsSettings.ClientCertificate;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.CsvSource;

/** Connections under TLS: real sockets, both event loops, both libraries. */
@ParameterizedClass
@CsvSource({"EPOLL,auto", "EPOLL,jdk", "NIO,jdk"})
class TlsTest extends TlsFixture {
  private static Request<EchoRequest, EchoReply> large(Server server, String msg) {
    return Request.of(Rig.ECHO, Rig.request(msg))
        .at("list://" + server.address())
        .withTimeout(Rig.LONG);
  }

  // ---- calls

  @Test
  void theNativeLibraryIsThere() {
    assertThat(OpenSsl.isAvailable()).isTrue();
  }

  @Test
  void carriesCallsSmallAndLarge() throws Exception {
    Server server = serve(authority.server());
    Client client = client(authority.client());
    assertThat(client.send(Rig.to(server)).body().getMsg()).isEqualTo("hi");
    String large = "x".repeat(1_000_000);
    List<CompletableFuture<String>> replies = new ArrayList<>();
    // Together less than may wait to be sent, since calls that nobody waits for cannot wait for
    // room.
    for (int i = 0; i < 6; i++) {
      replies.add(client.sendAsync(large(server, large)).thenApply(reply -> reply.body().getMsg()));
    }
    for (CompletableFuture<String> reply : replies) {
      assertThat(reply.get(20, TimeUnit.SECONDS)).isEqualTo(large);
    }
  }

  @Test
  void isSpokenWhenTheSettingsOfTheProcessSaySo() throws Exception {
    TlsSettings server = authority.server();
    TlsSettings client = authority.client();
    Map<String, String> said =
        Map.of(
            "erpc.server.tls.certificate", String.valueOf(server.certificate()),
            "erpc.server.tls.key", String.valueOf(server.key()),
            "erpc.client.tls.trust", String.valueOf(client.trust()));
    said.forEach(System::setProperty);
    try {
      Server secure = rig.serve(Server.builder(), this::echo);
      assertThat(rig.client().send(Rig.to(secure)).body().getMsg()).isEqualTo("hi");
      handled.set(0);
      assertThat(refused(plainClientOfOneTry(), secure).message()).contains("TLS");
    } finally {
      said.keySet().forEach(System::clearProperty);
    }
  }

  private Client plainClientOfOneTry() {
    return rig.client(Client.builder().settings(ClientSettings.DEFAULTS.withMaxAttempts(1)));
  }

  @Test
  void carriesStreamsBothWays() throws Exception {
    Method<EchoRequest, EchoReply> chat =
        Method.bidirectional("demo.chat", EchoRequest.class, EchoReply.class);
    Server server = serve(authority.server());
    server.handleStream(
        chat,
        (context, requests, replies) -> {
          for (EchoRequest each : requests) {
            replies.send(echo(context, each));
          }
        });
    Client client = client(authority.client());
    try (var call = client.open(Request.opening(chat).at("list://" + server.address()))) {
      for (int length : new int[] {0, 1, 10_000, 60_000, 300_000, 490_000}) {
        String msg = "m".repeat(length);
        call.send(Rig.request(msg));
        assertThat(call.next()).isEqualTo(Rig.reply(msg));
      }
    }
    await().until(() -> server.inFlight() == 0);
  }

  @Test
  void callsMadeBeforeTheHandshakeWaitForIt() throws Exception {
    Server server = serve(authority.server());
    Client client = client(authority.client());
    List<CompletableFuture<?>> replies = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      replies.add(client.sendAsync(Rig.to(server)));
    }
    CompletableFuture.allOf(replies.toArray(CompletableFuture[]::new)).get(20, TimeUnit.SECONDS);
    assertThat(handled).hasValue(500);
    assertThat(server.connectionCount()).isEqualTo(1);
  }

  @Test
  void drainsWithoutLosingAReply() throws Exception {
    CountDownLatch begun = new CountDownLatch(30);
    CountDownLatch go = new CountDownLatch(1);
    ServerSettings settings =
        ServerSettings.DEFAULTS.withDrain(Duration.ZERO, Duration.ofSeconds(10));
    Server server =
        rig.serve(
            Server.builder().settings(settings).tls(authority.server()),
            (context, request) -> {
              begun.countDown();
              go.await();
              return Rig.echo(context, request);
            });
    Client client = clientOfOneTry(authority.client());
    String large = "y".repeat(200_000);
    List<CompletableFuture<String>> replies = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      replies.add(client.sendAsync(large(server, large)).thenApply(reply -> reply.body().getMsg()));
    }
    assertThat(begun.await(20, TimeUnit.SECONDS)).isTrue();
    Thread closing = Thread.ofVirtual().start(server::close);
    go.countDown();
    for (CompletableFuture<String> reply : replies) {
      assertThat(reply.get(20, TimeUnit.SECONDS)).isEqualTo(large);
    }
    assertThat(closing.join(Duration.ofSeconds(8))).isTrue();
  }

  @Test
  void keepsAnIdleConnectionAlive() throws Exception {
    ConnectionSettings quick =
        ConnectionSettings.DEFAULTS.withKeepalive(Duration.ofMillis(100), Duration.ofMillis(900));
    Server server = serve(authority.server());
    Client client =
        rig.client(
            Client.builder()
                .settings(ClientSettings.DEFAULTS.withConnection(quick))
                .tls(authority.client()));
    client.send(Rig.to(server));
    await()
        .during(Duration.ofMillis(1_500))
        .atMost(Duration.ofSeconds(5))
        .until(() -> server.connectionCount() == 1);
    client.send(Rig.to(server));
  }

  // ---- who is who

  @Test
  void tellsHandlersWhoCalls() throws Exception {
    List<String> seen = new ArrayList<>();
    Server server =
        rig.serve(
            Rig.servers()
                .tls(
                    authority
                        .server()
                        .withTrust(authority.trust)
                        .withClientCertificate(ClientCertificate.REQUIRED)),
            (context, request) -> {
              seen.add(context.peer().isSecure() + " " + context.peer().identity());
              return Rig.echo(context, request);
            });
    client(authority.client(cert -> cert.addSanUriName(uri("spiffe://test/billing"))))
        .send(Rig.to(server));
    client(authority.client(cert -> cert)).send(Rig.to(server));
    assertThat(seen).containsExactly("true spiffe://test/billing", "true localhost");
  }

  private static java.net.URI uri(String text) {
    return java.net.URI.create(text);
  }

  @Test
  void aClientNeedNoCertificateWhereItIsOptional() throws Exception {
    List<String> seen = new ArrayList<>();
    Server server =
        rig.serve(
            Rig.servers()
                .tls(
                    authority
                        .server()
                        .withTrust(authority.trust)
                        .withClientCertificate(ClientCertificate.OPTIONAL)),
            (context, request) -> {
              seen.add(context.peer().isSecure() + " " + context.peer().identity());
              return Rig.echo(context, request);
            });
    client(authority.client()).send(Rig.to(server));
    assertThat(seen).containsExactly("true null");
  }

  @Test
  void bothShareAPortWhereThatIsAskedFor() throws Exception {
    Server server = serve(authority.server().withAlsoPlain(true));
    assertThat(rig.client().send(Rig.to(server)).body().getMsg()).isEqualTo("hi");
    assertThat(client(authority.client()).send(Rig.to(server)).body().getMsg()).isEqualTo("hi");
  }

  // ---- files

  @Test
  void aBadFileIsNamed() throws Exception {
    TlsSettings good = authority.server();
    Path nowhere = folder.resolve("nowhere.pem");
    assertThatThrownBy(() -> Server.builder().tls(good.withTrust(nowhere)).build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("nowhere.pem: there is no such file");
    Path junk = Files.writeString(folder.resolve("junk.pem"), "junk");
    Path key = java.util.Objects.requireNonNull(good.key());
    assertThatThrownBy(() -> Server.builder().tls(TlsSettings.server(junk, key)).build())
        .hasMessageContaining("junk.pem: it has no");
    TlsSettings other = authority.client(cert -> cert);
    Path otherKey = java.util.Objects.requireNonNull(other.key());
    Path chain = java.util.Objects.requireNonNull(good.certificate());
    assertThatThrownBy(() -> Server.builder().tls(TlsSettings.server(chain, otherKey)).build())
        .hasMessageContaining("client.key: its key is not that of the certificate");
  }

  @Test
  void newConnectionsUseReplacedFilesAndNoCallFails() throws Exception {
    TlsSettings files = authority.server(cert -> cert.serial(BigInteger.valueOf(1001)));
    Server server = serve(files);
    Client client = clientOfOneTry(authority.client());
    AtomicBoolean stop = new AtomicBoolean();
    CompletableFuture<Integer> load =
        CompletableFuture.supplyAsync(() -> {
          int calls = 0;
          while (!stop.get()) {
            client.send(Rig.to(server));
            calls++;
          }
          return calls;
        });
    assertThat(serial(server)).isEqualTo(1001);
    // Broken on the way: what was loaded stays.
    Files.writeString(java.util.Objects.requireNonNull(files.certificate()), "half a cert");
    await()
        .during(Duration.ofMillis(600))
        .atMost(Duration.ofSeconds(5))
        .until(() -> serial(server) == 1001);
    TlsSettings same = authority.server(cert -> cert.serial(BigInteger.valueOf(1002)));
    assertThat(same).isEqualTo(files);
    await().atMost(Duration.ofSeconds(5)).until(() -> serial(server) == 1002);
    stop.set(true);
    assertThat(load.get(20, TimeUnit.SECONDS)).isPositive();
  }

  /** What a foreign peer, the JDK's own sockets, sees of the server's certificate. */
  private static int serial(Server server) throws Exception {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, InsecureTrustManagerFactory.INSTANCE.getTrustManagers(), null);
    try (SSLSocket socket =
        (SSLSocket) context.getSocketFactory().createSocket("127.0.0.1", port(server))) {
      socket.setSoTimeout(10_000);
      var parameters = socket.getSSLParameters();
      parameters.setApplicationProtocols(new String[] {"other", "erpc/1"});
      socket.setSSLParameters(parameters);
      socket.startHandshake();
      assertThat(socket.getApplicationProtocol()).isEqualTo("erpc/1");
      X509Certificate seen = (X509Certificate) socket.getSession().getPeerCertificates()[0];
      return seen.getSerialNumber().intValueExact();
    }
  }
}
