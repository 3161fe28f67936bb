package erpc.center;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import erpc.call.Context;
import erpc.call.Outgoing;
import erpc.call.RpcException;
import erpc.call.Status;
import erpc.discovery.CenterMethods;
import erpc.discovery.wire.DeregisterRequest;
import erpc.discovery.wire.DiscoveryRequest;
import erpc.discovery.wire.HeartbeatRequest;
import erpc.discovery.wire.Instance;
import erpc.discovery.wire.ListRequest;
import erpc.discovery.wire.RegisterRequest;
import erpc.discovery.wire.WatchReply;
import erpc.discovery.wire.WatchRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class CenterWatchTest {
  private final ManualTicker ticker = new ManualTicker();
  private final Engine engine = MemoryEngine.open();
  private final CenterService center =
      new CenterService(
          engine,
          CenterSettings.DEFAULT.withMaxWatchers(1000),
          ticker,
          new Random(1),
          () -> new Random(1),
          (task, delay) -> () -> {});
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  @AfterEach
  void close() {
    center.close();
    engine.close();
    threads.close();
  }

  private static Instance instance(String service, String id) {
    return Instance.newBuilder().setId(id).setService(service).setAddress("10.0.0.1:1").build();
  }

  private long register(String service, String id) {
    RegisterRequest request =
        RegisterRequest.newBuilder().addInstances(instance(service, id)).build();
    return center.register(TestPeer.local().call(), request).getLease();
  }

  private WatchRequest after(String service, long revision) {
    return WatchRequest.newBuilder()
        .setService(service)
        .setAfterRevision(revision)
        .setCenter(engine.history())
        .build();
  }

  private TestWatch watch(WatchRequest request) {
    return new TestWatch(center, TestPeer.local(), request);
  }

  private void awaitOpen(int count) {
    await().atMost(Duration.ofSeconds(20)).until(() -> center.openWatches() == count);
  }

  private long now(String service) {
    try (TestWatch watch = watch(after(service, 0))) {
      return watch.next().getRevision();
    }
  }

  private static List<String> ids(WatchReply reply) {
    return reply.getInstancesList().stream().map(Instance::getId).toList();
  }

  @Test
  void sendsTheListAtOnceAndThenEachChange() throws Exception {
    register("demo", "a");
    TestWatch watch = watch(after("demo", 0));
    assertThat(ids(watch.soon())).containsExactly("a");
    register("other", "x");
    register("demo", "b");
    assertThat(ids(watch.soon())).containsExactly("a", "b");
    register("demo", "c");
    WatchReply last = watch.soon();
    assertThat(ids(last)).containsExactly("a", "b", "c");
    assertThat(last.getRevision()).isEqualTo(now("demo"));
    assertThat(watch.isQuiet()).isTrue();
  }

  @Test
  void listIsIncompleteForOneTtlAfterAStartWithoutMemories() throws Exception {
    long a = register("demo", "a");
    TestWatch watch = watch(after("demo", 0));
    WatchReply first = watch.soon();
    assertThat(first.getIncomplete()).isTrue();
    TestWatch again = watch(after("demo", first.getRevision()));
    assertThat(again.soon().getIncomplete()).isTrue();
    DiscoveryRequest one = DiscoveryRequest.newBuilder().setService("demo").build();
    assertThat(center.discovery(TestPeer.local().call(), one).getIncomplete()).isTrue();
    ticker.advance(CenterSettings.DEFAULT.ttl());
    center.heartbeat(TestPeer.local().call(), HeartbeatRequest.newBuilder().setLease(a).build());
    center.tick();
    for (TestWatch each : List.of(watch, again)) {
      WatchReply whole = each.soon();
      assertThat(whole.getIncomplete()).isFalse();
      assertThat(whole.getChanged()).isTrue();
      assertThat(ids(whole)).containsExactly("a");
    }
    assertThat(center.discovery(TestPeer.local().call(), one).getIncomplete()).isFalse();
    assertThat(
            center.list(TestPeer.local().call(), ListRequest.getDefaultInstance()).getIncomplete())
        .isFalse();
  }

  @Test
  void saysFirstThatTheCallersListIsTheLatest() throws Exception {
    register("demo", "a");
    long revision = now("demo");
    register("other", "x");
    WatchReply reply = watch(after("demo", revision)).soon();
    assertThat(reply.getChanged()).isFalse();
    assertThat(reply.getInstancesList()).isEmpty();
    assertThat(reply.getCenter()).isEqualTo(engine.history());
    assertThat(reply.getRevision()).isEqualTo(revision + 1);
  }

  @Test
  void saysNowAndThenThatNothingHasChanged() throws Exception {
    try (Engine other = MemoryEngine.open();
        CenterService quick =
            new CenterService(
                other,
                CenterSettings.DEFAULT.withProgress(Duration.ofMillis(20)),
                new ManualTicker(),
                new Random(1),
                () -> new Random(1),
                (task, delay) -> () -> {});
        TestWatch watch = new TestWatch(quick, TestPeer.local(), after("demo", 0))) {
      assertThat(watch.soon().getChanged()).isTrue();
      for (int i = 0; i < 3; i++) {
        WatchReply progress = watch.soon();
        assertThat(progress.getChanged()).isFalse();
        assertThat(progress.getCenter()).isEqualTo(other.history());
      }
    }
  }

  @Test
  void waitsForAServiceNobodyHasHeardOf() throws Exception {
    TestWatch watch = watch(after("demo", now("demo")));
    watch.soon();
    register("demo", "a");
    assertThat(ids(watch.soon())).containsExactly("a");
  }

  @Test
  void revisionOfAnotherCenterIsAnsweredWithTheWholeList() throws Exception {
    register("demo", "a");
    WatchRequest foreign = after("demo", 1).toBuilder().setCenter("another").build();
    assertThat(watch(foreign).soon().getInstancesList()).hasSize(1);
  }

  @Test
  void revisionFromTheFutureIsAnsweredWithTheWholeList() throws Exception {
    register("demo", "a");
    assertThat(watch(after("demo", 1_000_000)).soon().getInstancesList()).hasSize(1);
  }

  @Test
  void slowWatcherGetsTheLatestListWhenItHasRoomAgain() throws Exception {
    register("demo", "a");
    Context context = TestPeer.local().call(CenterMethods.WATCH);
    List<WatchReply> sent = new CopyOnWriteArrayList<>();
    Semaphore room = new Semaphore(0);
    Outgoing<WatchReply> slow =
        reply -> {
          sent.add(reply);
          room.acquireUninterruptibly();
        };
    Future<?> watch = threads.submit(() -> center.watch(context, after("demo", 0), slow));
    await().until(() -> sent.size() == 1);
    for (int i = 0; i < 50; i++) {
      register("demo", "b" + i);
    }
    room.release(1);
    await().until(() -> sent.size() == 2);
    assertThat(sent.get(1).getInstancesCount()).isEqualTo(51);
    room.release(1);
    context.cancel(Status.of(Status.Code.CANCELLED, "enough"));
    assertThatThrownBy(watch::get).cause().hasMessageContaining("enough");
    assertThat(sent).hasSize(2);
  }

  @Test
  void cancelEndsTheWatch() throws Exception {
    TestWatch watch = watch(after("demo", 0));
    watch.soon();
    awaitOpen(1);
    watch.context.cancel(Status.of(Status.Code.CANCELLED, "caller gone"));
    assertThatThrownBy(watch::soon)
        .isInstanceOf(RpcException.class)
        .hasMessageContaining("caller gone");
    awaitOpen(0);
  }

  @Test
  void noMoreThanTheBoundAreOpen() throws Exception {
    List<TestWatch> all = new ArrayList<>();
    for (int i = 0; i < 1000; i++) {
      all.add(watch(after("demo", 0)));
    }
    awaitOpen(1000);
    assertThatThrownBy(watch(after("demo", 0))::soon)
        .isInstanceOfSatisfying(
            RpcException.class, e -> assertThat(e.code()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED))
        .hasMessageContaining("maxWatchers");
    all.forEach(TestWatch::close);
    awaitOpen(0);
  }

  @Test
  void stopIsAnsweredAfterItWasSentToTheWatches() throws Exception {
    long lease = register("demo", "a");
    List<TestWatch> watches = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      watches.add(watch(after("demo", 0)));
      watches.get(i).soon();
    }
    center.deregister(
        TestPeer.local().call(), DeregisterRequest.newBuilder().setLease(lease).build());
    assertThat(watches).noneMatch(TestWatch::isQuiet);
    for (TestWatch watch : watches) {
      assertThat(watch.soon().getEmptiedExplicitly()).isTrue();
    }
  }

  @Test
  void closingEndsAllWatches() throws Exception {
    TestWatch watch = watch(after("demo", 0));
    watch.soon();
    center.close();
    assertThatThrownBy(watch::soon)
        .isInstanceOfSatisfying(
            RpcException.class, e -> assertThat(e.code()).isEqualTo(Status.Code.UNAVAILABLE))
        .hasMessageContaining("closing");
    awaitOpen(0);
  }

  @Test
  void watchersSeeRevisionsRiseAndEndWithTheLastList() throws Exception {
    int writers = 4;
    int each = 100;
    List<Future<TreeMap<Long, Integer>>> watchers = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      watchers.add(threads.submit(() -> follow(writers * each)));
    }
    for (int w = 0; w < writers; w++) {
      String prefix = "w" + w + "-";
      threads.submit(() -> {
        for (int i = 0; i < each; i++) {
          register("demo", prefix + i);
        }
      });
    }
    for (Future<TreeMap<Long, Integer>> watcher : watchers) {
      TreeMap<Long, Integer> seen = watcher.get(40, TimeUnit.SECONDS);
      assertThat(seen.lastEntry().getValue()).isEqualTo(writers * each);
      assertThat(List.copyOf(seen.values())).isSorted();
    }
  }

  /** Sizes of the list by revision, until it has grown to this. */
  @SuppressWarnings("NonApiType") // Its order is asked for.
  private TreeMap<Long, Integer> follow(int size) {
    TreeMap<Long, Integer> seen = new TreeMap<>();
    long revision = 0;
    try (TestWatch watch = watch(after("demo", 0))) {
      while (seen.isEmpty() || seen.lastEntry().getValue() < size) {
        WatchReply reply = watch.next();
        assertThat(reply.getRevision()).isGreaterThanOrEqualTo(revision);
        revision = reply.getRevision();
        if (reply.getChanged()) {
          seen.put(revision, reply.getInstancesCount());
        }
      }
    }
    return seen;
  }
}
