package erpc.calls;

import static org.assertj.core.api.Assertions.assertThat;

import erpc.call.Method;
import erpc.call.Request;
import erpc.client.Client;
import erpc.client.Exchange;
import erpc.server.Health;
import erpc.server.Server;
import erpc.server.wire.HealthReply;
import erpc.server.wire.HealthRequest;
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

  @AfterEach
  void close() throws Exception {
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
}
