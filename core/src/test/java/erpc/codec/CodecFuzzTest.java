package erpc.codec;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import erpc.fixture.Everything;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * One target for each codec and compression. With {@code JAZZER_FUZZ=1} one target fuzzes, the one
 * named by {@code -Dtest=CodecFuzzTest#pb}; without, each runs its seeds and what fuzzing once
 * found.
 */
class CodecFuzzTest {
  private static final int LIMIT = 1 << 16;
  private static final List<Class<?>> JSON_TYPES =
      List.of(
          Everything.class, com.google.protobuf.Struct.class, Samples.Person.class, Object.class);

  @Test
  void everyCodecAndCompressionIsFuzzed() {
    Stream<String> names =
        Stream.concat(
            Codecs.standard().all().stream().map(Codec::name),
            Codecs.standard().compressions().stream().map(Compression::name));
    assertThat(
            Arrays.stream(CodecFuzzTest.class.getDeclaredMethods())
                .filter(method -> method.isAnnotationPresent(FuzzTest.class))
                .map(java.lang.reflect.Method::getName))
        .containsExactlyInAnyOrderElementsOf(names.toList());
  }

  @FuzzTest(maxDuration = "10s")
  void pb(byte[] bytes) {
    readTwice(Codecs.standard().byName("pb"), Everything.class, bytes);
  }

  @FuzzTest(maxDuration = "10s")
  void json(byte[] bytes) {
    for (Class<?> type : JSON_TYPES) {
      readTwice(Codecs.standard().byName("json"), type, bytes);
    }
  }

  @FuzzTest(maxDuration = "10s")
  void binary(byte[] bytes) {
    readTwice(Codecs.standard().byName("binary"), byte[].class, bytes);
  }

  @FuzzTest(maxDuration = "10s")
  void gzip(byte[] bytes) {
    decompress("gzip", bytes);
  }

  @FuzzTest(maxDuration = "10s")
  void zstd(byte[] bytes) {
    decompress("zstd", bytes);
  }

  @FuzzTest(maxDuration = "10s")
  void lz4(byte[] bytes) {
    decompress("lz4", bytes);
  }

  /** Whatever can be read can be written, and read again as the same. */
  private static <T> void readTwice(Codec codec, Class<T> type, byte[] bytes) {
    T value;
    try {
      value = codec.read(type, ByteBuffer.wrap(bytes));
    } catch (CodecException e) {
      return;
    }
    byte[] written = BufferSink.bytes(codec, value);
    T again = codec.read(type, ByteBuffer.wrap(written));
    if (type == Object.class) {
      // Without a type an infinite number comes back as the string it is written as.
      assertThat(BufferSink.bytes(codec, again)).isEqualTo(written);
    } else {
      assertThat((Object) again).isEqualTo(value);
    }
  }

  /**
   * What comes out is within the limit, the same from a direct buffer, and survives another round.
   */
  private static void decompress(String name, byte[] bytes) {
    Compression compression = Codecs.standard().compressionByName(name);
    ByteBuffer body;
    try {
      body = compression.decompress(ByteBuffer.wrap(bytes), LIMIT);
    } catch (CodecException e) {
      return;
    }
    assertThat(body.remaining()).isLessThanOrEqualTo(LIMIT);
    ByteBuffer direct = ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
    assertThat(compression.decompress(direct, LIMIT)).isEqualTo(body);
    assertThat(compression.decompress(compression.compress(body.duplicate()), LIMIT))
        .isEqualTo(body);
  }
}
