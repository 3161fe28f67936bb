package erpc.center;

import static org.assertj.core.api.Assertions.assertThat;

import erpc.discovery.wire.Instance;
import erpc.discovery.wire.ListRequest;
import erpc.discovery.wire.RegisterRequest;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a center makes of its own process having been stopped. */
@Timeout(60)
class CenterPausesTest {
  private static final Duration TICK = Duration.ofMillis(500);
  private static final Duration TTL = CenterSettings.DEFAULT.ttl();

  @TempDir private Path folder;
  private final ManualTicker ticker = new ManualTicker();
  private final ArrayDeque<Runnable> timers = new ArrayDeque<>();
  private final Pauses pauses = new Pauses(TICK, ticker);
  private Engine engine = MemoryEngine.open();
  private CenterService center = center();

  private CenterService center() {
    return new CenterService(
        engine,
        CenterSettings.DEFAULT,
        ticker,
        new Random(1),
        () -> new Random(1),
        (task, delay) -> {
          timers.add(task);
          return () -> {};
        });
  }

  @AfterEach
  void close() {
    center.close();
    engine.close();
  }

  private long register(TestPeer peer) {
    Instance instance =
        Instance.newBuilder().setId("a").setService("demo").setAddress("10.0.0.1:8877").build();
    return center
        .register(
            peer.call(),
            RegisterRequest.newBuilder().setOwner("o").setEpoch(1).addInstances(instance).build())
        .getLease();
  }

  private boolean isListed() {
    return center
            .list(TestPeer.local().call(), ListRequest.getDefaultInstance())
            .getInstancesCount()
        > 0;
  }

  /** The clock's next round comes after this time. */
  private void tickAfter(Duration time) {
    ticker.advance(time);
    center.tick(ticker.nanos(), pauses.lateNanos(ticker.nanos()));
  }

  private void runTimers() {
    int now = timers.size();
    for (int i = 0; i < now; i++) {
      timers.remove().run();
    }
  }

  @Test
  void timeInWhichTheCenterWasStoppedCountsAgainstNoLease() {
    long unused = register(TestPeer.remote("10.0.0.1"));
    tickAfter(TICK);
    tickAfter(TTL.plusMinutes(1));
    assertThat(isListed()).isTrue();
    for (Duration ran = TICK; ran.compareTo(TTL) < 0; ran = ran.plus(TICK)) {
      tickAfter(TICK);
    }
    assertThat(isListed()).as("the time in which it ran does").isFalse();
  }

  @Test
  void leaseThatWasRenewedAfterTheStopHasOneTtlFromThere() {
    TestPeer peer = TestPeer.remote("10.0.0.1");
    long unused = register(peer);
    tickAfter(TICK);
    ticker.advance(TTL.multipliedBy(3));
    long renewed = register(peer);
    tickAfter(Duration.ZERO);
    assertThat(renewed).isEqualTo(unused);
    for (Duration ran = Duration.ZERO; ran.compareTo(TTL) < 0; ran = ran.plus(TICK)) {
      assertThat(isListed()).isTrue();
      tickAfter(TICK);
    }
    assertThat(isListed()).isFalse();
  }

  @Test
  void ticksThatAreLittleLateCount() {
    long unused = register(TestPeer.remote("10.0.0.1"));
    Duration late = TICK.plus(Pauses.TOLERATED);
    for (Duration ran = Duration.ZERO; ran.compareTo(TTL) < 0; ran = ran.plus(late)) {
      assertThat(isListed()).isTrue();
      tickAfter(late);
    }
    assertThat(isListed()).isFalse();
  }

  @Test
  void orphansAreGivenTheTimeToo() throws Exception {
    center.close();
    engine.close();
    engine = MemoryEngine.open(folder.resolve("journal"), Durability.SYSTEM);
    center = center();
    long unused = register(TestPeer.remote("10.0.0.1"));
    center.close();
    engine.close();
    engine = MemoryEngine.open(folder.resolve("journal"), Durability.SYSTEM);
    center = center();
    tickAfter(TTL.multipliedBy(2));
    assertThat(isListed()).isTrue();
  }

  @Test
  void listIsIncompleteSoMuchLonger() {
    tickAfter(TTL.multipliedBy(2));
    assertThat(
            center.list(TestPeer.local().call(), ListRequest.getDefaultInstance()).getIncomplete())
        .isTrue();
  }

  @Test
  void lostStreamHasItsTimeOnceMoreIfTheTimerIsLate() throws Exception {
    TestHold.of(center, TestPeer.local(), register(TestPeer.local())).lose();
    ticker.advance(TTL.dividedBy(2));
    runTimers();
    assertThat(isListed()).isTrue();
    ticker.advance(Lease.RESUME_WITHIN);
    runTimers();
    assertThat(isListed()).isFalse();
  }

  @Test
  void lostStreamHasItsTimeOnceMoreIfTheTickIsLate() throws Exception {
    TestHold.of(center, TestPeer.local(), register(TestPeer.local())).lose();
    tickAfter(TTL.dividedBy(2));
    runTimers();
    assertThat(isListed()).isTrue();
    tickAfter(TICK);
    assertThat(isListed()).isFalse();
  }
}
