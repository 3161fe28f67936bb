package erpc.protocol.own;

import static org.assertj.core.api.Assertions.assertThat;

import erpc.protocol.ConnectionSettings;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** How long connections live. */
class LifetimeTest {
  private static final Duration AGE = Duration.ofSeconds(100);

  private static TestServer server(Duration age, Duration idle) {
    return TestServer.greeted(ConnectionSettings.DEFAULTS.withLifetime(age, idle));
  }

  /** Lets time pass at a peer that is alive. */
  private static void pass(TestServer server, int seconds) {
    for (int i = 0; i < seconds && server.isOpen(); i++) {
      server.receive(Frames.frame(Wire.PING, 0, new byte[8]));
      server.advance(Duration.ofSeconds(1));
    }
  }

  private static boolean saidGoodbye(TestServer server) {
    return server.sent().stream().anyMatch(each -> each.type() == Wire.GOAWAY);
  }

  @Test
  void agesDifferByATenthEitherWay() {
    Random addresses = new Random(3);
    long least = Long.MAX_VALUE;
    long most = 0;
    for (int i = 0; i < 10_000; i++) {
      long nanos = Lifetime.jittered(AGE, addresses.nextInt());
      least = Math.min(least, nanos);
      most = Math.max(most, nanos);
    }
    assertThat(least).isBetween(AGE.toNanos() * 90 / 100, AGE.toNanos() * 91 / 100);
    assertThat(most).isBetween(AGE.toNanos() * 109 / 100, AGE.toNanos() * 110 / 100 + 1);
  }

  @Test
  void agesOfNeighbouringPortsAreSpread() {
    long[] buckets = new long[4];
    for (int port = 40_000; port < 40_400; port++) {
      double part = (Lifetime.jittered(AGE, port) / (double) AGE.toNanos() - 0.9) / 0.2;
      buckets[(int) Math.min(3, part * 4)]++;
    }
    assertThat(Arrays.stream(buckets).min().orElse(0)).isGreaterThan(60);
  }

  @Test
  void anAgedConnectionTakesNoNewCallsAndFinishesThoseItHas() {
    TestServer server = server(AGE, Duration.ZERO);
    server.echo = false;
    server.receive(
        Frames.frame(
            Wire.REQUEST | Wire.END,
            2,
            Frames.concat(
                new byte[] {3}, Frames.named("a.b"), Frames.u32(500_000), new byte[] {5})));
    TestServer.Call slow = server.calls.get(0);
    pass(server, 111);
    assertThat(saidGoodbye(server)).isTrue();
    assertThat(server.isOpen()).as("a call is open").isTrue();
    slow.answer(new byte[1]);
    server.channel.runPendingTasks();
    assertThat(server.sent()).anyMatch(each -> each.type() == Wire.RESPONSE && each.stream() == 2);
    pass(server, 3);
    assertThat(server.isOpen()).isFalse();
  }

  @Test
  void anIdleConnectionIsClosedAndOneInUseIsNot() {
    TestServer server = server(Duration.ZERO, Duration.ofSeconds(20));
    for (int id = 1; id <= 4; id++) {
      server.receive(Frames.request(id, "a.b", (byte) 1));
      pass(server, 15);
      assertThat(saidGoodbye(server)).isFalse();
    }
    pass(server, 40);
    assertThat(saidGoodbye(server)).isTrue();
    pass(server, 3);
    assertThat(server.isOpen()).isFalse();
  }

  @Test
  void withoutLimitsNothingEnds() {
    TestServer server = server(Duration.ZERO, Duration.ZERO);
    pass(server, 2_000);
    assertThat(server.isOpen()).isTrue();
  }
}
