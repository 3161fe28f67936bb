package erpc.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class RoundTripTest {
  static Stream<Arguments> samples() {
    return Codecs.standard().all().stream()
        .flatMap(codec -> Samples.of(codec).stream().map(sample -> Arguments.of(codec, sample)));
  }

  @ParameterizedTest
  @MethodSource("samples")
  void whatIsWrittenIsReadFromEveryKindOfBuffer(Codec codec, Object sample) {
    for (boolean direct : List.of(false, true)) {
      BufferSink sink = new BufferSink(direct);
      codec.write(sample, sink);
      for (ByteBuffer source : buffersOf(sink.written())) {
        assertThat((Object) codec.read(Samples.typeOf(sample), source)).isEqualTo(sample);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("samples")
  void everyCodecSupportsWhatItWrites(Codec codec, Object sample) {
    assertThat(codec.supports(sample.getClass())).isTrue();
  }

  static List<ByteBuffer> buffersOf(byte[] bytes) {
    ByteBuffer front =
        ByteBuffer.allocate(bytes.length + 5).position(2).put(bytes).flip().position(2);
    ByteBuffer direct =
        ByteBuffer.allocateDirect(bytes.length + 5).position(2).put(bytes).flip().position(2);
    return List.of(ByteBuffer.wrap(bytes), front, front.slice(), direct, front.asReadOnlyBuffer());
  }
}
