package erpc.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import erpc.call.Method;
import erpc.call.Request;
import erpc.client.Client;
import erpc.discovery.Endpoint;
import erpc.discovery.Resolver;
import erpc.discovery.Resolvers;
import erpc.server.Server;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Endpoints that are names, or whose list has become old. */
@Timeout(60)
class NamedEndpointsTest {
  private static final Method<byte[], byte[]> ECHO =
      Method.unary("demo.echo", byte[].class, byte[].class);

  private static final Duration LONG = Duration.ofSeconds(20);

  private static Server serve(Reactor reactor) throws IOException {
    return Server.builder()
        .reactor(reactor)
        .build()
        .handle(ECHO, (context, message) -> message)
        .listen("127.0.0.1:0");
  }

  private static byte[] echo(Client client, String place) {
    byte[] message = {1, 2, 3};
    return client.send(Request.of(ECHO, message).at(place).withTimeout(LONG)).body();
  }

  @ParameterizedTest
  @EnumSource(names = {"EPOLL", "NIO"})
  void allAddressesOfANameAreTried(TransportKind kind) throws Exception {
    InetAddress[] known = {address(77), address(1)};
    Reactor reactor =
        Reactor.open(ReactorSettings.DEFAULTS.withTransport(kind).withLoops(1), host -> known);
    try (reactor;
        Server server = serve(reactor);
        Client client = Client.builder().reactor(reactor).build()) {
      String port = server.address().substring(server.address().lastIndexOf(':'));
      assertThat(echo(client, "list://demo.example" + port)).containsExactly(1, 2, 3);
      assertThat(server.connectionCount()).isEqualTo(1);
    }
  }

  @Test
  void allAddressesOfANameAreTriedUnderTls(@TempDir Path folder) throws Exception {
    X509Bundle own =
        new CertificateBuilder()
            .ecp256()
            .subject("CN=demo.example")
            .addSanDnsName("demo.example")
            .setIsCertificateAuthority(true)
            .buildSelfSigned();
    Path both = folder.resolve("both.pem");
    Files.writeString(both, own.getPrivateKeyPEM() + own.getCertificatePathPEM());
    InetAddress[] known = {address(77), address(1)};
    try (Reactor reactor = Reactor.open(ReactorSettings.DEFAULTS, host -> known);
        Server server =
            Server.builder()
                .reactor(reactor)
                .tls(TlsSettings.server(both, both))
                .build()
                .handle(ECHO, (context, message) -> message)
                .listen("127.0.0.1:0");
        Client client =
            Client.builder().reactor(reactor).tls(TlsSettings.client().withTrust(both)).build()) {
      String port = server.address().substring(server.address().lastIndexOf(':'));
      assertThat(echo(client, "list://demo.example" + port)).containsExactly(1, 2, 3);
    }
  }

  @Test
  void aListOfWhichAllRefuseIsAskedForAgain() throws Exception {
    Reactor reactor = Reactor.open(TransportKind.NIO, 1);
    CountDownLatch refreshed = new CountDownLatch(1);
    try (reactor;
        Server server = serve(reactor)) {
      Resolver moved =
          new Resolver() {
            @Override
            public String scheme() {
              return "moved";
            }

            @Override
            public Watch watch(String where, Listener listener) {
              listener.endpoints(List.of(Endpoint.of(refusing())));
              return new Watch() {
                @Override
                public void refresh() {
                  refreshed.countDown();
                  listener.endpoints(List.of(Endpoint.of(server.address())));
                }

                @Override
                public void close() {}
              };
            }
          };
      askUntilMoved(reactor, moved, refreshed);
    }
  }

  private static void askUntilMoved(Reactor reactor, Resolver moved, CountDownLatch refreshed)
      throws InterruptedException {
    try (Client client =
        Client.builder().reactor(reactor).resolvers(Resolvers.standard().with(moved)).build()) {
      // Its tries may be over before the new list has come.
      Throwable first = catchThrowable(() -> echo(client, "moved://somewhere"));
      assertThat(refreshed.await(20, TimeUnit.SECONDS)).as("asked, %s", first).isTrue();
      assertThat(echo(client, "moved://somewhere")).containsExactly(1, 2, 3);
    }
  }

  /** An address of this machine, on which nobody listens unless it is told so. */
  private static InetAddress address(int last) throws IOException {
    return InetAddress.getByAddress(new byte[] {127, 0, 0, (byte) last});
  }

  /** Where nobody listens any more. */
  private static String refusing() {
    try (ServerSocket gone = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return "127.0.0.1:" + gone.getLocalPort();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
