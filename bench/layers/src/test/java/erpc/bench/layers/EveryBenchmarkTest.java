package erpc.bench.layers;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collection;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;

/** Every benchmark still does what it says: run by JMH in this process, a few operations each. */
class EveryBenchmarkTest {
  private static final int OPERATIONS = 3;

  @BeforeAll
  static void letOthersRun() {
    // Nothing is timed here, so nothing needs the machine for itself.
    System.setProperty("jmh.ignoreLock", "true");
  }

  static List<String> names() {
    return Layers.names("");
  }

  @ParameterizedTest
  @MethodSource("names")
  void runs(String name) throws RunnerException {
    Collection<RunResult> results =
        new Runner(
                Layers.options(name)
                    .mode(Mode.SingleShotTime)
                    .forks(0)
                    .warmupIterations(0)
                    .measurementIterations(2)
                    .measurementBatchSize(OPERATIONS)
                    .build())
            .run();
    assertThat(results).isNotEmpty();
    for (RunResult result : results) {
      assertThat(Layers.line(result)).matches("\\w+\\.\\w+( \\w+=[\\w-]+)* +[\\d.]+ +\\d+");
    }
  }

  @Test
  void findsNamesByAPartOfThem() {
    assertThat(Layers.names("Frame.*code"))
        .containsExactly(
            "erpc.protocol.own.FrameBenchmark.decodeRequest",
            "erpc.protocol.own.FrameBenchmark.encodeRequest");
    assertThat(Layers.names("no such thing")).isEmpty();
  }
}
