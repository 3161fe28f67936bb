package erpc.center;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import erpc.call.RpcException;
import erpc.client.Client;
import erpc.client.ClientSettings;
import erpc.discovery.CenterMethods;
import erpc.discovery.wire.Instance;
import erpc.discovery.wire.RegisterReply;
import erpc.discovery.wire.RegisterRequest;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Errors that no code of the center expects. */
@Timeout(60)
class CenterFaultsTest {
  private final FaultyEngine engine = new FaultyEngine();
  private final ManualTicker ticker = new ManualTicker();

  private CenterService service() {
    return new CenterService(
        engine,
        CenterSettings.DEFAULT,
        ticker,
        new Random(1),
        () -> new Random(1),
        (task, delay) -> () -> {});
  }

  private static RegisterRequest request(String id) {
    Instance instance =
        Instance.newBuilder().setId(id).setService("demo").setAddress("10.0.0.1:80").build();
    return RegisterRequest.newBuilder().addInstances(instance).build();
  }

  @Test
  void changesGoOnBecomingVisibleAfterAnError() {
    try (CenterService center = service()) {
      engine.onNext = new StackOverflowError("made by this test");
      TestPeer peer = TestPeer.local();
      center.register(peer.call(), request("a")); // Answered once it is visible.
      center.register(peer.call(), request("b"));
      assertThat(center.instances()).isEqualTo(2);
      assertThat(center.isOutOfMemory()).isFalse();
    }
  }

  @Test
  void leasesBehindOneThatMeetsAnErrorEndAllTheSame() {
    try (CenterService center = service()) {
      TestPeer peer = TestPeer.local();
      center.register(peer.call(), request("a"));
      center.register(peer.call(), request("b"));
      ticker.advance(CenterSettings.DEFAULT.ttl());
      engine.onPropose = new StackOverflowError("made by this test");
      center.tick();
      assertThat(center.instances()).isEqualTo(1);
      center.tick();
      assertThat(center.instances()).isZero();
    }
  }

  @Test
  void lackOfMemoryIsNoted() {
    try (CenterService center = service()) {
      center.register(TestPeer.local().call(), request("a"));
      engine.onNext = new OutOfMemoryError("made by this test");
      center.register(TestPeer.local().call(), request("b"));
      assertThat(center.isOutOfMemory()).isTrue();
    }
  }

  @Test
  void centerThatRunsOutOfMemoryClosesItself() throws Exception {
    try (Center center = Center.over(engine, "127.0.0.1:0", CenterSettings.DEFAULT);
        Client client =
            Client.builder().settings(ClientSettings.DEFAULTS).center(center.address()).build()) {
      engine.onPropose = new OutOfMemoryError("made by this test");
      assertThatThrownBy(() ->
              client
                  .centerCalls()
                  .call(
                      CenterMethods.REGISTER.name(),
                      request("a"),
                      RegisterReply.class,
                      Duration.ofSeconds(10)))
          .isInstanceOf(RpcException.class);
      Thread waiting =
          Thread.startVirtualThread(() -> {
            try {
              center.awaitClosed();
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
          });
      assertThat(waiting.join(Duration.ofSeconds(20))).isTrue();
    }
  }
}
