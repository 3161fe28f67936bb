package erpc.codec;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import erpc.call.BodyType;
import java.nio.ByteBuffer;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Messages that are what their type says, which a class alone does not. */
@SuppressWarnings("JavaUtilDate") // It is what is tested.
class JsonMessagesOfTypesTest {
  private static final Codec JSON = Codecs.standard().byName("json");

  static class Shape {
    public int sides;

    @Override
    public boolean equals(Object other) {
      return other instanceof Shape that && that.getClass() == getClass() && that.sides == sides;
    }

    @Override
    public int hashCode() {
      return sides;
    }
  }

  static class Square extends Shape {
    public int width = 7;
  }

  @JsonTypeInfo(use = JsonTypeInfo.Id.NAME)
  @JsonSubTypes({@JsonSubTypes.Type(Cat.class), @JsonSubTypes.Type(Dog.class)})
  interface Animal {}

  record Cat(int lives) implements Animal {}

  record Dog(String name) implements Animal {}

  record Pair<A, B>(A one, B other) {}

  record Dated(Date date) {}

  private static <T> T again(BodyType<T> type, Object message) {
    BufferSink sink = new BufferSink(false);
    JSON.write(type, message, sink);
    return JSON.read(type, ByteBuffer.wrap(sink.written()));
  }

  static Stream<Arguments> carried() {
    return Stream.of(
        Arguments.of(new BodyType<List<Shape>>() {}, List.of(new Shape())),
        Arguments.of(new BodyType<List<Animal>>() {}, List.of(new Cat(9), new Dog("Rex"))),
        Arguments.of(new BodyType<Map<String, Animal>>() {}, Map.of("a", new Cat(9))),
        Arguments.of(new BodyType<Animal>() {}, new Dog("Rex")),
        Arguments.of(new BodyType<Set<Long>>() {}, Set.of(5L)),
        Arguments.of(new BodyType<List<List<Instant>>>() {}, List.of(List.of(Instant.EPOCH))),
        Arguments.of(new BodyType<Map<Integer, Date>>() {}, Map.of(1, new Date(5))),
        Arguments.of(
            new BodyType<Pair<List<Animal>, Optional<Shape>>>() {},
            new Pair<>(List.of(new Cat(1)), Optional.of(new Shape()))),
        Arguments.of(new BodyType<ArrayList<Cat>>() {}, new ArrayList<>(List.of(new Cat(3)))));
  }

  @ParameterizedTest
  @MethodSource("carried")
  void comeBackEqual(BodyType<?> type, Object message) {
    assertThat(JSON.supports(type)).as(() -> JSON.whyNot(type)).isTrue();
    assertThat((Object) again(type, message)).isEqualTo(message);
  }

  static Stream<Arguments> changed() {
    Timestamp time = Timestamp.from(Instant.ofEpochSecond(1, 5_000_001));
    return Stream.of(
        Arguments.of(BodyType.of(Shape.class), new Square(), "Square stands where"),
        Arguments.of(new BodyType<List<Shape>>() {}, List.of(new Square()), "Square stands"),
        Arguments.of(
            new BodyType<Map<String, List<Shape>>>() {},
            Map.of("a", List.of(new Shape(), new Square())),
            "Square stands"),
        Arguments.of(
            new BodyType<Pair<Shape, Integer>>() {}, new Pair<>(new Square(), 1), "Square"),
        Arguments.of(BodyType.of(Dated.class), new Dated(time), "java.sql.Timestamp stands where"),
        Arguments.of(
            BodyType.of(Dated.class),
            new Dated(new java.sql.Date(0)),
            "java.sql.Date stands where"),
        Arguments.of(BodyType.of(Date.class), time, "or Instant"),
        Arguments.of(new BodyType<List<Date>>() {}, List.of(time), "java.util.Date is declared"));
  }

  @ParameterizedTest
  @MethodSource("changed")
  void thatWouldComeBackChangedAreNotWritten(BodyType<?> type, Object message, String why) {
    assertThatExceptionOfType(CodecException.class)
        .isThrownBy(() -> again(type, message))
        .withMessageContaining(why);
  }

  @Test
  void aTypeIsRefusedForAPartOfItsArguments() {
    BodyType<List<Map<String, Thread>>> threads = new BodyType<>() {};
    assertThat(JSON.supports(threads)).isFalse();
    assertThat(JSON.whyNot(threads)).contains("java.util.List<java.util.Map<", "its [][]");
    BodyType<Optional<String>> maybe = new BodyType<>() {};
    assertThat(JSON.whyNot(maybe)).contains("put it into a record");
  }

  @Test
  void whatIsReadIsOfTheType() {
    BodyType<List<Shape>> shapes = new BodyType<>() {};
    assertThatExceptionOfType(CodecException.class)
        .isThrownBy(() -> JSON.read(shapes, ByteBuffer.wrap("[{\"sides\":1.5}]".getBytes(UTF_8))))
        .withMessageContaining("not a java.util.List<")
        .withMessageContaining("at [0].sides: a value does not fit int");
  }
}
