package erpc.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class BodyTypeTest {
  private static final BodyCode<String> CODE =
      new BodyCode<>() {
        @Override
        public void write(String message, Sink sink) {
          sink.write(message.length());
        }

        @Override
        public String read(ByteBuffer source) {
          return "x".repeat(source.get());
        }
      };

  @Test
  void ofAClassIsMadeOnce() {
    BodyType<String> type = BodyType.of(String.class);
    assertThat(type).isSameAs(BodyType.of(String.class)).hasToString("java.lang.String");
    assertThat(type.raw()).isSameAs(String.class);
    assertThat(type.cast("x")).isEqualTo("x");
    assertThat(type.isInstance(1)).isFalse();
    assertThat(BodyType.EMPTY.raw()).isSameAs(Empty.class);
  }

  @Test
  void ofAGenericTypeKnowsWhatItHolds() {
    BodyType<Map<String, List<Integer>>> type = new BodyType<>() {};
    assertThat(type.raw()).isSameAs(Map.class);
    assertThat(type)
        .hasToString("java.util.Map<java.lang.String, java.util.List<java.lang.Integer>>");
    assertThat(type).isEqualTo(new BodyType<Map<String, List<Integer>>>() {});
    assertThat(type).isNotEqualTo(new BodyType<Map<String, List<Long>>>() {});
    assertThat(new BodyType<String>() {}).isEqualTo(BodyType.of(String.class));
    assertThat(new BodyType<List<String>[]>() {}.raw()).isSameAs(List[].class);
  }

  private static <T> BodyType<List<T>> open() {
    return new BodyType<>() {};
  }

  @Test
  void thatSaysNoTypeIsRefused() {
    assertThatThrownBy(BodyTypeTest::open)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'T' says no type");
    assertThatThrownBy(() -> new BodyType<List<? extends Number>>() {})
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void mayBringCodeForACodec() {
    BodyType<String> type = BodyType.of(String.class).with("jce", CODE);
    assertThat(type.code("jce")).isSameAs(CODE);
    assertThat(type.code("pb")).isNull();
    assertThat(type).isNotEqualTo(BodyType.of(String.class));
    assertThat(BodyType.of(String.class).code("jce")).isNull();
  }
}
