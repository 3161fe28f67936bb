package erpc.calls;

import static erpc.calls.Rig.failure;
import static erpc.calls.Rig.reply;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import erpc.SameMoment;
import erpc.call.Context;
import erpc.call.Request;
import erpc.call.Status;
import erpc.call.Status.Code;
import erpc.client.Client;
import erpc.client.Combine;
import erpc.client.Combine.Part;
import erpc.fixture.EchoReply;
import erpc.fixture.EchoRequest;
import erpc.server.Server;
import erpc.transport.ManualClock;
import erpc.transport.Reactor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Several calls as one: all of them, so many, the first, what comes in time. */
@Timeout(60)
class CombinedCallsTest {
  private final ManualClock clock = new ManualClock();
  private final Rig rig = new Rig(Reactor.inMemory(clock));
  private final CountDownLatch running = new CountDownLatch(1);
  private final CountDownLatch cancelled = new CountDownLatch(1);
  private Server server;
  private Client client;

  @BeforeEach
  void start() throws Exception {
    server = rig.serve(this::handle);
    client = rig.clientOfOneTry();
  }

  @AfterEach
  void stop() throws Exception {
    rig.close();
  }

  /** Says it back; but "fail" fails, and "hang" has no answer until it is cancelled. */
  private EchoReply handle(Context context, EchoRequest request) throws InterruptedException {
    if (request.getMsg().equals("fail")) {
      throw Status.of(Code.NOT_FOUND, "no such thing").toException();
    }
    if (!request.getMsg().equals("hang")) {
      return reply(request.getMsg());
    }
    CountDownLatch over = new CountDownLatch(1);
    context.onCancel(over::countDown);
    running.countDown();
    over.await();
    assertThat(context.isCancelled()).isTrue();
    cancelled.countDown();
    return reply("late");
  }

  private CompletableFuture<String> call(String message) {
    String address = "list://" + server.address() + "/demo.echo";
    return client
        .callAsync(address, Rig.request(message), EchoReply.class)
        .thenApply(EchoReply::getMsg);
  }

  /** The calls themselves: what depends on them would not cancel them. */
  private List<CompletableFuture<EchoReply>> calls(String... messages) {
    return Stream.of(messages)
        .map(each -> client.sendAsync(Rig.to(server).withBody(Rig.request(each))))
        .map(each -> new Body(each))
        .map(each -> (CompletableFuture<EchoReply>) each)
        .toList();
  }

  /** A user's own future, which hands on its cancellation. */
  private static final class Body extends CompletableFuture<EchoReply> {
    private final CompletableFuture<? extends erpc.call.Reply<EchoReply>> of;

    Body(CompletableFuture<? extends erpc.call.Reply<EchoReply>> of) {
      this.of = of;
      var unused =
          of.whenComplete((reply, thrown) -> {
            if (thrown == null) {
              complete(reply.body());
            } else {
              completeExceptionally(thrown);
            }
          });
    }

    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
      of.cancel(mayInterruptIfRunning);
      return super.cancel(mayInterruptIfRunning);
    }
  }

  private static String joined(List<EchoReply> replies) {
    return String.join(",", replies.stream().map(EchoReply::getMsg).toList());
  }

  private static String shown(Part<EchoReply> part) {
    EchoReply value = part.value();
    return part.index() + ":" + (value == null ? part.status().code().name() : value.getMsg());
  }

  private static List<String> shown(List<Part<EchoReply>> parts) {
    return parts.stream().map(CombinedCallsTest::shown).toList();
  }

  private void hangingIsCancelled() throws InterruptedException {
    assertThat(cancelled.await(20, TimeUnit.SECONDS)).isTrue();
  }

  private List<CompletableFuture<EchoReply>> withHanging(String... others) throws Exception {
    List<CompletableFuture<EchoReply>> all = new ArrayList<>(calls("hang"));
    assertThat(running.await(20, TimeUnit.SECONDS)).isTrue();
    all.addAll(calls(others));
    return all;
  }

  // ---- all

  @Test
  void allMergesRepliesInTheOrderOfTheCalls() throws Exception {
    CompletableFuture<String> all = Combine.all(calls("a", "b", "c"), CombinedCallsTest::joined);
    assertThat(all.get(20, TimeUnit.SECONDS)).isEqualTo("a,b,c");
  }

  @Test
  void allOfNoneIsMergedAtOnce() {
    assertThat(Combine.<EchoReply, String>all(List.of(), CombinedCallsTest::joined))
        .isCompletedWithValue("");
  }

  @Test
  void firstFailureOfAllIsItsOwnAndCancelsTheOthersAtTheirServer() throws Exception {
    Status status = failure(Combine.all(withHanging("a", "fail"), CombinedCallsTest::joined));
    assertThat(status.code()).isEqualTo(Code.NOT_FOUND);
    assertThat(status.message()).isEqualTo("no such thing");
    assertThat(status.endpoint()).isEqualTo(server.address());
    hangingIsCancelled();
  }

  @Test
  void failureOfOneThatWasNotStartedSaysThatOthersMayHaveBeen() throws Exception {
    Server gone = rig.serve(this::handle);
    gone.close();
    var hanging = withHanging();
    var failing = client.sendAsync(Rig.to(gone));
    Status status = failure(Combine.all(List.of(hanging.getFirst(), failing), List::size));
    assertThat(failure(failing).started()).isEqualTo(Status.Started.NO);
    assertThat(status.code()).isEqualTo(Code.UNAVAILABLE);
    assertThat(status.endpoint()).isEqualTo(gone.address());
    assertThat(status.started()).isEqualTo(Status.Started.MAYBE);
    hangingIsCancelled();
  }

  @Test
  void failureKnownBeforeSaysThatCallsBehindItInTheListMayHaveBeenStarted() throws Exception {
    Server gone = rig.serve(this::handle);
    gone.close();
    var hanging = withHanging();
    var failing = client.sendAsync(Rig.to(gone));
    assertThat(failure(failing).started()).isEqualTo(Status.Started.NO);
    Status status = failure(Combine.all(List.of(failing, hanging.getFirst()), List::size));
    assertThat(status.code()).isEqualTo(Code.UNAVAILABLE);
    assertThat(status.started()).isEqualTo(Status.Started.MAYBE);
    hangingIsCancelled();
  }

  @Test
  void refusedArgumentSaysThatTheCallsMayHaveBeenStarted() throws Exception {
    Status status = failure(Combine.quorum(2, withHanging(), List::size));
    assertThat(status.code()).isEqualTo(Code.INVALID_ARGUMENT);
    assertThat(status.started()).isEqualTo(Status.Started.MAYBE);
    hangingIsCancelled();
  }

  @Test
  void callsOfSeveralTypesAreCombined() throws Exception {
    var text = call("a");
    CompletableFuture<Integer> number = CompletableFuture.completedFuture(7);
    CompletableFuture<String> both =
        Combine.all(List.of(text, number), values -> text.join() + number.join() + values.size());
    assertThat(both.get(20, TimeUnit.SECONDS)).isEqualTo("a72");
  }

  // ---- quorum, first

  @Test
  void quorumTakesAsManyAsAreWantedAndCancelsTheRest() throws Exception {
    var quorum = Combine.quorum(2, withHanging("fail", "b", "c"), CombinedCallsTest::joined);
    assertThat(quorum.get(20, TimeUnit.SECONDS)).isEqualTo("b,c");
    hangingIsCancelled();
  }

  @Test
  void quorumFailsAsSoonAsItCannotBeReachedAndTellsWhy() throws Exception {
    Status status =
        failure(Combine.quorum(2, withHanging("fail", "fail"), CombinedCallsTest::joined));
    assertThat(status.code()).isEqualTo(Code.NOT_FOUND);
    assertThat(status.message())
        .startsWith("2 of 3 calls failed, and 2 were to succeed; the first that failed is call ")
        .endsWith("NOT_FOUND: no such thing (remote, " + server.address() + ", started)");
    assertThat(status.started()).isEqualTo(Status.Started.YES);
    hangingIsCancelled();
  }

  @Test
  void firstIsTheFirstThatSucceeds() throws Exception {
    EchoReply first = Combine.first(withHanging("fail", "b")).get(20, TimeUnit.SECONDS);
    assertThat(first.getMsg()).isEqualTo("b");
    hangingIsCancelled();
  }

  @Test
  void firstFailsWhenAllHave() {
    Status status = failure(Combine.first(calls("fail", "fail")));
    assertThat(status.code()).isEqualTo(Code.NOT_FOUND);
    assertThat(status.message()).startsWith("2 of 2 calls failed, and 1 were to succeed");
  }

  @Test
  void quorumOfAllTellsHowManyFailedToo() throws Exception {
    var calls = calls("fail", "b");
    await().until(() -> calls.stream().allMatch(CompletableFuture::isDone));
    assertThat(failure(Combine.quorum(2, calls, CombinedCallsTest::joined)).message())
        .startsWith("1 of 2 calls failed, and 2 were to succeed; the first");
  }

  @Test
  void partialOfLessThanNoneFailsAndCancelsTheCalls() throws Exception {
    var partial =
        Combine.partial(
            client, Duration.ofSeconds(5), -1, withHanging("a"), CombinedCallsTest::shown);
    Status status = failure(partial);
    assertThat(status.code()).isEqualTo(Code.INVALID_ARGUMENT);
    assertThat(status.message()).isEqualTo("-1 of 2 calls cannot be wanted: from 0 to 2");
    hangingIsCancelled();
  }

  @Test
  void whatCannotBeWantedFailsAndCancelsTheCalls() throws Exception {
    Status status = failure(Combine.quorum(3, withHanging("a"), CombinedCallsTest::joined));
    assertThat(status.code()).isEqualTo(Code.INVALID_ARGUMENT);
    assertThat(status.message()).isEqualTo("3 of 2 calls cannot be wanted: from 1 to 2");
    hangingIsCancelled();
    assertThat(failure(Combine.first(List.of())).code()).isEqualTo(Code.INVALID_ARGUMENT);
    assertThat(failure(Combine.quorum(-1, calls("a"), CombinedCallsTest::joined)).code())
        .isEqualTo(Code.INVALID_ARGUMENT);
  }

  @Test
  void callThatIsNullFailsAndCancelsTheOthers() throws Exception {
    List<CompletableFuture<EchoReply>> calls = new ArrayList<>(withHanging());
    calls.add(null);
    Status status = failure(Combine.all(calls, CombinedCallsTest::joined));
    assertThat(status.code()).isEqualTo(Code.INVALID_ARGUMENT);
    assertThat(status.message()).isEqualTo("call 1 is null");
    hangingIsCancelled();
  }

  // ---- what comes in time

  @Test
  void partialTakesWhatHasComeByTheLimitAndTellsOfEachPart() throws Exception {
    var calls = withHanging("fail", "c");
    await().until(() -> calls.get(1).isDone() && calls.get(2).isDone());
    CompletableFuture<List<String>> partial =
        Combine.partial(client, Duration.ofMillis(50), 1, calls, CombinedCallsTest::shown);
    clock.advance(Duration.ofMillis(49));
    assertThat(partial).isNotDone();
    clock.advance(Duration.ofMillis(1));
    assertThat(partial.get(20, TimeUnit.SECONDS))
        .containsExactly("0:DEADLINE_EXCEEDED", "1:NOT_FOUND", "2:c");
    hangingIsCancelled();
  }

  @Test
  void partialIsThereBeforeTheLimitIfAllHasCome() throws Exception {
    CompletableFuture<List<String>> partial =
        Combine.partial(
            client, Duration.ofDays(1_000_000), 0, calls("fail", "b"), CombinedCallsTest::shown);
    assertThat(partial.get(20, TimeUnit.SECONDS)).containsExactly("0:NOT_FOUND", "1:b");
  }

  @Test
  void partialFailsIfTooFewHaveComeByTheLimit() throws Exception {
    var calls = withHanging("b", "fail");
    await().until(() -> calls.get(1).isDone() && calls.get(2).isDone());
    var partial =
        Combine.partial(client, Duration.ofMillis(50), 2, calls, CombinedCallsTest::shown);
    clock.advance(Duration.ofMillis(50));
    Status status = failure(partial);
    assertThat(status.code()).isEqualTo(Code.DEADLINE_EXCEEDED);
    assertThat(status.message())
        .startsWith(
            "the limit of 50 ms passed: 1 of 3 calls succeeded by then, and 2 were to; the first"
                + " that failed is call 2, NOT_FOUND");
    hangingIsCancelled();
  }

  @Test
  void partialFailsBeforeTheLimitIfItIsHopeless() throws Exception {
    var partial =
        Combine.partial(
            client, Duration.ofSeconds(5), 2, withHanging("fail"), CombinedCallsTest::shown);
    assertThat(failure(partial).code()).isEqualTo(Code.NOT_FOUND);
    hangingIsCancelled();
  }

  // ---- merging

  @Test
  void whatMergingThrowsIsTheFailureAndCancelsTheRest() throws Exception {
    var broken =
        Combine.quorum(
            1,
            withHanging("a"),
            replies -> {
              throw new IllegalStateException("do not agree");
            });
    Status status = failure(broken);
    assertThat(status.code()).isEqualTo(Code.INTERNAL);
    assertThat(status.message()).contains("merging replies threw").contains("do not agree");
    hangingIsCancelled();
    var refused =
        Combine.all(
            calls("a"),
            replies -> {
              throw Status.of(Code.ABORTED, "they differ").toException();
            });
    assertThat(failure(refused).code()).isEqualTo(Code.ABORTED);
  }

  @Test
  void mergingMayComeToNothing() throws Exception {
    CompletableFuture<@Nullable Void> done = Combine.all(calls("a"), replies -> null);
    assertThat(done.get(20, TimeUnit.SECONDS)).isNull();
  }

  // ---- whatever ends it

  @Test
  void cancellingItCancelsItsCalls() throws Exception {
    var all = Combine.all(withHanging("b"), CombinedCallsTest::joined);
    assertThat(all.cancel(true)).isTrue();
    hangingIsCancelled();
    assertThat(all).isCancelled();
  }

  @Test
  void completingItByHandCancelsItsCalls() throws Exception {
    var all = Combine.all(withHanging("b"), CombinedCallsTest::joined);
    assertThat(all.complete("enough")).isTrue();
    hangingIsCancelled();
  }

  @Test
  void combinedCallsAreCombinedAgain() throws Exception {
    var all = Combine.all(withHanging("b"), CombinedCallsTest::joined);
    var first = Combine.first(List.of(all, Combine.all(calls("c"), CombinedCallsTest::joined)));
    assertThat(first.get(20, TimeUnit.SECONDS)).isEqualTo("c");
    hangingIsCancelled();
  }

  @Test
  void futuresThatAreNoCallsMayTakePart() {
    CompletableFuture<String> broken = new CompletableFuture<>();
    var all = Combine.all(List.of(broken.thenApply(text -> text)), values -> "never");
    broken.completeExceptionally(
        new CompletionException(Status.of(Code.DATA_LOSS, "gone").toException()));
    assertThat(failure(all).code()).isEqualTo(Code.DATA_LOSS);
    CompletableFuture<String> cancelledOne = new CompletableFuture<>();
    cancelledOne.cancel(false);
    assertThat(failure(Combine.all(List.of(cancelledOne), values -> "never")).code())
        .isEqualTo(Code.CANCELLED);
  }

  @Test
  void manyCallsThatHaveEndedBeforeAreNoMatter() throws Exception {
    List<CompletableFuture<Integer>> many =
        Collections.nCopies(100_000, CompletableFuture.completedFuture(1));
    CompletableFuture<Integer> sum = Combine.all(many, List::size);
    assertThat(sum.get(20, TimeUnit.SECONDS)).isEqualTo(100_000);
  }

  // ---- where it runs

  @Test
  void mergesInTheContextInWhichItWasMadeAndEndsWithItsCall() throws Exception {
    AtomicReference<@Nullable Context> seen = new AtomicReference<>();
    AtomicReference<@Nullable Context> outer = new AtomicReference<>();
    Server front =
        rig.serve((context, request) -> {
          outer.set(context);
          if (request.getMsg().equals("hang")) {
            return Combine.all(calls("hang", "b"), replies -> reply("never")).join();
          }
          return Combine.all(
                  calls("a"),
                  replies -> {
                    seen.set(Context.current());
                    return reply("merged");
                  })
              .join();
        });
    Request<EchoRequest, EchoReply> request = Rig.to(front);
    assertThat(client.send(request).body().getMsg()).isEqualTo("merged");
    assertThat(seen.get()).isSameAs(outer.get());
    var nested = client.sendAsync(request.withBody(Rig.request("hang")));
    assertThat(running.await(20, TimeUnit.SECONDS)).isTrue();
    nested.cancel(true);
    hangingIsCancelled();
  }

  // ---- races

  @Test
  void cancellationAndTheLastReplyAgreeOnTheEnd() throws Exception {
    SameMoment.again(() ->
        new SameMoment.Round() {
          private final CompletableFuture<String> last = new CompletableFuture<>();
          private final CompletableFuture<String> late = new CompletableFuture<>();
          private final CompletableFuture<String> quorum =
              Combine.quorum(1, Arrays.asList(last, late), List::getFirst);

          @Override
          public void one() {
            quorum.cancel(false);
          }

          @Override
          public void other() {
            last.complete("here");
          }

          @Override
          public void check() {
            assertThat(quorum).isDone();
            assertThat(quorum.isCancelled() || quorum.join().equals("here")).isTrue();
            assertThat(last).isDone();
            assertThat(late).isCancelled();
          }
        });
  }

  @Test
  void twoThatFailAtOnceMakeOneEnd() throws Exception {
    SameMoment.again(() ->
        new SameMoment.Round() {
          private final CompletableFuture<String> first = new CompletableFuture<>();
          private final CompletableFuture<String> second = new CompletableFuture<>();
          private final CompletableFuture<String> third = new CompletableFuture<>();
          private final CompletableFuture<String> quorum =
              Combine.quorum(2, List.of(first, second, third), values -> "never");

          @Override
          public void one() {
            first.completeExceptionally(new IllegalStateException("one"));
          }

          @Override
          public void other() {
            second.completeExceptionally(new IllegalStateException("other"));
          }

          @Override
          public void check() {
            assertThat(quorum).isCompletedExceptionally();
            assertThat(third).isCancelled();
          }
        });
  }
}
