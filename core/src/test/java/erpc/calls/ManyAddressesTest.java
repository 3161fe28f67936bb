package erpc.calls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import erpc.call.Status.Code;
import erpc.client.Client;
import erpc.discovery.Endpoint;
import erpc.server.Server;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a client keeps of the addresses that it is told. */
@Timeout(60)
class ManyAddressesTest {
  private final Rig rig = new Rig();
  private final ManualResolver resolver = new ManualResolver();

  @AfterEach
  void stop() throws Exception {
    rig.close();
  }

  @Test
  void oneAddressListedTwiceIsOneEndpointAndIsLetGoAsOne() throws Exception {
    Server server = rig.serve(Rig::echo);
    Client client = rig.client(Client.builder().resolvers(resolver.among()));
    var call = client.sendAsync(Rig.to("manual://x"));
    Endpoint former =
        new Endpoint(server.address(), 1, "", Set.of("demo.former"), Map.of("is", "former"));
    Endpoint present =
        new Endpoint(server.address(), 2, "", Set.of("demo.echo"), Map.of("is", "present"));
    resolver.tell("x", former, present);
    assertThat(call.get().body().getMsg()).isEqualTo("hi");
    for (int i = 0; i < 10; i++) {
      client.send(Rig.to("manual://x"));
    }
    assertThat(server.connectionCount()).isEqualTo(1);
    resolver.tell("x", present);
    client.send(Rig.to("manual://x"));
    assertThat(server.connectionCount()).isEqualTo(1);
    resolver.tell("x", former, present);
    resolver.tell("x", new Endpoint[0]);
    await().until(() -> server.connectionCount() == 0);
    assertThat(Rig.failure(() -> client.send(Rig.to("manual://x"))).code())
        .isEqualTo(Code.UNAVAILABLE);
  }
}
