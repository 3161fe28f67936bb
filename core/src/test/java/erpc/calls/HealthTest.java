package erpc.calls;

import static org.assertj.core.api.Assertions.assertThat;

import erpc.call.Method;
import erpc.call.Request;
import erpc.call.Status;
import erpc.client.Client;
import erpc.client.Exchange;
import erpc.server.Authenticator;
import erpc.server.Health;
import erpc.server.Server;
import erpc.server.ServerSettings;
import erpc.server.wire.HealthReply;
import erpc.server.wire.HealthRequest;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a server says of its health. */
@Timeout(30)
class HealthTest {
  private static final Method<HealthRequest, HealthReply> CHECK =
      Method.unary("erpc.health.check", HealthRequest.class, HealthReply.class);
  private static final Method<HealthRequest, HealthReply> WATCH =
      Method.serverStreaming("erpc.health.watch", HealthRequest.class, HealthReply.class);

  private final Rig rig = new Rig();
  private final CountDownLatch end = new CountDownLatch(1);

  @AfterEach
  void close() throws Exception {
    end.countDown();
    rig.close();
  }

  private static Request<HealthRequest, HealthReply> about(
      Method<HealthRequest, HealthReply> method, Server server, String service) {
    return Request.of(method, HealthRequest.newBuilder().setService(service).build())
        .at("ip://" + server.address());
  }

  private static HealthReply.State check(Client client, Server server, String service) {
    return client.send(about(CHECK, server, service)).body().getState();
  }

  @Test
  void tellsTheStateOfTheServerAndOfEachService() throws Exception {
    Server server = rig.serve(Rig::echo);
    Client client = rig.client();
    assertThat(check(client, server, "")).isEqualTo(HealthReply.State.SERVING);
    assertThat(check(client, server, "demo")).isEqualTo(HealthReply.State.SERVING);
    assertThat(check(client, server, "nobody")).isEqualTo(HealthReply.State.UNKNOWN);
    server.health().set("demo", Health.State.NOT_SERVING);
    assertThat(check(client, server, "demo")).isEqualTo(HealthReply.State.NOT_SERVING);
    assertThat(check(client, server, "")).isEqualTo(HealthReply.State.SERVING);
    server.health().set(Health.State.NOT_SERVING);
    assertThat(check(client, server, "")).isEqualTo(HealthReply.State.NOT_SERVING);
  }

  @Test
  void aWatchHearsOfEachChangeAndOfTheDrain() throws Exception {
    Server server = rig.serve(Rig::echo);
    try (Exchange<?, HealthReply> watch = rig.client().open(about(WATCH, server, "demo"))) {
      assertThat(watch.next().getState()).isEqualTo(HealthReply.State.SERVING);
      server.health().set("demo", Health.State.NOT_SERVING);
      assertThat(watch.next().getState()).isEqualTo(HealthReply.State.NOT_SERVING);
      server.health().set("demo", Health.State.SERVING);
      assertThat(watch.next().getState()).isEqualTo(HealthReply.State.SERVING);
      long start = System.nanoTime();
      server.close();
      assertThat(watch.next().getState()).isEqualTo(HealthReply.State.NOT_SERVING);
      assertThat(watch.next()).isNull();
      // It did not have to be given up at the end of the grace.
      assertThat(System.nanoTime() - start).isLessThan(TimeUnit.SECONDS.toNanos(5));
    }
  }

  @Test
  void aWatchThatIsClosedLeavesNothingBehind() throws Exception {
    Server server = rig.serve(Rig::echo);
    try (Exchange<?, HealthReply> watch = rig.client().open(about(WATCH, server, ""))) {
      assertThat(watch.next().getState()).isEqualTo(HealthReply.State.SERVING);
    }
    Awaitility.await().until(() -> server.inFlight() == 0);
  }

  private static final Authenticator NOBODY = Authenticator.nonBlocking(claim -> null);

  private Server closed(ServerSettings settings) throws Exception {
    return rig.serve(Server.builder().settings(settings).authenticator(NOBODY), Rig::echo);
  }

  @Test
  void theWholeServersHealthIsToldWhoeverAsks() throws Exception {
    Server server = closed(Rig.quickToClose());
    Client stranger = rig.clientOfOneTry();
    for (int i = 0; i < 3; i++) { // Again and again: no number stands for the name.
      assertThat(check(stranger, server, "")).isEqualTo(HealthReply.State.SERVING);
    }
    server.health().set(Health.State.NOT_SERVING);
    assertThat(check(stranger, server, "")).isEqualTo(HealthReply.State.NOT_SERVING);
    assertThat(Rig.failure(() -> check(stranger, server, "demo")).code())
        .isEqualTo(Status.Code.UNAUTHENTICATED);
    assertThat(Rig.failure(() -> stranger.send(Rig.to(server))).code())
        .isEqualTo(Status.Code.UNAUTHENTICATED);
    try (var watch = stranger.open(about(WATCH, server, ""))) {
      assertThat(Rig.failure(watch::next).code()).isEqualTo(Status.Code.UNAUTHENTICATED);
    }
  }

  @Test
  void theWholeServersHealthIsToldWhenThereIsRoomForNoCall() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    Server server =
        rig.serve(
            Server.builder().settings(Rig.quickToClose().withMaxInFlight(1)),
            (context, request) -> {
              begun.countDown();
              end.await();
              return Rig.echo(context, request);
            });
    Client client = rig.clientOfOneTry();
    assertThat(check(client, server, "demo")).isEqualTo(HealthReply.State.SERVING);
    Awaitility.await().until(() -> server.inFlight() == 0);
    var unused = client.sendAsync(Rig.to(server));
    begun.await();
    assertThat(Rig.failure(() -> client.send(Rig.to(server))).code())
        .isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
    assertThat(check(client, server, "")).isEqualTo(HealthReply.State.SERVING);
    assertThat(Rig.failure(() -> check(client, server, "demo")).code())
        .isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
    assertThat(server.inFlight()).isEqualTo(1);
  }

  @Test
  void healthNeedsWhatAllCallsNeedIfItIsNotOpen() throws Exception {
    Server server = closed(Rig.quickToClose().withOpenHealth(false));
    assertThat(Rig.failure(() -> check(rig.clientOfOneTry(), server, "")).code())
        .isEqualTo(Status.Code.UNAUTHENTICATED);
  }
}
