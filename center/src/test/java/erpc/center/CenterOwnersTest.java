package erpc.center;

import static org.assertj.core.api.Assertions.assertThat;

import erpc.call.Status;
import erpc.discovery.wire.Instance;
import erpc.discovery.wire.RegisterReply;
import erpc.discovery.wire.RegisterRequest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whose an id and a lease are, and who may take the place of whom. */
@Timeout(60)
class CenterOwnersTest extends CenterServiceFixture {
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

  private RegisterReply registerAs(String owner, TestPeer peer, Instance... instances) {
    return center.register(peer.call(), request(instances).toBuilder().setOwner(owner).build());
  }

  private static Instance at(String address, String id) {
    return instance(id).toBuilder().setAddress(address).build();
  }

  private List<String> addresses() {
    return demo(0).getInstancesList().stream().map(Instance::getAddress).toList();
  }

  @Test
  void idBelongsToItsOwnerUntilHisLeaseEnds() {
    TestPeer first = TestPeer.remote("10.0.0.1");
    register(first, at("10.0.0.1:80", "a"), at("10.0.0.1:80", "b"));
    TestPeer stranger = TestPeer.remote("66.66.66.66");
    ThrowingCallable hijack =
        () -> registerAs("stranger", stranger, instance("c"), at("66.66.66.66:80", "a"));
    refused(Status.Code.ALREADY_EXISTS, "'a'", hijack);
    first.close();
    refused(Status.Code.ALREADY_EXISTS, "'a'", hijack);
    assertThat(listed()).containsExactly("a", "b");
    assertThat(addresses()).containsExactly("10.0.0.1:80", "10.0.0.1:80");
    later(TTL);
    registerAs("stranger", stranger, at("66.66.66.66:80", "a"));
    assertThat(addresses()).containsExactly("66.66.66.66:80");
  }

  @Test
  void idGoesToWhoComesFromItsHostOnceItsConnectionsAreGone() {
    TestPeer first = TestPeer.remote("10.0.0.1");
    register(first, at("10.0.0.1:80", "a"));
    TestPeer again = TestPeer.remote("10.0.0.1");
    refused(
        Status.Code.ALREADY_EXISTS,
        "belongs to another owner",
        () -> registerAs("again", again, at("10.0.0.1:81", "a")));
    first.close();
    registerAs("again", again, at("10.0.0.1:81", "a"));
    assertThat(addresses()).containsExactly("10.0.0.1:81");
    assertThat(center.instances()).isEqualTo(1);
  }

  @Test
  void restartedServerTakesThePlaceOfTheOneBefore() throws Exception {
    for (TestPeer[] peers :
        List.of(
            new TestPeer[] {TestPeer.remote("10.0.0.1"), TestPeer.remote("10.0.0.1")},
            new TestPeer[] {TestPeer.remote("2001:db8::1"), TestPeer.remote("2001:db8::1")},
            new TestPeer[] {TestPeer.local(), TestPeer.local()})) {
      restart(MemoryEngine.open(), CenterSettings.DEFAULT);
      registerAs("other", TestPeer.remote("10.0.0.9"), at("10.0.0.9:80", "other"));
      register(peers[0], at(":80", "a"), at(":81", "b"));
      registerAs("again", peers[1], at(":80", "early"));
      assertThat(listed()).containsExactly("a", "b", "early", "other");
      peers[0].close();
      registerAs("again", peers[1], at(":80", "c"));
      assertThat(listed()).containsExactly("b", "c", "early", "other");
      assertThat(center.instances()).isEqualTo(4);
    }
  }

  @Test
  void strangerReplacesNobodyWhoseConnectionIsGone() {
    TestPeer first = TestPeer.remote("10.0.0.1");
    register(first, at("10.0.0.1:80", "a"));
    first.close();
    registerAs("stranger", TestPeer.remote("66.66.66.66"), at("10.0.0.1:80", "x"));
    registerAs("local", TestPeer.local(), at("10.0.0.1:80", "y"));
    assertThat(listed()).containsExactly("a", "x", "y");
  }

  @Test
  void serverThatIsHeldIsReplacedByNobody() {
    TestPeer first = TestPeer.remote("10.0.0.1");
    long lease = register(first, at("10.0.0.1:80", "a")).getLease();
    TestHold.of(center, TestPeer.remote("10.0.0.1"), lease);
    first.close();
    registerAs("again", TestPeer.remote("10.0.0.1"), at("10.0.0.1:80", "b"));
    assertThat(listed()).containsExactly("a", "b");
  }

  @Test
  void ownerThatAnIdStandsForIsNobodyElsesLease() {
    RegisterRequest nameless = request(at(":80", "a")).toBuilder().clearOwner().build();
    RegisterRequest named = nameless.toBuilder().setOwner("a").build();
    TestPeer first = TestPeer.remote("10.0.0.1");
    long lease = center.register(first.call(), nameless).getLease();
    assertThat(center.register(first.call(), nameless).getLease()).isEqualTo(lease);
    for (TestPeer stranger :
        List.of(TestPeer.remote("10.0.0.1"), TestPeer.remote("10.0.0.2"), TestPeer.local())) {
      for (RegisterRequest request : List.of(nameless, named)) {
        refused(
            Status.Code.ALREADY_EXISTS,
            "owner 'a'",
            () -> center.register(stranger.call(), request));
      }
    }
    first.close();
    refused(
        Status.Code.ALREADY_EXISTS,
        "owner 'a'",
        () -> center.register(TestPeer.remote("10.0.0.2").call(), nameless));
    assertThat(center.register(TestPeer.remote("10.0.0.1").call(), nameless).getLease())
        .isEqualTo(lease);
  }

  @Test
  void instanceOfBeforeARestartIsClaimedByWhoRegistersTheSame() throws IOException {
    Path file = folder.resolve("journal");
    restart(file);
    register(TestPeer.remote("10.0.0.1"), at("10.0.0.1:80", "a"), at("10.0.0.1:81", "b"));
    restart(file);
    TestPeer elsewhere = TestPeer.remote("10.0.0.2");
    refused(
        Status.Code.ALREADY_EXISTS,
        "'a'",
        () -> registerAs("stranger", elsewhere, at("10.0.0.2:80", "a")));
    registerAs("again", elsewhere, at("10.0.0.1:80", "a"));
    registerAs("restarted", TestPeer.remote("10.0.0.1"), at("10.0.0.1:81", "c"));
    assertThat(listed()).containsExactly("a", "c");
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
}
