package erpc.breaker;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class CallerSharesTest {
  private static final long MILLI = 1_000_000L;
  private static final long SECOND = 1_000_000_000L;

  private final CallerShares shares = new CallerShares(0);
  private final SplittableRandom random = new SplittableRandom(1);

  /** How many of so many calls a caller has within a second would pass. */
  private int passed(String caller, int calls, double passing, long from) {
    int passed = 0;
    for (int i = 0; i < calls; i++) {
      double place =
          shares.place(caller, passing, random.nextDouble(), from + i * (SECOND / calls));
      assertThat(place).isBetween(0.0, Math.nextDown(1.0));
      passed += place < passing ? 1 : 0;
    }
    return passed;
  }

  @Test
  void beforeAnythingIsKnownAllCallsAreAlike() {
    assertThat(passed("a", 10_000, 0.3, 0)).isBetween(2_800, 3_200);
  }

  @Test
  void thoseThatAskForLessThanTheirShareGetAllOfIt() {
    for (int i = 0; i < 3; i++) { // 10,300 calls, of which half may pass.
      passed("flood", 10_000, 0.5, i * SECOND);
      int few = passed("few", 300, 0.5, i * SECOND);
      assertThat(i == 0 ? 300 : few).isGreaterThan(295);
    }
    assertThat(passed("flood", 10_000, 0.5, 3 * SECOND)).isBetween(4_600, 5_100);
  }

  @Test
  void thoseThatAskForMoreGetAlike() {
    passed("a", 8_000, 0.5, 0);
    passed("b", 2_000, 0.5, 0);
    passed("c", 2_000, 0.5, 0);
    double level = 2_000; // a gets as much as b and c together: 6,000 may pass.
    assertThat((double) passed("a", 8_000, 0.5, SECOND)).isCloseTo(level, Offset.offset(150.0));
  }

  @Test
  void noMoreThanAThousandCallersAreToldApart() {
    for (int i = 0; i < 5_000; i++) {
      shares.place("caller " + i, 0.5, 0.5, MILLI);
    }
    assertThat(shares.known()).isEqualTo(CallerShares.MOST_CALLERS);
    shares.place("one", 0.5, 0.5, SECOND + MILLI);
    shares.place("one", 0.5, 0.5, 3 * SECOND);
    assertThat(shares.known()).isLessThanOrEqualTo(1);
  }

  @Test
  void callerThatIsNewDoesNotGetMoreThanItsShareForLong() {
    passed("a", 1_000, 0.5, 0);
    passed("b", 1_000, 0.5, 0);
    assertThat(passed("new", 10_000, 0.5, SECOND)).isLessThan(3_000);
  }
}
