package erpc.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.example.guide.Orders;
import com.example.guide.Orders.Order;
import com.example.guide.Orders.OrderKey;
import erpc.call.CallOptions;
import erpc.client.Client;
import erpc.server.Authenticator;
import erpc.server.Server;
import erpc.transport.TlsSettings;
import erpc.transport.TlsSettings.ClientCertificate;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The guide's commands of openssl make certificates with which a server and a client talk. */
@Tag("processes")
@Tag("openssl")
@Timeout(120)
class GuideCertificatesTest {
  private static final String OPENSSL = "openssl ";

  @TempDir Path folder;

  @Test
  void serveForMutualTls() throws Exception {
    assumeTrue(isThere("openssl"), "openssl is not on the PATH: install it to make certificates");
    List<String> blocks =
        Documents.blocks("docs/guide.md", "sh").stream()
            .filter(block -> block.contains(OPENSSL))
            .toList();
    assertThat(blocks).hasSizeGreaterThan(3);
    StringBuilder said = new StringBuilder();
    for (String block : blocks) {
      said.append(run(block));
    }
    assertThat(said)
        .contains("DNS:orders.internal, DNS:localhost, IP Address:127.0.0.1")
        .contains("orders.pem: OK")
        .contains("till.pem: OK");

    TlsSettings serverTls =
        TlsSettings.server(folder.resolve("orders.pem"), folder.resolve("orders.key"))
            .withTrust(folder.resolve("ca.pem"))
            .withClientCertificate(ClientCertificate.REQUIRED);
    TlsSettings clientTls =
        TlsSettings.client()
            .withTrust(folder.resolve("ca.pem"))
            .withCertificate(folder.resolve("till.pem"), folder.resolve("till.key"));
    try (Server server =
        Server.builder().tls(serverTls).authenticator(Authenticator.mutualTls()).build()) {
      server.handle(
          Orders.GET, (context, key) -> new Order(key.id(), context.principal().getName(), 2));
      server.listen("127.0.0.1:0");
      assertThat(caller(clientTls, "ip://" + server.address()))
          .isEqualTo("spiffe://shop.example/till");
      String port = server.address().substring(server.address().lastIndexOf(':') + 1);
      assertThat(caller(clientTls.withServerName("orders.internal"), "ip://127.0.0.1:" + port))
          .isEqualTo("spiffe://shop.example/till");
    }
  }

  /** Whom a server takes the client for. */
  private static String caller(TlsSettings tls, String place) {
    try (Client client =
        Client.builder()
            .target(place)
            .tls(tls)
            .options(CallOptions.NONE.withTimeout(Duration.ofSeconds(30)))
            .build()) {
      return client.call(Orders.GET, new OrderKey("7")).item();
    }
  }

  /** What a shell says that runs these commands, all of which succeed. */
  private String run(String commands) throws IOException, InterruptedException {
    Process shell =
        new ProcessBuilder("sh", "-e", "-c", commands)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .start();
    shell.getOutputStream().close();
    String said = new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(shell.waitFor()).as("%s%n%s", commands, said).isZero();
    return said;
  }

  private static boolean isThere(String program) {
    return Stream.of(System.getenv("PATH").split(File.pathSeparator))
        .anyMatch(each -> Files.isExecutable(Path.of(each, program)));
  }
}
