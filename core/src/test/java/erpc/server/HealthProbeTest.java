package erpc.server;

import static org.assertj.core.api.Assertions.assertThat;

import erpc.call.Peer;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** How often a connection is told the server's health without being asked who it is. */
class HealthProbeTest {
  private final HealthProbe.Bound bound = new HealthProbe.Bound();
  private final List<Runnable> onClose = new ArrayList<>();

  private Peer peer() {
    return (Peer)
        Proxy.newProxyInstance(
            Peer.class.getClassLoader(),
            new Class<?>[] {Peer.class},
            (self, method, arguments) ->
                switch (method.getName()) {
                  case "hashCode" -> System.identityHashCode(self);
                  case "equals" -> self == arguments[0];
                  default -> {
                    onClose.add((Runnable) arguments[0]);
                    yield null;
                  }
                });
  }

  @Test
  void healthIsToldAtMostSoOftenOnAConnection() {
    Peer one = peer();
    for (int i = 0; i < HealthProbe.MOST_A_SECOND; i++) {
      assertThat(bound.admits(one, i)).isTrue();
    }
    long second = TimeUnit.SECONDS.toNanos(1);
    assertThat(bound.admits(one, second - 1)).isFalse();
    assertThat(bound.admits(peer(), second - 1)).isTrue();
    assertThat(bound.admits(one, second)).isTrue();
    assertThat(bound.admits(one, second)).isTrue();
  }

  @Test
  void nothingIsRememberedOfConnectionsThatAreGone() {
    Peer one = peer();
    for (int i = 0; i <= HealthProbe.MOST_A_SECOND; i++) {
      boolean unused = bound.admits(one, 0);
    }
    assertThat(onClose).hasSize(1);
    onClose.get(0).run();
    assertThat(bound.admits(one, 0)).isTrue();
  }
}
