package erpc.center;

import static org.assertj.core.api.Assertions.assertThat;

import erpc.call.Status;
import erpc.discovery.wire.DeregisterRequest;
import erpc.discovery.wire.DiscoveryRequest;
import erpc.discovery.wire.HeartbeatRequest;
import erpc.discovery.wire.Instance;
import erpc.discovery.wire.RegisterReply;
import erpc.discovery.wire.RegisterRequest;
import erpc.discovery.wire.WatchReply;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class CenterServiceTest extends CenterServiceFixture {
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
  void leaseThatOnlyBeatsLivesByItsTtlWhateverItsConnectionsDo() {
    TestPeer peer = TestPeer.local();
    long lease = register(peer, instance("a")).getLease();
    peer.close();
    later(TTL.minusNanos(1));
    assertThat(listed()).containsExactly("a");
    TestPeer other = TestPeer.local();
    beat(other, lease);
    other.close();
    later(TTL.minusNanos(1));
    assertThat(listed()).containsExactly("a");
    later(Duration.ofNanos(1));
    assertThat(listed()).isEmpty();
  }

  @Test
  void registeringAgainGoesOnWithTheLease() {
    RegisterReply first = register(TestPeer.local(), instance("a"));
    RegisterReply again = register(TestPeer.local(), instance("a"));
    assertThat(again.getLease()).isEqualTo(first.getLease());
    assertThat(again.getHolds()).isEqualTo(first.getHolds()).isNotZero();
  }

  @Test
  void beatSaysWhatTheLeaseHolds() {
    TestPeer peer = TestPeer.local();
    RegisterReply two = register(peer, instance("a"), instance("b"));
    HeartbeatRequest beat = HeartbeatRequest.newBuilder().setLease(two.getLease()).build();
    assertThat(center.heartbeat(peer.call(), beat).getHolds()).isEqualTo(two.getHolds());
    long one =
        center
            .deregister(
                peer.call(),
                DeregisterRequest.newBuilder().setLease(two.getLease()).addIds("a").build())
            .getHolds();
    assertThat(one).isNotZero().isNotEqualTo(two.getHolds());
    assertThat(center.heartbeat(peer.call(), beat).getHolds()).isEqualTo(one);
    assertThat(TestHold.of(center, peer, two.getLease()).beat(two.getLease()).getHolds())
        .isEqualTo(one);
    Instance changed = instance("b").toBuilder().addMethods("demo.other").build();
    assertThat(register(peer, changed).getHolds()).isNotEqualTo(one);
    assertThat(register(peer, instance("a"), instance("b")).getHolds()).isEqualTo(two.getHolds());
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
  void listEmptiedByALossDoesNotSaySo() throws Exception {
    long lease = register(TestPeer.local(), instance("a")).getLease();
    long revision = demo(0).getRevision();
    lose(lease);
    assertThat(demo(revision).getChanged()).isTrue();
    assertThat(demo(revision).getEmptiedExplicitly()).isFalse();
    assertThat(demo(0).getEmptiedExplicitly()).isFalse();
  }

  @Test
  void stopAfterALossIsExplicitOnlyToThoseWhoHaveSeenTheLoss() throws Exception {
    long lost = register(TestPeer.local(), instance("a")).getLease();
    TestPeer stopped = TestPeer.local();
    long lease =
        center
            .register(stopped.call(), request(instance("b")).toBuilder().setOwner("other").build())
            .getLease();
    long both = demo(0).getRevision();
    lose(lost);
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
  void everyAddressIsCompletedWithTheHostTheCenterSeesUnlessThatIsItsOwnMachine() {
    Map<String, String> loopback =
        Map.of(
            ":8877", ":8877",
            "0.0.0.0:8877", ":8877",
            "[::]:8877", ":8877",
            "127.0.0.1:1", "127.0.0.1:1",
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
    assertThat(demo(0).getIncomplete()).isTrue();
    restart(file);
    assertThat(demo(0).getIncomplete()).isFalse();
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
  void lossThatCannotBeWrittenIsTriedAgainWithTheNextTick() throws Exception {
    restart(
        MemoryEngine.open(folder.resolve("journal"), Durability.DISK, disk),
        CenterSettings.DEFAULT);
    TestPeer peer = TestPeer.local();
    long lease = register(peer, instance("a")).getLease();
    disk.room = 5;
    lose(lease);
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
  void leaseOfManyInstancesEndsWhole() throws Exception {
    Instance[] many = new Instance[1000];
    for (int i = 0; i < many.length; i++) {
      many[i] = instance("i" + i).toBuilder().setService("s" + i).clearMethods().build();
    }
    TestPeer peer = TestPeer.local();
    long lease = register(peer, many).getLease();
    assertThat(listed()).hasSize(1000);
    lose(lease);
    assertThat(listed()).isEmpty();
    assertThat(center.instances()).isZero();
  }

  @Test
  void closedCenterRefuses() {
    center.close();
    refused(Status.Code.UNAVAILABLE, "closing", () -> register(TestPeer.local(), instance("a")));
  }
}
