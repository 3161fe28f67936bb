package erpc.calls;

import static erpc.calls.Rig.failure;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import erpc.call.Method;
import erpc.call.Request;
import erpc.call.Status;
import erpc.call.Status.Code;
import erpc.call.Status.Started;
import erpc.client.Client;
import erpc.client.ClientSettings;
import erpc.fixture.EchoReply;
import erpc.fixture.EchoRequest;
import erpc.protocol.ConnectionSettings;
import erpc.server.Server;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Calls that wait for their place or for their next try, and callers that have been stopped. */
@Timeout(60)
class WaitingCallsTest {
  private static final Method<EchoRequest, EchoReply> CHAT =
      Method.bidirectional("demo.chat", EchoRequest.class, EchoReply.class);

  private final Rig rig = new Rig();
  private final ManualResolver resolver = new ManualResolver();

  @AfterEach
  void stop() throws Exception {
    rig.close();
  }

  private Client client(ClientSettings settings) {
    return rig.client(Client.builder().settings(settings).resolvers(resolver.among()));
  }

  @Test
  void aStreamThatHadToWaitOutlivesTheTimeItMayWait() throws Exception {
    Server server = rig.serve(Rig::echo);
    server.handleStream(
        CHAT,
        (context, requests, replies) -> {
          for (EchoRequest each : requests) {
            replies.send(Rig.reply(each.getMsg()));
          }
        });
    Duration progress = Duration.ofMillis(500);
    Client client =
        client(
            ClientSettings.DEFAULTS.withConnection(
                ConnectionSettings.DEFAULTS.withProgressTimeout(progress)));
    try (var stream = client.open(Request.opening(CHAT).at("manual://late"))) {
      resolver.tell("late", server.address());
      long end = System.nanoTime() + progress.plusMillis(100).toNanos();
      while (System.nanoTime() < end) {
        stream.send(Rig.request("a"));
        assertThat(stream.next()).isEqualTo(Rig.reply("a"));
      }
      assertThat(stream.status()).isNull();
    }
  }

  @Test
  void aStreamWhosePlaceIsNotResolvedEndsAfterTheProgressTimeout() {
    Client client =
        client(
            ClientSettings.DEFAULTS.withConnection(
                ConnectionSettings.DEFAULTS.withProgressTimeout(Duration.ofMillis(50))));
    try (var stream = client.open(Request.opening(CHAT).at("manual://never"))) {
      Status status = failure(stream::next);
      assertThat(status.code()).isEqualTo(Code.DEADLINE_EXCEEDED);
      assertThat(status.message())
          .contains("has not been resolved within the progress timeout: its look-up has not been");
    }
  }

  @Test
  void oneThatWaitsForItsPlaceEndsWithItsClient() {
    Client client = client(ClientSettings.DEFAULTS);
    var call = client.sendAsync(Rig.to("manual://never"));
    await().until(() -> resolver.isWatched("never"));
    client.close();
    assertThat(failure(call)).isEqualTo(Status.of(Code.CANCELLED, "the client was closed"));
  }

  /** Has every back-off be as long as a test likes, and says when there is one. */
  private static final class Endless implements RandomGenerator {
    final CountDownLatch asked = new CountDownLatch(1);

    @Override
    public long nextLong() {
      return 0;
    }

    @Override
    public long nextLong(long bound) {
      asked.countDown();
      return TimeUnit.MINUTES.toNanos(1);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void oneThatBacksOffEndsWithItsClient(boolean blocking) throws Exception {
    Endless random = new Endless();
    Client client = rig.client(Client.builder().random(random));
    // Nobody listens there.
    var request = Rig.to("ip://127.0.0.1:1").withTimeout(Duration.ofHours(1));
    CompletableFuture<Status> ended = new CompletableFuture<>();
    Thread.startVirtualThread(() ->
        ended.complete(
            blocking ? failure(() -> client.send(request)) : failure(client.sendAsync(request))));
    assertThat(random.asked.await(10, TimeUnit.SECONDS)).isTrue();
    client.close();
    Status status = ended.get(10, TimeUnit.SECONDS);
    assertThat(status.code()).isEqualTo(Code.CANCELLED);
    assertThat(status.message()).isEqualTo("the client was closed");
    assertThat(status.started()).isEqualTo(Started.NO);
  }

  @Test
  void callerThatWasInterruptedBeforeGetsCancelledAndSendsNothing() throws Exception {
    AtomicInteger ran = new AtomicInteger();
    Server server =
        rig.serve((context, request) -> {
          ran.incrementAndGet();
          return Rig.echo(context, request);
        });
    server.handleStream(CHAT, (context, requests, replies) -> ran.incrementAndGet());
    Client client = rig.client();
    Client filtered =
        rig.client(Client.builder().attemptFilter((request, next) -> next.call(request)));
    for (Client each : List.of(client, filtered)) {
      Thread.currentThread().interrupt();
      Status unary = failure(() -> each.send(Rig.to(server)));
      assertThat(Thread.interrupted()).isTrue();
      Thread.currentThread().interrupt();
      Status stream =
          failure(() -> each.open(Request.opening(CHAT).at("ip://" + server.address())).next());
      assertThat(Thread.interrupted()).isTrue();
      for (Status status : List.of(unary, stream)) {
        assertThat(status.code()).isEqualTo(Code.CANCELLED);
        assertThat(status.started()).isEqualTo(Started.NO);
      }
    }
    client.send(Rig.to(server));
    assertThat(ran).hasValue(1);
  }
}
