package erpc.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import erpc.bench.Comparison.Verdict;
import erpc.bench.OtherCommit.Listed;
import erpc.bench.Rounds.Who;
import erpc.bench.driver.Figures;
import erpc.bench.driver.Usage;
import erpc.bench.driver.Work;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole of it but for the processes. */
class AgainstTest {
  private static final Listed ASYNC =
      new Listed("async-32", "256 in flight, 32 B, all inline", List.of("netty", "erpc"));

  @TempDir Path folder;
  private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
  private final Map<Who, Long> cpuNanos = new EnumMap<>(Who.class);
  private final List<Who> started = new ArrayList<>();

  private Against against(String... options) {
    Against.Given given =
        Against.Given.of("abc1234", "jars", "today", folder.resolve("log").toString());
    Against against =
        new Against(given, new PrintStream(printed, true, StandardCharsets.UTF_8), () -> 50);
    assertThat(against.read(new Arguments(options))).isTrue();
    return against;
  }

  private Ends start(Who who, Cell cell) {
    started.add(who);
    return new Ends() {
      @Override
      public Figures run(Work work, int seconds) throws IOException {
        if (!cpuNanos.containsKey(who)) {
          throw new IOException("the process of the server of " + who + " has ended");
        }
        Usage used = new Usage(cpuNanos.get(who), 0, 0);
        return new Figures(1_000, 1_000_000_000, 0, 0, 0, used, Usage.NOTHING);
      }

      @Override
      public void close() {}
    };
  }

  private void costs(long other, long today, long again) {
    cpuNanos.putAll(Map.of(Who.OTHER, other, Who.TODAY, today, Who.AGAIN, again));
  }

  private String output() {
    return printed.toString(StandardCharsets.UTF_8);
  }

  @Test
  void saysWhatIsMetWithAllItsPairs() throws Exception {
    costs(1_000_000, 1_020_000, 1_030_000);
    assertThat(against("async-32").run(List.of(ASYNC), this::start)).isZero();
    assertThat(output())
        .contains("today's code is today, the other is abc1234")
        .containsPattern("(?m)^ +10 +1[.]000 +1[.]020 +1[.]030 +1[.]020 +1[.]010 +1[.]000$")
        .contains("a word between two processors and back: 50 ns")
        .contains("async-32: met, CPU a call 1.020");
  }

  @Test
  void whatIsMissedIsAFailure() throws Exception {
    costs(1_000_000, 1_060_000, 1_060_000);
    assertThat(against("async-32").run(List.of(ASYNC), this::start)).isEqualTo(Against.MISSED);
    assertThat(output()).contains("async-32: MISSED, CPU a call 1.060");
  }

  @Test
  void aVoidRunHasACodeOfItsOwnAndIsNamedByAllLaterRuns() throws Exception {
    costs(1_000_000, 1_000_000, 1_040_000);
    assertThat(against("async-32").run(List.of(ASYNC), this::start))
        .isEqualTo(Against.NOTHING_PROVED);
    costs(1_000_000, 1_000_000, 1_000_000);
    assertThat(against("async-32").run(List.of(ASYNC), this::start)).isZero();
    String all = output().substring(output().lastIndexOf("every run against abc1234 so far"));
    assertThat(all)
        .containsPattern("today against abc1234 async-32: VOID, .*this run proves nothing")
        .containsPattern("today against abc1234 async-32: met");
  }

  @Test
  void saysWhichCellTheOtherLacksAndMeasuresTheRest() throws Exception {
    costs(1_000_000, 1_000_000, 1_000_000);
    assertThat(against("stream-32", "async-32").run(List.of(ASYNC), this::start)).isZero();
    assertThat(output()).contains("stream-32: LACKING, abc1234 has no cell 'stream-32'");
    assertThat(output()).contains("async-32: met");
  }

  @Test
  void provesNothingIfTheOtherLacksAllCells() throws Exception {
    assertThat(against("stream-32").run(List.of(ASYNC), this::start))
        .isEqualTo(Against.NOTHING_PROVED);
    assertThat(started).isEmpty();
  }

  @Test
  void aProcessThatEndsFailsItsCellOnly() throws Exception {
    Listed stream =
        new Listed("stream-32", "messages of 32 B one way on one stream", List.of("erpc"));
    int code = against("async-32", "stream-32").run(List.of(ASYNC, stream), this::start);
    assertThat(code).isEqualTo(Against.MISSED);
    assertThat(output())
        .contains(
            "async-32: FAILED, the process of the server of OTHER has ended",
            "stream-32: FAILED, the process of the server of OTHER has ended");
  }

  @Test
  void failingComesBeforeVoidAndLackingIsNoFailure() {
    assertThat(Against.exitCode(List.of(Verdict.MET, Verdict.LACKING))).isZero();
    assertThat(Against.exitCode(List.of(Verdict.VOID, Verdict.MISSED))).isEqualTo(Against.MISSED);
    assertThat(Against.exitCode(List.of(Verdict.VOID, Verdict.FAILED))).isEqualTo(Against.MISSED);
    assertThat(Against.exitCode(List.of(Verdict.VOID, Verdict.MET)))
        .isEqualTo(Against.NOTHING_PROVED);
    assertThat(Against.exitCode(List.of(Verdict.LACKING))).isEqualTo(Against.NOTHING_PROVED);
  }

  @Test
  void takesTheJudgedCellsUnlessSomeAreNamed() {
    assertThat(against().cells())
        .extracting(Cell::name)
        .containsExactly("async-32", "virtual-256", "stream-32");
    assertThat(against("--pairs", "12", "tls-1k", "sweep-lz4").cells())
        .extracting(Cell::name)
        .containsExactly("tls-1k", "sweep-lz4");
  }

  @Test
  void saysWhatItDoesNotKnow() {
    assertThatThrownBy(() -> against("--rounds", "3"))
        .hasMessage("unknown option --rounds; --help lists them");
    assertThatThrownBy(() -> against("--pairs", "0"))
        .hasMessage("--pairs takes a number above 0, not '0'");
    assertThatThrownBy(() -> against("async-33")).hasMessageContaining("no cell 'async-33'");
  }
}
