package com.example.guide;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.example.guide.Orders.Order;
import com.example.guide.Orders.OrderKey;
import erpc.call.RpcException;
import erpc.call.Status;
import erpc.client.Client;
import erpc.client.ClientBuilder;
import erpc.server.Authenticator;
import erpc.server.Authorizer;
import erpc.server.Claim;
import erpc.server.Handler;
import erpc.server.Server;
import erpc.server.ServerBuilder;
import erpc.transport.Credentials;
import erpc.transport.TlsSettings;
import erpc.transport.TlsSettings.ClientCertificate;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class SecurityTest {
  private static final Order TEA = new Order("7", "tea", 2);

  @TempDir Path folder;

  private Path ca;
  private Path certificate;
  private Path key;
  private Path tillCertificate;
  private Path tillKey;

  @BeforeEach
  void makeCertificates() throws Exception {
    X509Bundle authority =
        new CertificateBuilder()
            .ecp256()
            .subject("CN=authority")
            .setIsCertificateAuthority(true)
            .buildSelfSigned();
    X509Bundle orders =
        new CertificateBuilder()
            .ecp256()
            .subject("CN=orders")
            .addSanIpAddress("127.0.0.1")
            .buildIssuedBy(authority);
    X509Bundle till =
        new CertificateBuilder()
            .ecp256()
            .subject("CN=till")
            .addSanUriName("spiffe://shop.example/till")
            .buildIssuedBy(authority);
    ca = write("ca.pem", authority.getCertificatePEM());
    certificate = write("orders.pem", orders.getCertificatePathPEM());
    key = write("orders.key", orders.getPrivateKeyPEM());
    tillCertificate = write("till.pem", till.getCertificatePathPEM());
    tillKey = write("till.key", till.getPrivateKeyPEM());
  }

  private Path write(String name, String text) throws Exception {
    return Files.writeString(folder.resolve(name), text);
  }

  private static void assertEnds(Status.Code code, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOf(RpcException.class)
        .extracting(thrown -> ((RpcException) thrown).code())
        .isEqualTo(code);
  }

  private static Order get(Client client) {
    return client.call(Orders.GET, new OrderKey("7"));
  }

  @Test
  void aClientTrustsWhomItsAuthorityHasSigned() throws Exception {
    // guide: tls-server
    Server server = Server.builder().tls(TlsSettings.server(certificate, key)).build();
    // guide end
    server.handle(Orders.GET, (context, id) -> TEA).listen("127.0.0.1:0");
    String place = "ip://" + server.address();
    // guide: tls-client
    Client client =
        Client.builder()
            .target("shop.Orders", place)
            .tls(TlsSettings.client().withTrust(ca))
            .build();
    // guide end
    try (server;
        client;
        Client doubting = Client.builder().target(place).tls(TlsSettings.client()).build();
        Client plain = Client.builder().target(place).build()) {
      assertThat(get(client)).isEqualTo(TEA);
      assertEnds(Status.Code.UNAVAILABLE, () -> get(doubting));
      assertEnds(Status.Code.UNAVAILABLE, () -> get(plain));
      assertThatThrownBy(() -> get(doubting))
          .hasMessageContaining("is signed by an authority that is not trusted here");
    }
  }

  @Test
  void aServerMayAskForCertificates() throws Exception {
    // guide: mutual-server
    Server server =
        Server.builder()
            .tls(
                TlsSettings.server(certificate, key)
                    .withTrust(ca)
                    .withClientCertificate(ClientCertificate.REQUIRED))
            .authenticator(Authenticator.mutualTls())
            .build();
    // guide end
    // guide: principal
    Handler<OrderKey, Order> handler =
        (context, id) -> new Order(id.id(), "for " + context.principal().getName(), 2);
    // guide end
    server.handle(Orders.GET, handler).listen("127.0.0.1:0");
    String place = "ip://" + server.address();
    // guide: mutual-client
    Client client =
        Client.builder()
            .target("shop.Orders", place)
            .tls(TlsSettings.client().withTrust(ca).withCertificate(tillCertificate, tillKey))
            .build();
    // guide end
    try (server;
        client;
        Client nameless =
            Client.builder().target(place).tls(TlsSettings.client().withTrust(ca)).build()) {
      assertThat(get(client).item()).isEqualTo("for spiffe://shop.example/till");
      assertEnds(Status.Code.UNAVAILABLE, () -> get(nameless));
    }
  }

  @Test
  void tokensSayWhoCallsAndAnAuthorizerWhoMay() throws Exception {
    Supplier<String> vault = () -> "token-of-till";
    // guide: token-server
    Authorizer authorizer =
        (caller, method) ->
            caller.getName().equals("till") || method.name().equals("shop.Orders.get");
    Server server =
        Server.builder()
            .authenticator(
                Authenticator.bearer(Map.of("token-of-till", "till", "token-of-web", "web")))
            .authorizer(authorizer)
            .build();
    // guide end
    server
        .handle(Orders.GET, (context, id) -> TEA)
        .handle(Orders.PLACE, (context, order) -> new OrderKey(order.id()))
        .listen("127.0.0.1:0");
    String place = "ip://" + server.address();
    // guide: token-client
    Client client =
        Client.builder()
            .target("shop.Orders", place)
            .credentials(Credentials.bearer(() -> vault.get()))
            .build();
    // guide end
    try (server;
        client;
        Client web =
            Client.builder()
                .target(place)
                .credentials(Credentials.bearer(() -> "token-of-web").withPerCall())
                .build();
        Client stranger = Client.builder().target(place).build()) {
      assertThat(client.call(Orders.PLACE, TEA)).isEqualTo(new OrderKey("7"));
      assertThat(get(web)).isEqualTo(TEA);
      assertEnds(Status.Code.PERMISSION_DENIED, () -> web.call(Orders.PLACE, TEA));
      assertEnds(Status.Code.UNAUTHENTICATED, () -> get(stranger));
    }
  }

  // guide: own-authenticator
  /** Asks a service of the company's who has a token. */
  static final class Sessions implements Authenticator {
    private final Directory directory;

    Sessions(Directory directory) {
      this.directory = directory;
    }

    @Override
    public Named authenticate(Claim claim) throws Exception {
      String user = claim.token() == null ? null : directory.userOf(claim.token());
      return user == null ? null : new Named(user); // Null refuses the caller.
    }
  }

  // guide end

  interface Directory {
    String userOf(String token) throws Exception;
  }

  @Test
  void anAuthenticatorOfYourOwnMayRefuseOrFail() throws Exception {
    Directory directory =
        token -> {
          if (token.equals("old")) {
            throw new GeneralSecurityException("expired");
          }
          if (token.equals("broken")) {
            throw new IllegalStateException("the directory is away");
          }
          return Set.of("a", "b").contains(token) ? "user " + token : null;
        };
    try (Server server =
        Server.builder()
            .authenticator(new Sessions(directory))
            .build()
            .handle(Orders.GET, (context, id) -> TEA)
            .listen("127.0.0.1:0")) {
      ClientBuilder builder = Client.builder().target("ip://" + server.address());
      try (Client good = builder.credentials(Credentials.bearer(() -> "a")).build();
          Client unknown = builder.credentials(Credentials.bearer(() -> "c")).build();
          Client old = builder.credentials(Credentials.bearer(() -> "old")).build();
          Client unlucky = builder.credentials(Credentials.bearer(() -> "broken")).build()) {
        assertThat(get(good)).isEqualTo(TEA);
        assertEnds(Status.Code.UNAUTHENTICATED, () -> get(unknown));
        assertEnds(Status.Code.UNAUTHENTICATED, () -> get(old));
        assertEnds(Status.Code.UNAVAILABLE, () -> get(unlucky));
      }
    }
  }

  @Test
  void aMissingFileIsToldWhenTheServerIsBuilt() {
    ServerBuilder builder =
        Server.builder().tls(TlsSettings.server(folder.resolve("none.pem"), key));
    assertThatThrownBy(builder::build)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("none.pem");
  }
}
