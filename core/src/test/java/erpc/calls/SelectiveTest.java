package erpc.calls;

import static erpc.calls.Rig.ECHO;
import static erpc.calls.Rig.failure;
import static erpc.calls.Rig.reply;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import erpc.call.CallOptions;
import erpc.call.FailureMode;
import erpc.call.Reply;
import erpc.call.Request;
import erpc.call.Status;
import erpc.call.Status.Code;
import erpc.client.Client;
import erpc.client.ClientSettings;
import erpc.client.Combine;
import erpc.fixture.EchoReply;
import erpc.fixture.EchoRequest;
import erpc.server.Server;
import erpc.transport.ManualClock;
import erpc.transport.Reactor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** One request to one of several alternatives. */
@Timeout(60)
class SelectiveTest {
  private static final Duration LIMIT = Duration.ofSeconds(1);

  private final ManualClock clock = new ManualClock();
  private final Rig rig = new Rig(Reactor.inMemory(clock));
  private final Client client =
      rig.client(
          Client.builder()
              .settings(ClientSettings.DEFAULTS.withMaxAttempts(2))
              .random(new Random(7)));
  private final Request<EchoRequest, EchoReply> request = Rig.to("list://127.0.0.1:1");

  @AfterEach
  void stop() throws Exception {
    rig.close();
  }

  private Server answering(String text) throws Exception {
    return rig.serve((context, asked) -> reply(text));
  }

  private Server failing(Code code, AtomicInteger runs) throws Exception {
    return rig.serve((context, asked) -> {
      runs.incrementAndGet();
      throw Status.of(code, "not here").toException();
    });
  }

  /** Alternatives of one client, each a place. */
  private Function<Request<EchoRequest, EchoReply>, CompletableFuture<Reply<EchoReply>>> among(
      Server... servers) {
    List<Function<Request<EchoRequest, EchoReply>, CompletableFuture<Reply<EchoReply>>>> all =
        new ArrayList<>();
    for (Server each : servers) {
      all.add(asked -> client.sendAsync(asked.at("list://" + each.address())));
    }
    return Combine.selective(client, all);
  }

  private String text(CompletableFuture<Reply<EchoReply>> call) throws Exception {
    passUntilDone(call);
    return call.get().body().getMsg();
  }

  /** Time passes while it waits for other tries. */
  private void passUntilDone(CompletableFuture<?> call) {
    await()
        .until(() -> {
          clock.advance(Duration.ofMillis(1));
          return call.isDone();
        });
  }

  @Test
  void spreadsCallsOverAllAlternatives() throws Exception {
    var call = among(answering("a"), answering("b"));
    int first = 0;
    for (int i = 0; i < 200; i++) {
      first += text(call.apply(request)).equals("a") ? 1 : 0;
    }
    assertThat(first).isBetween(60, 140);
  }

  @Test
  void goesOnElsewhereWhenOneCannotBeReached() throws Exception {
    Server gone = answering("gone");
    gone.close();
    var call = among(gone, answering("b"));
    for (int i = 0; i < 20; i++) {
      assertThat(text(call.apply(request))).isEqualTo("b");
    }
  }

  @Test
  void goesOnElsewhereOnlyIfACallThatHasRunMayRunTwice() throws Exception {
    AtomicInteger runs = new AtomicInteger();
    var call = among(failing(Code.UNAVAILABLE, runs), answering("b"));
    int failed = 0;
    for (int i = 0; i < 10; i++) {
      var one = call.apply(request);
      passUntilDone(one);
      failed += one.isCompletedExceptionally() ? 1 : 0;
    }
    assertThat(failed).isPositive().isEqualTo(runs.get());
    var idempotent = among(failing(Code.UNAVAILABLE, runs), answering("b"));
    for (int i = 0; i < 10; i++) {
      assertThat(text(idempotent.apply(request.withMethod(ECHO.idempotent())))).isEqualTo("b");
    }
  }

  @Test
  void answersThatSayNoAreTakenAsTheyAre() throws Exception {
    AtomicInteger runs = new AtomicInteger();
    var call = among(failing(Code.NOT_FOUND, runs), failing(Code.NOT_FOUND, runs));
    var one = call.apply(request.withMethod(ECHO.idempotent()));
    passUntilDone(one);
    assertThat(failure(one).code()).isEqualTo(Code.NOT_FOUND);
    assertThat(runs).hasValue(1);
  }

  @Test
  void avoidsOneThatFailsAndTriesItOutOncePerSecond() throws Exception {
    AtomicInteger runs = new AtomicInteger();
    var call = among(failing(Code.INTERNAL, runs), answering("b"));
    for (int i = 0; i < 100 && runs.get() < 5; i++) {
      passUntilDone(call.apply(request));
    }
    assertThat(runs).hasValue(5);
    long before = clock.nanos();
    for (int i = 0; i < 100; i++) {
      passUntilDone(call.apply(request));
    }
    long seconds = 1 + TimeUnit.NANOSECONDS.toSeconds(clock.nanos() - before);
    assertThat(runs.get() - 5L).isLessThanOrEqualTo(seconds);
    clock.advance(Duration.ofSeconds(1));
    int known = runs.get();
    passUntilDone(call.apply(request));
    assertThat(runs.get()).isEqualTo(known + 1);
  }

  @Test
  void callsThatCameTooLateSayNothingOfAnAlternative() throws Exception {
    Server good = answering("a");
    AtomicInteger asked = new AtomicInteger();
    Function<Request<EchoRequest, EchoReply>, CompletableFuture<Reply<EchoReply>>> first =
        request -> {
          asked.incrementAndGet();
          return client.sendAsync(request.at("list://" + good.address()));
        };
    Function<Request<EchoRequest, EchoReply>, CompletableFuture<Reply<EchoReply>>> second =
        request -> client.sendAsync(request.at("list://" + good.address()));
    var call = Combine.selective(client, List.of(first, second));
    for (int i = 0; i < 50; i++) {
      assertThat(failure(call.apply(request.withTimeout(Duration.ZERO))).code())
          .isEqualTo(Code.DEADLINE_EXCEEDED);
    }
    asked.set(0);
    for (int i = 0; i < 50; i++) {
      assertThat(text(call.apply(request))).isEqualTo("a");
    }
    assertThat(asked.get()).isBetween(10, 40);
  }

  @Test
  void triesNoMoreThanTheClientsNumber() throws Exception {
    AtomicInteger made = new AtomicInteger();
    Function<Request<EchoRequest, EchoReply>, CompletableFuture<Reply<EchoReply>>> nobody =
        asked -> {
          made.incrementAndGet();
          return CompletableFuture.failedFuture(
              Status.of(Code.UNAVAILABLE, "nobody").toException());
        };
    var call = Combine.selective(client, List.of(nobody, nobody, nobody, nobody));
    assertThat(failure(call.apply(request)).code()).isEqualTo(Code.UNAVAILABLE);
    assertThat(made).hasValue(2);
  }

  @Test
  void allTriesHaveOneDeadline() throws Exception {
    List<Duration> given = new ArrayList<>();
    Function<Request<EchoRequest, EchoReply>, CompletableFuture<Reply<EchoReply>>> slow =
        asked -> {
          Duration timeout = asked.timeout();
          given.add(timeout == null ? Duration.ZERO : timeout);
          clock.advance(Duration.ofSeconds(2));
          return CompletableFuture.failedFuture(
              Status.of(Code.UNAVAILABLE, "nobody").toException());
        };
    var call = Combine.selective(client, List.of(slow, slow));
    assertThat(failure(call.apply(request.withTimeout(Duration.ofSeconds(5)))).code())
        .isEqualTo(Code.UNAVAILABLE);
    assertThat(given).containsExactly(Duration.ofSeconds(5), Duration.ofSeconds(3));
    given.clear();
    assertThat(failure(call.apply(request.withTimeout(Duration.ofSeconds(2)))).code())
        .isEqualTo(Code.UNAVAILABLE);
    assertThat(given).hasSize(1);
  }

  @Test
  void cancellingItReachesTheServer() throws Exception {
    CountDownLatch running = new CountDownLatch(1);
    CountDownLatch cancelled = new CountDownLatch(1);
    Server hanging =
        rig.serve((context, asked) -> {
          CountDownLatch over = new CountDownLatch(1);
          context.onCancel(over::countDown);
          running.countDown();
          over.await();
          cancelled.countDown();
          return reply("late");
        });
    var call = among(hanging).apply(request);
    assertThat(running.await(20, TimeUnit.SECONDS)).isTrue();
    call.cancel(true);
    assertThat(cancelled.await(20, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void alternativeThatThrowsOrGivesNothingFailsTheCall() {
    var throwing =
        Combine.<EchoRequest, EchoReply>selective(
            client,
            List.of(asked -> {
              throw new IllegalStateException("no way");
            }));
    assertThat(failure(throwing.apply(request)).message()).contains("no way");
    Function<Request<EchoRequest, EchoReply>, CompletableFuture<Reply<EchoReply>>> nothing =
        asked -> null;
    assertThat(failure(Combine.selective(client, List.of(nothing)).apply(request)).message())
        .isEqualTo("alternative 0 gave null");
    assertThatThrownBy(() -> Combine.<EchoRequest, EchoReply>selective(client, List.of()))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void callEndsThoughAnAlternativeIgnoresItsTimeout() {
    CompletableFuture<Reply<EchoReply>> never = new CompletableFuture<>();
    Function<Request<EchoRequest, EchoReply>, CompletableFuture<Reply<EchoReply>>> hanging =
        asked -> never;
    var call = Combine.selective(client, List.of(hanging)).apply(request.withTimeout(LIMIT));
    clock.advance(LIMIT);
    assertThat(call).isNotDone(); // One that keeps to the deadline tells itself how it has ended.
    clock.advance(Duration.ofMillis(50));
    Status status = failure(call);
    assertThat(status.code()).isEqualTo(Code.DEADLINE_EXCEEDED);
    assertThat(status.message()).startsWith("alternative 0 has neither answered nor failed");
    assertThat(status.started()).isEqualTo(Status.Started.MAYBE);
    assertThat(never).isCancelled();
  }

  @Test
  void callEndsWithItsClient() {
    CompletableFuture<Reply<EchoReply>> never = new CompletableFuture<>();
    Function<Request<EchoRequest, EchoReply>, CompletableFuture<Reply<EchoReply>>> hanging =
        asked -> never;
    var selective = Combine.selective(client, List.of(hanging));
    var call = selective.apply(request);
    client.close();
    assertThat(failure(call).code()).isEqualTo(Code.CANCELLED);
    assertThat(never).isCancelled();
    assertThat(failure(selective.apply(request)).code()).isEqualTo(Code.UNAVAILABLE);
  }

  @Test
  void tryAfterOneThatAServerMayHaveWorkedForIsMarkedAsARetry() throws Exception {
    List<Boolean> marks = new CopyOnWriteArrayList<>();
    AtomicInteger runs = new AtomicInteger();
    Server east = failing(Code.UNAVAILABLE, runs);
    Server west =
        rig.serve((context, asked) -> {
          marks.add(context.isRetried());
          return reply("west");
        });
    var call = among(east, west);
    Request<EchoRequest, EchoReply> idempotent = request.withMethod(ECHO.idempotent());
    while (runs.get() == 0) {
      marks.clear();
      assertThat(text(call.apply(idempotent))).isEqualTo("west");
    }
    assertThat(marks).containsExactly(true);
    runs.set(0);
    List<Boolean> inHandler = new CopyOnWriteArrayList<>();
    Server front =
        rig.serve((context, asked) -> {
          inHandler.add(context.isRetried());
          return text(call.apply(idempotent)).equals("west") ? reply("west") : reply("?");
        });
    while (runs.get() == 0) {
      marks.clear();
      assertThat(text(client.sendAsync(Rig.to(front)))).isEqualTo("west");
    }
    assertThat(marks).containsExactly(true);
    assertThat(inHandler).isNotEmpty().doesNotContain(true);
  }

  @Test
  void tryAfterOneThatNoServerHadIsNoRetry() throws Exception {
    Server gone = answering("gone");
    gone.close();
    List<Boolean> marks = new CopyOnWriteArrayList<>();
    Server west =
        rig.serve((context, asked) -> {
          marks.add(context.isRetried());
          return reply("west");
        });
    var call = among(gone, west);
    for (int i = 0; i < 10; i++) {
      assertThat(text(call.apply(request))).isEqualTo("west");
    }
    assertThat(marks).hasSize(10).doesNotContain(true);
  }

  @Test
  void optionsOfTheClientHold() throws Exception {
    Client strict =
        rig.client(
            Client.builder()
                .options(
                    ECHO.name(),
                    CallOptions.NONE
                        .withFailureMode(FailureMode.FAILFAST)
                        .withTimeout(Duration.ofSeconds(7))));
    List<Duration> given = new ArrayList<>();
    Function<Request<EchoRequest, EchoReply>, CompletableFuture<Reply<EchoReply>>> broken =
        asked -> {
          given.add(asked.timeout());
          return CompletableFuture.failedFuture(
              Status.of(Code.UNAVAILABLE, "broken")
                  .withStarted(Status.Started.MAYBE)
                  .toException());
        };
    var call = Combine.selective(strict, List.of(broken, broken));
    Request<EchoRequest, EchoReply> silent =
        request.withMethod(ECHO.idempotent()).withOptions(CallOptions.NONE);
    assertThat(failure(call.apply(silent)).message()).isEqualTo("broken");
    assertThat(given).containsExactly(Duration.ofSeconds(7));
  }

  @Test
  void whatBreaksBetweenTwoTriesIsItsEnd() {
    AtomicInteger draws = new AtomicInteger();
    Client broken =
        rig.client(
            Client.builder()
                .random(
                    new Random(7) {
                      @Override
                      public int nextInt(int bound) {
                        if (draws.incrementAndGet() > 2) {
                          throw new IllegalStateException("no more chance");
                        }
                        return super.nextInt(bound);
                      }
                    }));
    Function<Request<EchoRequest, EchoReply>, CompletableFuture<Reply<EchoReply>>> nobody =
        asked ->
            CompletableFuture.failedFuture(Status.of(Code.UNAVAILABLE, "nobody").toException());
    Status status = failure(Combine.selective(broken, List.of(nobody, nobody)).apply(request));
    assertThat(status.code()).isEqualTo(Code.INTERNAL);
    assertThat(status.message()).contains("no more chance");
  }
}
