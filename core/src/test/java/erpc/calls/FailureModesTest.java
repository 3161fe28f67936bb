package erpc.calls;

import static erpc.calls.Rig.ECHO;
import static erpc.calls.Rig.LONG;
import static erpc.calls.Rig.failure;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import erpc.call.CallOptions;
import erpc.call.FailureMode;
import erpc.call.Method;
import erpc.call.Request;
import erpc.call.RpcException;
import erpc.call.Status;
import erpc.call.Status.Code;
import erpc.client.Client;
import erpc.fixture.EchoReply;
import erpc.fixture.EchoRequest;
import erpc.server.Server;
import erpc.transport.ManualClock;
import erpc.transport.Reactor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiFunction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What becomes of a call whose try has failed, as its options say. */
@Timeout(60)
class FailureModesTest {
  private static final Method<EchoRequest, EchoReply> READ = ECHO.idempotent();

  private final ManualClock clock = new ManualClock();
  private final Rig rig = new Rig(Reactor.inMemory(clock));
  private final AtomicInteger calls = new AtomicInteger();
  private final CountDownLatch release = new CountDownLatch(1);

  @AfterEach
  void stop() throws Exception {
    release.countDown();
    rig.close();
  }

  /** Two servers whose first call, of whichever, fails so. */
  private Request<EchoRequest, EchoReply> failsOnce(Code code, CallOptions options)
      throws Exception {
    Server[] servers = new Server[2];
    for (int i = 0; i < servers.length; i++) {
      servers[i] =
          rig.serve((context, request) -> {
            if (calls.incrementAndGet() == 1) {
              throw Status.of(code, "this time").toException();
            }
            return Rig.echo(context, request);
          });
    }
    return Rig.to(servers).withMethod(READ).withOptions(options.withTimeout(LONG));
  }

  private Server failing(Code code) throws Exception {
    return rig.serve((context, request) -> {
      calls.incrementAndGet();
      throw Status.of(code, "no").toException();
    });
  }

  @Test
  void failoverIsTheUsualMode() throws Exception {
    assertThat(rig.client().send(failsOnce(Code.UNAVAILABLE, CallOptions.NONE))).isNotNull();
    assertThat(calls).hasValue(2);
  }

  @Test
  void failfastIsTriedOnce() throws Exception {
    CallOptions failfast = CallOptions.NONE.withFailureMode(FailureMode.FAILFAST);
    Request<EchoRequest, EchoReply> request = failsOnce(Code.UNAVAILABLE, failfast);
    assertThat(failure(() -> rig.client().send(request)).code()).isEqualTo(Code.UNAVAILABLE);
    assertThat(calls).hasValue(1);
  }

  @Test
  void failfastStillGoesPastAnEndpointThatNobodyReaches() throws Exception {
    Server gone = rig.serve(Rig::echo);
    Server there = rig.serve(Rig::echo);
    String place = "list://" + gone.address() + "," + there.address();
    gone.close();
    Client client = rig.client();
    CallOptions failfast = CallOptions.NONE.withFailureMode(FailureMode.FAILFAST).withTimeout(LONG);
    for (int i = 0; i < 4; i++) {
      assertThat(client.send(Rig.to(place).withOptions(failfast)).endpoint())
          .isEqualTo(there.address());
    }
  }

  @Test
  void aMethodsOptionsSayItForAllItsCalls() throws Exception {
    Client client =
        rig.client(
            Client.builder()
                .options("demo", CallOptions.NONE.withRetryOn(Set.of(Code.INTERNAL)))
                .options("demo.echo", CallOptions.NONE.withFailureMode(FailureMode.FAILFAST)));
    Request<EchoRequest, EchoReply> request = failsOnce(Code.INTERNAL, CallOptions.NONE);
    assertThat(failure(() -> client.send(request)).code()).isEqualTo(Code.INTERNAL);
    assertThat(calls).hasValue(1);
  }

  @Test
  void aCodeThatIsListedIsTriedAgainElsewhere() throws Exception {
    CallOptions listed = CallOptions.NONE.withRetryOn(Set.of(Code.INTERNAL));
    Request<EchoRequest, EchoReply> request = failsOnce(Code.INTERNAL, listed);
    assertThat(rig.client().send(request)).isNotNull();
    assertThat(calls).hasValue(2);
  }

  @Test
  void aCodeThatIsNotListedIsNot() throws Exception {
    CallOptions listed = CallOptions.NONE.withRetryOn(Set.of(Code.ABORTED));
    Request<EchoRequest, EchoReply> request = failsOnce(Code.INTERNAL, listed);
    assertThat(failure(() -> rig.client().send(request)).code()).isEqualTo(Code.INTERNAL);
    assertThat(calls).hasValue(1);
  }

  // ---- a try's time that follows the method's calls

  @Test
  void aTryMayTakeAsLongAsNearlyAllCallsDo() throws Exception {
    List<Server> servers = new ArrayList<>();
    AtomicInteger hung = new AtomicInteger();
    boolean[] hangs = new boolean[1];
    for (int i = 0; i < 2; i++) {
      servers.add(
          rig.serve((context, request) -> {
            calls.incrementAndGet();
            if (hangs[0] && hung.incrementAndGet() == 1) {
              release.await();
            }
            return Rig.echo(context, request);
          }));
    }
    Client client = rig.client();
    CallOptions options = CallOptions.NONE.withTryTimeoutPercentile(0.99).withTimeout(LONG);
    Request<EchoRequest, EchoReply> request =
        Rig.to(servers.toArray(Server[]::new)).withMethod(READ).withOptions(options);
    int warm = 40;
    for (int i = 0; i < warm; i++) {
      assertThat(client.send(request)).isNotNull();
      clock.advance(Duration.ofMillis(100));
    }
    assertThat(calls).hasValue(warm);
    hangs[0] = true;
    CompletableFuture<?> call = client.sendAsync(request);
    await().until(() -> hung.get() == 1);
    for (int i = 0; i < 20 && calls.get() + inFlight(servers) < warm + 3; i++) {
      clock.advance(Duration.ofMillis(1)); // No further, or the next try would be too late, too.
    }
    assertThat(call.get(10, TimeUnit.SECONDS)).isNotNull();
    assertThat(calls).hasValue(warm + 2);
  }

  private static int inFlight(List<Server> servers) {
    return servers.stream().mapToInt(Server::inFlight).sum();
  }

  /** Not on the clock by hand: calls take their time. */
  @Test
  void aTrysTimeFollowsWhenAllCallsGetSlower() throws Exception {
    try (Rig real = new Rig()) {
      AtomicInteger takesMillis = new AtomicInteger();
      Server[] servers = new Server[2];
      for (int i = 0; i < servers.length; i++) {
        servers[i] =
            real.serve((context, request) -> {
              TimeUnit.MILLISECONDS.sleep(takesMillis.get());
              return Rig.echo(context, request);
            });
      }
      Client client = real.client();
      CallOptions options = CallOptions.NONE.withTryTimeoutPercentile(0.9).withTimeout(LONG);
      Request<EchoRequest, EchoReply> request =
          Rig.to(servers).withMethod(READ).withOptions(options);
      Request<EchoRequest, EchoReply> warm =
          request.withOptions(CallOptions.NONE.withTimeout(LONG));
      for (int i = 0; i < 200; i++) {
        assertThat(client.send(warm)).isNotNull();
      }
      takesMillis.set(25);
      await()
          .atMost(Duration.ofSeconds(30))
          .ignoreExceptions()
          .until(() -> client.send(request) != null);
    }
  }

  @Test
  void aTryHasNoTimeOfItsOwnWhileNobodyKnowsWhatCallsTake() throws Exception {
    Server server =
        rig.serve((context, request) -> {
          calls.incrementAndGet();
          release.await();
          return Rig.echo(context, request);
        });
    CallOptions options = CallOptions.NONE.withTryTimeoutPercentile(0.99).withTimeout(LONG);
    CompletableFuture<?> call =
        rig.client().sendAsync(Rig.to(server).withMethod(READ).withOptions(options));
    await().until(() -> calls.get() == 1);
    clock.advance(LONG.minusSeconds(1));
    assertThat(call).isNotDone();
    release.countDown();
    assertThat(call.get(10, TimeUnit.SECONDS)).isNotNull();
  }

  @Test
  void aTryThatItsTimeEndsCountsAlsoBehindAFilterThatTakesLong() throws Exception {
    Server hanging =
        rig.serve((context, request) -> {
          release.await();
          return Rig.echo(context, request);
        });
    Server good = rig.serve(Rig::echo);
    Client client =
        rig.client(
            Client.builder()
                .attemptFilter((request, next) -> {
                  clock.advance(Duration.ofMillis(30));
                  return next.call(request);
                }));
    CallOptions options = CallOptions.NONE.withTryTimeout(Duration.ofMillis(40)).withTimeout(LONG);
    Request<EchoRequest, EchoReply> request =
        Rig.to(hanging, good).withMethod(READ).withOptions(options);
    // One that is slow is called once per second: so many calls that it fails five times in any
    // case.
    for (int i = 0; i < 1_000 && !client.explain(request).toString().contains("broken"); i++) {
      CompletableFuture<?> call = client.sendAsync(request);
      await()
          .until(() -> {
            clock.advance(Duration.ofMillis(5));
            return call.isDone();
          });
    }
    assertThat(client.explain(request).toString()).contains("broken");
  }

  // ---- fallback

  private Client fallingBack(
      BiFunction<EchoRequest, ? super Status, ? extends EchoReply> function) {
    return rig.client(Client.builder().fallback(ECHO, function));
  }

  @Test
  void aFallbackAnswersWhenServersDoNot() throws Exception {
    Server server = failing(Code.UNAVAILABLE);
    Client client =
        fallingBack((request, status) -> Rig.reply(request.getMsg() + " " + status.code()));
    assertThat(client.send(Rig.to(server)).body().getMsg()).isEqualTo("hi UNAVAILABLE");
    assertThat(client.sendAsync(Rig.to(server)).get().body().getMsg()).isEqualTo("hi UNAVAILABLE");
    assertThat(calls).hasValue(2);
  }

  @Test
  void aFallbackIsOutsideTheFiltersAndOfItsMethodAlone() throws Exception {
    Server server = failing(Code.NOT_FOUND);
    List<Code> seen = new ArrayList<>();
    Client client =
        rig.client(
            Client.builder()
                .filter((request, next) -> {
                  try {
                    return next.call(request);
                  } catch (RpcException e) {
                    seen.add(e.status().code());
                    throw e;
                  }
                })
                .fallback(ECHO, (request, status) -> Rig.reply("known")));
    assertThat(client.send(Rig.to(server)).body().getMsg()).isEqualTo("known");
    assertThat(seen).containsExactly(Code.NOT_FOUND);
    Method<EchoRequest, EchoReply> other =
        Method.unary("demo.other", EchoRequest.class, EchoReply.class);
    Request<EchoRequest, EchoReply> otherwise =
        Request.of(other, Rig.request("hi")).at("list://" + server.address()).withTimeout(LONG);
    assertThat(failure(() -> client.send(otherwise)).code()).isEqualTo(Code.UNIMPLEMENTED);
  }

  @Test
  void aFallbackThatKnowsNothingEitherSaysSo() throws Exception {
    Server server = failing(Code.UNAVAILABLE);
    Client client =
        fallingBack((request, status) -> {
          throw Status.of(Code.NOT_FOUND, "not in the cache").toException();
        });
    assertThat(failure(() -> client.send(Rig.to(server))).message()).isEqualTo("not in the cache");
  }

  @Test
  void aFallbackThatBreaksIsNamed() throws Exception {
    Server server = failing(Code.UNAVAILABLE);
    Client throwing =
        fallingBack((request, status) -> {
          throw new IllegalStateException("oops");
        });
    Status status = failure(() -> throwing.send(Rig.to(server)));
    assertThat(status.code()).isEqualTo(Code.INTERNAL);
    assertThat(status.message())
        .startsWith("the fallback of demo.echo threw")
        .contains("oops", "UNAVAILABLE");
    Client silent = fallingBack((request, failed) -> null);
    assertThat(failure(() -> silent.send(Rig.to(server))).message())
        .startsWith("the fallback of demo.echo gave null");
  }

  @Test
  void aCallThatItsCallerHasCancelledHasNoFallback() throws Exception {
    Server server =
        rig.serve((context, request) -> {
          context.onCancel(release::countDown);
          calls.incrementAndGet();
          release.await();
          return Rig.echo(context, request);
        });
    AtomicInteger asked = new AtomicInteger();
    Client client =
        fallingBack((request, status) -> {
          asked.incrementAndGet();
          return Rig.reply("no");
        });
    CompletableFuture<?> call = client.sendAsync(Rig.to(server));
    await().until(() -> calls.get() == 1);
    call.cancel(true);
    await().until(() -> server.inFlight() == 0);
    assertThat(asked).hasValue(0);
  }

  @Test
  void aFallbackDoesNotHideABlockingCallOnAnEventLoop() throws Exception {
    Server server = rig.serve(Rig::echo);
    AtomicInteger asked = new AtomicInteger();
    Client client =
        fallingBack((request, status) -> {
          asked.incrementAndGet();
          return Rig.reply("no");
        });
    CompletableFuture<Status> outcome = new CompletableFuture<>();
    rig.reactor.next().execute(() -> outcome.complete(failure(() -> client.send(Rig.to(server)))));
    assertThat(outcome.get(10, TimeUnit.SECONDS).code()).isEqualTo(Code.FAILED_PRECONDITION);
    assertThat(asked).hasValue(0);
  }

  @Test
  void oneWayCallsHaveNoFallback() throws Exception {
    Server server = rig.serve(Rig::echo);
    String place = "list://" + server.address();
    server.close();
    Client client = fallingBack((request, status) -> Rig.reply("no"));
    Request<EchoRequest, EchoReply> request = Rig.to(place).withTimeout(Duration.ofMillis(50));
    CompletableFuture<Void> sent = client.onewayAsync(request);
    clock.advance(LONG);
    assertThat(failure(sent).code()).isEqualTo(Code.UNAVAILABLE);
  }
}
