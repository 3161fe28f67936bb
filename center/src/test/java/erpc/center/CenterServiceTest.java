package erpc.center;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import erpc.call.RpcException;
import erpc.call.Status;
import erpc.discovery.wire.DeregisterRequest;
import erpc.discovery.wire.DiscoveryRequest;
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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class CenterServiceTest {
  private static final Duration TTL = CenterSettings.DEFAULT.ttl();

  @TempDir private Path folder;
  private final ManualTicker ticker = new ManualTicker();
  private final BrokenDisk disk = new BrokenDisk();
  private Engine engine = MemoryEngine.open();
  private CenterService center = center(CenterSettings.DEFAULT);

  private CenterService center(CenterSettings settings) {
    return new CenterService(engine, settings, ticker, new Random(1), Runnable::run);
  }

  private void restart(Engine next, CenterSettings settings) {
    close();
    engine = next;
    center = center(settings);
  }

  private void restart(Path journal) throws IOException {
    close();
    restart(MemoryEngine.open(journal, Durability.SYSTEM), CenterSettings.DEFAULT);
  }

  @AfterEach
  void close() {
    center.close();
    engine.close();
  }

  private static Instance instance(String id) {
    return Instance.newBuilder()
        .setId(id)
        .setService("demo")
        .setAddress("10.0.0.1:8877")
        .addMethods("demo.hello")
        .build();
  }

  private static RegisterRequest request(Instance... instances) {
    return RegisterRequest.newBuilder()
        .setOwner("owner")
        .setEpoch(1)
        .addAllInstances(List.of(instances))
        .build();
  }

  private RegisterReply register(TestPeer peer, Instance... instances) {
    return center.register(peer.call(), request(instances));
  }

  private void beat(TestPeer peer, long lease) {
    center.heartbeat(peer.call(), HeartbeatRequest.newBuilder().setLease(lease).build());
  }

  private List<String> listed() {
    return center
        .list(TestPeer.local().call(), ListRequest.getDefaultInstance())
        .getInstancesList()
        .stream()
        .map(Instance::getId)
        .toList();
  }

  private WatchReply demo(long after) {
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

  private void later(Duration by) {
    ticker.advance(by);
    center.tick();
  }

  private static void refused(Status.Code code, String what, ThrowingCallable call) {
    Consumer<RpcException> check =
        e -> {
          assertThat(e.code()).isEqualTo(code);
          assertThat(e.status().message()).contains(what);
        };
    assertThatThrownBy(call).isInstanceOfSatisfying(RpcException.class, check);
  }

  @Test
  void registrationIsVisibleWhenItIsAnswered() {
    RegisterReply reply = register(TestPeer.local(), instance("a"), instance("b"));
    assertThat(listed()).containsExactly("a", "b");
    assertThat(reply.getRevision()).isPositive().isEqualTo(demo(0).getRevision());
    assertThat(reply.getTtlMillis()).isEqualTo(15_000);
    assertThat(reply.getObservedHost()).isEqualTo("127.0.0.1");
  }

  @Test
  void leaseLivesAsLongAsItIsRenewed() {
    TestPeer peer = TestPeer.remote("10.0.0.1");
    long lease = register(peer, instance("a")).getLease();
    for (int i = 0; i < 5; i++) {
      later(TTL.minusMillis(1));
      beat(peer, lease);
    }
    assertThat(listed()).containsExactly("a");
    later(TTL.minusNanos(1));
    assertThat(listed()).containsExactly("a");
    later(Duration.ofNanos(1));
    assertThat(listed()).isEmpty();
    refused(Status.Code.NOT_FOUND, "register again", () -> beat(peer, lease));
  }

  @Test
  void connectionLostOnThisMachineEndsTheLeaseAtOnce() {
    TestPeer peer = TestPeer.local();
    long lease = register(peer, instance("a")).getLease();
    peer.close();
    assertThat(listed()).isEmpty();
    refused(Status.Code.NOT_FOUND, "register again", () -> beat(TestPeer.local(), lease));
  }

  @Test
  void connectionLostOnAnotherMachineOnlyStartsTheTtl() {
    TestPeer peer = TestPeer.remote("10.0.0.1");
    register(peer, instance("a"));
    later(Duration.ofSeconds(10));
    peer.close();
    later(TTL.minusNanos(1));
    assertThat(listed()).containsExactly("a");
    later(Duration.ofNanos(1));
    assertThat(listed()).isEmpty();
  }

  @Test
  void registeringOverANewConnectionSurvivesTheEndOfTheOldOne() {
    TestPeer old = TestPeer.local();
    long lease = register(old, instance("a")).getLease();
    TestPeer fresh = TestPeer.local();
    RegisterRequest again = request(instance("a")).toBuilder().setEpoch(2).build();
    assertThat(center.register(fresh.call(), again).getLease()).isEqualTo(lease);
    old.close();
    assertThat(listed()).containsExactly("a");
    fresh.close();
    assertThat(listed()).isEmpty();
  }

  @Test
  void heartbeatOverANewConnectionSurvivesTheEndOfTheOldOne() {
    TestPeer old = TestPeer.local();
    long lease = register(old, instance("a")).getLease();
    TestPeer fresh = TestPeer.local();
    beat(fresh, lease);
    old.close();
    assertThat(listed()).containsExactly("a");
  }

  @Test
  void registeringOverAConnectionThatHasClosedLeavesNothing() {
    TestPeer peer = TestPeer.local();
    peer.close();
    register(peer, instance("a"));
    assertThat(listed()).isEmpty();
  }

  @Test
  void manyBeatsOverOneConnectionListenToItsEndOnce() {
    TestPeer peer = TestPeer.local();
    long lease = register(peer, instance("a")).getLease();
    for (int i = 0; i < 100; i++) {
      beat(peer, lease);
    }
    assertThat(peer.listeners()).isEqualTo(1);
  }

  @Test
  void olderEpochNeverOverwritesANewerOne() {
    RegisterRequest newer =
        request(instance("a").toBuilder().setAddress("10.0.0.2:1").build()).toBuilder()
            .setEpoch(5)
            .build();
    center.register(TestPeer.local().call(), newer);
    refused(
        Status.Code.FAILED_PRECONDITION,
        "epoch 1",
        () -> center.register(TestPeer.local().call(), request(instance("a"))));
    assertThat(demo(0).getInstances(0).getAddress()).isEqualTo("10.0.0.2:1");
  }

  @Test
  void instanceBelongsToWhoeverRegisteredItLast() {
    TestPeer first = TestPeer.local();
    register(first, instance("a"), instance("b"));
    TestPeer second = TestPeer.local();
    center.register(second.call(), request(instance("a")).toBuilder().setOwner("other").build());
    first.close();
    assertThat(listed()).containsExactly("a");
    assertThat(center.instances()).isEqualTo(1);
  }

  @Test
  void sameRegistrationAgainChangesNoList() {
    register(TestPeer.local(), instance("a"));
    long revision = demo(0).getRevision();
    register(TestPeer.local(), instance("a"));
    assertThat(demo(revision).getChanged()).isFalse();
    register(TestPeer.local(), instance("a").toBuilder().addMethods("demo.echo").build());
    assertThat(demo(revision).getInstances(0).getMethodsList())
        .containsExactly("demo.hello", "demo.echo");
  }

  @Test
  void registrationAddsAndLeavesTheRest() {
    register(TestPeer.local(), instance("a"));
    register(TestPeer.local(), instance("b"));
    assertThat(listed()).containsExactly("a", "b");
  }

  @Test
  void stopOfSomeLeavesTheOthers() {
    TestPeer peer = TestPeer.local();
    long lease = register(peer, instance("a"), instance("b")).getLease();
    center.deregister(
        peer.call(),
        DeregisterRequest.newBuilder().setLease(lease).addIds("a").addIds("nobody").build());
    assertThat(listed()).containsExactly("b");
    beat(peer, lease);
    center.deregister(peer.call(), DeregisterRequest.newBuilder().setLease(lease).build());
    assertThat(listed()).isEmpty();
    refused(
        Status.Code.NOT_FOUND,
        "lease",
        () ->
            center.deregister(peer.call(), DeregisterRequest.newBuilder().setLease(lease).build()));
  }

  @Test
  void listEmptiedByStopsSaysSo() {
    TestPeer peer = TestPeer.local();
    long lease = register(peer, instance("a")).getLease();
    long revision = demo(0).getRevision();
    center.deregister(peer.call(), DeregisterRequest.newBuilder().setLease(lease).build());
    assertThat(demo(revision).getEmptiedExplicitly()).isTrue();
    assertThat(demo(0).getEmptiedExplicitly()).isTrue();
  }

  @Test
  void listEmptiedByALossDoesNotSaySo() {
    TestPeer peer = TestPeer.local();
    register(peer, instance("a"));
    long revision = demo(0).getRevision();
    peer.close();
    assertThat(demo(revision).getChanged()).isTrue();
    assertThat(demo(revision).getEmptiedExplicitly()).isFalse();
    assertThat(demo(0).getEmptiedExplicitly()).isFalse();
  }

  @Test
  void stopAfterALossIsExplicitOnlyToThoseWhoHaveSeenTheLoss() {
    TestPeer lost = TestPeer.local();
    register(lost, instance("a"));
    TestPeer stopped = TestPeer.local();
    long lease =
        center
            .register(stopped.call(), request(instance("b")).toBuilder().setOwner("other").build())
            .getLease();
    long both = demo(0).getRevision();
    lost.close();
    long one = demo(0).getRevision();
    center.deregister(stopped.call(), DeregisterRequest.newBuilder().setLease(lease).build());
    assertThat(demo(both).getEmptiedExplicitly()).isFalse();
    assertThat(demo(one).getEmptiedExplicitly()).isTrue();
  }

  @Test
  void unknownServiceIsEmptyWithoutBeingEmptied() {
    WatchReply reply = demo(0);
    assertThat(reply.getChanged()).isTrue();
    assertThat(reply.getInstancesList()).isEmpty();
    assertThat(reply.getEmptiedExplicitly()).isFalse();
    assertThat(reply.getRevision()).isPositive();
    assertThat(demo(reply.getRevision()).getChanged()).isFalse();
  }

  @Test
  void everyAddressIsCompletedWithTheHostTheCenterSees() {
    Map<String, String> loopback =
        Map.of(
            ":8877", "127.0.0.1:8877",
            "0.0.0.0:8877", "127.0.0.1:8877",
            "[::]:8877", "127.0.0.1:8877",
            "example.org:1", "example.org:1",
            "[2001:db8::1]:80", "[2001:db8::1]:80",
            "unix:/run/demo.sock", "unix:/run/demo.sock");
    loopback.forEach((sent, seen) -> assertThat(completed(TestPeer.local(), sent)).isEqualTo(seen));
    assertThat(completed(TestPeer.remote("10.1.2.3"), ":8877")).isEqualTo("10.1.2.3:8877");
    assertThat(completed(TestPeer.remote("2001:db8::7"), "[::]:8877"))
        .isEqualTo("[2001:db8::7]:8877");
    assertThat(completed(TestPeer.remote("fe80::1%1"), ":8877")).isEqualTo("[fe80::1]:8877");
  }

  private String completed(TestPeer peer, String address) {
    register(peer, instance("a").toBuilder().setAddress(address).build());
    return demo(0).getInstances(0).getAddress();
  }

  @Test
  void whatBreaksTheRulesIsRefusedAndNamesTheField() {
    Map<String, UnaryOperator<Instance.Builder>> wrong = new HashMap<>();
    wrong.put("instances[0].id must have", it -> it.clearId());
    wrong.put("instances[0].id 'a/b'", it -> it.setId("a/b"));
    wrong.put("instances[0].id 'a\\u000a'", it -> it.setId("a\n"));
    wrong.put("instances[0].id must have 1 to 128", it -> it.setId("x".repeat(129)));
    wrong.put("instances[0].service: service name", it -> it.setService("de mo"));
    wrong.put("instances[0].service: service name must", it -> it.clearService());
    wrong.put("instances[0].methods[1]", it -> it.addMethods("other.hello"));
    wrong.put("instances[0].methods[1]: method name", it -> it.addMethods("demo"));
    wrong.put(
        "instances[0].methods passes",
        it -> it.addAllMethods(java.util.Collections.nCopies(1001, "demo.x")));
    wrong.put("instances[0].weight", it -> it.setWeight(10_001));
    wrong.put("instances[0].weight must", it -> it.setWeight(-1));
    wrong.put("instances[0].zone", it -> it.setZone("x".repeat(65)));
    wrong.put("instances[0].zone must", it -> it.setZone("a\u001b[31m"));
    wrong.put("instances[0].tags", it -> it.putTags("", "x"));
    wrong.put("instances[0].tags must", it -> it.putTags("x".repeat(65), "x"));
    wrong.put("instances[0].tags['k']", it -> it.putTags("k", "x".repeat(257)));
    wrong.put("instances[0].address: address 'nohost'", it -> it.setAddress("nohost"));
    wrong.put("instances[0].address: address ''", it -> it.setAddress(""));
    wrong.put("instances[0].address: address 'h:0'", it -> it.setAddress("h:0"));
    wrong.put("instances[0].address: address 'h:65536'", it -> it.setAddress("h:65536"));
    wrong.put("instances[0].address: address '127.0.0.1:99999'", it -> it.setAddress(":99999"));
    wrong.put("instances[0].address: address 'a b:1'", it -> it.setAddress("a b:1"));
    wrong.put("instances[0].address: address '::1:80'", it -> it.setAddress("::1:80"));
    wrong.put(
        "instances[0].address: path of a Unix socket 'relative'",
        it -> it.setAddress("unix:relative"));
    wrong.put("instances[0].address passes", it -> it.setAddress("x".repeat(300) + ":1"));
    wrong.forEach((message, change) ->
        refused(
            Status.Code.INVALID_ARGUMENT,
            message,
            () -> register(TestPeer.local(), change.apply(instance("a").toBuilder()).build())));
    refused(Status.Code.INVALID_ARGUMENT, "instances must be 1", () -> register(TestPeer.local()));
    refused(
        Status.Code.INVALID_ARGUMENT,
        "twice",
        () -> register(TestPeer.local(), instance("a"), instance("a")));
    RegisterRequest owner = request(instance("a")).toBuilder().setOwner("a b").build();
    refused(
        Status.Code.INVALID_ARGUMENT,
        "owner",
        () -> center.register(TestPeer.local().call(), owner));
    RegisterRequest epoch = request(instance("a")).toBuilder().setEpoch(-1).build();
    refused(
        Status.Code.INVALID_ARGUMENT,
        "epoch",
        () -> center.register(TestPeer.local().call(), epoch));
    assertThat(listed()).isEmpty();
  }

  @Test
  void registrationTooLargeForOneBatchIsRefusedWhole() {
    Instance.Builder large = instance("a").toBuilder();
    for (int i = 0; i < 240; i++) {
      large.addMethods("demo." + "m".repeat(240) + i);
    }
    Instance[] many = new Instance[200];
    for (int i = 0; i < many.length; i++) {
      many[i] = large.setId("i" + i).build();
    }
    refused(Status.Code.INVALID_ARGUMENT, "batch", () -> register(TestPeer.local(), many));
    assertThat(listed()).isEmpty();
  }

  @Test
  void boundsOfInstancesAndServicesHold() {
    restart(MemoryEngine.open(), CenterSettings.DEFAULT.withMaxInstances(2).withMaxServices(2));
    TestPeer peer = TestPeer.local();
    long lease = register(peer, instance("a"), instance("b")).getLease();
    refused(Status.Code.RESOURCE_EXHAUSTED, "maxInstances", () -> register(peer, instance("c")));
    register(peer, instance("a"));
    center.deregister(
        peer.call(), DeregisterRequest.newBuilder().setLease(lease).addIds("a").build());
    register(peer, instance("c"));
    assertThat(listed()).containsExactly("b", "c");
  }

  @Test
  void servicesThatNobodyServesMakeRoomForNewOnes() {
    restart(MemoryEngine.open(), CenterSettings.DEFAULT.withMaxServices(2));
    for (int i = 0; i < 10; i++) {
      TestPeer peer = TestPeer.local();
      Instance other = instance("a").toBuilder().setService("s" + i).clearMethods().build();
      long lease = register(peer, other).getLease();
      center.deregister(peer.call(), DeregisterRequest.newBuilder().setLease(lease).build());
    }
    register(
        TestPeer.local(),
        instance("a"),
        instance("b").toBuilder().setService("x").clearMethods().build());
    Instance third = instance("c").toBuilder().setService("y").clearMethods().build();
    refused(Status.Code.RESOURCE_EXHAUSTED, "maxServices", () -> register(TestPeer.local(), third));
    assertThat(engine.snapshot().data()).hasSizeLessThan(8);
  }

  @Test
  void discoveryPicksInProportionToTheWeights() {
    register(
        TestPeer.local(),
        instance("a").toBuilder().setWeight(300).build(),
        instance("b"),
        instance("c").toBuilder().clearMethods().addMethods("demo.other").build());
    Map<String, Integer> picked = new HashMap<>();
    DiscoveryRequest request =
        DiscoveryRequest.newBuilder().setService("demo").setMethod("demo.hello").build();
    for (int i = 0; i < 4000; i++) {
      picked.merge(
          center.discovery(TestPeer.local().call(), request).getInstance().getId(),
          1,
          Integer::sum);
    }
    assertThat(picked).containsOnlyKeys("a", "b");
    assertThat(picked.get("a")).isBetween(2800, 3200);
  }

  @Test
  void discoverySaysWhatIsMissing() {
    DiscoveryRequest request =
        DiscoveryRequest.newBuilder().setService("demo").setMethod("demo.nothing").build();
    refused(
        Status.Code.NOT_FOUND, "'demo'", () -> center.discovery(TestPeer.local().call(), request));
    register(TestPeer.local(), instance("a"));
    refused(
        Status.Code.UNIMPLEMENTED,
        "none of the 1",
        () -> center.discovery(TestPeer.local().call(), request));
    DiscoveryRequest bad = DiscoveryRequest.newBuilder().setService("a b").build();
    refused(
        Status.Code.INVALID_ARGUMENT,
        "service",
        () -> center.discovery(TestPeer.local().call(), bad));
  }

  @Test
  void instancesOfBeforeARestartHaveOneTtlToRegisterAgain() throws IOException {
    Path file = folder.resolve("journal");
    restart(file);
    register(TestPeer.local(), instance("a"), instance("b"));
    restart(file);
    assertThat(listed()).containsExactly("a", "b");
    later(TTL.minusNanos(1));
    RegisterRequest again = request(instance("a")).toBuilder().setEpoch(2).build();
    center.register(TestPeer.local().call(), again);
    later(Duration.ofNanos(1));
    assertThat(listed()).containsExactly("a");
    restart(file);
    later(TTL);
    assertThat(listed()).isEmpty();
    assertThat(engine.snapshot().data().keySet()).noneMatch(Keys::isOwner);
  }

  @Test
  void epochIsRememberedAcrossARestart() throws IOException {
    Path file = folder.resolve("journal");
    restart(file);
    center.register(
        TestPeer.local().call(), request(instance("a")).toBuilder().setEpoch(5).build());
    restart(file);
    refused(
        Status.Code.FAILED_PRECONDITION,
        "epoch 1",
        () -> register(TestPeer.local(), instance("a")));
  }

  @Test
  void fullDiskRefusesRegistrationsAndServesWhatItHas() throws IOException {
    restart(
        MemoryEngine.open(folder.resolve("journal"), Durability.DISK, disk),
        CenterSettings.DEFAULT);
    TestPeer peer = TestPeer.local();
    long lease = register(peer, instance("a")).getLease();
    disk.room = 5;
    refused(
        Status.Code.UNAVAILABLE, "No space left", () -> register(TestPeer.local(), instance("b")));
    assertThat(listed()).containsExactly("a");
    beat(peer, lease);
    assertThat(center.instances()).isEqualTo(1);
  }

  @Test
  void lossThatCannotBeWrittenIsTriedAgainWithTheNextTick() throws IOException {
    restart(
        MemoryEngine.open(folder.resolve("journal"), Durability.DISK, disk),
        CenterSettings.DEFAULT);
    TestPeer peer = TestPeer.local();
    long lease = register(peer, instance("a")).getLease();
    disk.room = 5;
    peer.close();
    assertThat(listed()).containsExactly("a");
    refused(Status.Code.NOT_FOUND, "lease", () -> beat(peer, lease));
    center.tick();
    disk.room = Long.MAX_VALUE;
    center.tick();
    assertThat(listed()).isEmpty();
  }

  @Test
  void stopThatCouldNotBeWrittenIsStillAStopLater() throws IOException {
    restart(
        MemoryEngine.open(folder.resolve("journal"), Durability.DISK, disk),
        CenterSettings.DEFAULT);
    TestPeer peer = TestPeer.local();
    long lease = register(peer, instance("a")).getLease();
    disk.room = 5;
    DeregisterRequest stop = DeregisterRequest.newBuilder().setLease(lease).build();
    refused(Status.Code.UNAVAILABLE, "No space left", () -> center.deregister(peer.call(), stop));
    disk.room = Long.MAX_VALUE;
    center.tick();
    assertThat(demo(0).getEmptiedExplicitly()).isTrue();
  }

  @Test
  void leaseOfManyInstancesEndsWhole() {
    Instance[] many = new Instance[1000];
    for (int i = 0; i < many.length; i++) {
      many[i] = instance("i" + i).toBuilder().setService("s" + i).clearMethods().build();
    }
    TestPeer peer = TestPeer.local();
    register(peer, many);
    assertThat(listed()).hasSize(1000);
    peer.close();
    assertThat(listed()).isEmpty();
    assertThat(center.instances()).isZero();
  }

  @Test
  void closedCenterRefuses() {
    center.close();
    refused(Status.Code.UNAVAILABLE, "closing", () -> register(TestPeer.local(), instance("a")));
  }
}
