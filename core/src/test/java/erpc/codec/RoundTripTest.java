package erpc.codec;

import static org.assertj.core.api.Assertions.assertThat;

import erpc.call.BodyType;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.stream.IntStream;
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
      codec.write(BodyType.of(sample.getClass()), sample, sink);
      for (ByteBuffer source : buffersOf(sink.written())) {
        assertThat((Object) codec.read(BodyType.of(Samples.typeOf(sample)), source))
            .isEqualTo(sample);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("samples")
  void everyCodecSupportsWhatItWrites(Codec codec, Object sample) {
    assertThat(codec.supports(BodyType.of(sample.getClass()))).isTrue();
  }

  static List<ByteBuffer> buffersOf(byte[] bytes) {
    return IntStream.range(0, 5).mapToObj(turn -> bufferOf(bytes, turn)).toList();
  }

  /**
   * The kinds of buffers take turns: for tests of so many bytes that each kind for each takes long.
   */
  static ByteBuffer bufferOf(byte[] bytes, int turn) {
    return switch (turn % 5) {
      case 0 -> ByteBuffer.wrap(bytes);
      case 1 -> inside(ByteBuffer.allocate(bytes.length + 5), bytes);
      case 2 -> inside(ByteBuffer.allocate(bytes.length + 5), bytes).slice();
      case 3 -> inside(ByteBuffer.allocateDirect(bytes.length + 5), bytes);
      default -> inside(ByteBuffer.allocate(bytes.length + 5), bytes).asReadOnlyBuffer();
    };
  }

  private static ByteBuffer inside(ByteBuffer larger, byte[] bytes) {
    return larger.position(2).put(bytes).flip().position(2);
  }
}
