package erpc.calls;

import static org.assertj.core.api.Assertions.assertThat;

import erpc.call.Method;
import erpc.call.Request;
import erpc.call.Status;
import erpc.client.Client;
import erpc.client.ClientBuilder;
import erpc.client.ClientSettings;
import erpc.fixture.EchoReply;
import erpc.fixture.EchoRequest;
import erpc.server.Authenticator;
import erpc.server.Server;
import erpc.server.ServerBuilder;
import erpc.transport.Credentials;
import erpc.transport.TransportKind;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Services that one client reaches each in its own way, with what it shows to each. */
@Timeout(60)
class DestinationsTest {
  private static final Method<EchoRequest, EchoReply> SHOP =
      Method.unary("shop.Orders.get", EchoRequest.class, EchoReply.class);

  @TempDir Path folder;

  private final Rig rig = new Rig(TransportKind.NIO);
  private final AtomicInteger handled = new AtomicInteger();
  private Authority ours;
  private Authority theirs;

  @BeforeEach
  void sign() throws Exception {
    ours = new Authority(folder.resolve("ours"), "Our CA");
    theirs = new Authority(folder.resolve("theirs"), "Their CA");
  }

  @AfterEach
  void stop() throws Exception {
    rig.close();
  }

  private Server serve(ServerBuilder builder) throws IOException {
    Server server =
        rig.serve(
            builder,
            (context, request) -> {
              handled.incrementAndGet();
              return Rig.echo(context, request);
            });
    return server.handle(
        SHOP,
        (context, request) -> {
          handled.incrementAndGet();
          return Rig.echo(context, request);
        });
  }

  private static ClientBuilder clients() {
    return Client.builder().settings(ClientSettings.DEFAULTS.withMaxAttempts(1));
  }

  private static Request<EchoRequest, EchoReply> shop(Server server) {
    return Request.of(SHOP, Rig.request("shop"))
        .at("list://" + server.address())
        .withTimeout(Rig.LONG);
  }

  private void isRefused(Client client, Request<?, ?> request, String why) {
    int before = handled.get();
    Status status = Rig.failure(() -> client.send(request));
    assertThat(status.code()).as(status.toString()).isEqualTo(Status.Code.UNAVAILABLE);
    assertThat(status.message()).contains(why);
    assertThat(handled).hasValue(before);
  }

  // ---- TLS

  @Test
  void aServiceMayBeReachedInPlainTextByAClientOfTls() throws Exception {
    Server secure = serve(Rig.servers().tls(ours.server()));
    Server plain = serve(Rig.servers());
    Client client = rig.client(clients().tls(ours.client()).plainText("shop.Orders"));
    assertThat(client.send(Rig.to(secure)).body().getMsg()).isEqualTo("hi");
    assertThat(client.send(shop(plain)).body().getMsg()).isEqualTo("shop");
    isRefused(client, Rig.to(plain), "plain text");
    isRefused(client, shop(secure), "TLS");
  }

  @Test
  void aServiceMayBeReachedByTlsByAClientOfPlainText() throws Exception {
    Server secure = serve(Rig.servers().tls(ours.server()));
    Server plain = serve(Rig.servers());
    Client client = rig.client(clients().tls("shop.Orders", ours.client()));
    assertThat(client.send(Rig.to(plain)).body().getMsg()).isEqualTo("hi");
    assertThat(client.send(shop(secure)).body().getMsg()).isEqualTo("shop");
    isRefused(client, shop(plain), "plain text");
  }

  @Test
  void whoIsTrustedAndByWhichNameIsAServicesOwn() throws Exception {
    Server here = serve(Rig.servers().tls(ours.server()));
    Server there =
        serve(
            Rig.servers()
                .tls(
                    theirs.write(
                        "named",
                        theirs.sign(
                            new io.netty.pkitesting.CertificateBuilder()
                                .ecp256()
                                .subject("CN=orders")
                                .addSanDnsName("orders.example")))));
    Client client =
        rig.client(
            clients()
                .tls(ours.client())
                .tls("shop.Orders", theirs.client().withServerName("orders.example")));
    assertThat(client.send(Rig.to(here)).body().getMsg()).isEqualTo("hi");
    assertThat(client.send(shop(there)).body().getMsg()).isEqualTo("shop");
    isRefused(client, Rig.to(there), "signed by an authority that is not trusted here");
    isRefused(client, shop(here), "signed by an authority that is not trusted here");
  }

  // ---- credentials

  private static ServerBuilder noting(List<String> tokens) {
    Authenticator any =
        claim -> {
          String token = claim.token();
          tokens.add(token == null ? "none" : token);
          return () -> "anybody";
        };
    return Rig.servers().authenticator(any);
  }

  @Test
  void eachServiceIsShownItsOwnTokenAndNoOther() throws Exception {
    for (boolean perCall : new boolean[] {false, true}) {
      List<String> tokens = new CopyOnWriteArrayList<>();
      Server server = serve(noting(tokens)); // One address for both: they share no connection.
      Client client =
          rig.client(
              clients()
                  .credentials(token("usual", perCall))
                  .credentials("shop.Orders", token("shop", perCall)));
      client.send(shop(server));
      client.send(Rig.to(server));
      client.send(shop(server));
      assertThat(tokens).first().isEqualTo("shop");
      assertThat(tokens).contains("usual").doesNotContain("none");
      assertThat(server.connectionCount()).isEqualTo(2);
    }
  }

  @Test
  void theUsualTokenIsNotShownToAServiceThatIsReachedInAnotherWay() throws Exception {
    for (boolean perCall : new boolean[] {false, true}) {
      List<String> here = new CopyOnWriteArrayList<>();
      List<String> there = new CopyOnWriteArrayList<>();
      Server usual = serve(noting(here).tls(ours.server()));
      Server foreign = serve(noting(there).tls(theirs.server()));
      Server plain = serve(noting(there));
      Client client =
          rig.client(
              clients()
                  .tls(ours.client())
                  .credentials(token("usual", perCall))
                  .tls("shop.Orders", theirs.client()));
      client.send(Rig.to(usual));
      client.send(shop(foreign));
      Client another =
          rig.client(
              clients()
                  .tls(ours.client())
                  .credentials(token("usual", perCall))
                  .plainText("shop.Orders"));
      another.send(shop(plain));
      assertThat(here).containsOnly("usual");
      assertThat(there).containsOnly("none");
    }
  }

  private static Credentials token(String text, boolean perCall) {
    Credentials token = Credentials.bearer(() -> text);
    return perCall ? token.withPerCall() : token;
  }
}
