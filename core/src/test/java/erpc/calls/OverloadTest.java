package erpc.calls;

import static erpc.calls.Rig.failure;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import erpc.call.Criticality;
import erpc.call.Method;
import erpc.call.Reply;
import erpc.call.Request;
import erpc.call.Status;
import erpc.call.Status.Code;
import erpc.call.Status.Started;
import erpc.calls.Overloaded.Seen;
import erpc.client.Client;
import erpc.client.ClientSettings;
import erpc.fixture.EchoReply;
import erpc.fixture.EchoRequest;
import erpc.server.Authenticator;
import erpc.server.Execution;
import erpc.server.Server;
import erpc.server.ServerSettings;
import erpc.server.wire.HealthReply;
import erpc.server.wire.HealthRequest;
import erpc.settings.Mode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a server does that has more to do than its processor can. */
@Timeout(60)
class OverloadTest {
  private static final ServerSettings TRUSTING = ServerSettings.DEFAULTS.withTrustCriticality(true);

  /** As many ticks as it takes until a server sheds, and what has waited is gone. */
  private static final int UNTIL_IT_SHEDS = 400;

  private static final Method<EchoRequest, EchoReply> INLINE =
      Method.unary("demo.inline", EchoRequest.class, EchoReply.class);

  private static final Method<EchoRequest, EchoReply> STREAM =
      Method.serverStreaming("demo.stream", EchoRequest.class, EchoReply.class);

  /** Five times as much as the server can, two fifths of what it can as critical as this. */
  private static void overload(
      Overloaded on, int ticks, Criticality how, Seen critical, Seen other) {
    for (int i = 0; i < ticks; i++) {
      on.call(how, 2, critical);
      on.call(Criticality.SHEDDABLE, 23, other);
      on.passes(5);
    }
  }

  private static void untilItSheds(Overloaded on) {
    overload(on, UNTIL_IT_SHEDS, Criticality.DEFAULT, new Seen(), new Seen());
  }

  @Test
  void whatIsLeastCriticalIsRefusedUnstartedAndWhatIsCriticalServed() throws Exception {
    try (Overloaded on = new Overloaded(TRUSTING)) {
      overload(on, UNTIL_IT_SHEDS, Criticality.CRITICAL, new Seen(), new Seen());
      Seen critical = new Seen();
      Seen sheddable = new Seen();
      int before = on.handled.get();
      overload(on, 400, Criticality.CRITICAL, critical, sheddable);
      assertThat(on.handled.get() - before).as("of 2,000 it can").isGreaterThan(1_800);
      on.finish();
      assertThat(critical.failures).isEmpty();
      assertThat(sheddable.part()).isBetween(0.05, 0.3);
      assertThat(sheddable.failures)
          .allSatisfy(status -> {
            assertThat(status.code()).isEqualTo(Code.RESOURCE_EXHAUSTED);
            assertThat(status.started()).isEqualTo(Started.NO);
            assertThat(status.message())
                .isEqualTo("the server has too much to do for a call that is SHEDDABLE (shedding)");
          });
      for (int i = 0; i < 2_000; i++) { // It lets in more bit by bit.
        on.call(Criticality.SHEDDABLE, i % 5 == 0 ? 1 : 0, new Seen());
        on.passes(5);
      }
      assertThat(on.log())
          .containsOnlyOnce("the server refuses calls: none has begun within ")
          .containsOnlyOnce("the server refuses no calls any more: there is no queue");
    }
  }

  @Test
  void burstThatAnIdleServerFinishesIsNeverRefused() throws Exception {
    try (Overloaded on = new Overloaded(ServerSettings.DEFAULTS)) {
      Seen seen = new Seen();
      for (int i = 0; i < 3; i++) {
        on.call(Criticality.SHEDDABLE_LATER, 1_000, seen);
        for (int k = 0; k < 60; k++) {
          on.passes(21);
        }
      }
      on.finish();
      assertThat(seen.failures).isEmpty();
      assertThat(seen.served).hasValue(3_000);
    }
  }

  @Test
  void whatAStrangerCallsCriticalCountsAsMostCallsDoAndIsSeenAsItWasSaid() throws Exception {
    try (Overloaded on = new Overloaded(ServerSettings.DEFAULTS)) {
      Seen claimed = new Seen();
      for (int i = 0; i < 2 * UNTIL_IT_SHEDS; i++) {
        on.call(Criticality.CRITICAL, 25, claimed);
        on.passes(5);
      }
      on.finish();
      assertThat(on.claimed).containsOnly(Criticality.CRITICAL);
      assertThat(claimed.failures)
          .isNotEmpty()
          .allSatisfy(status -> assertThat(status.message()).contains("that is DEFAULT"));
    }
  }

  @Test
  void callersGetAlikeWhileCallsAreRefused() throws Exception {
    Authenticator tokens = Authenticator.bearer(Map.of("m-token", "modest", "g-token", "greedy"));
    try (Overloaded on =
        new Overloaded(Server.builder().authenticator(tokens), ServerSettings.DEFAULTS)) {
      Seen modest = new Seen();
      Seen greedy = new Seen();
      for (int i = 0; i < 3 * UNTIL_IT_SHEDS; i++) {
        boolean counts = i > 2 * UNTIL_IT_SHEDS;
        on.call(of("m-token", on), 1, counts ? modest : new Seen());
        on.call(of("g-token", on), 24, counts ? greedy : new Seen());
        on.passes(5);
      }
      on.finish();
      assertThat(modest.part()).isGreaterThan(0.9);
      assertThat(greedy.part()).isBetween(0.05, 0.3);
    }
  }

  private static Request<EchoRequest, EchoReply> of(String token, Overloaded on) {
    return on.request(Criticality.DEFAULT).withMetadata("authorization", "Bearer " + token);
  }

  @Test
  void inlineHandlersExecutorsStreamsAndHealthAreServedMeanwhile() throws Exception {
    try (Overloaded on = new Overloaded(ServerSettings.DEFAULTS)) {
      Method<EchoRequest, EchoReply> executed =
          Method.unary("demo.executed", EchoRequest.class, EchoReply.class);
      on.server
          .handle(INLINE, Rig::echo, Execution.inline())
          .handle(executed, Rig::echo, Execution.on(Runnable::run))
          .handleServerStream(STREAM, (context, request, replies) -> replies.send(Rig.reply("hi")));
      untilItSheds(on);
      for (int i = 0; i < 100; i++) {
        for (Method<EchoRequest, EchoReply> each : List.of(INLINE, executed)) {
          var reply = on.client.sendAsync(on.request(each, Criticality.SHEDDABLE_LATER));
          on.settle();
          assertThat(reply.get(10, TimeUnit.SECONDS).body().getMsg()).isEqualTo("hi");
        }
      }
      var health =
          on.client.sendAsync(
              Request.of(
                      Method.unary("erpc.health.check", HealthRequest.class, HealthReply.class),
                      HealthRequest.newBuilder().setService("demo").build())
                  .at("ip://" + on.server.address())
                  .withTimeout(Rig.LONG));
      on.settle();
      assertThat(health.get(10, TimeUnit.SECONDS).body()).isNotNull();
      assertThat(failure(on.client.sendAsync(on.request(Criticality.SHEDDABLE_LATER))).message())
          .contains("(shedding)");
      on.freesProcessor();
      assertThat(
              on.client
                  .open(on.request(STREAM, Criticality.SHEDDABLE_LATER))
                  .iterator()
                  .next()
                  .getMsg())
          .isEqualTo("hi");
    }
  }

  @Test
  void dryRunRefusesNothingAndSaysWhatItWould() throws Exception {
    try (Overloaded on = new Overloaded(ServerSettings.DEFAULTS.withShedding(Mode.DRY_RUN))) {
      Seen one = new Seen();
      Seen two = new Seen();
      overload(on, UNTIL_IT_SHEDS, Criticality.DEFAULT, one, two);
      on.finish();
      assertThat(one.failures).isEmpty();
      assertThat(two.failures).isEmpty();
      assertThat(on.log()).contains("the server would refuse calls, were it no dry run: none has");
    }
  }

  @Test
  void protectionIsSwitchedWhileTheServerRuns() throws Exception {
    ServerSettings off = ServerSettings.DEFAULTS.withShedding(Mode.OFF);
    try (Overloaded on = new Overloaded(off)) {
      untilItSheds(on);
      assertThat(on.log()).doesNotContain("refuse");
      on.server.protect(off.withShedding(Mode.ON));
      untilItSheds(on);
      Seen refused = new Seen();
      overload(on, 10, Criticality.DEFAULT, new Seen(), refused);
      assertThat(refused.failures).isNotEmpty();
      on.server.protect(off);
      Seen served = new Seen();
      on.call(Criticality.SHEDDABLE_LATER, 100, served);
      on.finish();
      assertThat(served.failures).isEmpty();
    }
  }

  @Test
  void callThatIsRefusedIsTriedElsewhere() throws Exception {
    try (Overloaded on = new Overloaded(ServerSettings.DEFAULTS)) {
      Server idle = on.rig.serve(Rig::echo);
      CallDiary diary = new CallDiary();
      Client client =
          on.rig.client(
              Client.builder()
                  .observer(diary)
                  .settings(ClientSettings.DEFAULTS.withBalancer("round_robin")));
      Request<EchoRequest, EchoReply> both = Rig.to(on.server, idle);
      on.freesProcessor();
      for (int i = 0; i < 20; i++) { // So that it has a connection to either.
        assertThat(Overloaded.outcome(on.clock, client.sendAsync(both))).isNotNull();
      }
      on.finish();
      untilItSheds(on);
      List<CompletableFuture<Reply<EchoReply>>> calls = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        calls.add(
            client.sendAsync(
                both.withOptions(both.options().withCriticality(Criticality.SHEDDABLE_LATER))));
      }
      on.settle();
      on.freesProcessor();
      for (CompletableFuture<Reply<EchoReply>> each : calls) {
        assertThat(Overloaded.outcome(on.clock, each).endpoint()).isEqualTo(idle.address());
      }
      assertThat(diary.lines).contains("retried RESOURCE_EXHAUSTED at " + on.server.address());
    }
  }

  // ---- what waits for nothing

  /** A message that tells when it is made on a server. */
  record Made(String text) {
    private static final AtomicInteger AT_SERVER = new AtomicInteger();

    Made {
      if (Thread.currentThread().getName().equals("erpc demo.made")) {
        AT_SERVER.incrementAndGet();
      }
    }
  }

  @Test
  void expiredAndCancelledCallsOfTheQueueAreNotDecoded() throws Exception {
    Method<Made, Made> method = Method.unary("demo.made", Made.class, Made.class);
    try (Overloaded on = new Overloaded(ServerSettings.DEFAULTS)) {
      on.server.handle(method, (context, request) -> request);
      Request<Made, Made> request =
          Request.of(method, new Made("hi")).at("ip://" + on.server.address()).withCodec("json");
      var expires = on.client.sendAsync(request.withTimeout(Duration.ofMillis(100)));
      var cancelled = on.client.sendAsync(request.withTimeout(Rig.LONG));
      on.settle();
      assertThat(on.server.inFlight()).isEqualTo(2);
      assertThat(cancelled.cancel(true)).isTrue();
      on.clock.advance(Duration.ofMillis(200));
      assertThat(failure(expires).code()).isEqualTo(Code.DEADLINE_EXCEEDED);
      on.freesProcessor();
      await().until(() -> on.server.inFlight() == 0);
      assertThat(Made.AT_SERVER).hasValue(0);
      var served = on.client.sendAsync(request.withTimeout(Rig.LONG));
      on.settle();
      assertThat(served.get(10, TimeUnit.SECONDS).body().text()).isEqualTo("hi");
      assertThat(Made.AT_SERVER.get()).isPositive();
    }
  }

  // ---- methods that have got slow

  /** Sixty calls are at work all the time, and each takes four tenths of a second. */
  private static void slow(Overloaded on, Seen seen, int windows) {
    on.work.drainPermits();
    on.call(Criticality.DEFAULT, 60, seen);
    for (int i = 0; i < windows; i++) {
      on.clock.advance(Duration.ofMillis(100));
      int most = on.handled.get() + 15;
      on.work.release(15);
      await().until(() -> on.handled.get() == most);
      await().until(() -> on.server.inFlight() <= 45);
      on.settle();
      on.call(Criticality.DEFAULT, 60 - on.server.inFlight(), seen);
    }
  }

  private static void learn(Overloaded on, int windows) {
    on.freesProcessor();
    for (int i = 0; i < 10 * windows; i++) {
      on.work.drainPermits();
      on.call(Criticality.DEFAULT, 2, new Seen());
      await().until(() -> on.work.getQueueLength() == 2);
      on.clock.advance(Duration.ofMillis(10));
      on.work.release(2);
      await().until(() -> on.server.inFlight() == 0);
      on.settle();
    }
  }

  @Test
  void methodThatGetsSlowIsLimitedAndCallsAreTriedElsewhere() throws Exception {
    try (Overloaded on = new Overloaded(ServerSettings.DEFAULTS)) {
      learn(on, 5);
      Seen seen = new Seen();
      slow(on, seen, 12);
      assertThat(seen.failures).isNotEmpty();
      Status refused = seen.failures.peek();
      assertThat(refused.code()).isEqualTo(Code.RESOURCE_EXHAUSTED);
      assertThat(refused.started()).isEqualTo(Started.NO);
      assertThat(refused.message())
          .matches(
              "demo.echo takes \\d+ calls at a time while they take twice as long as usual"
                  + " \\(concurrencyLimit\\)");
      Server idle = on.rig.serve(Rig::echo);
      on.call(Criticality.DEFAULT, 60, seen);
      Client client = on.rig.client();
      for (int i = 0; i < 10; i++) {
        var reply = client.sendAsync(Rig.to(on.server, idle));
        assertThat(Overloaded.outcome(on.clock, reply).endpoint()).isEqualTo(idle.address());
      }
      on.work.release(1_000);
      await().until(() -> on.server.inFlight() == 0);
      learn(on, 60);
      assertThat(on.log())
          .containsOnlyOnce("demo.echo is limited to 512 calls at a time: they take ")
          .containsOnlyOnce("demo.echo is limited no more: calls take ");
    }
  }

  @Test
  void methodThatGetsSlowIsNotLimitedOnDryRun() throws Exception {
    try (Overloaded on =
        new Overloaded(ServerSettings.DEFAULTS.withConcurrencyLimit(Mode.DRY_RUN))) {
      learn(on, 5);
      Seen seen = new Seen();
      slow(on, seen, 12);
      on.call(Criticality.DEFAULT, 100, seen);
      assertThat(seen.failures).isEmpty();
      assertThat(on.log()).contains("demo.echo would, were it no dry run, be limited to 512 calls");
    }
  }

  // ---- limits of the user's own

  @Test
  void methodHasNoMoreCallsThanItsOwnLimitWhereverItRuns() throws Exception {
    try (Overloaded on = new Overloaded(ServerSettings.DEFAULTS)) {
      on.server
          .handle(INLINE, Rig::echo, Execution.inline())
          .limit("demo.echo", 3, Integer.MAX_VALUE)
          .limit("demo.inline", 1, 20);
      Seen seen = new Seen();
      on.call(Criticality.DEFAULT, 5, seen);
      await().until(() -> seen.failures.size() == 2);
      assertThat(seen.failures)
          .allSatisfy(status ->
              assertThat(status.message())
                  .isEqualTo("demo.echo takes 3 calls at a time (limit of its server)"));
      on.finish();
      on.call(Criticality.DEFAULT, 3, seen);
      on.finish();
      assertThat(seen.served).hasValue(6);
      Seen inline = new Seen();
      on.call(on.request(INLINE, Criticality.DEFAULT), 5, inline);
      on.finish();
      assertThat(inline.served).hasValue(2);
      assertThat(inline.failures)
          .allSatisfy(status ->
              assertThat(status.message())
                  .isEqualTo("demo.inline takes 20 calls per second (limit of its server)"));
      on.clock.advance(Duration.ofMillis(50));
      on.call(on.request(INLINE, Criticality.DEFAULT), 5, inline);
      on.finish();
      assertThat(inline.served).hasValue(3);
    }
  }
}
