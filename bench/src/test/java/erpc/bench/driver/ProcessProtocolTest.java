package erpc.bench.driver;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * What is said to the processes of a subject and what they answer, as commit ee10653 has it. Other
 * commits' processes understand these words and no others ({@code bench/README.md}).
 */
class ProcessProtocolTest {
  @Test
  void theWordsOfASetupAreThoseOfTheFirstVersion() {
    assertThat(Setup.USUAL.words()).startsWith("32", "1", "true", "true", "tls=", "compression=");
    assertThat(
            Setup.USUAL
                .withPayload(64)
                .withConnections(8)
                .withTls("keys")
                .withCompression("lz4")
                .words())
        .startsWith("64", "8", "true", "true", "tls=keys", "compression=lz4");
    assertThat(Setup.USUAL.withDefaults().words()).startsWith("32", "1", "false", "false");
    assertThat(Setup.USUAL.withDefaultCallbacks().words()).startsWith("32", "1", "true", "false");
  }

  @Test
  void theWordsOfWorkAreThoseOfTheFirstVersion() {
    assertThat(Work.async(256).words()).startsWith("ASYNC", "256", "0");
    assertThat(Work.virtual(2).words()).startsWith("VIRTUAL", "2", "0");
    assertThat(Work.platform(1).words()).startsWith("PLATFORM", "1", "0");
    assertThat(Work.rate(500).words()).startsWith("RATE", "0", "500");
    assertThat(Work.stream().words()).startsWith("STREAM", "1", "0");
  }

  @Test
  void wordsOfLaterVersionsAreLeftAlone() {
    List<String> words = new ArrayList<>(List.of("erpc"));
    words.addAll(Setup.USUAL.words());
    words.add("later=1");
    assertThat(Setup.of(words.toArray(String[]::new), 1)).isEqualTo(Setup.USUAL);
    assertThat(Work.of(new String[] {"run", "1", "ASYNC", "256", "0", "later"}, 2))
        .isEqualTo(Work.async(256));
    Figures figures = Figures.parse("10 20 1 2 3 100 200 300 later");
    assertThat(figures)
        .isEqualTo(new Figures(10, 20, 1, 2, 3, new Usage(100, 200, 300), Usage.NOTHING));
    assertThat(Usage.parse("1 2 3 later")).isEqualTo(new Usage(1, 2, 3));
  }

  @Test
  void theWordsOfTheFirstVersionAreEnough() {
    assertThat(Setup.of(new String[] {"32", "1", "true", "true", "tls=", "compression="}, 0))
        .isEqualTo(Setup.USUAL);
  }

  @Test
  void theProcessesKeepTheirNames() {
    assertThat(ServerProcess.class.getName()).isEqualTo("erpc.bench.driver.ServerProcess");
    assertThat(ClientProcess.class.getName()).isEqualTo("erpc.bench.driver.ClientProcess");
  }
}
