package erpc.codec;

import com.code_intelligence.jazzer.junit.FuzzTest;
import erpc.fixture.Everything;

/** Fuzzes pb where {@code JAZZER_FUZZ=1}; elsewhere runs its seeds and what fuzzing once found. */
class PbFuzzTest {
  @FuzzTest(maxDuration = "10s")
  void pb(byte[] bytes) {
    FuzzChecks.readTwice(Codecs.standard().byName("pb"), Everything.class, bytes);
  }
}
