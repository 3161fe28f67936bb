package erpc.codec;

import com.code_intelligence.jazzer.junit.FuzzTest;

/** Fuzzes lz4 where {@code JAZZER_FUZZ=1}; elsewhere runs its seeds and what fuzzing once found. */
class Lz4FuzzTest {
  @FuzzTest(maxDuration = "10s")
  void lz4(byte[] bytes) {
    FuzzChecks.decompress("lz4", bytes);
  }
}
