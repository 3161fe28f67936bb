package erpc.calls;

import static erpc.calls.Rig.failure;
import static org.assertj.core.api.Assertions.assertThat;

import erpc.call.Method;
import erpc.call.Reply;
import erpc.call.Status;
import erpc.client.Client;
import erpc.client.ClientSettings;
import erpc.fixture.EchoReply;
import erpc.fixture.EchoRequest;
import erpc.protocol.ConnectionSettings;
import erpc.server.Server;
import erpc.server.ServerSettings;
import erpc.transport.PoolSettings;
import erpc.transport.TransportKind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How the calls of a client share connections to one server, over real sockets. */
@Timeout(60)
class PoolsTest {
  private final Rig rig = new Rig(TransportKind.NIO);
  private final CountDownLatch go = new CountDownLatch(1);
  private final AtomicInteger inside = new AtomicInteger();

  @AfterEach
  void close() throws Exception {
    go.countDown();
    rig.close();
  }

  private Server waiting(ServerSettings settings) throws Exception {
    return rig.serve(
        Server.builder().settings(settings),
        (context, request) -> {
          inside.incrementAndGet();
          go.await();
          return Rig.echo(context, request);
        });
  }

  private Client client(PoolSettings pool) {
    return rig.client(
        Client.builder().settings(ClientSettings.DEFAULTS.withPool(pool).withMaxAttempts(1)));
  }

  private List<CompletableFuture<Reply<EchoReply>>> callAll(Client client, Server server, int n) {
    List<CompletableFuture<Reply<EchoReply>>> calls = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      calls.add(client.sendAsync(Rig.to(server)));
    }
    return calls;
  }

  @Test
  void aSingleConnectionIsEnoughUntilItBacksUp() throws Exception {
    Server server = waiting(Rig.quickToClose());
    Client client = client(PoolSettings.DEFAULTS);
    var calls = callAll(client, server, 200);
    Awaitility.await().until(() -> inside.get() == 200);
    assertThat(server.connectionCount()).isEqualTo(1);
    go.countDown();
    for (var each : calls) {
      assertThat(each.get(10, TimeUnit.SECONDS).body().getMsg()).isEqualTo("hi");
    }
  }

  @Test
  void furtherConnectionsOpenWhileStreamsBackUpAndCloseWhenIdle() throws Exception {
    ConnectionSettings few =
        ConnectionSettings.DEFAULTS
            .withMaxStreams(20)
            .withHandshakeTimeout(Rig.LONG)
            .withKeepalive(Rig.LONG, Rig.LONG)
            .withWriteTimeout(Rig.LONG)
            .withProgressTimeout(Rig.LONG)
            .withLifetime(Duration.ZERO, Duration.ZERO);
    Server server = waiting(Rig.quickToClose().withConnection(few));
    Client client =
        client(PoolSettings.DEFAULTS.withMaxConnections(3).withIdleTimeout(Duration.ofMillis(300)));
    List<CompletableFuture<Reply<EchoReply>>> calls = new ArrayList<>();
    // Slowly, so that it is seen that the first one, which takes 20, stays more than half full.
    Awaitility.await()
        .pollInterval(Duration.ofMillis(20))
        .atMost(Duration.ofSeconds(20))
        .until(() -> {
          if (calls.size() < 45) {
            calls.add(client.sendAsync(Rig.to(server)));
          }
          return inside.get() == 45;
        });
    assertThat(server.connectionCount()).isEqualTo(3);
    go.countDown();
    for (var each : calls) {
      assertThat(each.get(10, TimeUnit.SECONDS).body().getMsg()).isEqualTo("hi");
    }
    Awaitility.await().until(() -> server.connectionCount() == 1);
    assertThat(client.send(Rig.to(server)).body().getMsg()).isEqualTo("hi");
  }

  @Test
  void pooledCallsHaveAConnectionEachAndTheNextOnesUseThemAgain() throws Exception {
    Server server = waiting(Rig.quickToClose());
    Client client = client(PoolSettings.pooled(5));
    var calls = callAll(client, server, 5);
    Awaitility.await().until(() -> inside.get() == 5);
    assertThat(server.connectionCount()).isEqualTo(5);
    Status status = failure(client.sendAsync(Rig.to(server)));
    assertThat(status.code()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
    assertThat(status.started()).isEqualTo(Status.Started.NO);
    assertThat(status.message()).contains("maxConnections");
    go.countDown();
    for (var each : calls) {
      assertThat(each.get(10, TimeUnit.SECONDS).body().getMsg()).isEqualTo("hi");
    }
    for (int i = 0; i < 50; i++) {
      assertThat(client.send(Rig.to(server)).body().getMsg()).isEqualTo("hi");
    }
    assertThat(server.connectionCount()).isLessThanOrEqualTo(5);
  }

  @Test
  void pooledCallThatFindsOneEndpointFullGoesToAnotherOneWhateverItsTries() throws Exception {
    Server one = waiting(Rig.quickToClose());
    Server other = waiting(Rig.quickToClose());
    Client client = client(PoolSettings.pooled(4));
    var calls = new ArrayList<CompletableFuture<Reply<EchoReply>>>();
    for (int i = 0; i < 8; i++) {
      calls.add(client.sendAsync(Rig.to(one, other)));
    }
    Awaitility.await().until(() -> inside.get() == 8);
    assertThat(one.connectionCount()).isEqualTo(4);
    assertThat(other.connectionCount()).isEqualTo(4);
    assertThat(failure(client.sendAsync(Rig.to(one, other))).message()).contains("maxConnections");
    go.countDown();
    for (var each : calls) {
      assertThat(each.get(10, TimeUnit.SECONDS).body().getMsg()).isEqualTo("hi");
    }
  }

  @Test
  void pooledCallsThatComeAtOnceFindAllTheRoomThereIs() throws Exception {
    go.countDown();
    Server one = waiting(Rig.quickToClose());
    Server other = waiting(Rig.quickToClose());
    Client client = client(PoolSettings.pooled(4));
    for (int round = 0; round < 50; round++) {
      List<CompletableFuture<Reply<EchoReply>>> calls = new CopyOnWriteArrayList<>();
      CountDownLatch made = new CountDownLatch(6);
      for (int i = 0; i < 6; i++) {
        Thread.startVirtualThread(() -> {
          calls.add(client.sendAsync(Rig.to(one, other)));
          made.countDown();
        });
      }
      made.await();
      for (var each : calls) {
        assertThat(each.get(10, TimeUnit.SECONDS).body().getMsg()).isEqualTo("hi");
      }
    }
  }

  @Test
  void pooledCallThatFindsEverythingTakenComesAgainIfItMay() throws Exception {
    Server server = waiting(Rig.quickToClose());
    Client client =
        rig.client(
            Client.builder()
                .settings(
                    ClientSettings.DEFAULTS
                        .withPool(PoolSettings.pooled(1))
                        .withMaxAttempts(ClientSettings.DEFAULTS.maxAttempts() * 10)));
    var first = client.sendAsync(Rig.to(server));
    Awaitility.await().until(() -> inside.get() == 1);
    var second = client.sendAsync(Rig.to(server));
    assertThat(second).isNotDone();
    go.countDown();
    assertThat(first.get(10, TimeUnit.SECONDS).body().getMsg()).isEqualTo("hi");
    assertThat(second.get(10, TimeUnit.SECONDS).body().getMsg()).isEqualTo("hi");
  }

  @Test
  void pooledConnectionsThatAreOfNoUseAreClosed() throws Exception {
    Server server = waiting(Rig.quickToClose());
    Client client = client(PoolSettings.pooled(5).withIdleTimeout(Duration.ofMillis(200)));
    var calls = callAll(client, server, 5);
    Awaitility.await().until(() -> inside.get() == 5);
    go.countDown();
    for (var each : calls) {
      each.get(10, TimeUnit.SECONDS);
    }
    Awaitility.await().until(() -> server.connectionCount() == 1);
  }

  @Test
  void shortCallsLeaveNoConnectionBehind() throws Exception {
    Server server = rig.serve(Rig::echo);
    Client client = client(PoolSettings.shortLived(10));
    for (int i = 0; i < 20; i++) {
      assertThat(client.send(Rig.to(server)).body().getMsg()).isEqualTo("hi");
    }
    Awaitility.await().until(() -> server.connectionCount() == 0);
  }

  @Test
  void aStreamKeepsItsPooledConnectionUntilItEnds() throws Exception {
    Method<EchoRequest, EchoReply> chat =
        Method.bidirectional("demo.chat", EchoRequest.class, EchoReply.class);
    Server server = rig.serve(Rig::echo);
    server.handleStream(
        chat,
        (context, requests, replies) -> {
          for (EchoRequest each : requests) {
            replies.send(Rig.reply(each.getMsg()));
          }
        });
    Client client = client(PoolSettings.pooled(1));
    var opening = erpc.call.Request.opening(chat).at("list://" + server.address());
    try (var stream = client.open(opening)) {
      stream.send(Rig.request("a"));
      assertThat(stream.next()).isEqualTo(Rig.reply("a"));
      assertThat(failure(client.sendAsync(Rig.to(server))).code())
          .isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
    }
    Awaitility.await()
        .untilAsserted(
            () -> assertThat(client.send(Rig.to(server)).body().getMsg()).isEqualTo("hi"));
  }

  @Test
  void anAgedConnectionIsReplacedWithoutAFailedCall() throws Exception {
    ConnectionSettings young =
        ConnectionSettings.DEFAULTS.withLifetime(Duration.ofMillis(100), Duration.ZERO);
    Server server =
        rig.serve(Server.builder().settings(Rig.quickToClose().withConnection(young)), Rig::echo);
    Client client = rig.client();
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(1_500);
    int calls = 0;
    while (System.nanoTime() < end) {
      assertThat(client.send(Rig.to(server)).body().getMsg()).isEqualTo("hi");
      calls++;
    }
    assertThat(calls).isGreaterThan(100);
  }

  @Test
  void anIdleClientHangsUpAndDialsAgainWhenItCalls() throws Exception {
    Server server = rig.serve(Rig::echo);
    Client client =
        rig.client(
            Client.builder()
                .settings(
                    ClientSettings.DEFAULTS.withConnection(
                        ConnectionSettings.DEFAULTS.withLifetime(
                            Duration.ZERO, Duration.ofMillis(150)))));
    assertThat(client.send(Rig.to(server)).body().getMsg()).isEqualTo("hi");
    Awaitility.await().until(() -> server.connectionCount() == 0);
    assertThat(client.send(Rig.to(server)).body().getMsg()).isEqualTo("hi");
  }

  @Test
  void settingsThatCannotBeAreRefusedByName() {
    org.assertj.core.api.Assertions.assertThatThrownBy(
            () -> PoolSettings.DEFAULTS.withMaxConnections(0))
        .hasMessageContaining("maxConnections");
  }
}
