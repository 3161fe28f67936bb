package erpc.codec;

import com.code_intelligence.jazzer.junit.FuzzTest;
import erpc.fixture.Everything;
import java.util.List;

/**
 * Fuzzes json where {@code JAZZER_FUZZ=1}; elsewhere runs its seeds and what fuzzing once found.
 */
class JsonFuzzTest {
  private static final List<Class<?>> TYPES =
      List.of(
          Everything.class, com.google.protobuf.Struct.class, Samples.Person.class, Object.class);

  @FuzzTest(maxDuration = "10s")
  void json(byte[] bytes) {
    for (Class<?> type : TYPES) {
      FuzzChecks.readTwice(Codecs.standard().byName("json"), type, bytes);
    }
  }
}
