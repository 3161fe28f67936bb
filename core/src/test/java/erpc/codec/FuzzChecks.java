package erpc.codec;

import static org.assertj.core.api.Assertions.assertThat;

import erpc.call.BodyType;
import java.nio.ByteBuffer;

/** What must hold of whatever bytes a fuzzer comes up with. */
final class FuzzChecks {
  private static final int LIMIT = 1 << 16;

  private FuzzChecks() {}

  /** Whatever can be read can be written, and read again as the same. */
  static <T> void readTwice(Codec codec, Class<T> type, byte[] bytes) {
    T value;
    try {
      value = codec.read(BodyType.of(type), ByteBuffer.wrap(bytes));
    } catch (CodecException e) {
      return;
    }
    byte[] written = BufferSink.bytes(codec, value);
    T again = codec.read(BodyType.of(type), ByteBuffer.wrap(written));
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
  static void decompress(String name, byte[] bytes) {
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
