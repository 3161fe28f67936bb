package erpc.calls;

import static erpc.calls.Rig.ECHO;
import static erpc.calls.Rig.LONG;
import static erpc.calls.Rig.failure;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import erpc.call.CallOptions;
import erpc.call.Method;
import erpc.call.Reply;
import erpc.call.Request;
import erpc.call.Status;
import erpc.call.Status.Code;
import erpc.call.TraceContext;
import erpc.client.Client;
import erpc.fixture.EchoReply;
import erpc.fixture.EchoRequest;
import erpc.server.Server;
import erpc.trace.CallObserver;
import erpc.trace.CallView;
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
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Calls that are made at several endpoints: hedged ones, and those that fork. */
@Timeout(60)
class RacesTest {
  private static final Method<EchoRequest, EchoReply> READ = ECHO.idempotent();
  private static final int WARM = 40;

  private final ManualClock clock = new ManualClock();
  private final Rig rig = new Rig(Reactor.inMemory(clock));
  private final List<Site> sites = new ArrayList<>();

  private Site site() throws Exception {
    Site made = new Site(rig);
    sites.add(made);
    return made;
  }

  @AfterEach
  void stop() throws Exception {
    sites.forEach(each -> each.release.countDown());
    rig.close();
  }

  private Request<EchoRequest, EchoReply> request(CallOptions options) {
    Server[] servers = sites.stream().map(each -> each.server).toArray(Server[]::new);
    Request<EchoRequest, EchoReply> plain = Rig.to(servers).withMethod(READ);
    return plain.withOptions(options.withTimeout(LONG));
  }

  private static CallOptions hedged() {
    return CallOptions.NONE.withHedging(0.1);
  }

  private static CallOptions forking() {
    return CallOptions.NONE.withForks(2);
  }

  private void warm(Client client, Request<EchoRequest, EchoReply> request) {
    for (int i = 0; i < WARM; i++) {
      assertThat(client.send(request)).isNotNull();
      clock.advance(Duration.ofMillis(100));
    }
  }

  private void hangAll() {
    sites.forEach(each -> each.hangs = true);
  }

  /** A call that hangs wherever it goes, once it is known what such calls take. */
  private CompletableFuture<Reply<EchoReply>> hanging(Client client, CallOptions options) {
    warm(client, request(options));
    hangAll();
    return client.sendAsync(request(options));
  }

  private Site otherThan(Site one) {
    return sites.get(0) == one ? sites.get(1) : sites.get(0);
  }

  private int calls() {
    return sites.stream().mapToInt(each -> each.calls.get()).sum();
  }

  /** The one whose handler hangs. */
  private Site busy() {
    await().until(() -> sites.stream().anyMatch(each -> each.hanging.get() > 0));
    return sites.stream().filter(each -> each.hanging.get() > 0).findFirst().orElseThrow();
  }

  private static EchoReply body(CompletableFuture<Reply<EchoReply>> call) throws Exception {
    return call.get(10, TimeUnit.SECONDS).body();
  }

  @Test
  void aCallThatTakesLongIsMadeOnceMoreElsewhere() throws Exception {
    site();
    site();
    Client client = rig.client();
    CompletableFuture<Reply<EchoReply>> call = hanging(client, hedged());
    Site slow = busy();
    Site other = otherThan(slow);
    other.hangs = false;
    assertThat(slow.isLastRetried()).isFalse();
    clock.advance(Duration.ofMillis(20));
    assertThat(body(call).getMsg()).isEqualTo(other.server.address());
    assertThat(call.get().endpoint()).isEqualTo(other.server.address());
    assertThat(other.isLastRetried()).isTrue();
    await().until(() -> slow.cancelled.get() == 1);
  }

  @Test
  void ofTwoTheFirstOneMayStillWin() throws Exception {
    site();
    site();
    Client client = rig.client();
    CompletableFuture<Reply<EchoReply>> call = hanging(client, hedged());
    Site slow = busy();
    clock.advance(Duration.ofMillis(20));
    await().until(() -> calls() == WARM + 2);
    slow.release.countDown();
    assertThat(body(call).getMsg()).isEqualTo(slow.server.address());
    Site other = otherThan(slow);
    await().until(() -> other.cancelled.get() == 1);
  }

  @Test
  void aCallerThatWaitsIsAnsweredByItsHedge() throws Exception {
    site();
    site();
    Client client = rig.client();
    warm(client, request(hedged()));
    hangAll();
    CompletableFuture<String> answer = new CompletableFuture<>();
    Thread caller =
        Thread.startVirtualThread(
            () -> answer.complete(client.send(request(hedged())).body().getMsg()));
    Site slow = busy();
    Site other = otherThan(slow);
    other.hangs = false;
    clock.advance(Duration.ofMillis(20));
    assertThat(answer.get(10, TimeUnit.SECONDS)).isEqualTo(other.server.address());
    caller.join();
  }

  @Test
  void filtersAroundTriesAreAroundHedgesToo() throws Exception {
    site();
    site();
    AtomicInteger filtered = new AtomicInteger();
    Client client =
        rig.client(
            Client.builder()
                .attemptFilter((request, next) -> {
                  filtered.incrementAndGet();
                  return next.call(request);
                }));
    CompletableFuture<Reply<EchoReply>> call = hanging(client, hedged());
    Site slow = busy();
    Site other = otherThan(slow);
    other.hangs = false;
    clock.advance(Duration.ofMillis(20));
    assertThat(body(call).getMsg()).isEqualTo(other.server.address());
    assertThat(filtered).hasValue(WARM + 2);
    await().until(() -> slow.cancelled.get() == 1);
  }

  @Test
  void whatMayNotRunTwiceIsNotHedged() throws Exception {
    site();
    site();
    Client client = rig.client();
    Request<EchoRequest, EchoReply> once = request(hedged()).withMethod(ECHO);
    warm(client, once);
    hangAll();
    CompletableFuture<?> call = client.sendAsync(once);
    busy();
    clock.advance(Duration.ofSeconds(1));
    assertThat(calls()).isEqualTo(WARM + 1);
    call.cancel(false);
  }

  @Test
  void aQuickCallIsNotHedged() throws Exception {
    site();
    site();
    Client client = rig.client();
    warm(client, request(hedged()));
    assertThat(calls()).isEqualTo(WARM);
  }

  @Test
  void noMoreCallsAreHedgedThanWereAllowed() throws Exception {
    site();
    site();
    Client client = rig.client();
    warm(client, request(hedged()));
    hangAll();
    List<CompletableFuture<?>> calls = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      calls.add(client.sendAsync(request(hedged())));
    }
    await().until(() -> calls() == WARM + 30);
    clock.advance(Duration.ofMillis(50));
    int most = (WARM + 30) / 10;
    await().until(() -> calls() == WARM + 30 + most);
    clock.advance(Duration.ofMillis(500));
    assertThat(calls()).isEqualTo(WARM + 30 + most);
    calls.forEach(each -> each.cancel(false));
  }

  @Test
  void withOneEndpointThereIsNoHedge() throws Exception {
    Site only = site();
    Client client = rig.client();
    warm(client, request(hedged()));
    only.hangs = true;
    CompletableFuture<Reply<EchoReply>> call = client.sendAsync(request(hedged()));
    busy();
    clock.advance(Duration.ofSeconds(1));
    assertThat(calls()).isEqualTo(WARM + 1);
    only.release.countDown();
    assertThat(body(call)).isNotNull();
  }

  @Test
  void aHedgeThatGetsNoThreadLeavesTheFirstCallAlone() throws Exception {
    site();
    site();
    AtomicInteger refused = new AtomicInteger();
    Client client =
        rig.client(
            Client.builder()
                .threads(task -> {
                  refused.incrementAndGet();
                  throw new OutOfMemoryError("no thread, says this test");
                }));
    CompletableFuture<Reply<EchoReply>> call = hanging(client, hedged());
    Site slow = busy();
    int before = refused.get();
    clock.advance(Duration.ofMillis(20));
    assertThat(refused.get()).isGreaterThan(before);
    slow.release.countDown();
    assertThat(body(call).getMsg()).isEqualTo(slow.server.address());
    assertThat(calls()).isEqualTo(WARM + 1);
  }

  @Test
  void aFilterThatTakesLongDoesNotKeepItsCallerFromTheHedge() throws Exception {
    Site one = site();
    Site two = site();
    CountDownLatch over = new CountDownLatch(1);
    AtomicInteger filtered = new AtomicInteger();
    Client client =
        rig.client(
            Client.builder()
                .attemptFilter((request, next) -> {
                  if (filtered.incrementAndGet() == WARM + 1) {
                    over.await();
                  }
                  return next.call(request);
                }));
    warm(client, request(hedged()));
    CompletableFuture<String> answer = new CompletableFuture<>();
    Thread caller =
        Thread.startVirtualThread(
            () -> answer.complete(client.send(request(hedged())).body().getMsg()));
    await().until(() -> filtered.get() == WARM + 1);
    clock.advance(Duration.ofMillis(20));
    assertThat(answer.get(10, TimeUnit.SECONDS)).isIn(one.server.address(), two.server.address());
    caller.join();
    over.countDown();
  }

  @Test
  void thereIsNoHedgeIfTheOtherEndpointIsGone() throws Exception {
    Site one = site();
    Site two = site();
    Client client = rig.client();
    warm(client, request(hedged()));
    two.server.close();
    warm(client, request(hedged())); // So that it is known to be gone.
    one.hangs = true;
    int before = calls();
    CompletableFuture<Reply<EchoReply>> call = client.sendAsync(request(hedged()));
    assertThat(busy()).isSameAs(one);
    clock.advance(Duration.ofMillis(100));
    assertThat(calls()).isEqualTo(before + 1);
    CompletableFuture<Reply<EchoReply>> fork = client.sendAsync(request(forking()));
    await().until(() -> calls() == before + 2);
    clock.advance(Duration.ofMillis(100));
    assertThat(calls()).isEqualTo(before + 2);
    one.release.countDown();
    assertThat(body(call)).isNotNull();
    assertThat(body(fork)).isNotNull();
  }

  @Test
  void aListedCodeOfTheHedgeIsNoAnswerOfTheCall() throws Exception {
    site();
    site();
    Client client = rig.client();
    CallOptions options = hedged().withRetryOn(Set.of(Code.ABORTED));
    CompletableFuture<Reply<EchoReply>> call = hanging(client, options);
    Site slow = busy();
    Site other = otherThan(slow);
    other.hangs = false;
    other.fails = Code.ABORTED;
    clock.advance(Duration.ofMillis(20));
    await().until(() -> other.server.inFlight() == 0 && calls() == WARM + 2);
    clock.advance(Duration.ofMillis(20));
    slow.release.countDown();
    assertThat(body(call).getMsg()).isEqualTo(slow.server.address());
  }

  @Test
  void observersSetTheTraceOfAHedgedCall() throws Exception {
    TraceContext set = TraceContext.of(7, 8, 9, TraceContext.SAMPLED);
    CompletableFuture<TraceContext> seen = new CompletableFuture<>();
    Server server =
        rig.serve((context, request) -> {
          seen.complete(context.trace());
          return Rig.echo(context, request);
        });
    Client client =
        rig.client(
            Client.builder()
                .observer(
                    new CallObserver() {
                      @Override
                      public Object begin(CallView call) {
                        call.trace(set);
                        return "kept";
                      }
                    }));
    Request<EchoRequest, EchoReply> request =
        Rig.to(server).withMethod(READ).withOptions(hedged().withTimeout(LONG));
    assertThat(client.send(request)).isNotNull();
    assertThat(seen.get(10, TimeUnit.SECONDS).traceIdHigh()).isEqualTo(7);
  }

  @Test
  void cancellingTheCallCancelsBoth() throws Exception {
    site();
    site();
    Client client = rig.client();
    CompletableFuture<?> call = hanging(client, hedged());
    busy();
    clock.advance(Duration.ofMillis(20));
    await().until(() -> calls() == WARM + 2);
    call.cancel(false);
    await().until(() -> sites.stream().allMatch(each -> each.cancelled.get() == 1));
  }

  @Test
  void bothEndAtTheDeadline() throws Exception {
    site();
    site();
    Client client = rig.client();
    CompletableFuture<?> call = hanging(client, hedged());
    busy();
    clock.advance(Duration.ofMillis(20));
    await().until(() -> calls() == WARM + 2);
    clock.advance(LONG);
    Status status = failure(call);
    assertThat(status.code()).isEqualTo(Code.DEADLINE_EXCEEDED);
    assertThat(status.started()).isNotEqualTo(Status.Started.NO);
  }

  @Test
  void anAnswerThatIsNotOkEndsTheOther() throws Exception {
    site();
    site();
    Client client = rig.client();
    CompletableFuture<?> call = hanging(client, hedged());
    Site slow = busy();
    Site other = otherThan(slow);
    other.hangs = false;
    other.fails = Code.NOT_FOUND;
    clock.advance(Duration.ofMillis(20));
    assertThat(failure(call).code()).isEqualTo(Code.NOT_FOUND);
    await().until(() -> slow.cancelled.get() == 1);
  }

  @Test
  void aHedgeThatFailsLeavesTheFirstCallAlone() throws Exception {
    site();
    site();
    Client client = rig.client();
    CompletableFuture<Reply<EchoReply>> call = hanging(client, hedged());
    Site slow = busy();
    Site other = otherThan(slow);
    other.hangs = false;
    other.fails = Code.UNAVAILABLE;
    clock.advance(Duration.ofMillis(20));
    await().until(() -> other.server.inFlight() == 0 && calls() == WARM + 2);
    clock.advance(Duration.ofMillis(20));
    assertThat(call).isNotDone();
    slow.release.countDown();
    assertThat(body(call).getMsg()).isEqualTo(slow.server.address());
    assertThat(calls()).isEqualTo(WARM + 2);
  }

  @Test
  void observersSeeOneCallOfTwoTries() throws Exception {
    site();
    site();
    CallDiary diary = new CallDiary();
    Client client = rig.client(Client.builder().observer(diary));
    warm(client, request(hedged()));
    diary.lines(WARM);
    diary.lines.clear();
    hangAll();
    CompletableFuture<Reply<EchoReply>> call = client.sendAsync(request(hedged()));
    Site slow = busy();
    Site other = otherThan(slow);
    other.hangs = false;
    clock.advance(Duration.ofMillis(20));
    assertThat(body(call)).isNotNull();
    assertThat(diary.lines(1))
        .contains("try 1 at " + slow.server.address(), "try 2 at " + other.server.address())
        .anyMatch(each -> each.startsWith("ended OK 4/"));
    assertThat(diary.lines.stream().filter(each -> each.startsWith("begin")).count()).isOne();
  }

  @Test
  void aForkGoesToTwoAtOnceAndTheFirstAnswerCounts() throws Exception {
    Site one = site();
    Site two = site();
    Client client = rig.client();
    assertThat(client.send(request(CallOptions.NONE))).isNotNull();
    hangAll();
    int before = calls();
    CompletableFuture<Reply<EchoReply>> call = client.sendAsync(request(forking()));
    await().until(() -> calls() == before + 2);
    two.release.countDown();
    assertThat(body(call).getMsg()).isEqualTo(two.server.address());
    await().until(() -> one.cancelled.get() == 1);
    assertThat(one.isLastRetried() ^ two.isLastRetried()).isTrue();
  }

  @Test
  void aForkFailsOnlyIfAllFail() throws Exception {
    Site one = site();
    Site two = site();
    Client client = rig.client();
    assertThat(client.send(request(CallOptions.NONE))).isNotNull();
    one.fails = Code.INTERNAL;
    for (int i = 0; i < 10; i++) {
      assertThat(client.send(request(forking())).endpoint()).isEqualTo(two.server.address());
    }
    two.fails = Code.INTERNAL;
    Status status = failure(() -> client.send(request(forking())));
    assertThat(status.code()).isEqualTo(Code.INTERNAL);
    assertThat(status.started()).isEqualTo(Status.Started.YES);
  }

  @Test
  void aForkOfMoreThanThereAreGoesToAll() throws Exception {
    site();
    site();
    Client client = rig.client();
    assertThat(client.send(request(CallOptions.NONE))).isNotNull();
    int before = calls();
    hangAll();
    CompletableFuture<?> call = client.sendAsync(request(forking().withForks(8)));
    await().until(() -> calls() == before + 2);
    clock.advance(Duration.ofMillis(100));
    assertThat(calls()).isEqualTo(before + 2);
    call.cancel(false);
    await().until(() -> sites.stream().allMatch(each -> each.cancelled.get() == 1));
  }
}
