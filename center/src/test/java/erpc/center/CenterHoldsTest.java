package erpc.center;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import erpc.call.Status;
import erpc.discovery.wire.DeregisterRequest;
import erpc.discovery.wire.HeartbeatRequest;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Leases that are held by a stream. */
@Timeout(60)
class CenterHoldsTest extends CenterServiceFixture {
  @Test
  void holdLostOnThisMachineEndsTheLeaseAfterAMoment() throws Exception {
    long lease = register(TestPeer.local(), instance("a")).getLease();
    TestHold hold = TestHold.of(center, TestPeer.local(), lease);
    later(Duration.ofSeconds(1));
    hold.lose();
    beat(TestPeer.local(), lease);
    later(Lease.RESUME_WITHIN.minusNanos(1));
    assertThat(listed()).containsExactly("a");
    later(Duration.ofNanos(1));
    assertThat(listed()).isEmpty();
    refused(Status.Code.NOT_FOUND, "register again", () -> beat(TestPeer.local(), lease));
  }

  @Test
  void holdLostOnThisMachineEndsTheLeaseWithoutATick() throws Exception {
    close();
    engine = MemoryEngine.open();
    center = new CenterService(engine, CenterSettings.DEFAULT);
    long lease = register(TestPeer.local(), instance("a")).getLease();
    TestHold.of(center, TestPeer.local(), lease).lose();
    await().atMost(Duration.ofSeconds(20)).until(() -> listed().isEmpty());
  }

  @Test
  void leaseThatIsHeldAgainInTimeGoesOn() throws Exception {
    long lease = register(TestPeer.local(), instance("a")).getLease();
    TestHold.of(center, TestPeer.local(), lease).lose();
    later(Lease.RESUME_WITHIN.minusNanos(1));
    TestHold again = TestHold.of(center, TestPeer.local(), lease);
    later(Duration.ofSeconds(14));
    again.beat(lease);
    later(Duration.ofSeconds(14));
    assertThat(listed()).containsExactly("a");
  }

  @Test
  void registeringAgainGivesTheTimeToHoldOnceMore() throws Exception {
    long lease = register(TestPeer.local(), instance("a")).getLease();
    TestHold.of(center, TestPeer.local(), lease).lose();
    later(Lease.RESUME_WITHIN.minusNanos(1));
    register(TestPeer.local(), instance("a"));
    later(Lease.RESUME_WITHIN.minusNanos(1));
    assertThat(listed()).containsExactly("a");
    later(Duration.ofNanos(1));
    assertThat(listed()).isEmpty();
  }

  @Test
  void holdThatSaysGoodbyeLeavesTheLeaseItsTtl() throws Exception {
    long lease = register(TestPeer.local(), instance("a")).getLease();
    TestHold finished = TestHold.of(center, TestPeer.local(), lease);
    finished.finish();
    assertThat(finished.end()).isEqualTo(Status.Code.OK);
    TestHold.of(center, TestPeer.local(), lease).reset();
    TestHold.of(center, TestPeer.local(), lease).leave();
    later(TTL.minusNanos(1));
    assertThat(listed()).containsExactly("a");
    later(Duration.ofNanos(1));
    assertThat(listed()).isEmpty();
  }

  @Test
  void holdLostOnAnotherMachineOnlyStartsTheTtl() throws Exception {
    TestPeer peer = TestPeer.remote("10.0.0.1");
    long lease = register(peer, instance("a")).getLease();
    TestHold hold = TestHold.of(center, peer, lease);
    later(Duration.ofSeconds(10));
    hold.lose();
    later(TTL.minusNanos(1));
    assertThat(listed()).containsExactly("a");
    later(Duration.ofNanos(1));
    assertThat(listed()).isEmpty();
  }

  @Test
  void newestHoldCounts() throws Exception {
    long lease = register(TestPeer.local(), instance("a")).getLease();
    TestHold old = TestHold.of(center, TestPeer.local(), lease);
    TestHold fresh = TestHold.of(center, TestPeer.local(), lease);
    assertThat(old.end()).isEqualTo(Status.Code.ABORTED);
    later(Lease.RESUME_WITHIN);
    assertThat(listed()).containsExactly("a");
    fresh.lose();
    later(Lease.RESUME_WITHIN);
    assertThat(listed()).isEmpty();
  }

  @Test
  void holdEndsWithItsLease() {
    TestPeer peer = TestPeer.local();
    long lease = register(peer, instance("a")).getLease();
    TestHold hold = TestHold.of(center, peer, lease);
    center.deregister(peer.call(), DeregisterRequest.newBuilder().setLease(lease).build());
    assertThat(hold.end()).isEqualTo(Status.Code.NOT_FOUND);
    TestHold silent =
        TestHold.of(center, peer, register(TestPeer.local(), instance("a")).getLease());
    later(TTL);
    assertThat(silent.end()).isEqualTo(Status.Code.NOT_FOUND);
  }

  @Test
  void holdOfNoLeaseIsRefused() throws Exception {
    TestHold unknown = new TestHold(center, TestPeer.local());
    unknown.send(HeartbeatRequest.newBuilder().setLease(42).build());
    assertThat(unknown.end()).isEqualTo(Status.Code.NOT_FOUND);
    TestHold empty = new TestHold(center, TestPeer.local());
    empty.finish();
    assertThat(empty.end()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    long lease = register(TestPeer.local(), instance("a")).getLease();
    TestHold two = TestHold.of(center, TestPeer.local(), lease);
    two.send(HeartbeatRequest.newBuilder().setLease(lease + 1).build());
    assertThat(two.end()).isEqualTo(Status.Code.INVALID_ARGUMENT);
  }

  @Test
  void closingCenterEndsHolds() {
    long lease = register(TestPeer.local(), instance("a")).getLease();
    TestHold hold = TestHold.of(center, TestPeer.local(), lease);
    center.close();
    assertThat(hold.end()).isEqualTo(Status.Code.UNAVAILABLE);
  }
}
