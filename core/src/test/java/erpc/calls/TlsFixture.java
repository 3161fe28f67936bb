package erpc.calls;

import static org.assertj.core.api.Assertions.assertThat;

import erpc.call.Context;
import erpc.call.Status;
import erpc.client.Client;
import erpc.client.ClientSettings;
import erpc.fixture.EchoReply;
import erpc.fixture.EchoRequest;
import erpc.server.Server;
import erpc.transport.TlsSettings;
import erpc.transport.TransportKind;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;

/** A server and clients of a test that speak TLS, with certificates of an authority of its own. */
abstract class TlsFixture {
  @Parameter(0)
  TransportKind kind;

  @Parameter(1)
  String library;

  @TempDir Path folder;

  final AtomicInteger handled = new AtomicInteger();
  Rig rig;
  Authority authority;

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

  EchoReply echo(Context context, EchoRequest request) {
    handled.incrementAndGet();
    return Rig.echo(context, request);
  }

  Server serve(TlsSettings tls) throws IOException {
    return rig.serve(Rig.servers().tls(tls), this::echo);
  }

  Client client(TlsSettings tls) {
    return rig.client(Client.builder().tls(tls));
  }

  Client clientOfOneTry(TlsSettings tls) {
    return rig.client(
        Client.builder().settings(ClientSettings.DEFAULTS.withMaxAttempts(1)).tls(tls));
  }

  Status refused(Client client, Server server) {
    Status status = Rig.failure(() -> client.send(Rig.to(server)));
    assertThat(status.code()).as(status.toString()).isEqualTo(Status.Code.UNAVAILABLE);
    assertThat(handled).hasValue(0);
    return status;
  }

  Status refused(TlsSettings client, TlsSettings server) throws IOException {
    return refused(clientOfOneTry(client), serve(server));
  }

  static int port(Server server) {
    return Integer.parseInt(server.address().substring(server.address().lastIndexOf(':') + 1));
  }
}
