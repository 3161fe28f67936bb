package com.example;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.StringValue;
import erpc.call.Method;
import erpc.call.Request;
import erpc.call.RpcException;
import erpc.client.Client;
import erpc.discovery.CenterMethods;
import erpc.discovery.DiscoverySettings;
import erpc.discovery.wire.DeregisterReply;
import erpc.discovery.wire.HeartbeatReply;
import erpc.discovery.wire.Instance;
import erpc.discovery.wire.RegisterReply;
import erpc.discovery.wire.RegisterRequest;
import erpc.server.Authenticator;
import erpc.server.Server;
import erpc.server.ServerSettings;
import erpc.transport.Credentials;
import erpc.transport.TlsSettings;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A server with everything, as a user writes it: public API alone. */
@Timeout(60)
class RegisteredServerTest {
  private static final Method<StringValue, StringValue> ECHO =
      Method.unary("demo.echo", StringValue.class, StringValue.class);

  @TempDir Path folder;

  private final BlockingQueue<RegisterRequest> registrations = new LinkedBlockingQueue<>();
  private final CompletableFuture<Boolean> servesWhenTakenBack = new CompletableFuture<>();
  private final List<String> seen = new CopyOnWriteArrayList<>();
  private Runnable call = () -> {};
  private final Server center = Server.builder().build();
  private final Client client;

  RegisteredServerTest() throws IOException {
    center
        .handle(
            CenterMethods.REGISTER,
            (context, request) -> {
              registrations.add(request);
              return RegisterReply.newBuilder().setLease(1).setTtlMillis(30_000).build();
            })
        .handle(CenterMethods.HEARTBEAT, (context, beat) -> HeartbeatReply.getDefaultInstance())
        .handle(
            CenterMethods.DEREGISTER,
            (context, request) -> {
              call.run();
              servesWhenTakenBack.complete(true);
              return DeregisterReply.getDefaultInstance();
            })
        .listen("127.0.0.1:0");
    client = Client.builder().center(center.address()).build();
  }

  @AfterEach
  void close() {
    client.close();
    center.close();
  }

  /** With what else may be set left out, it takes so many lines. */
  private Server server(TlsSettings tls) throws IOException {
    return Server.builder()
        .settings(ServerSettings.DEFAULTS.withDrain(Duration.ZERO, Duration.ofMillis(100)))
        .tls(tls)
        .authenticator(Authenticator.bearer(Map.of("secret", "alice")))
        .filter((request, next) -> {
          seen.add(request.method().name());
          return next.call(request);
        })
        .register(client.centerCalls(), DiscoverySettings.DEFAULTS.withZone("a").withWeight(7))
        .build()
        .handle(ECHO, (context, request) -> request)
        .listen("127.0.0.1:0", "127.0.0.1:0");
  }

  @Test
  void isListedWithAllItListensOnAndTakesThatBackBeforeItStops() throws Exception {
    X509Bundle bundle =
        new CertificateBuilder()
            .ecp256()
            .subject("CN=demo")
            .setIsCertificateAuthority(true)
            .addSanIpAddress("127.0.0.1")
            .buildSelfSigned();
    Path chain = Files.writeString(folder.resolve("chain.pem"), bundle.getCertificatePathPEM());
    Path key = Files.writeString(folder.resolve("key.pem"), bundle.getPrivateKeyPEM());
    Server server = server(TlsSettings.server(chain, key));
    List<Instance> listed = registration();
    assertThat(listed)
        .extracting(Instance::getAddress)
        .containsExactlyElementsOf(server.addresses())
        .hasSize(2);
    assertThat(listed).allMatch(each -> each.getZone().equals("a") && each.getWeight() == 7);
    TlsSettings trust = TlsSettings.client().withTrust(chain);
    try (Client known =
            Client.builder().tls(trust).credentials(Credentials.bearer(() -> "secret")).build();
        Client stranger = Client.builder().tls(trust).build()) {
      Request<StringValue, StringValue> request =
          Request.of(ECHO, StringValue.of("hi")).withTimeout(Duration.ofSeconds(20));
      call =
          () -> {
            for (String address : server.addresses()) {
              assertThat(known.send(request.at("ip://" + address)).body().getValue())
                  .isEqualTo("hi");
            }
          };
      call.run();
      assertThatThrownBy(() -> stranger.send(request.at("ip://" + server.address())))
          .isInstanceOf(RpcException.class)
          .hasMessageContaining("UNAUTHENTICATED");
      assertThat(seen).containsExactly("demo.echo", "demo.echo");
      server.close();
      assertThat(servesWhenTakenBack.getNow(false)).isTrue();
      assertThat(server.isClosed()).isTrue();
    }
  }

  private List<Instance> registration() throws InterruptedException {
    RegisterRequest request = registrations.poll(20, TimeUnit.SECONDS);
    assertThat(request).isNotNull();
    return request.getInstancesList();
  }

  @Test
  void listensOnAllAddressesOrOnNone() throws Exception {
    try (Server taken = Server.builder().build().listen("127.0.0.1:0");
        Server server = Server.builder().build()) {
      assertThatThrownBy(() -> server.listen("127.0.0.1:0", taken.address()))
          .isInstanceOf(IOException.class)
          .hasMessageContaining(taken.address());
      assertThat(server.addresses()).isEmpty();
      server.listen("127.0.0.1:0").listen("127.0.0.1:0");
      assertThat(server.addresses()).hasSize(2).first().isEqualTo(server.address());
    }
  }
}
