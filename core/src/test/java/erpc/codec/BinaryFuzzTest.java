package erpc.codec;

import com.code_intelligence.jazzer.junit.FuzzTest;

/**
 * Fuzzes binary where {@code JAZZER_FUZZ=1}; elsewhere runs its seeds and what fuzzing once found.
 */
class BinaryFuzzTest {
  @FuzzTest(maxDuration = "10s")
  void binary(byte[] bytes) {
    FuzzChecks.readTwice(Codecs.standard().byName("binary"), byte[].class, bytes);
  }
}
