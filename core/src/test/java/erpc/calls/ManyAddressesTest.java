package erpc.calls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import erpc.call.Status.Code;
import erpc.client.Client;
import erpc.client.ClientSettings;
import erpc.discovery.Endpoint;
import erpc.protocol.ConnectionSettings;
import erpc.server.Server;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
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

  @Test
  void placeThatNobodyCallsIsLetGoWhenAnotherOneNeedsItsRoomAndOneInUseIsNot() throws Exception {
    CountDownLatch hold = new CountDownLatch(1);
    AtomicInteger held = new AtomicInteger();
    Server server =
        rig.serve((context, request) -> {
          if (request.getMsg().equals("hold")) {
            held.incrementAndGet();
            hold.await();
          }
          return Rig.echo(context, request);
        });
    Client client =
        rig.client(
            Client.builder()
                .settings(ClientSettings.DEFAULTS.withMaxDestinations(3))
                .resolvers(resolver.among()));
    var waits = client.sendAsync(Rig.to("manual://waits"));
    var first = client.sendAsync(Rig.to("manual://held").withBody(Rig.request("hold")));
    resolver.tell("held", server.address());
    await().until(() -> held.get() == 1);
    for (int i = 0; i < 20; i++) {
      var call = client.sendAsync(Rig.to("manual://" + i));
      resolver.tell("" + i, server.address());
      assertThat(call.get(10, TimeUnit.SECONDS).body().getMsg()).isEqualTo("hi");
    }
    await().until(() -> !resolver.isWatched("18") && server.connectionCount() == 2);
    assertThat(resolver.isWatched("19")).isTrue();
    // Called again it is watched again.
    var again = client.sendAsync(Rig.to("manual://0"));
    resolver.tell("0", server.address());
    assertThat(again.get(10, TimeUnit.SECONDS).body().getMsg()).isEqualTo("hi");
    var second = client.sendAsync(Rig.to("manual://0").withBody(Rig.request("hold")));
    await().until(() -> held.get() == 2);
    assertThat(Rig.failure(client.sendAsync(Rig.to("manual://1"))).message())
        .contains("maxDestinations");
    resolver.tell("waits", server.address());
    hold.countDown();
    for (var call : List.of(waits, first, second)) {
      assertThat(call.get(10, TimeUnit.SECONDS)).isNotNull();
    }
  }

  @Test
  void placeThatNobodyCallsForLongIsLetGo() throws Exception {
    Server server = rig.serve(Rig::echo);
    Client client =
        rig.client(
            Client.builder()
                .settings(
                    ClientSettings.DEFAULTS.withConnection(
                        ConnectionSettings.DEFAULTS.withLifetime(
                            Duration.ZERO, Duration.ofMillis(100))))
                .resolvers(resolver.among()));
    for (int i = 0; i < 2; i++) {
      var call = client.sendAsync(Rig.to("manual://x"));
      resolver.tell("x", server.address());
      assertThat(call.get(10, TimeUnit.SECONDS).body().getMsg()).isEqualTo("hi");
      await().until(() -> !resolver.isWatched("x") && server.connectionCount() == 0);
    }
  }
}
