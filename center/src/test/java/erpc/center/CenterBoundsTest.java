package erpc.center;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import erpc.call.RpcException;
import erpc.call.Status;
import erpc.discovery.wire.DeregisterRequest;
import erpc.discovery.wire.Instance;
import erpc.discovery.wire.RegisterRequest;
import erpc.discovery.wire.WatchRequest;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.Logger;

/** What strangers can make a center hold. */
@Timeout(60)
class CenterBoundsTest {
  private final ManualTicker ticker = new ManualTicker();
  private final Engine engine = MemoryEngine.open();
  private final List<AutoCloseable> open = new ArrayList<>();

  private CenterService center(CenterSettings settings) {
    CenterService center =
        new CenterService(
            engine,
            settings,
            ticker,
            new Random(1),
            () -> new Random(1),
            (task, delay) -> () -> {});
    open.add(center);
    return center;
  }

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable each : open) {
      each.close();
    }
    engine.close();
  }

  private static RegisterRequest request(String owner, String id, int tagBytes) {
    Instance.Builder instance =
        Instance.newBuilder().setId(id).setService("demo").setAddress("10.0.0.1:80");
    for (int left = tagBytes; left > 0; left -= 200) {
      instance.putTags("tag" + left, "x".repeat(Math.min(left, 200)));
    }
    return RegisterRequest.newBuilder().setOwner(owner).addInstances(instance).build();
  }

  private static void refused(String what, ThrowingCallable call) {
    Consumer<RpcException> check =
        e -> {
          assertThat(e.code()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
          assertThat(e.status().message()).contains(what);
        };
    assertThatThrownBy(call).isInstanceOfSatisfying(RpcException.class, check);
  }

  @Test
  void limitOfALeaseCountsAllThatItHolds() {
    CenterService center =
        center(
            CenterSettings.DEFAULT
                .withMaxInstances(100)
                .withMaxServices(100)
                .withMaxInstancesPerLease(2));
    TestPeer peer = TestPeer.local();
    center.register(peer.call(), request("owner", "a", 0));
    center.register(peer.call(), request("owner", "b", 0));
    refused("maxInstancesPerLease", () -> center.register(peer.call(), request("owner", "c", 0)));
    center.register(peer.call(), request("owner", "a", 100));
    center.register(peer.call(), request("other", "c", 0));
    assertThat(center.instances()).isEqualTo(3);
  }

  @Test
  void bytesOfALeaseAreBounded() {
    CenterService center = center(CenterSettings.DEFAULT.withMaxLeaseBytes(10_000));
    TestPeer peer = TestPeer.local();
    center.register(peer.call(), request("owner", "a", 1000));
    ThrowingCallable more = () -> center.register(peer.call(), request("owner", "b", 1000));
    refused("maxLeaseBytes", more);
    center.register(peer.call(), request("owner", "a", 0)); // Less makes room.
    assertThat(center.instances()).isEqualTo(1);
    center.register(peer.call(), request("owner", "b", 800));
  }

  @Test
  void bytesOfAllAreBoundedAndOneHostLeavesRoomForOthers() {
    CenterService center =
        center(CenterSettings.DEFAULT.withMaxBytes(100_000).withMaxLeaseBytes(100_000));
    int first = registered(center, TestPeer.remote("10.0.0.1"));
    int second = registered(center, TestPeer.remote("10.0.0.2"));
    // One alone gets half; another one half of what it has left.
    assertThat(first).isBetween(20, 45);
    assertThat(second).isBetween(first / 3, first);
    refused(
        "maxBytes",
        () -> center.register(TestPeer.remote("10.0.0.1").call(), request("x", "x", 1000)));
    assertThat(registered(center, TestPeer.remote("10.0.0.3"))).isPositive();
  }

  private static int registered(CenterService center, TestPeer peer) {
    for (int i = 0; ; i++) {
      try {
        String id = "i" + i + "-" + peer.address().toString().replaceAll("[^0-9]", "");
        center.register(peer.call(), request("o" + id, id, 0));
      } catch (RpcException e) {
        assertThat(e.code()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
        return i;
      }
    }
  }

  @Test
  void leasesThatHoldNothingCountToo() {
    CenterService center =
        center(CenterSettings.DEFAULT.withMaxBytes(20_000).withMaxLeaseBytes(20_000));
    TestPeer peer = TestPeer.local();
    refused(
        "maxBytes",
        () -> {
          for (int i = 0; i < 100; i++) {
            long lease = center.register(peer.call(), request("o" + i, "i" + i, 0)).getLease();
            DeregisterRequest one =
                DeregisterRequest.newBuilder().setLease(lease).addIds("i" + i).build();
            center.deregister(peer.call(), one);
          }
        });
    assertThat(center.instances()).isZero();
  }

  @Test
  void registrationsThatWereStoppedLeaveNothing() {
    CenterService center =
        center(CenterSettings.DEFAULT.withMaxBytes(20_000).withMaxLeaseBytes(20_000));
    TestPeer peer = TestPeer.local();
    for (int i = 0; i < 200; i++) {
      long lease = center.register(peer.call(), request("o" + i, "a", 0)).getLease();
      center.deregister(peer.call(), DeregisterRequest.newBuilder().setLease(lease).build());
    }
    assertThat(peer.listeners()).isZero();
    assertThat(engine.snapshot().data()).hasSize(2); // The layout, and that the service is known.
  }

  private TestWatch watch(CenterService center, TestPeer peer) {
    TestWatch watch =
        new TestWatch(center, peer, WatchRequest.newBuilder().setService("demo").build());
    open.add(watch);
    return watch;
  }

  private int watches(CenterService center, TestPeer peer) throws InterruptedException {
    for (int i = 0; ; i++) {
      TestWatch watch = watch(center, peer);
      try {
        watch.soon();
      } catch (RpcException e) {
        assertThat(e.code()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
        return i;
      }
    }
  }

  @Test
  void watchesOfOneConnectionLeaveRoomForOthers() throws Exception {
    CenterService center = center(CenterSettings.DEFAULT.withMaxWatchers(32));
    TestPeer greedy = TestPeer.local();
    assertThat(watches(center, greedy)).isEqualTo(16);
    assertThat(watches(center, TestPeer.local())).isEqualTo(8);
    greedy.close();
    for (AutoCloseable each : List.copyOf(open)) {
      if (each instanceof TestWatch watch && watch.context.peer() == greedy) {
        watch.close();
      }
    }
    await().atMost(Duration.ofSeconds(20)).until(() -> center.openWatches() == 8);
    assertThat(watches(center, TestPeer.local())).isEqualTo(12);
  }

  @Test
  void watchesOfOneHostLeaveRoomForOthers() throws Exception {
    CenterService center = center(CenterSettings.DEFAULT.withMaxWatchers(32));
    int greedy = 0;
    for (int i = 0; i < 10; i++) {
      greedy += watches(center, TestPeer.remote("10.0.0.1"));
    }
    assertThat(greedy).isEqualTo(24);
    assertThat(watches(center, TestPeer.remote("10.0.0.2"))).isEqualTo(4);
  }

  @Test
  void watchesAreBoundedByBytes() throws Exception {
    CenterService center =
        center(CenterSettings.DEFAULT.withMaxWatchBytes(4L * Watchers.WATCH_BYTES));
    assertThat(watches(center, TestPeer.local())).isEqualTo(2);
  }

  @Test
  void logHasOneLineAKindAndMinuteWithCounts() {
    List<String> lines = new ArrayList<>();
    Logger log =
        (Logger)
            Proxy.newProxyInstance(
                Logger.class.getClassLoader(),
                new Class<?>[] {Logger.class},
                (proxy, method, arguments) -> {
                  lines.add(method.getName() + " " + arguments[0]);
                  return null;
                });
    RegistryLines registry = new RegistryLines(log, ticker);
    Lease lease = new Lease(1, "owner", "", 0);
    for (int i = 0; i < 1000; i++) {
      registry.registered("owner", request("owner", "a", 0).getInstancesList());
      registry.stopped(lease);
      registry.lost(lease, "why");
      registry.flush();
    }
    assertThat(lines).hasSize(3);
    ticker.advance(Duration.ofMinutes(1));
    registry.flush();
    registry.flush();
    assertThat(lines).hasSize(6);
  }
}
