package erpc.testing;

import static erpc.testing.Echo.ECHO;
import static erpc.testing.Echo.request;
import static erpc.testing.Echo.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import erpc.call.Status.Code;
import erpc.center.Center;
import erpc.client.Client;
import erpc.client.ClientSettings;
import erpc.server.Server;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

@Timeout(60)
class ErpcExtensionTest {
  /** As a user has it: one for all tests of the class, which run side by side. */
  @Nested
  @Execution(ExecutionMode.CONCURRENT)
  class OverSockets {
    @RegisterExtension static final ErpcExtension ERPC = ErpcExtension.serving(Echo::addTo);

    static final Set<Server> SERVERS = ConcurrentHashMap.newKeySet();
    private Server before;

    @BeforeEach
    void startsBeforeEach(Server server) {
      before = server;
    }

    @Test
    void clientsCallTheServer(Client client, Server server) {
      assertThat(SERVERS.add(server)).isTrue();
      assertThat(server).isSameAs(before);
      assertThat(server.address()).startsWith("127.0.0.1:");
      assertThat(client.call(ECHO, text("hi")).getValue()).isEqualTo("hi");
    }

    @Test
    void eachTestHasItsOwn(Client client, Server server, Faults faults) throws Exception {
      assertThat(SERVERS.add(server)).isTrue();
      faults.fail(Code.NOT_FOUND);
      assertThat(Echo.code(() -> client.call(ECHO, text("hi")))).isEqualTo(Code.NOT_FOUND);
    }

    @Test
    void hangingCallsDoNotOutliveTheTest(Client client, Server server, Faults faults) {
      assertThat(SERVERS.add(server)).isTrue();
      faults.hang();
      var unused = client.sendAsync(request(Duration.ofHours(1)));
    }

    @AfterAll
    static void allAreClosed() {
      assertThat(SERVERS).hasSize(3).allMatch(Server::isClosed);
    }
  }

  @Nested
  class WithACenter {
    @RegisterExtension final ErpcExtension erpc = ErpcExtension.serving(Echo::addTo).withCenter();

    @Test
    void namesAreFoundThroughIt(Client client, Center center) {
      assertThat(client.send(request(Duration.ofSeconds(20))).body().getValue()).isEqualTo("hi");
      assertThat(center.instances()).isEqualTo(1);
    }
  }

  @Nested
  class WithAFaultyNetwork {
    @RegisterExtension
    final ErpcExtension erpc =
        ErpcExtension.serving(Echo::addTo)
            .withCenter()
            .withFaultyNetwork()
            .withClient(builder -> builder.settings(ClientSettings.DEFAULTS.withMaxAttempts(1)));

    @Test
    void callsGoThroughTheProxy(Client client, Link link, FaultyProxy proxy, Server server)
        throws Exception {
      client.send(request(Duration.ofSeconds(20)));
      assertThat(server.connectionCount()).isPositive();
      link.stop();
      assertThat(Echo.code(() -> client.send(request(Duration.ofMillis(100)))))
          .isEqualTo(Code.DEADLINE_EXCEEDED);
      link.resume();
      client.send(request(Duration.ofSeconds(20)));
      assertThat(proxy.link()).isSameAs(link);
    }
  }

  @Nested
  class InMemory {
    @RegisterExtension final ErpcExtension erpc = ErpcExtension.serving(Echo::addTo).inMemory();

    @Test
    void callsNeedNoSocket(Client client, Server server) {
      assertThat(client.call(ECHO, text("hi")).getValue()).isEqualTo("hi");
      assertThat(server.connectionCount()).isPositive();
    }
  }

  @Test
  void whatIsNotThereInMemoryIsNamed() {
    assertThatThrownBy(() -> ErpcExtension.serving(Echo::addTo).withCenter().inMemory())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("SimulatedCluster");
  }
}
