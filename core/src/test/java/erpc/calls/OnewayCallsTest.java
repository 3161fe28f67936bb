package erpc.calls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import erpc.call.Context;
import erpc.call.Request;
import erpc.call.Status;
import erpc.client.Client;
import erpc.client.ClientBuilder;
import erpc.client.ClientSettings;
import erpc.fixture.EchoReply;
import erpc.fixture.EchoRequest;
import erpc.server.Authenticator;
import erpc.server.Execution;
import erpc.server.Server;
import erpc.server.ServerBuilder;
import erpc.server.ServerSettings;
import erpc.transport.Credentials;
import erpc.transport.PoolMode;
import erpc.transport.PoolSettings;
import erpc.transport.TransportKind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Calls that nobody waits for are work all the same. */
@Timeout(60)
class OnewayCallsTest {
  private final Rig rig = new Rig(TransportKind.NIO);
  private final AtomicInteger ran = new AtomicInteger();
  private final CountDownLatch begun = new CountDownLatch(1);
  private final CountDownLatch go = new CountDownLatch(1);
  private final CountDownLatch cancelled = new CountDownLatch(1);

  @AfterEach
  void close() throws Exception {
    go.countDown();
    rig.close();
  }

  private EchoReply slow(Context context, EchoRequest request) throws Exception {
    context.onCancel(cancelled::countDown);
    begun.countDown();
    go.await();
    ran.incrementAndGet();
    return Rig.echo(context, request);
  }

  private static Request<EchoRequest, EchoReply> quickly(Server server) {
    return Rig.to(server).withTimeout(Duration.ofMillis(300));
  }

  private static ServerBuilder patient() {
    return Server.builder()
        .settings(ServerSettings.DEFAULTS.withDrain(Duration.ZERO, Duration.ofSeconds(20)));
  }

  /** Sends one from a client that is gone when this returns. */
  private void sendAndLeave(ClientBuilder builder, Request<EchoRequest, EchoReply> request) {
    try (Client client = builder.reactor(rig.reactor).build()) {
      client.oneway(request);
    }
  }

  @Test
  void aClientThatClosesRightAfterSendingLosesNone() throws Exception {
    Server server =
        rig.serve((context, request) -> {
          ran.incrementAndGet();
          return Rig.echo(context, request);
        });
    String large = "x".repeat(300_000);
    for (int i = 0; i < 30; i++) {
      Request<EchoRequest, EchoReply> request =
          i % 2 == 0 ? Rig.to(server) : Request.of(Rig.ECHO, Rig.request(large));
      Request<EchoRequest, EchoReply> there = request.at("list://" + server.address());
      sendAndLeave(Client.builder(), there.withTimeout(Rig.LONG));
    }
    PoolSettings oneEach = PoolSettings.DEFAULTS.withMode(PoolMode.SHORT);
    ClientSettings settings = ClientSettings.DEFAULTS.withPool(oneEach);
    for (int i = 0; i < 10; i++) {
      sendAndLeave(Client.builder().settings(settings), Rig.to(server));
    }
    await().atMost(Duration.ofSeconds(20)).until(() -> ran.get() == 40);
  }

  @Test
  void aClientThatClosesBeforeItsFuturesCompleteLosesNone() throws Exception {
    Server server =
        rig.serve((context, request) -> {
          ran.incrementAndGet();
          return Rig.echo(context, request);
        });
    List<CompletableFuture<Void>> sent = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      try (Client client = Client.builder().reactor(rig.reactor).build()) {
        sent.add(client.onewayAsync(Rig.to(server)));
        sent.add(client.onewayAsync("ip://" + server.address() + "/demo.echo", Rig.request("hi")));
      }
    }
    for (CompletableFuture<Void> each : sent) {
      assertThat(each.get(20, TimeUnit.SECONDS)).isNull();
    }
    await().atMost(Duration.ofSeconds(20)).until(() -> ran.get() == 40);
  }

  @Test
  void aFutureCompletesOnceItIsSentWhateverTheHandlerDoes() throws Exception {
    Server server = rig.serve(this::slow);
    List<ClientBuilder> ways =
        List.of(
            Client.builder(),
            Client.builder().inlineCallbacks(),
            Client.builder().filter((request, next) -> next.call(request)),
            Client.builder().attemptFilter((request, next) -> next.call(request)));
    for (ClientBuilder way : ways) {
      Client client = rig.client(way.target("ip://" + server.address()));
      assertThat(client.onewayAsync(Rig.to(server)).get(20, TimeUnit.SECONDS)).isNull();
      assertThat(client.onewayAsync(Rig.ECHO, Rig.request("")).get(20, TimeUnit.SECONDS)).isNull();
    }
    assertThat(ran).hasValue(0);
    go.countDown();
    await().until(() -> ran.get() == 2 * ways.size());
  }

  @Test
  void oneThatIsCancelledBeforeItIsSentIsNeverSent() throws Exception {
    Server server = rig.serve(this::slow);
    go.countDown();
    ManualResolver names = new ManualResolver();
    for (ClientBuilder way :
        List.of(Client.builder(), Client.builder().filter((request, next) -> next.call(request)))) {
      Client client = rig.client(way.resolvers(names.among()));
      CompletableFuture<Void> sent = client.onewayAsync(Rig.to("manual://demo"));
      await().until(() -> names.isWatched("demo"));
      assertThat(sent.cancel(false)).isTrue();
      CompletableFuture<?> other = client.sendAsync(Rig.to("manual://demo"));
      names.tell("demo", server.address());
      other.get(20, TimeUnit.SECONDS);
      assertThat(sent).isCancelled();
      long start = System.nanoTime();
      client.close(); // Doesn't wait for it.
      assertThat(System.nanoTime() - start).isLessThan(TimeUnit.SECONDS.toNanos(8));
    }
    assertThat(ran).hasValue(2);
  }

  @Test
  void anEventLoopMaySendThemWithoutWaiting() throws Exception {
    Server server = rig.serve(this::slow);
    go.countDown();
    Client client = rig.client();
    Server inline =
        rig.serve(
            Rig.servers(),
            (context, request) -> {
              Status refused = Rig.failure(() -> client.oneway(Rig.to(server)));
              boolean thrown = client.onewayAsync(Rig.to(server)).isCompletedExceptionally();
              return Rig.reply(refused.message() + thrown);
            },
            Execution.inline());
    assertThat(rig.client().send(Rig.to(inline)).body().getMsg())
        .contains("a blocking call of demo.echo on an event loop", "onewayAsync")
        .endsWith("false");
    await().until(() -> ran.get() == 1);
  }

  @Test
  void theSendersLeavingCancelsNeitherThemNorTheirNestedCalls() throws Exception {
    Server inner = rig.serve(this::slow);
    Client nested = rig.client();
    AtomicInteger answered = new AtomicInteger();
    Server outer =
        rig.serve((context, request) -> {
          nested.send(Rig.to(inner));
          answered.incrementAndGet();
          return Rig.echo(context, request);
        });
    sendAndLeave(Client.builder(), Rig.to(outer));
    begun.await();
    await().until(() -> outer.connectionCount() == 0);
    assertThat(cancelled.getCount()).isEqualTo(1);
    go.countDown();
    await().until(() -> answered.get() == 1);
  }

  @Test
  void theirDeadlineCancelsThemAfterTheSenderHasLeft() throws Exception {
    Server server = rig.serve(this::slow);
    while (begun.getCount() > 0) { // One may be too late on a busy machine.
      sendAndLeave(Client.builder(), quickly(server));
    }
    assertThat(cancelled.await(20, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void aServerThatClosesWaitsForThoseWhoseSenderHasLeft() throws Exception {
    Server server = rig.serve(patient(), this::slow);
    sendAndLeave(Client.builder(), Rig.to(server));
    begun.await();
    await().until(() -> server.connectionCount() == 0);
    CompletableFuture<Void> closed =
        CompletableFuture.runAsync(server::close, Thread::startVirtualThread);
    assertThat(closed).isNotDone();
    go.countDown();
    closed.get(20, TimeUnit.SECONDS);
    assertThat(ran).hasValue(1);
    assertThat(cancelled.getCount()).isEqualTo(1);
  }

  @Test
  void aServerCancelsThemAtTheEndOfItsGrace() throws Exception {
    Server server = rig.serve(this::slow);
    sendAndLeave(Client.builder(), Rig.to(server));
    begun.await();
    await().until(() -> server.connectionCount() == 0);
    server.close();
    assertThat(cancelled.await(20, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void thoseThatWaitForAnAuthenticatorGoOnToo() throws Exception {
    Authenticator slow =
        claim -> {
          begun.countDown();
          go.await();
          return new Authenticator.Named("alice");
        };
    Server server =
        rig.serve(
            Rig.servers().authenticator(slow),
            (context, request) -> {
              ran.incrementAndGet();
              return Rig.echo(context, request);
            });
    sendAndLeave(Client.builder().credentials(Credentials.bearer(() -> "t")), Rig.to(server));
    begun.await();
    await().until(() -> server.connectionCount() == 0);
    go.countDown();
    await().until(() -> ran.get() == 1 && server.inFlight() == 0);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aClientThatClosesWaitsForThoseThatAreStillBeingSent(boolean waiting) throws Exception {
    Server server = rig.serve(this::slow);
    ManualResolver names = new ManualResolver();
    Client client = rig.client(Client.builder().resolvers(names.among()));
    CompletableFuture<Void> sent =
        waiting
            ? CompletableFuture.runAsync(
                () -> client.oneway(Rig.to("manual://demo")), Thread::startVirtualThread)
            : client.onewayAsync(Rig.to("manual://demo"));
    await().until(() -> names.isWatched("demo"));
    CompletableFuture<Void> closed =
        CompletableFuture.runAsync(client::close, Thread::startVirtualThread);
    await()
        .until(() ->
            Rig.failure(
                    () -> client.send(Rig.to("manual://other").withTimeout(Duration.ofNanos(1))))
                .message()
                .contains("closed"));
    assertThat(closed).isNotDone();
    names.tell("demo", server.address());
    sent.get(20, TimeUnit.SECONDS);
    closed.get(20, TimeUnit.SECONDS);
    go.countDown();
    await().until(() -> ran.get() == 1);
  }

  @Test
  void aClientThatClosesDoesNotWaitForHandlers() throws Exception {
    Server server = rig.serve(this::slow);
    Client client = rig.client();
    var other = client.sendAsync(Rig.to(server));
    client.oneway(Rig.to(server));
    long start = System.nanoTime();
    client.close();
    assertThat(System.nanoTime() - start).isLessThan(TimeUnit.SECONDS.toNanos(8));
    assertThat(Rig.failure(other).code()).isEqualTo(Status.Code.CANCELLED);
    await().until(() -> server.connectionCount() == 0);
  }
}
