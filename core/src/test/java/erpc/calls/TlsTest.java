package erpc.calls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import erpc.call.Context;
import erpc.call.Method;
import erpc.call.Request;
import erpc.call.Status;
import erpc.client.Client;
import erpc.client.ClientSettings;
import erpc.fixture.EchoReply;
import erpc.fixture.EchoRequest;
import erpc.protocol.ConnectionSettings;
import erpc.server.Server;
import erpc.server.ServerSettings;
import erpc.transport.TlsSettings;
import erpc.transport.TlsSettings.ClientCertificate;
import erpc.transport.TransportKind;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.CsvSource;

/** Connections under TLS: real sockets, both event loops, both libraries. */
@ParameterizedClass
@CsvSource({"EPOLL,auto", "EPOLL,jdk", "NIO,jdk"})
class TlsTest {
  private static final int TLS_ALERT = 0x15;

  @Parameter(0)
  TransportKind kind;

  @Parameter(1)
  String library;

  @TempDir Path folder;

  private final AtomicInteger handled = new AtomicInteger();
  private Rig rig;
  private Authority authority;

  @BeforeEach
  void open() throws Exception {
    System.setProperty("erpc.tls", library);
    rig = new Rig(kind);
    authority = new Authority(folder.resolve("good"), "Test CA");
  }

  @AfterEach
  void close() throws Exception {
    rig.close();
    System.clearProperty("erpc.tls");
  }

  private EchoReply echo(Context context, EchoRequest request) {
    handled.incrementAndGet();
    return Rig.echo(context, request);
  }

  private Server serve(TlsSettings tls) throws IOException {
    return rig.serve(Rig.servers().tls(tls), this::echo);
  }

  private Client client(TlsSettings tls) {
    return rig.client(Client.builder().tls(tls));
  }

  private Client clientOfOneTry(TlsSettings tls) {
    return rig.client(
        Client.builder().settings(ClientSettings.DEFAULTS.withMaxAttempts(1)).tls(tls));
  }

  private static Request<EchoRequest, EchoReply> large(Server server, String msg) {
    return Request.of(Rig.ECHO, Rig.request(msg))
        .at("list://" + server.address())
        .withTimeout(Rig.LONG);
  }

  private Status refused(Client client, Server server) {
    Status status = Rig.failure(() -> client.send(Rig.to(server)));
    assertThat(status.code()).as(status.toString()).isEqualTo(Status.Code.UNAVAILABLE);
    assertThat(handled).hasValue(0);
    return status;
  }

  private Status refused(TlsSettings client, TlsSettings server) throws IOException {
    return refused(clientOfOneTry(client), serve(server));
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

  // ---- refusals of servers

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

  // ---- refusals of clients

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

  // ---- never plain text by mistake

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

  private static int port(Server server) {
    return Integer.parseInt(server.address().substring(server.address().lastIndexOf(':') + 1));
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

  // ---- strangers

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
