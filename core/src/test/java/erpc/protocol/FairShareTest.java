package erpc.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FairShareTest {
  /** What each of so many holds once nobody gets more, taking one in turn. */
  private static long[] filled(int holders, double factor, long limit) {
    long[] held = new long[holders];
    long all = 0;
    boolean took = true;
    while (took) {
      took = false;
      for (int i = 0; i < holders; i++) {
        if (FairShare.allows(factor, held[i], 1, all, limit)) {
          held[i]++;
          all++;
          took = true;
        }
      }
    }
    return held;
  }

  @ParameterizedTest
  @CsvSource({"1, 1, 500", "2, 1, 333", "4, 1, 200", "9, 1, 100", "1, 3, 750", "2, 0.5, 250"})
  void ofSoManyEachGetsOnePart(int holders, double factor, long each) {
    for (long held : filled(holders, factor, 1_000)) {
      assertThat(held).isBetween(each - 1, each + 1);
    }
  }

  @Test
  void whoComesLaterFindsSomething() {
    assertThat(FairShare.allows(1, 0, 1, 999, 1_000)).isTrue();
    assertThat(FairShare.allows(1, 0, 1, 1_000, 1_000)).isFalse();
    assertThat(FairShare.allows(100, 0, 2, 999, 1_000)).isFalse();
  }

  @Test
  void whoHoldsMoreThanItsShareGetsNothingUntilOthersLetGo() {
    assertThat(FairShare.allows(1, 500, 1, 700, 1_000)).isFalse();
    assertThat(FairShare.allows(1, 400, 1, 500, 1_000)).isTrue();
  }
}
