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
  private Resolver.Watch watch;

  @BeforeEach
  void start() {
    watch = new CenterResolver(center, () -> new Random(3), () -> pause).watch("demo", this);
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

  private WatchRequest poll(WatchReply answer) throws InterruptedException {
    ScriptedCenter.Call call = center.next(WATCH);
    call.answer(answer);
    return (WatchRequest) call.request;
  }

  @Test
  void tellsEachListAndResumesByRevision() throws Exception {
    WatchRequest first = poll(list(5, "h:1"));
    assertThat(first.getService()).isEqualTo("demo");
    assertThat(first.getAfterRevision()).isZero();
    assertThat(first.getWaitMillis()).isEqualTo(20_000);
    assertThat(told()).isEqualTo(List.of("h:1"));
    WatchRequest second = poll(list(9, "h:1", "h:2"));
    assertThat(second.getAfterRevision()).isEqualTo(5);
    assertThat(second.getCenter()).isEqualTo("c");
    assertThat(told()).isEqualTo(List.of("h:1", "h:2"));
  }

  @Test
  void unchangedListIsNotToldAgain() throws Exception {
    poll(list(5, "h:1"));
    poll(WatchReply.newBuilder().setRevision(8).setCenter("c").build());
    assertThat(poll(list(9, "h:1")).getAfterRevision()).isEqualTo(8);
    poll(list(10, "h:2"));
    assertThat(told()).isEqualTo(List.of("h:1"));
    assertThat(told()).isEqualTo(List.of("h:2"));
  }

  @Test
  void keepsTheLastListWhenTheCenterFailsAndTellsOnce() throws Exception {
    poll(list(5, "h:1"));
    assertThat(told()).isEqualTo(List.of("h:1"));
    for (int i = 0; i < 4; i++) {
      center.next(WATCH).fail(Status.Code.UNAVAILABLE);
      pause.pass();
    }
    assertThat(
            poll(WatchReply.newBuilder().setRevision(6).setCenter("c").build()).getAfterRevision())
        .isEqualTo(5);
    assertThat(told()).isEqualTo(Status.Code.UNAVAILABLE);
    assertThat(told()).isEqualTo(List.of("h:1"));
    center.next(WATCH).fail(Status.Code.DEADLINE_EXCEEDED);
    assertThat(told()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
  }

  @Test
  void retriesEverLaterButNeverLaterThanTwoSeconds() throws Exception {
    long bound = 50;
    long longest = 0;
    for (int i = 0; i < 60; i++) {
      center.next(WATCH).fail(Status.Code.UNAVAILABLE);
      Duration waited = pause.pass();
      assertThat(waited).isBetween(Duration.ZERO, Duration.ofMillis(bound));
      longest = Math.max(longest, waited.toMillis());
      bound = Math.min(2000, 2 * bound);
    }
    assertThat(longest).isGreaterThan(1000);
    poll(list(1, "h:1"));
    center.next(WATCH).fail(Status.Code.UNAVAILABLE);
    assertThat(pause.pass()).isLessThanOrEqualTo(Duration.ofMillis(50));
  }

  @Test
  void unknownServiceIsNotResolvedYet() throws Exception {
    poll(list(7));
    assertThat(poll(list(8, "h:1")).getAfterRevision()).isEqualTo(7);
    assertThat(told()).isEqualTo(List.of("h:1"));
  }

  @Test
  void listEmptiedByStopsIsToldAsEmpty() throws Exception {
    poll(stopped(7));
    assertThat(told()).isEqualTo(List.of());
    poll(list(8, "h:1"));
    assertThat(told()).isEqualTo(List.of("h:1"));
    poll(stopped(9));
    assertThat(told()).isEqualTo(List.of());
  }

  @Test
  void listEmptiedByLossesIsKept() throws Exception {
    poll(list(5, "h:1"));
    poll(list(6));
    poll(list(7, "h:2"));
    assertThat(told()).isEqualTo(List.of("h:1"));
    assertThat(told()).isEqualTo(List.of("h:2"));
  }

  @Test
  void restartedCenterThatKnowsNothingYetEmptiesNothing() throws Exception {
    poll(list(500, "h:1"));
    poll(list(1).toBuilder().setCenter("another").build());
    WatchRequest request = poll(list(2, "h:1", "h:2").toBuilder().setCenter("another").build());
    assertThat(request.getAfterRevision()).isEqualTo(1);
    assertThat(request.getCenter()).isEqualTo("another");
    assertThat(told()).isEqualTo(List.of("h:1"));
    assertThat(told()).isEqualTo(List.of("h:1", "h:2"));
  }

  @Test
  void centerThatAnswersAtOnceForEverIsSlowedDown() throws Exception {
    for (int i = 0; i <= CenterResolver.QUICK_POLLS; i++) {
      poll(list(1, "h:1"));
    }
    assertThat(pause.pass()).isEqualTo(CenterResolver.QUICK_PAUSE);
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
        new CenterResolver(other, () -> new Random(3), ManualPause::new).watch("demo", listener)) {
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
  void closeEndsThePollAndTellsNothingMore() throws Exception {
    ScriptedCenter.Call call = center.next(WATCH);
    watch.close();
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
        new CenterResolver(other, () -> new Random(3), ManualPause::new).watch("demo", closing));
    other.next(WATCH).answer(list(1, "h:1"));
    assertThat(interrupted.poll(20, TimeUnit.SECONDS)).isFalse();
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
