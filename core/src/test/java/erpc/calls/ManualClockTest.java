package erpc.calls;

import static erpc.calls.Rig.failure;
import static erpc.calls.Rig.reply;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import erpc.call.Request;
import erpc.call.RpcException;
import erpc.call.Status;
import erpc.call.Status.Code;
import erpc.client.Client;
import erpc.client.ClientSettings;
import erpc.fixture.EchoReply;
import erpc.fixture.EchoRequest;
import erpc.server.Server;
import erpc.transport.ManualClock;
import erpc.transport.Reactor;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A client and a server go through minutes in moments: every timer follows the clock. */
@Timeout(60)
class ManualClockTest {
  private static final Duration MILLI = Duration.ofMillis(1);

  private final ManualClock clock = new ManualClock();
  private final Rig rig = new Rig(Reactor.inMemory(clock));
  private final CountDownLatch hold = new CountDownLatch(1);
  private final CountDownLatch running = new CountDownLatch(1);

  @AfterEach
  void stop() throws Exception {
    hold.countDown();
    rig.close();
  }

  private EchoReply held() throws InterruptedException {
    running.countDown();
    hold.await();
    return reply("late");
  }

  @Test
  void callEndsAtItsDeadlineOnTheClockAndNotBefore() throws Exception {
    Server server = rig.serve((context, request) -> held());
    CompletableFuture<?> call =
        rig.client().sendAsync(Rig.to(server).withTimeout(Duration.ofSeconds(10)));
    assertThat(running.await(10, TimeUnit.SECONDS)).isTrue();
    clock.advance(Duration.ofSeconds(10).minus(MILLI));
    assertThat(call).isNotDone();
    clock.advance(Duration.ofMillis(50));
    assertThat(failure(call).code()).isEqualTo(Code.DEADLINE_EXCEEDED);
  }

  @Test
  void failedCallIsTriedAgainOnceItsBackOffHasPassed() throws Exception {
    AtomicInteger runs = new AtomicInteger();
    Server server =
        rig.serve((context, request) -> {
          if (runs.incrementAndGet() < 3) {
            throw Status.of(Code.UNAVAILABLE, "not now").toException();
          }
          return reply("now");
        });
    Client client = rig.client(Client.builder().random(new Longest()));
    var call = client.sendAsync(Rig.to(server).withMethod(Rig.ECHO.idempotent()));
    for (int tries = 1; tries < 3; tries++) {
      int made = tries;
      await().until(() -> runs.get() == made);
      // So that its answer has come: the waits are 50 ms and 100 ms from then on.
      await().until(() -> server.inFlight() == 0);
      clock.advance(Duration.ZERO);
      clock.advance(Duration.ofMillis(50L * made).minus(MILLI));
      assertThat(runs).hasValue(made);
      clock.advance(MILLI);
    }
    assertThat(call.get(10, TimeUnit.SECONDS).body().getMsg()).isEqualTo("now");
  }

  /** Chance that makes every wait the longest. */
  private static final class Longest implements RandomGenerator {
    @Override
    public long nextLong() {
      return 0;
    }

    @Override
    public long nextLong(long bound) {
      return bound - 1;
    }
  }

  @Test
  void peerThatAnswersHeartbeatsIsKeptThroughAnHour() throws Exception {
    Server server = rig.serve((context, request) -> held());
    var call = rig.clientOfOneTry().sendAsync(Rig.to(server).withTimeout(Duration.ofMinutes(61)));
    assertThat(running.await(10, TimeUnit.SECONDS)).isTrue();
    clock.advance(Duration.ofMinutes(59));
    assertThat(call).isNotDone();
    hold.countDown();
    assertThat(call.get(10, TimeUnit.SECONDS).body().getMsg()).isEqualTo("late");
  }

  @Test
  void callersClockThatStoodStillFailsNoCallButThoseOfThatMoment() throws Exception {
    AtomicLong lost = new AtomicLong();
    Server server = rig.serve(Rig::echo);
    Client client =
        rig.client(
            Client.builder()
                .ticker(() -> clock.nanos() - lost.get())
                .settings(ClientSettings.DEFAULTS.withMaxAttempts(1)));
    for (int i = 0; i < 20; i++) {
      assertThat(client.send(soon(server))).isNotNull();
      clock.advance(Duration.ofMillis(50));
    }
    // Its machine was suspended: for everybody else two seconds have passed.
    lost.set(TimeUnit.SECONDS.toNanos(2));
    clock.advance(Duration.ofSeconds(2));
    int failed = 0;
    for (int i = 0; i < 100; i++) {
      try {
        assertThat(client.send(soon(server))).isNotNull();
      } catch (RpcException e) {
        failed++;
      }
      clock.advance(Duration.ofMillis(200));
    }
    assertThat(failed).isLessThanOrEqualTo(1);
  }

  private static Request<EchoRequest, EchoReply> soon(Server server) {
    return Rig.to(server).withTimeout(Duration.ofSeconds(1));
  }

  @Test
  void clockDoesNotRunBackwards() {
    long before = clock.nanos();
    assertThatThrownBy(() -> clock.advance(MILLI.negated()))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(clock.nanos()).isEqualTo(before);
    clock.advance(MILLI);
    assertThat(clock.nanos() - before).isEqualTo(MILLI.toNanos());
  }

  @Test
  void heldEventLoopsDoNothingUntilTheClockIsMoved() throws Exception {
    CountDownLatch ran = new CountDownLatch(1);
    clock.hold();
    rig.reactor.next().execute(ran::countDown);
    assertThat(ran.await(30, TimeUnit.MILLISECONDS)).isFalse();
    long before = clock.tasksRun();
    assertThat(clock.settle()).isNull();
    assertThat(ran.getCount()).isZero();
    assertThat(clock.tasksRun()).isGreaterThan(before);
    clock.release();
    CountDownLatch again = new CountDownLatch(1);
    rig.reactor.next().execute(again::countDown);
    assertThat(again.await(10, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void settlingTellsHowFarTheNextTimerIs() {
    var unused = rig.reactor.schedule(() -> {}, Duration.ofSeconds(3).toNanos());
    assertThat(clock.settle()).isEqualTo(Duration.ofSeconds(3));
    clock.advance(Duration.ofSeconds(1));
    assertThat(clock.settle()).isEqualTo(Duration.ofSeconds(2));
    clock.advance(Duration.ofSeconds(2));
    assertThat(clock.settle()).isNull();
  }

  @Test
  void addressesOfOneClockAreNotKnownToAnother() throws Exception {
    Server server = rig.serve(Rig::echo);
    try (Rig elsewhere = new Rig(Reactor.inMemory(new ManualClock()))) {
      Status status = failure(() -> elsewhere.clientOfOneTry().send(Rig.to(server)));
      assertThat(status.code()).isEqualTo(Code.UNAVAILABLE);
      assertThat(status.message()).contains(server.address());
    }
    assertThat(rig.client().send(Rig.to(server)).body().getMsg()).isEqualTo("hi");
  }

  @Test
  void eventLoopDoesNotWaitForItself() throws Exception {
    CompletableFuture<Throwable> thrown = new CompletableFuture<>();
    rig.reactor
        .next()
        .execute(() -> {
          try {
            clock.advance(MILLI);
          } catch (Throwable e) {
            thrown.complete(e);
          }
        });
    assertThat(thrown.get(10, TimeUnit.SECONDS)).isInstanceOf(IllegalStateException.class);
  }
}
