package erpc.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import erpc.call.BodyType;
import erpc.call.Empty;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EmptyMessagesTest {
  private static Empty read(String codec, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
    return Codecs.standard().byName(codec).read(BodyType.EMPTY, ByteBuffer.wrap(bytes));
  }

  @Test
  void everyCodecCarriesOne() {
    for (Codec codec : Codecs.standard().all()) {
      assertThat(Codecs.takes(codec, BodyType.EMPTY)).as(codec.name()).isTrue();
      byte[] written = BufferSink.bytes(codec, Empty.MESSAGE);
      assertThat(codec.read(BodyType.EMPTY, ByteBuffer.wrap(written))).isSameAs(Empty.MESSAGE);
    }
  }

  @Test
  void aNewerPeerMaySayMore() {
    assertThat(read("json", " {\"a\": [1, {}]} ")).isSameAs(Empty.MESSAGE);
    assertThat(read("pb", "\b\1")).isSameAs(Empty.MESSAGE);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "[]", "null", "{", "{}{}", "{\"a\":1,\"a\":2}", "\"{}\""})
  void whatIsNoObjectIsRefused(String text) {
    assertThatExceptionOfType(CodecException.class).isThrownBy(() -> read("json", text));
  }

  @Test
  void bytesThatMakeNoFieldsAreRefused() {
    assertThatExceptionOfType(CodecException.class).isThrownBy(() -> read("pb", "\b"));
    assertThatExceptionOfType(CodecException.class).isThrownBy(() -> read("binary", "x"));
  }
}
