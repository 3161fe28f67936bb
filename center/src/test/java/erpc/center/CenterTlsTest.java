package erpc.center;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import erpc.call.RpcException;
import erpc.call.Status;
import erpc.client.CenterAccess;
import erpc.client.Client;
import erpc.client.ClientSettings;
import erpc.discovery.CenterMethods;
import erpc.discovery.wire.Instance;
import erpc.discovery.wire.ListReply;
import erpc.discovery.wire.ListRequest;
import erpc.discovery.wire.RegisterReply;
import erpc.discovery.wire.RegisterRequest;
import erpc.server.Server;
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

  private static Client.Builder clients() {
    return Client.builder().settings(ClientSettings.DEFAULTS.withTimeout(LONG));
  }

  private Client client(Client.Builder builder, Center center) {
    return opened(builder.center(center.address()).build());
  }

  private Server server(Server.Builder builder) throws IOException {
    return opened(builder.build())
        .handle(
            erpc.call.Method.unary("demo.hello", byte[].class, byte[].class),
            (context, request) -> request)
        .listen("127.0.0.1:0");
  }

  private static void register(Client client, Server server) {
    Instance instance =
        Instance.newBuilder()
            .setId("a")
            .setService("demo")
            .setAddress(server.address())
            .addMethods("demo.hello")
            .build();
    RegisterRequest request = RegisterRequest.newBuilder().addInstances(instance).build();
    var unused =
        client
            .centerCalls()
            .call(CenterMethods.REGISTER.name(), request, RegisterReply.class, LONG);
  }

  private static byte[] hello(Client client) {
    return client.call("demo.hello", new byte[] {1}, byte[].class);
  }

  private static Status refused(Client client) {
    Status status =
        catchThrowableOfType(
                RpcException.class,
                () ->
                    client
                        .centerCalls()
                        .call(
                            CenterMethods.LIST.name(),
                            ListRequest.getDefaultInstance(),
                            ListReply.class,
                            LONG))
            .status();
    assertThat(status.code()).as(status.toString()).isEqualTo(Status.Code.UNAVAILABLE);
    return status;
  }

  @Test
  void aClientOfTlsFindsServersOfTlsByAPlainTextCenter() throws Exception {
    Server server = server(Server.builder().tls(serving()));
    Client client = client(clients().tls(calling()).centerPlainText(), plain());
    register(client, server);
    assertThat(hello(client)).containsExactly(1);
  }

  @Test
  void aClientOfPlainTextFindsServersOfPlainTextByACenterOfTls() throws Exception {
    Server server = server(Server.builder());
    Client client = client(clients().centerTls(calling()), secure());
    register(client, server);
    assertThat(hello(client)).containsExactly(1);
  }

  @Test
  void theSettingsOfTheClientMaySayHowItsCenterIsReached() throws Exception {
    CenterAccess plainText = CenterAccess.DEFAULTS.withPlainText(true);
    Client client =
        client(
            Client.builder()
                .settings(
                    ClientSettings.DEFAULTS
                        .withTimeout(LONG)
                        .withTls(calling())
                        .withCenter(plainText)),
            plain());
    register(client, server(Server.builder().tls(serving())));
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
      register(client, server(Server.builder()));
      assertThat(hello(client)).containsExactly(1);
      assertThat(refused(client(clients(), center)).message()).contains("TLS");
    } finally {
      said.keySet().forEach(System::clearProperty);
    }
  }

  @Test
  void neitherSideFallsBackToPlainText() throws Exception {
    assertThat(refused(client(clients().tls(calling()), plain())).message()).contains("plain text");
    assertThat(refused(client(clients().centerTls(calling()), plain())).message())
        .contains("plain text");
    assertThat(refused(client(clients(), secure())).message()).contains("TLS");
    assertThat(refused(client(clients().tls(calling()).centerPlainText(), secure())).message())
        .contains("TLS");
  }

  @Test
  void aClientOfTlsSpeaksItToItsCenterTooUnlessItIsToldOtherwise() throws Exception {
    Client client = client(clients().tls(calling()), secure());
    register(client, server(Server.builder().tls(serving())));
    assertThat(hello(client)).containsExactly(1);
  }
}
