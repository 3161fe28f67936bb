package erpc.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class LazyTest {
  @Test
  void aMissingLibraryIsLookedForOnceAndNamedInTheLogOnce() {
    AtomicInteger looks = new AtomicInteger();
    Lazy<String> lazy =
        new Lazy<>(
            "shrink",
            "org.example:shrink",
            "org.example.Shrink",
            () -> {
              looks.incrementAndGet();
              throw new NoClassDefFoundError("org/example/Shrink");
            });
    String log =
        loggedBy(() -> {
          for (int i = 0; i < 3; i++) {
            assertThatExceptionOfType(MissingLibraryException.class)
                .isThrownBy(lazy::value)
                .withMessage(
                    "shrink needs org.example:shrink, which is missing: add it to the class path")
                .withCauseInstanceOf(NoClassDefFoundError.class)
                .matches(e -> e.what().equals("shrink"));
          }
        });
    assertThat(looks).hasValue(1);
    assertThat(log.lines()).filteredOn(line -> line.contains("org.example:shrink")).hasSize(1);
  }

  @Test
  void aMissingLibraryThatNobodyNeedsIsNotLogged() {
    Lazy<String> lazy =
        new Lazy<>(
            "shrink",
            "org.example:shrink",
            "org.example.Shrink",
            () -> {
              throw new NoClassDefFoundError("org/example/Shrink");
            });
    assertThat(loggedBy(() -> assertThat(lazy.valueIfThere()).isNull())).isEmpty();
    assertThat(
            loggedBy(() ->
                assertThatExceptionOfType(MissingLibraryException.class).isThrownBy(lazy::value)))
        .contains("org.example:shrink");
  }

  @Test
  void aLibraryThatIsThereButDoesNotLoadIsNotCalledMissing() {
    NoClassDefFoundError cause = new NoClassDefFoundError("org/example/Below");
    Lazy<String> lazy =
        new Lazy<>(
            "shrink",
            "org.example:shrink",
            LazyTest.class.getName(),
            () -> {
              throw cause;
            });
    loggedBy(() ->
        assertThatExceptionOfType(MissingLibraryException.class)
            .isThrownBy(lazy::value)
            .withMessageContaining("org.example:shrink, which is there (file:")
            .withMessageContaining("org/example/Below")
            .withCause(cause));
  }

  private static String loggedBy(Runnable action) {
    PrintStream before = System.err;
    ByteArrayOutputStream log = new ByteArrayOutputStream();
    System.setErr(new PrintStream(log, true, StandardCharsets.UTF_8));
    try {
      action.run();
    } finally {
      System.setErr(before);
    }
    return log.toString(StandardCharsets.UTF_8);
  }
}
