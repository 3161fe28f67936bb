package erpc.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import erpc.call.BodyType;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import org.junit.jupiter.api.Test;

class BinaryCodecTest {
  private final Codec binary = Codecs.standard().byName("binary");

  @Test
  void whatIsReadIsAFreshCopy() {
    byte[] source = {1, 2, 3};
    byte[] bytes = binary.read(BodyType.of(byte[].class), ByteBuffer.wrap(source));
    ByteBuffer buffer = binary.read(BodyType.of(ByteBuffer.class), ByteBuffer.wrap(source));
    source[0] = 9;
    assertThat(bytes).containsExactly(1, 2, 3);
    assertThat(buffer).isEqualTo(ByteBuffer.wrap(new byte[] {1, 2, 3}));
  }

  @Test
  void aWrittenBufferKeepsItsPosition() {
    ByteBuffer message =
        ByteBuffer.allocateDirect(4).put(new byte[] {1, 2, 3, 4}).flip().position(1);
    assertThat(BufferSink.bytes(binary, message)).containsExactly(2, 3, 4);
    assertThat(message.position()).isEqualTo(1);
  }

  @Test
  void nothingElseIsBytes() {
    assertThat(binary.supports(BodyType.of(String.class))).isFalse();
    assertThatExceptionOfType(CodecException.class)
        .isThrownBy(() -> binary.write(BodyType.of(String.class), "x", new BufferSink(false)));
    for (Class<?> type : new Class<?>[] {String.class, Object.class, MappedByteBuffer.class}) {
      assertThatExceptionOfType(CodecException.class)
          .isThrownBy(() -> binary.read(BodyType.of(type), ByteBuffer.allocate(1)));
    }
  }
}
