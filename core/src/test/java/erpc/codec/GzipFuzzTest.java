package erpc.codec;

import com.code_intelligence.jazzer.junit.FuzzTest;

/**
 * Fuzzes gzip where {@code JAZZER_FUZZ=1}; elsewhere runs its seeds and what fuzzing once found.
 */
class GzipFuzzTest {
  @FuzzTest(maxDuration = "10s")
  void gzip(byte[] bytes) {
    FuzzChecks.decompress("gzip", bytes);
  }
}
