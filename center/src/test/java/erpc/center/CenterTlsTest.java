package erpc.center;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import erpc.call.Method;
import erpc.call.RpcException;
import erpc.call.Status;
import erpc.client.CenterAccess;
import erpc.client.Client;
import erpc.client.ClientBuilder;
import erpc.client.ClientSettings;
import erpc.server.Server;
import erpc.server.ServerBuilder;
import erpc.transport.TlsSettings;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Key;
import java.security.KeyStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A center in plain text for clients of TLS, and the other way round. */
@Tag("processes")
@Timeout(120)
class CenterTlsTest {
  private static final Duration LONG = Duration.ofSeconds(20);

  private static final Method<byte[], byte[]> HELLO =
      Method.unary("demo.hello", byte[].class, byte[].class);

  @TempDir static Path folder;

  private static Path certificate;
  private static Path key;

  private final List<AutoCloseable> open = new ArrayList<>();

  @BeforeAll
  static void makeCertificate() throws Exception {
    Path store = folder.resolve("store.p12");
    String password = "not a secret";
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                "center",
                "-keyalg",
                "EC",
                "-groupname",
                "secp256r1",
                "-dname",
                "CN=center",
                "-ext",
                "san=ip:127.0.0.1",
                "-storetype",
                "PKCS12",
                "-storepass",
                password,
                "-keystore",
                store.toString())
            .redirectErrorStream(true)
            .start();
    String said = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(keytool.waitFor()).as(said).isZero();
    KeyStore made = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(store)) {
      made.load(in, password.toCharArray());
    }
    Key own = made.getKey("center", password.toCharArray());
    certificate = pem("certificate", made.getCertificate("center").getEncoded());
    key = pem("private key", own.getEncoded());
  }

  private static Path pem(String what, byte[] bytes) throws IOException {
    String label = what.toUpperCase(java.util.Locale.ROOT);
    String text =
        "-----BEGIN "
            + label
            + "-----\n"
            + Base64.getMimeEncoder().encodeToString(bytes)
            + "\n-----END "
            + label
            + "-----\n";
    return Files.writeString(folder.resolve(what), text);
  }

  private static TlsSettings serving() {
    return TlsSettings.server(certificate, key);
  }

  private static TlsSettings calling() {
    return TlsSettings.client().withTrust(certificate);
  }

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable each : open.reversed()) {
      each.close();
    }
  }

  private <C extends AutoCloseable> C opened(C made) {
    open.add(made);
    return made;
  }

  private Center center(CenterSettings settings) throws IOException {
    return opened(Center.listen("127.0.0.1:0", null, settings));
  }

  private Center plain() throws IOException {
    return center(CenterSettings.DEFAULT);
  }

  private Center secure() throws IOException {
    return center(CenterSettings.DEFAULT.withTls(serving()));
  }

  private static ClientBuilder clients() {
    return Client.builder().settings(ClientSettings.DEFAULTS.withTimeout(LONG));
  }

  private Client client(ClientBuilder builder, Center center) {
    return opened(builder.center(center.address()).build());
  }

  /** A server that the center knows, as the client reaches it. */
  private void serve(ServerBuilder builder, Client client, Center center) throws IOException {
    var unused =
        opened(builder.register(client.centerCalls()).build())
            .handle(HELLO, (context, request) -> request)
            .listen("127.0.0.1:0");
    await().until(() -> center.instances() == 1);
  }

  private static byte[] hello(Client client) {
    return client.call(HELLO, new byte[] {1});
  }

  /** Why a client finds nothing: it has no center that it can talk to. */
  private static String refused(Client client) {
    Status status =
        catchThrowableOfType(
                RpcException.class,
                () -> client.call(HELLO.timeout(Duration.ofSeconds(2)), new byte[] {1}))
            .status();
    assertThat(status.started()).as(status.toString()).isEqualTo(Status.Started.NO);
    return status.message();
  }

  @Test
  void aClientOfTlsFindsServersOfTlsByAPlainTextCenter() throws Exception {
    Center center = plain();
    Client client = client(clients().tls(calling()).centerPlainText(), center);
    serve(Server.builder().tls(serving()), client, center);
    assertThat(hello(client)).containsExactly(1);
  }

  @Test
  void aClientOfPlainTextFindsServersOfPlainTextByACenterOfTls() throws Exception {
    Center center = secure();
    Client client = client(clients().centerTls(calling()), center);
    serve(Server.builder(), client, center);
    assertThat(hello(client)).containsExactly(1);
  }

  @Test
  void theSettingsOfTheClientMaySayHowItsCenterIsReached() throws Exception {
    Center center = plain();
    CenterAccess plainText = CenterAccess.DEFAULTS.withPlainText(true);
    Client client =
        client(
            Client.builder()
                .settings(
                    ClientSettings.DEFAULTS
                        .withTimeout(LONG)
                        .withTls(calling())
                        .withCenter(plainText)),
            center);
    serve(Server.builder().tls(serving()), client, center);
    assertThat(hello(client)).containsExactly(1);
  }

  @Test
  void theSettingsOfTheProcessMaySayWhatACenterServesWithAndHowItIsReached() throws Exception {
    Map<String, String> said =
        Map.of(
            "erpc.center.tls.certificate", certificate.toString(),
            "erpc.center.tls.key", key.toString(),
            "erpc.client.center.tls.trust", certificate.toString());
    said.forEach(System::setProperty);
    try {
      Center center = center(CenterSettings.ofProcess());
      Client client = client(Client.builder(), center);
      serve(Server.builder(), client, center);
      assertThat(hello(client)).containsExactly(1);
      assertThat(refused(client(clients(), center))).contains("TLS");
    } finally {
      said.keySet().forEach(System::clearProperty);
    }
  }

  @Test
  void neitherSideFallsBackToPlainText() throws Exception {
    assertThat(refused(client(clients().tls(calling()), plain()))).contains("plain text");
    assertThat(refused(client(clients().centerTls(calling()), plain()))).contains("plain text");
    assertThat(refused(client(clients(), secure()))).contains("TLS");
    assertThat(refused(client(clients().tls(calling()).centerPlainText(), secure())))
        .contains("TLS");
  }

  @Test
  void aClientOfTlsSpeaksItToItsCenterTooUnlessItIsToldOtherwise() throws Exception {
    Center center = secure();
    Client client = client(clients().tls(calling()), center);
    serve(Server.builder().tls(serving()), client, center);
    assertThat(hello(client)).containsExactly(1);
  }
}
