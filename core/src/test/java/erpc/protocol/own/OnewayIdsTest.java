package erpc.protocol.own;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.local.LocalAddress;
import org.junit.jupiter.api.Test;

/** One-way calls that a GOAWAY names as not started. */
class OnewayIdsTest {
  private static final LocalAddress SERVER = new LocalAddress("a");

  @Test
  void countsThoseAboveTheLastThatWasTaken() {
    OnewayIds ids = new OnewayIds();
    assertThat(ids.reportNotStarted(0, SERVER)).isZero();
    for (int id = 1; id <= 10; id++) {
      ids.sent(id);
    }
    assertThat(ids.reportNotStarted(7, SERVER)).isEqualTo(3);
    assertThat(ids.reportNotStarted(7, SERVER)).as("told once").isZero();
  }

  @Test
  void remembersTheNewest() {
    OnewayIds ids = new OnewayIds();
    for (int id = 1; id <= 10_000; id++) {
      ids.sent(id);
    }
    assertThat(ids.reportNotStarted(9_990, SERVER)).isEqualTo(10);
  }
}
