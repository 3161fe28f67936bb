package erpc.calls;

import static erpc.calls.Rig.ECHO;
import static erpc.calls.Rig.LONG;
import static erpc.calls.Rig.failure;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import erpc.call.Request;
import erpc.call.Status;
import erpc.client.Client;
import erpc.fixture.EchoReply;
import erpc.fixture.EchoRequest;
import erpc.server.Handler;
import erpc.server.Server;
import erpc.transport.Reactor;
import erpc.transport.TransportKind;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a timeout for each try does beside the call's own. */
@Timeout(60)
class TryTimeoutTest {
  private final Rig rig = new Rig();
  private final AtomicInteger hung = new AtomicInteger();
  private final CountDownLatch cancelled = new CountDownLatch(1);

  @AfterEach
  void stop() throws Exception {
    rig.close();
  }

  /** Never answers, and tells when it is cancelled. */
  private Handler<EchoRequest, EchoReply> hanging() {
    return (context, request) -> {
      hung.incrementAndGet();
      CountDownLatch over = new CountDownLatch(1);
      context.onCancel(over::countDown);
      over.await();
      cancelled.countDown();
      return Rig.reply("too late");
    };
  }

  private static Request<EchoRequest, EchoReply> limited(Request<EchoRequest, EchoReply> request) {
    return request
        .withOptions(request.options().withTryTimeout(Duration.ofMillis(150)))
        .withTimeout(LONG);
  }

  @Test
  void anIdempotentCallGoesElsewhereWhenItsTryHasTakenTooLong() throws Exception {
    Server bad = rig.serve(hanging());
    Server good = rig.serve(Rig::echo);
    Client client = rig.client();
    for (int i = 0; i < 4; i++) {
      Request<EchoRequest, EchoReply> request =
          limited(Rig.to(bad, good).withMethod(ECHO.idempotent()));
      assertThat(client.send(request).endpoint()).isEqualTo(good.address());
    }
    assertThat(hung).hasValueGreaterThan(0);
    cancelled.await(); // The server is told.
  }

  @Test
  void aCallThatMayNotRunTwiceEndsWithItsTry() throws Exception {
    Server bad = rig.serve(hanging());
    Client client = rig.client();
    Status status = failure(() -> client.send(limited(Rig.to(bad))));
    assertThat(status.code()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
    assertThat(status.message()).isEqualTo("no answer within the time of a try (tryTimeout)");
    assertThat(status.started()).isNotEqualTo(Status.Started.NO); // YES if its server says so.
    assertThat(hung).hasValue(1);
  }

  @Test
  void anAsynchronousCallGoesElsewhereToo() throws Exception {
    Server bad = rig.serve(hanging());
    Server good = rig.serve(Rig::echo);
    Client client = rig.client();
    for (int i = 0; i < 4; i++) {
      Request<EchoRequest, EchoReply> request =
          limited(Rig.to(bad, good).withMethod(ECHO.idempotent()));
      assertThat(client.sendAsync(request).get().endpoint()).isEqualTo(good.address());
    }
  }

  @Test
  void aFilterThatIsLateBeforeItsTryIsOverIsNotTakenForTheTry() throws Exception {
    Server good = rig.serve(Rig::echo);
    AtomicInteger asked = new AtomicInteger();
    Status late = Status.of(Status.Code.DEADLINE_EXCEEDED, "no token has come in time");
    Client client =
        rig.client(
            Client.builder()
                .attemptFilter((request, next) -> {
                  asked.incrementAndGet();
                  throw late.toException();
                }));
    Request<EchoRequest, EchoReply> request = Rig.to(good).withMethod(ECHO.idempotent());
    Status status =
        failure(() ->
            client.send(
                request
                    .withOptions(request.options().withTryTimeout(LONG.dividedBy(2)))
                    .withTimeout(LONG)));
    assertThat(status.message()).isEqualTo(late.message());
    assertThat(asked).hasValue(1);
  }

  /** The event loop of a client's, held up while code of the user's runs on it. */
  private static void holdUp(
      Client onLoop, Server server, CountDownLatch reply, CountDownLatch until)
      throws InterruptedException {
    CountDownLatch heldUp = new CountDownLatch(1);
    var unused =
        onLoop
            .sendAsync(Rig.to(server))
            .whenComplete((answer, thrown) -> {
              heldUp.countDown();
              try {
                until.await();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
    reply.countDown();
    heldUp.await();
  }

  @Test
  void aTryThatItsFilterHasGivenUpIsBookedWhereItWas() throws Exception {
    CountDownLatch running = new CountDownLatch(1);
    CountDownLatch nextTry = new CountDownLatch(1);
    CountDownLatch reply = new CountDownLatch(1);
    Handler<EchoRequest, EchoReply> hanging = hanging();
    Server bad =
        rig.serve((context, request) -> {
          running.countDown();
          return hanging.handle(context, request);
        });
    Server good = rig.serve(Rig::echo);
    Server third =
        rig.serve((context, request) -> {
          reply.await();
          return Rig.echo(context, request);
        });
    AtomicInteger tries = new AtomicInteger();
    AtomicReference<Double> known = new AtomicReference<>(0.0);
    try (Rig clients = new Rig(Reactor.open(TransportKind.MEMORY, 1))) {
      Client onLoop = clients.client(Client.builder().inlineCallbacks());
      Client client =
          clients.client(
              Client.builder()
                  .balancer(() ->
                      candidates ->
                          pick -> {
                            int bads = candidates.address(0).equals(bad.address()) ? 0 : 1;
                            known.set(pick.latency(bads));
                            return tries.get() == 0 ? bads : 1 - bads;
                          })
                  .attemptFilter((request, next) -> {
                    if (tries.incrementAndGet() > 1) {
                      nextTry.countDown();
                      return next.call(request);
                    }
                    Thread unused =
                        Thread.startVirtualThread(() -> failure(() -> next.call(request)));
                    running.await();
                    // So the end of the try comes when the next one has begun.
                    holdUp(onLoop, third, reply, nextTry);
                    throw Status.of(Status.Code.UNAVAILABLE, "given up").toException();
                  }));
      Request<EchoRequest, EchoReply> request = Rig.to(bad, good).withMethod(ECHO.idempotent());
      assertThat(client.send(request).endpoint()).isEqualTo(good.address());
      await()
          .untilAsserted(() -> {
            assertThat(client.send(request).endpoint()).isEqualTo(good.address());
            assertThat(known.get()).isPositive();
          });
    }
  }

  @Test
  void aTimeoutOfTheCallThatIsShorterCounts() throws Exception {
    Server bad = rig.serve(hanging());
    Client client = rig.client();
    Request<EchoRequest, EchoReply> request =
        limited(Rig.to(bad).withMethod(ECHO.idempotent())).withTimeout(Duration.ofMillis(50));
    assertThat(failure(() -> client.send(request)).message()).contains("deadline");
    assertThat(hung.get()).isLessThanOrEqualTo(1);
  }
}
