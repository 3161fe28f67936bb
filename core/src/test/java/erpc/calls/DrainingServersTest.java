package erpc.calls;

import static erpc.calls.Rig.LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import erpc.call.Reply;
import erpc.client.Client;
import erpc.fixture.EchoReply;
import erpc.server.Execution;
import erpc.server.Server;
import erpc.server.ServerSettings;
import erpc.transport.Reactor;
import erpc.transport.TransportKind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What becomes of calls to a server that has begun to close. */
@Timeout(60)
class DrainingServersTest {
  @Test
  void callsThatComeBeforeTheirConnectionHasSaidSoAreServed() throws Exception {
    CountDownLatch running = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    try (Rig servers = new Rig(Reactor.open(TransportKind.MEMORY, 1));
        Rig clients = new Rig(Reactor.open(TransportKind.MEMORY, 1))) {
      Server server =
          servers.serve(
              Server.builder().settings(ServerSettings.DEFAULTS.withDrain(Duration.ZERO, LONG)),
              (context, request) -> {
                running.countDown();
                goOn.await();
                return Rig.echo(context, request);
              },
              Execution.inline());
      Client client = clients.clientOfOneTry();
      List<CompletableFuture<Reply<EchoReply>>> calls = new ArrayList<>();
      calls.add(client.sendAsync(Rig.to(server)));
      running.await(); // The event loop of its connection can say nothing for now.
      Thread closing = Thread.ofPlatform().start(server::close);
      await().until(() -> closing.getState() == Thread.State.TIMED_WAITING);
      for (int i = 0; i < 5; i++) {
        calls.add(client.sendAsync(Rig.to(server)));
      }
      // The client's event loop has written these once it has written a later one.
      Reply<EchoReply> later = client.send(Rig.to(clients.serve(Rig::echo)));
      assertThat(later.body().getMsg()).isEqualTo("hi");
      goOn.countDown();
      for (CompletableFuture<Reply<EchoReply>> each : calls) {
        assertThat(each.get(20, TimeUnit.SECONDS).body().getMsg()).isEqualTo("hi");
      }
      closing.join();
    }
  }
}
