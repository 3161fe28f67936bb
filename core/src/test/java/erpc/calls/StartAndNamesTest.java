package erpc.calls;

import static org.assertj.core.api.Assertions.assertThat;

import erpc.call.Method;
import erpc.client.Client;
import erpc.server.Server;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a log tells: how a server started, and whose line it is. */
@Timeout(30)
class StartAndNamesTest {
  private static final Method<byte[], byte[]> NAME =
      Method.unary("shop.Orders.name", byte[].class, byte[].class);

  private static byte[] threadName() {
    return Thread.currentThread().getName().getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void aHandlersThreadIsNamedAfterItsMethod() throws Exception {
    try (Server server = Server.builder().build();
        Client client = Client.builder().target("ip://127.0.0.1:1").build()) {
      server.handle(NAME, (context, request) -> threadName());
      server.listen("127.0.0.1:0");
      byte[] told =
          client.call("ip://" + server.address() + "/shop.Orders.name", new byte[0], byte[].class);
      assertThat(new String(told, StandardCharsets.UTF_8)).isEqualTo("erpc shop.Orders.name");
    }
  }

  @Test
  void aServerSaysItsVersionItsTransportItsTlsAndItsAddress() throws Exception {
    PrintStream before = System.err;
    ByteArrayOutputStream log = new ByteArrayOutputStream();
    System.setErr(new PrintStream(log, true, StandardCharsets.UTF_8));
    try (Server server = Server.builder().build()) {
      server.listen("127.0.0.1:0");
      assertThat(log.toString(StandardCharsets.UTF_8))
          .containsPattern(
              "listening on "
                  + server.address()
                  + " \\(erpc [0-9][^,]*, (epoll|nio), plain text\\)");
    } finally {
      System.setErr(before);
    }
  }
}
