package erpc.discovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import erpc.call.Status;
import erpc.discovery.wire.Instance;
import erpc.discovery.wire.WatchReply;
import erpc.discovery.wire.WatchRequest;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class CenterResolverTest implements Resolver.Listener {
  private static final String WATCH = "center.watch";

  private final ScriptedCenter center = new ScriptedCenter();
  private final ManualPause pause = new ManualPause();
  private final BlockingQueue<Object> told = new LinkedBlockingQueue<>();
  private final AtomicLong now = new AtomicLong();
  private final RandomGenerator chance = new Random(3);
  private Resolver.Watch watch;

  @BeforeEach
  void start() {
    watch = new CenterResolver(center, now::get, () -> chance, () -> pause).watch("demo", this);
  }

  @AfterEach
  void stop() {
    watch.close();
  }

  @Override
  public void endpoints(List<Endpoint> endpoints) {
    told.add(endpoints.stream().map(Endpoint::address).toList());
  }

  @Override
  public void failed(Status status) {
    told.add(status.code());
  }

  private Object told() throws InterruptedException {
    return told.poll(20, TimeUnit.SECONDS);
  }

  private static WatchReply list(long revision, String... addresses) {
    WatchReply.Builder reply =
        WatchReply.newBuilder().setChanged(true).setRevision(revision).setCenter("c");
    for (String address : addresses) {
      reply.addInstances(
          Instance.newBuilder().setId(address).setService("demo").setAddress(address));
    }
    return reply.build();
  }

  private static WatchReply stopped(long revision) {
    return list(revision).toBuilder().setEmptiedExplicitly(true).build();
  }

  private ScriptedCenter.Call opened() throws InterruptedException {
    return center.next(WATCH);
  }

  private static WatchRequest request(ScriptedCenter.Call stream) {
    return (WatchRequest) stream.request;
  }

  private static WatchReply upToDate(long revision) {
    return WatchReply.newBuilder().setRevision(revision).setCenter("c").build();
  }

  /** The center ends this stream, and the pause before the next one is over. */
  private ScriptedCenter.Call reopened(ScriptedCenter.Call stream) throws InterruptedException {
    stream.fail(Status.Code.UNAVAILABLE);
    pause.pass();
    return opened();
  }

  @Test
  void tellsEachListOfOneStreamAndResumesByRevision() throws Exception {
    ScriptedCenter.Call first = opened();
    assertThat(request(first).getService()).isEqualTo("demo");
    assertThat(request(first).getAfterRevision()).isZero();
    first.answer(list(5, "h:1"));
    assertThat(told()).isEqualTo(List.of("h:1"));
    first.answer(list(9, "h:1", "h:2"));
    assertThat(told()).isEqualTo(List.of("h:1", "h:2"));
    assertThat(center.hasCall()).isFalse();
    ScriptedCenter.Call second = reopened(first);
    assertThat(request(second).getAfterRevision()).isEqualTo(9);
    assertThat(request(second).getCenter()).isEqualTo("c");
    assertThat(first.closed).isTrue();
  }

  @Test
  void asksACenterThatAnswersAndClosesEverMoreSeldom() throws Exception {
    Duration longest = Duration.ZERO;
    for (int i = 0; i < 40; i++) {
      ScriptedCenter.Call stream = opened();
      stream.answer(upToDate(i + 1));
      stream.fail(Status.Code.UNAVAILABLE);
      Duration wait = pause.pass();
      longest = wait.compareTo(longest) > 0 ? wait : longest;
    }
    assertThat(longest).isGreaterThan(Duration.ofSeconds(1));
    ScriptedCenter.Call lasting = opened();
    lasting.answer(list(50, "h:1"));
    now.addAndGet(CenterResolver.LASTING.toNanos());
    lasting.fail(Status.Code.UNAVAILABLE);
    assertThat(pause.pass()).isLessThanOrEqualTo(CenterBackoff.FIRST);
    // One that never answered is no center that lasts.
    for (int i = 0; i < 40; i++) {
      ScriptedCenter.Call silent = opened();
      now.addAndGet(CenterResolver.LASTING.toNanos());
      silent.fail(Status.Code.UNAVAILABLE);
      Duration wait = pause.pass();
      longest = i == 0 || wait.compareTo(longest) > 0 ? wait : longest;
    }
    assertThat(longest).isGreaterThan(Duration.ofSeconds(1));
  }

  @Test
  void unchangedListIsNotToldAgain() throws Exception {
    ScriptedCenter.Call stream = opened();
    stream.answer(list(5, "h:1"));
    stream.answer(upToDate(8));
    stream.answer(list(9, "h:1"));
    stream.answer(list(10, "h:2"));
    assertThat(told()).isEqualTo(List.of("h:1"));
    assertThat(told()).isEqualTo(List.of("h:2"));
  }

  @Test
  void resumesFromTheRevisionOfProgress() throws Exception {
    ScriptedCenter.Call stream = opened();
    stream.answer(list(5, "h:1"));
    stream.answer(upToDate(8));
    assertThat(request(reopened(stream)).getAfterRevision()).isEqualTo(8);
  }

  @Test
  void keepsTheLastListWhenTheCenterFailsAndTellsOnce() throws Exception {
    ScriptedCenter.Call stream = opened();
    stream.answer(list(5, "h:1"));
    assertThat(told()).isEqualTo(List.of("h:1"));
    for (int i = 0; i < 4; i++) {
      stream = reopened(stream);
    }
    assertThat(request(stream).getAfterRevision()).isEqualTo(5);
    stream.answer(upToDate(6));
    assertThat(told()).isEqualTo(Status.Code.UNAVAILABLE);
    assertThat(told()).isEqualTo(List.of("h:1"));
    stream.fail(Status.Code.DEADLINE_EXCEEDED);
    assertThat(told()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
  }

  @Test
  void retriesEverLaterButNeverLaterThanTwoSeconds() throws Exception {
    long bound = 50;
    long longest = 0;
    for (int i = 0; i < 60; i++) {
      opened().fail(Status.Code.UNAVAILABLE);
      Duration waited = pause.pass();
      assertThat(waited).isBetween(Duration.ZERO, Duration.ofMillis(bound));
      longest = Math.max(longest, waited.toMillis());
      bound = Math.min(2000, 2 * bound);
    }
    assertThat(longest).isGreaterThan(1000);
    ScriptedCenter.Call stream = opened();
    stream.answer(list(1, "h:1"));
    now.addAndGet(CenterResolver.LASTING.toNanos());
    stream.fail(Status.Code.UNAVAILABLE);
    assertThat(pause.pass()).isLessThanOrEqualTo(Duration.ofMillis(50));
  }

  @Test
  void unknownServiceIsNotResolvedYet() throws Exception {
    ScriptedCenter.Call stream = opened();
    stream.answer(list(7));
    stream.answer(list(8, "h:1"));
    assertThat(told()).isEqualTo(List.of("h:1"));
  }

  @Test
  void listEmptiedByStopsIsToldAsEmpty() throws Exception {
    ScriptedCenter.Call stream = opened();
    stream.answer(stopped(7));
    assertThat(told()).isEqualTo(List.of());
    stream.answer(list(8, "h:1"));
    assertThat(told()).isEqualTo(List.of("h:1"));
    stream.answer(stopped(9));
    assertThat(told()).isEqualTo(List.of());
  }

  @Test
  void listEmptiedByLossesIsKept() throws Exception {
    ScriptedCenter.Call stream = opened();
    stream.answer(list(5, "h:1"));
    stream.answer(list(6));
    stream.answer(list(7, "h:2"));
    assertThat(told()).isEqualTo(List.of("h:1"));
    assertThat(told()).isEqualTo(List.of("h:2"));
  }

  @Test
  void restartedCenterThatKnowsNothingYetEmptiesNothing() throws Exception {
    ScriptedCenter.Call stream = opened();
    stream.answer(list(500, "h:1"));
    assertThat(told()).isEqualTo(List.of("h:1"));
    stream = reopened(stream);
    assertThat(told()).isEqualTo(Status.Code.UNAVAILABLE);
    stream.answer(list(1).toBuilder().setCenter("another").build());
    assertThat(told()).isEqualTo(List.of("h:1"));
    stream.answer(list(2, "h:1", "h:2").toBuilder().setCenter("another").build());
    assertThat(told()).isEqualTo(List.of("h:1", "h:2"));
    WatchRequest request = request(reopened(stream));
    assertThat(request.getAfterRevision()).isEqualTo(2);
    assertThat(request.getCenter()).isEqualTo("another");
  }

  private static WatchReply incomplete(long revision, String... addresses) {
    return list(revision, addresses).toBuilder().setCenter("restarted").setIncomplete(true).build();
  }

  private static WatchReply whole(long revision, String... addresses) {
    return list(revision, addresses).toBuilder().setCenter("restarted").build();
  }

  @Test
  void keepsItsListWhileTheCenterSaysThatItsOwnIsIncomplete() throws Exception {
    ScriptedCenter.Call stream = opened();
    stream.answer(list(500, "h:1", "h:2", "h:3"));
    assertThat(told()).isEqualTo(List.of("h:1", "h:2", "h:3"));
    stream = reopened(stream);
    assertThat(told()).isEqualTo(Status.Code.UNAVAILABLE);
    stream.answer(incomplete(1));
    assertThat(told()).isEqualTo(List.of("h:1", "h:2", "h:3"));
    stream.answer(incomplete(2, "h:2", "h:9"));
    assertThat(told()).isEqualTo(List.of("h:2", "h:9", "h:1", "h:3"));
    // Known to this center and gone again: that it says of itself.
    stream.answer(incomplete(3, "h:9", "h:1"));
    assertThat(told()).isEqualTo(List.of("h:9", "h:1", "h:3"));
    stream.answer(whole(3, "h:9", "h:1"));
    assertThat(told()).isEqualTo(List.of("h:9", "h:1"));
  }

  @Test
  void takesWhatThereIsWithoutAListOfItsOwn() throws Exception {
    ScriptedCenter.Call stream = opened();
    stream.answer(incomplete(1));
    stream.answer(incomplete(2, "h:1"));
    assertThat(told()).isEqualTo(List.of("h:1"));
    stream.answer(incomplete(3, "h:2"));
    assertThat(told()).isEqualTo(List.of("h:2"));
  }

  @Test
  void asksForTheWholeListOnceItMayBeComplete() throws Exception {
    ScriptedCenter.Call stream = opened();
    stream.answer(list(500, "h:1", "h:2"));
    stream = reopened(stream);
    stream.answer(incomplete(2, "h:2"));
    stream = reopened(stream);
    assertThat(request(stream).getAfterRevision()).isZero();
    stream.answer(whole(2, "h:2"));
    assertThat(request(reopened(stream)).getAfterRevision()).isEqualTo(2);
    assertThat(told()).isEqualTo(List.of("h:1", "h:2"));
    assertThat(told()).isEqualTo(Status.Code.UNAVAILABLE);
    assertThat(told()).isEqualTo(List.of("h:2", "h:1"));
    assertThat(told()).isEqualTo(Status.Code.UNAVAILABLE);
    assertThat(told()).isEqualTo(List.of("h:2"));
  }

  @Test
  void stopOfSomeDoesNotEmptyAListThatWasIncomplete() throws Exception {
    ScriptedCenter.Call stream = opened();
    stream.answer(list(500, "h:1", "h:2"));
    stream = reopened(stream);
    stream.answer(incomplete(2, "h:2"));
    stream.answer(incomplete(3));
    stream.answer(whole(3).toBuilder().setEmptiedExplicitly(true).build());
    stream.answer(whole(4, "h:9"));
    assertThat(told()).isEqualTo(List.of("h:1", "h:2"));
    assertThat(told()).isEqualTo(Status.Code.UNAVAILABLE);
    assertThat(told()).isEqualTo(List.of("h:2", "h:1"));
    assertThat(told()).isEqualTo(List.of("h:1"));
    assertThat(told()).isEqualTo(List.of("h:9"));
  }

  @Test
  void instanceBesideTheCenterIsCalledWhereTheCenterWasReached() throws Exception {
    ScriptedCenter.Call stream = opened();
    center.reachedAt = "center.example";
    stream.answer(list(5, ":8877", "h:1"));
    assertThat(told()).isEqualTo(List.of("center.example:8877", "h:1"));
    center.reachedAt = "2001:db8::1";
    stream.answer(list(6, ":8877"));
    assertThat(told()).isEqualTo(List.of("[2001:db8::1]:8877"));
  }

  @Test
  void goesOnAfterAnError() throws Exception {
    ScriptedCenter.Call stream = opened();
    stream.answer(list(5, "h:1"));
    assertThat(told()).isEqualTo(List.of("h:1"));
    stream.fail(new OutOfMemoryError("scripted"));
    ScriptedCenter.Call again = opened();
    assertThat(request(again).getAfterRevision()).isEqualTo(5);
    again.answer(list(6, "h:2"));
    assertThat(told()).isEqualTo(List.of("h:2"));
  }

  @Test
  void instanceKeepsWhatCallsNeed() throws Exception {
    watch.close();
    BlockingQueue<Endpoint> seen = new LinkedBlockingQueue<>();
    ScriptedCenter other = new ScriptedCenter();
    Resolver.Listener listener =
        new Resolver.Listener() {
          @Override
          public void endpoints(List<Endpoint> endpoints) {
            seen.addAll(endpoints);
          }

          @Override
          public void failed(Status status) {}
        };
    try (var second =
        new CenterResolver(other, now::get, () -> chance, ManualPause::new)
            .watch("demo", listener)) {
      WatchReply.Builder reply = list(1, "h:1").toBuilder();
      reply
          .getInstancesBuilder(0)
          .addMethods("demo.a")
          .addMethods("demo.a")
          .setZone("z")
          .putTags("k", "v");
      other.next(WATCH).answer(reply.build());
      Endpoint endpoint = seen.poll(20, TimeUnit.SECONDS);
      assertThat(endpoint)
          .isEqualTo(new Endpoint("h:1", 100, "z", Set.of("demo.a"), Map.of("k", "v")));
    }
  }

  @Test
  void closeEndsTheStreamAndTellsNothingMore() throws Exception {
    ScriptedCenter.Call call = center.next(WATCH);
    watch.close();
    await().until(() -> call.closed);
    call.answer(list(5, "h:1"));
    await()
        .during(Duration.ofMillis(50))
        .atMost(Duration.ofSeconds(20))
        .until(() -> !center.hasCall());
    assertThat(told).isEmpty();
  }

  @Test
  void listenerMayCloseItsOwnWatch() throws Exception {
    ScriptedCenter other = new ScriptedCenter();
    var opened = new java.util.concurrent.CompletableFuture<Resolver.Watch>();
    BlockingQueue<Boolean> interrupted = new LinkedBlockingQueue<>();
    Resolver.Listener closing =
        new Resolver.Listener() {
          @Override
          public void endpoints(List<Endpoint> endpoints) {
            opened.join().close();
            interrupted.add(Thread.currentThread().isInterrupted());
          }

          @Override
          public void failed(Status status) {}
        };
    opened.complete(
        new CenterResolver(other, now::get, () -> chance, ManualPause::new).watch("demo", closing));
    ScriptedCenter.Call stream = other.next(WATCH);
    stream.answer(list(1, "h:1"));
    assertThat(interrupted.poll(20, TimeUnit.SECONDS)).isFalse();
    await().until(() -> stream.closed);
    await()
        .during(Duration.ofMillis(50))
        .atMost(Duration.ofSeconds(20))
        .until(() -> !other.hasCall());
  }

  @Test
  void nameOutsideTheGrammarIsRefused() {
    CenterResolver resolver = new CenterResolver(center);
    assertThat(resolver.scheme()).isEqualTo("center");
    assertThatThrownBy(() -> resolver.watch("de mo", this))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
