package erpc.codec;

import com.code_intelligence.jazzer.junit.FuzzTest;

/**
 * Fuzzes zstd where {@code JAZZER_FUZZ=1}; elsewhere runs its seeds and what fuzzing once found.
 */
class ZstdFuzzTest {
  @FuzzTest(maxDuration = "10s")
  void zstd(byte[] bytes) {
    FuzzChecks.decompress("zstd", bytes);
  }
}
