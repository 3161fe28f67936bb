package erpc.center;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import erpc.call.RpcException;
import erpc.call.Status;
import erpc.discovery.wire.HeartbeatRequest;
import erpc.discovery.wire.Instance;
import erpc.discovery.wire.ListRequest;
import erpc.discovery.wire.RegisterReply;
import erpc.discovery.wire.RegisterRequest;
import erpc.discovery.wire.WatchReply;
import erpc.discovery.wire.WatchRequest;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

/** A center of a test, whose time stands still, and peers that talk to it. */
abstract class CenterServiceFixture {
  static final Duration TTL = CenterSettings.DEFAULT.ttl();

  @TempDir Path folder;
  final ManualTicker ticker = new ManualTicker();
  private final Random picks = new Random(1);
  final BrokenDisk disk = new BrokenDisk();
  Engine engine = MemoryEngine.open();
  CenterService center = center(CenterSettings.DEFAULT);

  CenterService center(CenterSettings settings) {
    return new CenterService(
        engine, settings, ticker, new Random(1), () -> picks, (task, delay) -> () -> {});
  }

  void restart(Engine next, CenterSettings settings) {
    close();
    engine = next;
    center = center(settings);
  }

  void restart(Path journal) throws IOException {
    close();
    restart(MemoryEngine.open(journal, Durability.SYSTEM), CenterSettings.DEFAULT);
  }

  @AfterEach
  void close() {
    center.close();
    engine.close();
  }

  static Instance instance(String id) {
    return Instance.newBuilder()
        .setId(id)
        .setService("demo")
        .setAddress("10.0.0.1:8877")
        .addMethods("demo.hello")
        .build();
  }

  static RegisterRequest request(Instance... instances) {
    return RegisterRequest.newBuilder()
        .setOwner("owner")
        .setEpoch(1)
        .addAllInstances(List.of(instances))
        .build();
  }

  RegisterReply register(TestPeer peer, Instance... instances) {
    return center.register(peer.call(), request(instances));
  }

  void beat(TestPeer peer, long lease) {
    center.heartbeat(peer.call(), HeartbeatRequest.newBuilder().setLease(lease).build());
  }

  /** Its process is killed, on this machine. */
  void lose(long lease) throws InterruptedException {
    TestHold.of(center, TestPeer.local(), lease).lose();
    later(Lease.RESUME_WITHIN);
  }

  List<String> listed() {
    return center
        .list(TestPeer.local().call(), ListRequest.getDefaultInstance())
        .getInstancesList()
        .stream()
        .map(Instance::getId)
        .toList();
  }

  WatchReply demo(long after) {
    WatchRequest request =
        WatchRequest.newBuilder()
            .setService("demo")
            .setAfterRevision(after)
            .setCenter(engine.history())
            .build();
    try (TestWatch watch = new TestWatch(center, TestPeer.local(), request)) {
      return watch.next();
    }
  }

  void later(Duration by) {
    ticker.advance(by);
    center.tick();
  }

  static void refused(Status.Code code, String what, ThrowingCallable call) {
    Consumer<RpcException> check =
        e -> {
          assertThat(e.code()).isEqualTo(code);
          assertThat(e.status().message()).contains(what);
        };
    assertThatThrownBy(call).isInstanceOfSatisfying(RpcException.class, check);
  }
}
