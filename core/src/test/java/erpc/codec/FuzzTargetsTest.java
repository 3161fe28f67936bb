package erpc.codec;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Nothing that reads bytes of strangers goes without a fuzz target, one class each as Jazzer wants
 * it.
 */
class FuzzTargetsTest {
  private static final List<Class<?>> TARGETS =
      List.of(
          PbFuzzTest.class,
          JsonFuzzTest.class,
          BinaryFuzzTest.class,
          GzipFuzzTest.class,
          ZstdFuzzTest.class,
          Lz4FuzzTest.class);

  @Test
  void everyCodecAndCompressionIsFuzzed() {
    Stream<String> names =
        Stream.concat(
            Codecs.standard().all().stream().map(Codec::name),
            Codecs.standard().compressions().stream().map(Compression::name));
    assertThat(
            TARGETS.stream()
                .flatMap(target -> Arrays.stream(target.getDeclaredMethods()))
                .filter(method -> method.isAnnotationPresent(FuzzTest.class))
                .map(java.lang.reflect.Method::getName))
        .containsExactlyInAnyOrderElementsOf(names.toList());
  }
}
