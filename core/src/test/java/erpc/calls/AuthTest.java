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
import erpc.server.Authenticator;
import erpc.server.Claim;
import erpc.server.Server;
import erpc.transport.Credentials;
import erpc.transport.TlsSettings;
import erpc.transport.TlsSettings.ClientCertificate;
import erpc.transport.TransportKind;
import java.io.IOException;
import java.nio.file.Path;
import java.security.Principal;
import java.security.SignatureException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** Who may call, with an authenticator on the event loop and with one that may block. */
@ParameterizedClass
@ValueSource(booleans = {false, true})
class AuthTest {
  @Parameter boolean blocking;

  private final Rig rig = new Rig(TransportKind.NIO);
  private final List<String> callers = new CopyOnWriteArrayList<>();

  @AfterEach
  void close() throws Exception {
    rig.close();
  }

  private Authenticator tokens() {
    Authenticator known = Authenticator.bearer(Map.of("token-a", "alice", "token-b", "bob"));
    return blocking ? claim -> known.authenticate(claim) : known;
  }

  private EchoReply echo(Context context, EchoRequest request) {
    callers.add(Objects.requireNonNull(context.principal()).getName());
    return Rig.echo(context, request);
  }

  private Server serve(Authenticator authenticator) throws IOException {
    return rig.serve(Rig.servers().authenticator(authenticator), this::echo);
  }

  private Client client(Credentials credentials) {
    return rig.client(
        Client.builder()
            .settings(ClientSettings.DEFAULTS.withMaxAttempts(1))
            .credentials(credentials));
  }

  private static Request<EchoRequest, EchoReply> to(Server server, String method) {
    return Request.of(
            erpc.call.Method.unary(method, EchoRequest.class, EchoReply.class), Rig.request("hi"))
        .at("list://" + server.address())
        .withTimeout(Rig.LONG);
  }

  private static void refusedTheSameEverywhere(Client client, Server server) {
    refusedTheSameEverywhere(client, server, Status.Code.UNAUTHENTICATED);
  }

  private static void refusedTheSameEverywhere(Client client, Server server, Status.Code code) {
    List<Status> all = new ArrayList<>();
    for (String method : List.of("demo.echo", "demo.nothing", "erpc.describe", "no.such")) {
      all.add(Rig.failure(() -> client.send(to(server, method))));
    }
    assertThat(all)
        .allSatisfy(status -> {
          assertThat(status.code()).isEqualTo(code);
          assertThat(status.started()).isEqualTo(Status.Started.NO);
          assertThat(status.message()).isEqualTo(all.get(0).message());
        });
  }

  @Test
  void aStrangerGetsTheSameAnswerWhetherTheMethodExistsOrNot() throws Exception {
    Server server = serve(tokens());
    refusedTheSameEverywhere(rig.clientOfOneTry(), server);
    refusedTheSameEverywhere(client(Credentials.bearer(() -> "token-c")), server);
    refusedTheSameEverywhere(client(Credentials.bearer(() -> "token-c").withPerCall()), server);
    assertThat(callers).isEmpty();
  }

  @Test
  void theRightTokenNamesTheCaller() throws Exception {
    Server server = serve(tokens());
    client(Credentials.bearer(() -> "token-a")).send(Rig.to(server));
    client(Credentials.bearer(() -> "token-b").withPerCall()).send(Rig.to(server));
    assertThat(callers).containsExactly("alice", "bob");
  }

  @Test
  void aCallsOwnTokenCountsInsteadOfItsConnections() throws Exception {
    Server server = serve(tokens());
    Client client = client(Credentials.bearer(() -> "token-a"));
    client.send(Rig.to(server).withMetadata("authorization", "Bearer token-b"));
    client.send(Rig.to(server));
    assertThat(callers).containsExactly("bob", "alice");
    var bad = Rig.to(server).withMetadata("authorization", "Bearer token-c");
    assertThat(Rig.failure(() -> client.send(bad)).code()).isEqualTo(Status.Code.UNAUTHENTICATED);
  }

  @Test
  void aTokenThatChangedIsShownOnTheOpenConnection() throws Exception {
    Server server = serve(tokens());
    AtomicReference<String> token = new AtomicReference<>("token-a");
    Client client =
        client(Credentials.bearer(token::get).withRefreshInterval(Duration.ofMillis(50)));
    client.send(Rig.to(server));
    token.set("token-b");
    await()
        .atMost(Duration.ofSeconds(5))
        .until(() -> {
          client.send(Rig.to(server));
          return callers.getLast().equals("bob");
        });
    assertThat(server.connectionCount()).isEqualTo(1);
  }

  @Test
  void aSupplierMayBlockAndIsNeverAskedOnAnEventLoop() throws Exception {
    Server server = serve(tokens());
    List<String> threads = new CopyOnWriteArrayList<>();
    CountDownLatch refreshed = new CountDownLatch(1);
    Client client =
        client(
            Credentials.bearer(() -> {
              threads.add(Thread.currentThread().toString());
              try {
                refreshed.await();
              } catch (InterruptedException e) {
                throw new IllegalStateException(e);
              }
              return "token-a";
            }));
    CompletableFuture<?> reply = client.sendAsync(Rig.to(server));
    refreshed.countDown();
    reply.get(20, TimeUnit.SECONDS);
    assertThat(threads).isNotEmpty().noneMatch(name -> name.contains("erpc-loop"));
  }

  @Test
  void aSupplierThatFailsSaysSo() throws Exception {
    Server server = serve(tokens());
    Client client =
        client(
            Credentials.bearer(() -> {
              throw new IllegalStateException("the vault is shut");
            }));
    assertThat(Rig.failure(() -> client.send(Rig.to(server))).message())
        .contains("no credentials to show")
        .contains("the vault is shut");
  }

  @Test
  void credentialsGoNowhereInPlainText() {
    for (Credentials each :
        List.of(
            Credentials.bearer(() -> "token-a"),
            Credentials.bearer(() -> "token-a").withPerCall())) {
      Client client = client(each);
      var request = Request.of(Rig.ECHO, Rig.request("hi")).at("list://192.0.2.1:9");
      assertThat(Rig.failure(() -> client.send(request.withTimeout(Rig.LONG))).message())
          .contains("credentials are not sent to 192.0.2.1:9 in plain text");
    }
  }

  @Test
  void nothingIsAllowedUnlessTheAuthorizerSaysSo() throws Exception {
    Server server =
        rig.serve(
            Rig.servers()
                .authenticator(tokens())
                .authorizer((caller, method) -> {
                  if (method.name().equals("erpc.describe")) {
                    throw new IllegalStateException("never thought of that");
                  }
                  return caller.getName().equals("alice");
                }),
            this::echo);
    client(Credentials.bearer(() -> "token-a")).send(Rig.to(server));
    Client bob = client(Credentials.bearer(() -> "token-b"));
    Status refused = Rig.failure(() -> bob.send(Rig.to(server)));
    assertThat(Rig.failure(() -> bob.send(to(server, "erpc.describe"))).code())
        .isEqualTo(Status.Code.UNAVAILABLE);
    assertThat(refused.code()).isEqualTo(Status.Code.PERMISSION_DENIED);
    assertThat(refused.started()).isEqualTo(Status.Started.NO);
    assertThat(callers).containsExactly("alice");
    // the place is given back after the refusal has been written, so maybe after its caller has it
    await().until(() -> server.inFlight() == 0);
    assertThatThrownBy(() -> Server.builder().authorizer((caller, method) -> true).build())
        .hasMessageContaining("needs an authenticator");
  }

  private Authenticator as(Authenticator authenticator) {
    return blocking ? authenticator : Authenticator.nonBlocking(authenticator);
  }

  @Test
  void anAuthenticatorThatThrowsRefusesAsUnavailable() throws Exception {
    Server server =
        serve(
            as(claim -> {
              throw new IllegalStateException("no database");
            }));
    Client client = client(Credentials.bearer(() -> "token-a"));
    refusedTheSameEverywhere(client, server, Status.Code.UNAVAILABLE);
  }

  @Test
  void servesTheNextCallOnceTheAuthenticatorIsBack() throws Exception {
    AtomicReference<Throwable> failure = new AtomicReference<>();
    Server server =
        serve(
            as(claim -> {
              Throwable thrown = failure.get();
              if (thrown instanceof Error error) {
                throw error;
              }
              if (thrown instanceof Exception exception) {
                throw exception;
              }
              return named(claim);
            }));
    Client client = client(Credentials.bearer(() -> "token-a"));
    Status away = Status.of(Status.Code.UNAVAILABLE, "no token service");
    for (Throwable each :
        List.of(
            new IOException("no token service"),
            away.toException(),
            new NoClassDefFoundError("no class"))) {
      failure.set(each);
      assertThat(Rig.failure(() -> client.send(Rig.to(server))).code())
          .isEqualTo(Status.Code.UNAVAILABLE);
      failure.set(null);
      // A token of its own, or the verdict of the last round would hold for the connection.
      client.send(Rig.to(server).withMetadata("authorization", "Bearer token-a"));
    }
    client.send(Rig.to(server));
    assertThat(callers).hasSize(4).containsOnly("alice");
    assertThat(server.connectionCount()).isEqualTo(1);
  }

  @Test
  void whatSaysThatTheCredentialIsBadIsAVerdict() throws Exception {
    AtomicInteger asked = new AtomicInteger();
    Server server =
        serve(
            as(claim -> {
              asked.incrementAndGet();
              throw new SignatureException("the signature is not this token's");
            }));
    Client client = client(Credentials.bearer(() -> "token-a"));
    refusedTheSameEverywhere(client, server);
    assertThat(asked).hasValue(blocking ? 1 : 4);
  }

  @Test
  void oneThatBlocksIsAskedOnceForAConnectionAndOffTheLoop() throws Exception {
    AtomicInteger asked = new AtomicInteger();
    CountDownLatch go = new CountDownLatch(1);
    Authenticator slow =
        claim -> {
          assertThat(Thread.currentThread().isVirtual()).isTrue();
          asked.incrementAndGet();
          go.await();
          return named(claim);
        };
    Server server = serve(slow);
    Client client = client(Credentials.bearer(() -> "token-a"));
    List<CompletableFuture<?>> replies = new ArrayList<>();
    String large = "x".repeat(300_000);
    for (int i = 0; i < 20; i++) {
      var request = Request.of(Rig.ECHO, Rig.request(i % 2 == 0 ? "hi" : large));
      replies.add(client.sendAsync(request.at("list://" + server.address()).withTimeout(Rig.LONG)));
    }
    await().atMost(Duration.ofSeconds(5)).until(() -> asked.get() > 0);
    assertThat(callers).isEmpty();
    go.countDown();
    CompletableFuture.allOf(replies.toArray(CompletableFuture[]::new)).get(20, TimeUnit.SECONDS);
    client.send(Rig.to(server));
    assertThat(asked).hasValue(1);
    assertThat(callers).hasSize(21).containsOnly("alice");
  }

  @Test
  void aStreamWaitsForItsAuthentication() throws Exception {
    Method<EchoRequest, EchoReply> chat =
        Method.bidirectional("demo.chat", EchoRequest.class, EchoReply.class);
    Server server = serve(tokens());
    server.handleStream(
        chat,
        (context, requests, replies) -> {
          for (EchoRequest each : requests) {
            replies.send(echo(context, each));
          }
        });
    Request<EchoRequest, EchoReply> opening =
        Request.opening(chat).at("list://" + server.address());
    try (var call = client(Credentials.bearer(() -> "token-b")).open(opening)) {
      call.send(Rig.request("one"));
      call.send(Rig.request("x".repeat(300_000)));
      assertThat(call.next()).isEqualTo(Rig.reply("one"));
      assertThat(call.next()).isEqualTo(Rig.reply("x".repeat(300_000)));
      call.finish();
      assertThat(call.next()).isNull();
    }
    assertThat(callers).containsOnly("bob");
    try (var call = rig.clientOfOneTry().open(opening)) {
      assertThat(Rig.failure(call::next).code()).isEqualTo(Status.Code.UNAUTHENTICATED);
    }
  }

  private static Principal named(Claim claim) {
    return new Authenticator.Named("token-a".equals(claim.token()) ? "alice" : "nobody");
  }

  @Test
  void aCallThatWaitsForItsAuthenticationEndsAtItsDeadline() throws Exception {
    CountDownLatch never = new CountDownLatch(1);
    Server server =
        serve(claim -> {
          never.await();
          return null;
        });
    var request = Rig.to(server).withTimeout(Duration.ofMillis(200));
    assertThat(Rig.failure(() -> rig.clientOfOneTry().send(request)).code())
        .isEqualTo(Status.Code.DEADLINE_EXCEEDED);
    never.countDown();
  }

  @Test
  void aCertificateNamesTheCaller(@TempDir Path folder) throws Exception {
    Authority authority = new Authority(folder, "Test CA");
    TlsSettings tls =
        authority
            .server()
            .withTrust(authority.trust)
            .withClientCertificate(ClientCertificate.OPTIONAL);
    Server server =
        rig.serve(Rig.servers().tls(tls).authenticator(Authenticator.mutualTls()), this::echo);
    TlsSettings known =
        authority.client(cert -> cert.addSanUriName(java.net.URI.create("spiffe://test/pay")));
    rig.client(Client.builder().tls(known)).send(Rig.to(server));
    assertThat(callers).containsExactly("spiffe://test/pay");
    Client nobody =
        rig.client(
            Client.builder()
                .settings(ClientSettings.DEFAULTS.withMaxAttempts(1))
                .tls(authority.client()));
    refusedTheSameEverywhere(nobody, server);
  }
}
