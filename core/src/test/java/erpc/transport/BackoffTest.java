package erpc.transport;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** When clients dial again that have all lost their connections at the same moment. */
class BackoffTest {
  private static final int CLIENTS = 10_000;
  private static final int BUCKETS = 20;

  @Test
  void tenThousandClientsComeBackSpreadEvenly() {
    Random random = new Random(11);
    for (int failed = 0; failed <= 16; failed++) {
      long most = TimeUnit.MILLISECONDS.toNanos(Math.min(2_000, 50L << Math.min(failed, 10)));
      int[] buckets = new int[BUCKETS];
      for (int i = 0; i < CLIENTS; i++) {
        long nanos = EndpointConnection.backoffNanos(failed, random);
        assertThat(nanos).isBetween(1L, most);
        buckets[(int) ((nanos - 1) * BUCKETS / most)]++;
      }
      // 500 in each, with a standard deviation of 22.
      for (int count : buckets) {
        assertThat(count).isBetween(390, 610);
      }
    }
  }
}
