package erpc.calls;

import static org.assertj.core.api.Assertions.assertThat;

import erpc.call.Request;
import erpc.call.Status.Code;
import erpc.client.Client;
import erpc.fixture.EchoReply;
import erpc.fixture.EchoRequest;
import erpc.server.Server;
import erpc.transport.Reactor;
import erpc.transport.ReactorSettings;
import erpc.transport.TransportKind;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Calls over event loops that never sleep. */
@Timeout(60)
class BusyPollTest {
  private static Rig rig(TransportKind kind) {
    return new Rig(
        Reactor.open(ReactorSettings.DEFAULTS.withTransport(kind).withLoops(1).withBusyPoll(true)));
  }

  @ParameterizedTest
  @EnumSource(names = {"NIO", "EPOLL"})
  void callsAreAnswered(TransportKind kind) throws Exception {
    try (Rig rig = rig(kind)) {
      Server server = rig.serve(Rig::echo);
      Request<EchoRequest, EchoReply> request = Rig.to(server);
      Client client = rig.client();
      for (int i = 0; i < 100; i++) {
        assertThat(client.send(request).body().getMsg()).isEqualTo("hi");
      }
    }
  }

  @Test
  void deadlinesPassThoughNothingElseHappens() throws Exception {
    CountDownLatch hold = new CountDownLatch(1);
    try (Rig rig = rig(TransportKind.NIO)) {
      Server server =
          rig.serve((context, request) -> {
            hold.await();
            return Rig.reply("");
          });
      Request<EchoRequest, EchoReply> request = Rig.to(server).withTimeout(Duration.ofMillis(100));
      Client client = rig.clientOfOneTry();
      assertThat(Rig.failure(() -> client.send(request)).code()).isEqualTo(Code.DEADLINE_EXCEEDED);
      hold.countDown();
    }
  }
}
