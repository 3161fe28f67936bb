package erpc.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class LogLimitTest {
  private long now;
  private final LogLimit limit = new LogLimit(() -> now);

  @Test
  void letsOneLineOfAKindAndMinuteThroughAndCountsTheOthers() {
    assertThat(limit.more("one")).isEmpty();
    for (int i = 0; i < 500; i++) {
      assertThat(limit.more("one")).isNull();
    }
    assertThat(limit.more("other")).contains("500 lines");
    now = TimeUnit.MINUTES.toNanos(1);
    assertThat(limit.more("one")).isEmpty();
  }

  private static InetSocketAddress address(int last, int port) throws UnknownHostException {
    return new InetSocketAddress(
        InetAddress.getByAddress(new byte[] {127, 0, 0, (byte) last}), port);
  }

  @Test
  void aHostIsAKindWhateverItsPort() throws Exception {
    assertThat(limit.more(address(1, 1))).isEmpty();
    assertThat(limit.more(address(1, 2))).isNull();
    assertThat(limit.more(address(2, 1))).isNotNull();
  }

  @Test
  void peersWithManyAddressesFillNoLog() {
    int lines = 0;
    for (int i = 0; i < 100_000; i++) {
      lines += limit.more("2001:db8::" + i) == null ? 0 : 1;
    }
    assertThat(lines).isEqualTo(LogLimit.MOST_LINES);
    now = TimeUnit.MINUTES.toNanos(2);
    assertThat(limit.more("2001:db8::0")).contains((100_000 - LogLimit.MOST_LINES) + " lines");
  }
}
