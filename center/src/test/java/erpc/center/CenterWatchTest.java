package erpc.center;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import erpc.call.Context;
import erpc.call.RpcException;
import erpc.call.Status;
import erpc.discovery.CenterMethods;
import erpc.discovery.wire.DeregisterRequest;
import erpc.discovery.wire.Instance;
import erpc.discovery.wire.RegisterRequest;
import erpc.discovery.wire.WatchReply;
import erpc.discovery.wire.WatchRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class CenterWatchTest {
  private static final int LONG = 50_000;

  private final Engine engine = MemoryEngine.open();
  private final CenterService center =
      new CenterService(
          engine,
          CenterSettings.DEFAULT.withMaxWatchers(1000),
          new ManualTicker(),
          new Random(1),
          Runnable::run);
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

  private WatchRequest after(String service, long revision, int waitMillis) {
    return WatchRequest.newBuilder()
        .setService(service)
        .setAfterRevision(revision)
        .setWaitMillis(waitMillis)
        .setCenter(engine.history())
        .build();
  }

  private static Context call() {
    return TestPeer.local().call(CenterMethods.WATCH);
  }

  private Future<WatchReply> watch(Context context, WatchRequest request) {
    return threads.submit(() -> center.watch(context, request));
  }

  private void awaitWaiting(int count) {
    await().atMost(Duration.ofSeconds(20)).until(() -> center.waitingWatches() == count);
  }

  private long now(String service) {
    return center.watch(call(), after(service, 0, 0)).getRevision();
  }

  @Test
  void waitsUntilItsServiceChanges() throws Exception {
    register("demo", "a");
    Future<WatchReply> watch = watch(call(), after("demo", now("demo"), LONG));
    awaitWaiting(1);
    register("other", "x");
    assertThat(watch.isDone()).isFalse();
    register("demo", "b");
    assertThat(watch.get().getChanged()).isTrue();
    assertThat(watch.get().getInstancesList())
        .extracting(Instance::getId)
        .containsExactly("a", "b");
    assertThat(center.waitingWatches()).isZero();
  }

  @Test
  void waitsForAServiceNobodyHasHeardOf() throws Exception {
    Future<WatchReply> watch = watch(call(), after("demo", now("demo"), LONG));
    awaitWaiting(1);
    register("demo", "a");
    assertThat(watch.get().getInstancesList()).hasSize(1);
  }

  @Test
  void answersUnchangedWhenTheWaitIsOver() {
    register("demo", "a");
    long revision = now("demo");
    register("other", "x");
    WatchReply reply = center.watch(call(), after("demo", revision, 5));
    assertThat(reply.getChanged()).isFalse();
    assertThat(reply.getInstancesList()).isEmpty();
    assertThat(reply.getCenter()).isEqualTo(engine.history());
    assertThat(reply.getRevision()).isEqualTo(revision + 1);
  }

  @Test
  void revisionOfAnotherCenterIsAnsweredWithTheWholeListAtOnce() {
    register("demo", "a");
    WatchRequest foreign = after("demo", 1_000_000, LONG).toBuilder().setCenter("another").build();
    assertThat(center.watch(call(), foreign).getInstancesList()).hasSize(1);
  }

  @Test
  void revisionFromTheFutureIsAnsweredAtOnce() {
    register("demo", "a");
    assertThat(center.watch(call(), after("demo", 1_000_000, LONG)).getInstancesList()).hasSize(1);
  }

  @Test
  void cancelEndsTheWait() {
    Context context = call();
    Future<WatchReply> watch = watch(context, after("demo", now("demo"), LONG));
    awaitWaiting(1);
    context.cancel(Status.of(Status.Code.CANCELLED, "caller gone"));
    assertThatThrownBy(watch::get)
        .cause()
        .isInstanceOf(RpcException.class)
        .hasMessageContaining("caller gone");
    awaitWaiting(0);
  }

  @Test
  void cancelBeforeTheWaitEndsItToo() {
    Context context = call();
    context.cancel(Status.of(Status.Code.CANCELLED, "caller gone"));
    long revision = now("demo");
    assertThatThrownBy(() -> center.watch(context, after("demo", revision, LONG)))
        .hasMessageContaining("caller gone");
  }

  @Test
  void noMoreThanTheBoundWait() {
    long revision = now("demo");
    for (int i = 0; i < 1000; i++) {
      watch(call(), after("demo", revision, LONG));
    }
    awaitWaiting(1000);
    assertThatThrownBy(() -> center.watch(call(), after("demo", revision, LONG)))
        .isInstanceOfSatisfying(
            RpcException.class, e -> assertThat(e.code()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED))
        .hasMessageContaining("maxWatchers");
    assertThat(center.watch(call(), after("demo", 0, LONG)).getChanged()).isTrue();
    register("demo", "a");
    awaitWaiting(0);
  }

  @Test
  void stopIsAnsweredAfterThoseWhoWaited() throws Exception {
    long lease = register("demo", "a");
    long revision = now("demo");
    List<Future<WatchReply>> watches = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      watches.add(watch(call(), after("demo", revision, LONG)));
    }
    awaitWaiting(200);
    center.deregister(call(), DeregisterRequest.newBuilder().setLease(lease).build());
    assertThat(center.waitingWatches()).isZero();
    for (Future<WatchReply> watch : watches) {
      assertThat(watch.get(5, TimeUnit.SECONDS).getEmptiedExplicitly()).isTrue();
    }
  }

  @Test
  void closingAnswersAllWhoWait() {
    long revision = now("demo");
    Future<WatchReply> watch = watch(call(), after("demo", revision, LONG));
    awaitWaiting(1);
    center.close();
    assertThatThrownBy(watch::get).cause().hasMessageContaining("closing");
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
    while (seen.isEmpty() || seen.lastEntry().getValue() < size) {
      WatchReply reply = center.watch(call(), after("demo", revision, LONG));
      assertThat(reply.getRevision()).isGreaterThanOrEqualTo(revision);
      revision = reply.getRevision();
      if (reply.getChanged()) {
        seen.put(revision, reply.getInstancesCount());
      }
    }
    return seen;
  }
}
