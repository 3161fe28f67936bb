package erpc.calls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import erpc.call.Method;
import erpc.call.RpcException;
import erpc.call.Status;
import erpc.client.Client;
import erpc.server.Authenticator;
import erpc.server.Server;
import erpc.server.ServerBuilder;
import erpc.transport.Credentials;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a caller hears whose method is not there. */
class UnknownMethodsTest {
  private static String said(ServerBuilder servers, List<String> methods, String asked)
      throws Exception {
    try (Server server = servers.build();
        Client client = Client.builder().credentials(Credentials.bearer(() -> "token-a")).build()) {
      methods.forEach(each -> server.handle(method(each), (context, request) -> request));
      server.listen("127.0.0.1:0");
      String address = "ip://" + server.address() + "/" + asked;
      RpcException e =
          catchThrowableOfType(
              RpcException.class, () -> client.call(address, new byte[0], byte[].class));
      assertThat(e.code()).isEqualTo(Status.Code.UNIMPLEMENTED);
      assertThat(e.status().started()).isEqualTo(Status.Started.NO);
      return e.status().message();
    }
  }

  private static Method<byte[], byte[]> method(String name) {
    return Method.unary(name, byte[].class, byte[].class);
  }

  @Test
  void namesTheMethodsOfTheSameService() throws Exception {
    List<String> methods = List.of("shop.Stock.Get", "shop.Stock.Add", "shop.Orders.Get");
    assertThat(said(Server.builder(), methods, "shop.Stock.Take"))
        .isEqualTo(
            "no method shop.Stock.Take on this server; it has these of shop.Stock: Add, Get");
  }

  @Test
  void namesTheServicesIfThatOneIsNotThere() throws Exception {
    List<String> methods = List.of("shop.Stock.Get", "shop.Orders.Get");
    assertThat(said(Server.builder(), methods, "shop.Bills.Get"))
        .isEqualTo(
            "no method shop.Bills.Get on this server;"
                + " it has these services: shop.Orders, shop.Stock");
  }

  @Test
  void saysThatThereIsNoneYet() throws Exception {
    assertThat(said(Server.builder(), List.of(), "shop.Stock.Get"))
        .isEqualTo("no method shop.Stock.Get on this server; it has none yet");
  }

  @Test
  void namesNothingWhereNotEachCallerMayCallAll() throws Exception {
    ServerBuilder servers =
        Server.builder()
            .authenticator(Authenticator.bearer(Map.of("token-a", "alice")))
            .authorizer((caller, method) -> true);
    assertThat(said(servers, List.of("shop.Stock.Get"), "shop.Stock.Take"))
        .isEqualTo("no method shop.Stock.Take on this server");
  }
}
