package erpc.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import erpc.call.BodyType;
import erpc.fixture.EchoRequest;
import java.io.File;
import java.io.Serializable;
import java.net.InetAddress;
import java.net.URL;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Clock;
import java.time.chrono.JapaneseDate;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Calendar;
import java.util.Collection;
import java.util.Deque;
import java.util.GregorianCalendar;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Properties;
import java.util.Queue;
import java.util.TimeZone;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/** Types that JSON would change are refused, with the part and what to use instead. */
@SuppressWarnings({"UnusedVariable", "ClassCanBeStatic"}) // Shapes that users' types have.
class JsonRefusedTypesTest {
  private static final Codec JSON = Codecs.standard().byName("json");

  enum Tone {
    LOW,
    HIGH
  }

  enum Alike {
    A,
    B;

    @Override
    public String toString() {
      return "same";
    }
  }

  record Empty() {}

  record Pair<A, B>(A left, B right) {}

  record ACalendar(Calendar part) {}

  record AGregorian(List<GregorianCalendar> part) {}

  record ABitSet(BitSet part) {}

  record ATimeZone(TimeZone part) {}

  record AClass(Class<?> part) {}

  record APattern(Pattern part) {}

  record AUrl(URL part) {}

  record AFile(File part) {}

  record APath(Path part) {}

  record AnAddress(InetAddress part) {}

  record ABuffer(ByteBuffer part) {}

  record ABuilder(StringBuilder part) {}

  record AText(CharSequence part) {}

  record ANumber(Number part) {}

  record AComparable(Comparable<?> part) {}

  record ASerializable(Serializable part) {}

  record AnAtomicInteger(AtomicInteger part) {}

  record AnAtomicLong(AtomicLong part) {}

  record AnAtomicBoolean(AtomicBoolean part) {}

  record AnAtomicReference(AtomicReference<String> part) {}

  record ACollection(Collection<String> part) {}

  record AnIterable(Iterable<String> part) {}

  record AnIterator(Iterator<String> part) {}

  record AStream(Stream<String> part) {}

  record AnIntStream(IntStream part) {}

  record AQueue(Queue<String> part) {}

  record ADeque(Deque<String> part) {}

  record AnArrayDeque(ArrayDeque<String> part) {}

  record APriorityQueue(PriorityQueue<String> part) {}

  record AnIdentityMap(IdentityHashMap<String, String> part) {}

  record SomeProperties(Properties part) {}

  record AThrowable(Throwable part) {}

  record AnException(IllegalStateException part) {}

  record AThread(Thread part) {}

  record AClock(Clock part) {}

  record AJapaneseDate(JapaneseDate part) {}

  record ASqlDate(java.sql.Date part) {}

  record ATimestamp(java.sql.Timestamp part) {}

  record AMessage(EchoRequest part) {}

  record ANestedOptional(Optional<Optional<String>> part) {}

  record AnOptionalNode(Optional<JsonNode> part) {}

  record ARecordKey(Map<Empty, String> part) {}

  record AListKey(Map<List<String>, String> part) {}

  record AnArrayKey(Map<byte[], String> part) {}

  record AlikeConstants(Alike part) {}

  record Deep(List<Map<String, Optional<Pair<ABitSet, Tone>>>> part) {}

  interface Animal {}

  record AnInterface(Animal part) {}

  abstract static class Abstract {
    public int x;
  }

  record AnAbstract(Abstract part) {}

  @JsonTypeInfo(use = JsonTypeInfo.Id.CLASS)
  static class ByClass {
    public int x;
  }

  record AByClass(ByClass part) {}

  @JsonTypeInfo(use = JsonTypeInfo.Id.NAME)
  @JsonSubTypes(@JsonSubTypes.Type(BadPart.class))
  interface Parts {}

  record BadPart(BitSet bits) implements Parts {}

  record APart(Parts part) {}

  static class Hidden {
    private int state;

    void grow() {
      state++;
    }
  }

  record AHidden(Hidden part) {}

  static class ReadOnly {
    private final int state = 5;

    public int getState() {
      return state;
    }
  }

  record AReadOnly(ReadOnly part) {}

  static class Unmade {
    private int state;

    Unmade(int state, boolean unused) {
      this.state = state;
    }

    public int getState() {
      return state;
    }
  }

  record AnUnmade(Unmade part) {}

  class Inner {
    public int x;
  }

  record AnInner(Inner part) {}

  static class OwnList extends ArrayList<String> {
    private static final long serialVersionUID = 1;
    private int extra;

    void grow() {
      extra++;
    }
  }

  record AnOwnList(OwnList part) {}

  static class OwnException extends RuntimeException {
    private static final long serialVersionUID = 1;
  }

  record AnOwnException(OwnException part) {}

  static Stream<Class<?>> refused() {
    return Stream.of(JsonRefusedTypesTest.class.getDeclaredClasses())
        .filter(Class::isRecord)
        .filter(type -> type.getRecordComponents().length == 1)
        .filter(type -> type.getRecordComponents()[0].getName().equals("part"));
  }

  @ParameterizedTest
  @MethodSource
  void refused(Class<?> type) {
    assertThat(JSON.supports(BodyType.of(type))).isFalse();
    assertThat(JSON.whyNot(BodyType.of(type))).contains(type.getTypeName() + ": its part");
  }

  @Test
  void theRefusalNamesWhereItStandsAndWhatToUse() {
    assertThat(JSON.whyNot(BodyType.of(ACalendar.class)))
        .isEqualTo(
            "codec json doesn't take erpc.codec.JsonRefusedTypesTest$ACalendar: its part"
                + " (java.util.Calendar) would not come back equal: use ZonedDateTime");
    assertThat(JSON.whyNot(BodyType.of(Deep.class)))
        .contains("its part[][].left.part (java.util.BitSet)")
        .contains("use long[] or Set<Integer>");
    assertThat(JSON.whyNot(BodyType.of(AHidden.class)))
        .contains("loses its field state, which is not written");
    assertThat(JSON.whyNot(BodyType.of(AReadOnly.class)))
        .contains("loses its field state, which is not read");
    assertThat(JSON.whyNot(BodyType.of(Optional.class))).contains("put it into a record");
  }

  record Endless<T>(T value, Endless<List<T>> next) {}

  @Test
  void aTypeThatHoldsEverOtherTypesIsRefused() {
    assertThat(JSON.supports(BodyType.of(Endless.class))).isFalse();
    assertThat(JSON.whyNot(BodyType.of(Endless.class))).contains("ever other types");
  }

  static class Shape {
    public int sides;
  }

  static class Square extends Shape {
    public int width = 7;
  }

  @JsonTypeInfo(use = JsonTypeInfo.Id.NAME)
  @JsonSubTypes(@JsonSubTypes.Type(Round.class))
  static class Told {
    public int sides;
  }

  static final class Round extends Told {
    public int radius = 3;
  }

  record Drawing(
      Shape one, List<Map<String, Shape>> many, Shape[] array, Optional<Shape> maybe, Told told) {}

  static Stream<Drawing> subclasses() {
    Square square = new Square();
    return Stream.of(
        new Drawing(square, null, null, Optional.empty(), null),
        new Drawing(null, List.of(Map.of(), Map.of("a", square)), null, Optional.empty(), null),
        new Drawing(null, null, new Shape[] {null, square}, Optional.empty(), null),
        new Drawing(null, null, null, Optional.of(square), null));
  }

  @ParameterizedTest
  @MethodSource("subclasses")
  void anObjectOfASubclassIsNotWrittenAsItsPlainClass(Drawing drawing) {
    assertThatExceptionOfType(CodecException.class)
        .isThrownBy(() -> BufferSink.bytes(JSON, drawing))
        .withMessageContaining("a erpc.codec.JsonRefusedTypesTest$Square stands where")
        .withMessageContaining("@JsonTypeInfo");
  }

  @Test
  void objectsOfTheDeclaredClassAndOfNamedSubclassesAreWritten() {
    Drawing drawing =
        new Drawing(
            new Shape(),
            List.of(Map.of("a", new Shape())),
            new Shape[] {null, new Shape()},
            Optional.of(new Shape()),
            new Round());
    Drawing read =
        JSON.read(BodyType.of(Drawing.class), ByteBuffer.wrap(BufferSink.bytes(JSON, drawing)));
    assertThat(read.array()).hasSize(2);
    assertThat(read.told()).isInstanceOf(Round.class);
  }
}
